"""What makes figures add up: two halves of a window are the whole, all guilds are the bot."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.analysis.banter import banter
from monitoring.analysis.figure import Bands
from monitoring.analysis.overview import Overview, overview
from monitoring.analysis.performance import Answers, performance
from monitoring.analysis.series import only, regroup
from monitoring.analysis.users import activity
from monitoring.model import DAY, HOUR
from monitoring.rollup import Labels, Rollup, Series
from monitoring.window import Window
from tests.analysis import test_banter, test_overview
from tests.analysis.tables import BERLIN, at, empty, one
from tests.thorough import examples

START = at("2026-03-29 00:00", BERLIN)
GUILDS = ("1", "2", "3")
PERSONAS = ("Mira", "Rex")


def tables(labels: st.SearchStrategy[Labels]) -> st.SearchStrategy[list[dict[Labels, Rollup]]]:
    """Eight to twenty-eight hours of things with values of 1…9, some of them failed."""

    def rollup(values: list[int], failed: int) -> Rollup:
        made = Rollup()
        for value in values:
            made.add(float(value), sketch=True)

        made.add(failed=True, weight=failed)
        return made

    rollups = st.builds(rollup, st.lists(st.integers(1, 9), max_size=4), st.integers(0, 3))
    return st.lists(st.dictionaries(labels, rollups, max_size=3), min_size=8, max_size=28)


def hourly(metric: str, steps: list[dict[Labels, Rollup]]) -> Series:
    """The tables hour by hour."""
    starts = tuple(START + HOUR * k for k in range(len(steps)))
    return Series(metric, starts, tuple(at + HOUR for at in starts), tuple(steps))


def cut(whole: Series, place: int) -> tuple[Series, Series]:
    """The series before a step and from it on."""
    return (
        Series(whole.metric, whole.starts[:place], whole.ends[:place], whole.steps[:place]),
        Series(whole.metric, whole.starts[place:], whole.ends[place:], whole.steps[place:]),
    )


def span(part: Series) -> Window:
    """The window that a series fills."""
    return Window(part.starts[0], part.ends[-1], BERLIN)


messages = tables(
    st.one_of(
        st.tuples(st.just("persona"), st.sampled_from(PERSONAS), st.sampled_from(GUILDS), st.just("9")),
        st.tuples(st.just("user"), st.just(""), st.sampled_from(GUILDS), st.just("9")),
    )
)
responses = tables(st.tuples(st.sampled_from(PERSONAS), st.sampled_from(GUILDS), st.just("inferred")))
exchanges = tables(st.tuples(st.sampled_from(PERSONAS), st.sampled_from(PERSONAS), st.sampled_from(GUILDS)))


def seen(window: Window, message: Series, response: Series, guild: str | None = None) -> Overview:
    """The overview of these two series."""
    facts = replace(test_overview.NOTHING, message=message, response=response)
    return overview(window, facts, guild=guild, bands=Bands())


def sums(part: Overview) -> list[float]:
    """What adds: messages, answers, failures, seconds."""
    errors = part.errors.n * (part.errors.value or 0)
    counts = [part.messages.value or 0, part.persona_messages.value or 0, part.p95.n, part.errors.n, round(errors)]
    return [*counts, round((part.mean.value or 0) * part.mean.n)]


def added(parts: list[list[float]]) -> list[float]:
    """Column by column."""
    return [sum(column) for column in zip(*parts, strict=True)]


@settings(max_examples=examples(25), deadline=None)
@given(messages, responses, st.integers(1, 7))
def test_two_parts_of_a_window_are_the_whole(
    message: list[dict[Labels, Rollup]], response: list[dict[Labels, Rollup]], place: int
) -> None:
    """Messages, answers, failures and seconds of both add up to those of the window."""
    whole_message, whole_response = hourly("message", message), hourly("response", response)
    parts = zip(cut(whole_message, place), cut(whole_response, place), strict=True)
    both = [sums(seen(span(message_part), message_part, response_part)) for message_part, response_part in parts]

    assert added(both) == sums(seen(span(whole_message), whole_message, whole_response))


@settings(max_examples=examples(25), deadline=None)
@given(messages, responses)
def test_guilds_add_up_to_the_bot(message: list[dict[Labels, Rollup]], response: list[dict[Labels, Rollup]]) -> None:
    """What each guild sees of itself, put together, is what the owner sees."""
    whole_message, whole_response = hourly("message", message), hourly("response", response)
    window = span(whole_message)
    guilds = [sums(seen(window, whole_message, whole_response, guild)) for guild in GUILDS]

    assert added(guilds) == sums(seen(window, whole_message, whole_response))


@settings(max_examples=examples(25), deadline=None)
@given(responses)
def test_steps_add_up_to_the_figures_beside_them(response: list[dict[Labels, Rollup]]) -> None:
    """A chart's points, its personas and its figure are of the same answers, in steps of any width."""
    whole = hourly("response", response)
    for series in (whole, regroup(whole, 6 * HOUR, BERLIN), regroup(whole, DAY, BERLIN)):
        asked = Answers(
            series, one("response"), empty("operation"), empty("component"), empty("first_token"), empty("first_token")
        )
        found = performance(span(whole), asked, bands=Bands())

        assert sum(point.timing.n for point in found.points) == found.now.n
        assert sum(point.timing.failures for point in found.points) == found.now.failures
        assert sum(persona.timing.n for persona in found.personas) == found.now.n

    assert regroup(whole, DAY, BERLIN).sum() == whole.sum()


@settings(max_examples=examples(25), deadline=None)
@given(exchanges, st.integers(1, 7))
def test_exchanges_add_up(exchange: list[dict[Labels, Rollup]], place: int) -> None:
    """By day, by who started, by who ended, by guild and by part of the window there are as many."""
    whole = hourly("exchange", exchange)

    def count(series: Series, guild: str | None = None) -> int:
        found = banter(span(whole), replace(test_banter.NOTHING, exchange=series), guild=guild)
        assert sum(day.exchanges or 0 for day in found.days) == found.exchanges.n
        assert sum(who.count for who in found.starters) == sum(who.count for who in found.enders) == found.exchanges.n
        return found.exchanges.n

    assert sum(count(part) for part in cut(whole, place)) == count(whole)
    assert sum(count(whole, guild) for guild in GUILDS) == count(whole)


@settings(max_examples=examples(25), deadline=None)
@given(messages)
def test_every_message_of_a_user_has_its_hour(message: list[dict[Labels, Rollup]]) -> None:
    """Over less than a week each hour of the week comes once, so that the cells add up to all messages."""
    whole = hourly("message", message)
    found = activity(span(whole), whole, ())

    assert sum(cell or 0 for row in found.cells for cell in row) == found.n
    assert found.n == whole.sum(only("message", author="user")).count
