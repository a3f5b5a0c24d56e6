"""How fast answers are: components, slow spells, the peak, what is usual."""

from __future__ import annotations

import pytest

from monitoring.analysis.figure import Bands, Gap, Timing, TimingPoint
from monitoring.analysis.performance import Answers, Performance, partial, performance, slow_spells, usual
from monitoring.model import HOUR, MINUTE
from monitoring.rollup import Labels, Rollup, Series
from monitoring.window import Window
from tests.analysis.tables import at, empty, many, one, series, spent, times

NOON = at("2026-03-11 12:00")
ASKED = Window(NOON, NOON + 3 * HOUR)


def part(operation: str, *, service: str = "llm", model: str = "", persona: str = "Mira", guild: str = "1") -> Labels:
    """The labels of an operation."""
    return (service, operation, model, persona, guild, "")


def ask(
    response: Series | None = None,
    operation: Series | None = None,
    first_token: Series | None = None,
    component: Series | None = None,
    *,
    persona: str = "",
    service: str = "",
    guild: str | None = None,
    slots: dict[str, int] | None = None,
) -> Performance:
    """The performance of three hours from what is given."""
    asked = Answers(
        response=response or empty("response"),
        response_before=empty("response"),
        operation=operation or empty("operation"),
        component=component or empty("component"),
        first_token=first_token or empty("first_token"),
        first_token_before=empty("first_token"),
        slots=slots or {},
        first_at=NOON + HOUR,
        last_at=NOON + 2 * HOUR,
    )
    return performance(ASKED, asked, persona=persona, service=service, guild=guild, bands=Bands())


def point(k: int, p95: float | None) -> TimingPoint:
    """The k-th minute after noon."""
    return TimingPoint(NOON + k * MINUTE, NOON + (k + 1) * MINUTE, Timing(n=30, p95=p95))


# --- components


def inside(component: str, persona: str = "Mira", guild: str = "1") -> Labels:
    """Labels of a component."""
    return (component, persona, guild)


def test_means_of_components_add_up_to_a_mean_response() -> None:
    """Ten responses took 35 s: speech was needed in four of them, and counts for a second of each of the ten.

    Banter runs through the model too, but outside of responses: it is in no component.
    """
    steps = one(
        "component",
        {
            inside("context_building"): times(*[0.5] * 10),
            inside("llm_inference"): times(*[2.0] * 10),
            inside("tts_generation"): times(*[2.5] * 4),
            inside("response"): times(*[3.5] * 10),
        },
    )
    banter = one("operation", {part("llm_inference", model="llama"): times(*[9.0] * 30)})
    found = ask(component=steps, operation=banter).components

    assert [(c.name, c.mean, c.n) for c in found] == [
        ("llm_inference", 2.0, 10),
        ("tts_generation", 1.0, 4),
        ("context_building", 0.5, 10),
    ]
    assert sum(c.mean for c in found) == 3.5
    assert [c.share for c in found] == pytest.approx([20 / 35, 10 / 35, 5 / 35])


def test_components_by_step_add_up_to_the_mean_of_that_step() -> None:
    """Each hour is divided by its own responses; an hour without one has no parts."""
    steps = series(
        "component",
        NOON,
        HOUR,
        {
            inside("llm_inference"): times(2.0, 4.0),
            inside("discord_send"): times(0.2),
            inside("response"): times(2.2, 4),
        },
        {},
        {inside("llm_inference"): times(5.0), inside("response"): times(5.0)},
    )
    found = ask(component=steps).component_points

    assert found == (
        (NOON, (("llm_inference", 3.0), ("discord_send", 0.1))),
        (NOON + HOUR, ()),
        (NOON + 2 * HOUR, (("llm_inference", 5.0),)),
    )


def test_parts_of_a_service_are_its_operations() -> None:
    """They belong to no one response: each round goes through the most frequent one once."""
    steps = one("operation", {part("llm_inference"): times(2.0, 4.0), part("embedding"): times(1.0)})
    found = ask(operation=steps, service="llm").components

    assert [(c.name, c.mean) for c in found] == [("llm_inference", 3.0), ("embedding", 0.5)]


def test_component_that_never_succeeded_has_no_mean() -> None:
    """Speech that always failed took no known time: it is left out, not shown as 0 s."""
    steps = one("component", {inside("llm_inference"): times(2.0), inside("tts_generation"): times(failed=3)})

    assert [c.name for c in ask(component=steps).components] == ["llm_inference"]


def test_without_operations_there_are_no_components() -> None:
    """Responses known from events alone have no parts."""
    found = ask(one("response", {("Mira", "1", "inferred"): times(2.0)}))

    assert (found.components, found.component_points, found.tokens_per_second) == ((), (), None)


def test_tokens_per_second_are_of_operations_that_have_tokens() -> None:
    """300 completion tokens in 6 s are 50 a second; the time of a component without tokens does not count."""
    steps = one(
        "operation",
        {
            part("llm_inference", model="a"): spent(500, 200, seconds=4),
            part("llm_inference", model="b"): spent(500, 100, seconds=2),
            part("discord_send"): times(9.0),
        },
    )

    assert ask(operation=steps).tokens_per_second == 50


# --- whose times


TWO = {("Mira", "1", "inferred"): times(*[1.0] * 20), ("Rex", "2", "inferred"): times(*[4.0] * 20)}


def test_one_persona_is_asked_about_and_all_are_compared() -> None:
    """The figures are the persona's own; beside it stand all of them, the slowest P95 first."""
    found = ask(one("response", TWO), persona="Mira", slots={"Mira": 1, "Rex": 2})

    assert (found.subject, found.now.n, found.now.mean) == ("Mira", 20, 1.0)
    assert [(p.persona, p.slot, p.timing.p95) for p in found.personas] == [("Rex", 2, 4.0), ("Mira", 1, 1.0)]


def test_other_guilds_are_not_seen() -> None:
    """A guild's answer names only those who spoke in it."""
    found = ask(one("response", TWO), guild="1")

    assert found.now.n == 20
    assert [p.persona for p in found.personas] == ["Mira"]


def test_persona_with_too_few_answers_comes_last() -> None:
    """A mean of one slow answer does not make a persona the slowest."""
    found = ask(one("response", {**TWO, ("Zed", "1", "inferred"): times(60.0)}))

    assert [p.persona for p in found.personas] == ["Rex", "Mira", "Zed"]


def test_service_has_the_times_of_its_own_operations() -> None:
    """What another service did, and its models' first tokens, are not the service's."""
    steps = one(
        "operation",
        {
            part("llm_inference", model="llama"): times(2.0, 4.0),
            part("tts_generation", service="tts", model="piper"): times(1.0),
        },
    )
    tokens = one("first_token", {("llama", "Mira", "1"): times(0.5), ("", "Mira", "1"): times(0.9)})

    llm = ask(steps, steps, tokens, service="llm")
    assert (llm.subject, llm.now.n, llm.now.mean) == ("llm", 2, 3.0)
    assert (llm.first_token.n, llm.first_token.mean) == (1, 0.5)
    assert [c.name for c in llm.components] == ["llm_inference"]
    assert ask(steps, steps, tokens, service="tts").first_token.n == 0


def test_beginning_of_recording_is_told_only_inside_the_window() -> None:
    """Recording that began an hour into the window is worth a word, and so is the last answer."""
    found = ask()

    assert found.first_at == NOON + HOUR
    assert found.last_at == NOON + 2 * HOUR
    assert found.now == Timing()


# --- slow spells, the peak, what is usual


def test_neighbouring_slow_steps_are_one_spell() -> None:
    """The limit itself is not slow; a step with too few answers ends a spell."""
    points = [point(k, p95) for k, p95 in enumerate([2.9, 3.1, 5.0, 3.0, 4.0, None, 4.0])]

    assert slow_spells(points, 3.0) == (
        Gap(NOON + MINUTE, NOON + 3 * MINUTE),
        Gap(NOON + 4 * MINUTE, NOON + 5 * MINUTE),
        Gap(NOON + 6 * MINUTE, NOON + 7 * MINUTE),
    )


def hours_of(*rollups: Rollup) -> Series:
    """Answers hour by hour."""
    return series("response", NOON, HOUR, *({("Mira", "1", "inferred"): rollup} for rollup in rollups))


def test_peak_is_the_step_with_the_highest_p95() -> None:
    """A single answer of a minute does not count beside hours that have a P95."""
    found = ask(hours_of(times(*[2.0] * 20), times(*[4.0] * 20), times(60.0)))

    assert (found.peak_at, found.peak) == (NOON + HOUR, 4.0)
    assert found.slow_spells == (Gap(NOON + HOUR, NOON + 2 * HOUR),)


def test_peak_is_a_mean_where_no_step_has_a_p95() -> None:
    """Of few answers the highest mean is the best there is."""
    found = ask(hours_of(times(2.0), times(3.0, 7.0), many(2, failures=2)))

    assert (found.peak_at, found.peak) == (NOON + HOUR, 5.0)
    assert found.usual is None


def test_no_answer_has_no_peak() -> None:
    """Three empty hours are three points and no peak."""
    found = ask(hours_of(Rollup(), Rollup(), Rollup()))

    assert (found.peak_at, found.peak, len(found.points)) == (None, None, 3)


def test_usual_leaves_out_the_tenth_at_both_ends() -> None:
    """Of eleven values the second and the tenth; unknown ones are left out."""
    values = [5.0, 1.0, 2.0, None, 3.0, 4.0, 6.0, 7.0, 8.0, 9.0, 10.0, 99.0]

    assert usual(values) == (2.0, 10.0)


def test_usual_needs_five_values() -> None:
    """Four steps do not say what is usual."""
    assert usual([1.0, 2.0, 3.0, 4.0, None]) is None
    assert usual([1.0, 2.0, 3.0, 4.0, 5.0]) == (1.0, 5.0)


@pytest.mark.parametrize(
    ("kind", "reason", "said"),
    [
        ("success", "sampled", True),
        ("failure", "full", True),
        ("message", "lost", True),
        ("noise", "full", False),
        ("success", "invalid", False),
        ("message", "closed", False),
    ],
)
def test_f4_a_window_with_drops_is_partial(kind: str, reason: str, said: bool) -> None:
    """Good facts that are missing make quantiles partial; noise bears no times, and what was no fact is not missed."""
    assert partial(one("drop", {(kind, reason): many(3)})) is said


def test_f4_a_window_without_drops_is_whole() -> None:
    """Nothing dropped, nothing partial."""
    assert not ask(one("response", {("Mira", "1", "reported"): times(1.0)})).partial
