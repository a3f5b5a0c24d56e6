"""Sharing out a change: it always adds up, and a cause is named only where one is proven."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.analysis.attribution import in_a_row, mean_effects, mixture, shapley
from monitoring.analysis.noise import amount_error, chance, rate_error, wavering
from monitoring.analysis.scan import scan
from monitoring.analysis.why import FIGURES, Cause, Compared, Evidence, Why, why
from monitoring.analysis.why_words import amount_text, cause_sentence, change_text
from monitoring.model import HOUR
from monitoring.phrasing import NB
from monitoring.rollup import Rollup
from monitoring.window import Window
from tests.analysis.planted import GUILDS, PERSONAS, WINDOW, Planted, evidence
from tests.analysis.tables import many, one, times
from tests.thorough import examples

ASKED = Window(2 * HOUR, 3 * HOUR)

# --- sharing out

groups = st.dictionaries(st.sampled_from("abcdefgh"), st.tuples(st.integers(0, 50), st.floats(0.01, 100)), max_size=8)


def mean(found: dict[str, tuple[int, float]]) -> float:
    """Over all, of (number, mean) by group."""
    return sum(n * value for n, value in found.values()) / sum(n for n, _ in found.values())


def sums(found: dict[str, tuple[int, float]]) -> dict[str, tuple[float, float]]:
    """Number and sum by group."""
    return {name: (float(n), n * value) for name, (n, value) in found.items()}


@given(groups, groups)
def test_mean_effects_add_up_to_the_change(
    now: dict[str, tuple[int, float]], before: dict[str, tuple[int, float]]
) -> None:
    """Whatever came or went: rate and mix effects of all groups are the whole change."""
    if not any(n for n, _ in now.values()) or not any(n for n, _ in before.values()):
        assert mean_effects(sums(now), sums(before)) == {}
        return

    effects = mean_effects(sums(now), sums(before))
    assert sum(one.total for one in effects.values()) == pytest.approx(mean(now) - mean(before), abs=1e-7)


@given(groups, groups)
def test_halving_a_group_changes_nothing(
    now: dict[str, tuple[int, float]], before: dict[str, tuple[int, float]]
) -> None:
    """Two equal halves of a group add what the whole of it does."""
    whole = mean_effects(sums(now), sums(before))
    if "a" not in whole:
        return

    halves = []
    for side in (now, before):
        found = sums(side)
        n, total = found.pop("a", (0.0, 0.0))
        halves.append({**found, "a1": (n / 2, total / 2), "a2": (n / 2, total / 2)})

    split = mean_effects(*halves)
    assert split["a1"].total + split["a2"].total == pytest.approx(whole["a"].total, abs=1e-7)
    assert split["a1"].rate + split["a2"].rate == pytest.approx(whole["a"].rate, abs=1e-7)


def test_more_of_the_slow_one_is_mix_and_a_slower_one_is_rate() -> None:
    """Two models: one became a second slower; or both stayed, and the slow one got half of the calls for a tenth."""
    slower = mean_effects({"a": (50, 100), "b": (50, 50)}, {"a": (50, 50), "b": (50, 50)})
    assert (slower["a"].rate, slower["a"].mix, slower["b"].total) == (0.5, 0, 0)

    moved = mean_effects({"slow": (50, 250), "fast": (50, 50)}, {"slow": (10, 50), "fast": (90, 90)})
    assert moved["slow"].rate == moved["fast"].rate == 0
    assert moved["slow"].mix > moved["fast"].mix > 0


sketch = st.dictionaries(st.integers(-50, 150), st.integers(1, 40))
sketches = st.lists(st.tuples(sketch, sketch), min_size=1, max_size=11)


@settings(max_examples=examples(40), deadline=None)
@given(sketches, st.sampled_from((0.5, 0.95, 0.99)))
def test_quantile_effects_add_up_to_the_change(found: list[tuple[dict[int, int], dict[int, int]]], q: float) -> None:
    """Of up to eight groups in every order, of more in drawn ones: they add up exactly, to what the sketches say."""
    now, before = [a for a, _ in found], [b for _, b in found]
    if not any(now) or not any(before):
        return

    whole = [Rollup(bins={}), Rollup(bins={})]
    for a, b in found:
        whole[0].merge(Rollup(bins=a))
        whole[1].merge(Rollup(bins=b))

    change = (whole[0].quantile(q) or 0) - (whole[1].quantile(q) or 0)
    assert shapley(len(found), mixture(now, before, q)).sum() == pytest.approx(change, abs=1e-9)


def test_who_did_not_change_adds_nothing_to_a_quantile() -> None:
    """Of three groups only the second became slower."""
    steady = {10: 50, 60: 5}
    value = mixture([steady, {120: 50}, steady], [steady, {10: 50}, steady], 0.95)
    effects = shapley(3, value)

    assert effects[1] == pytest.approx(effects.sum())
    assert effects[0] == effects[2] == 0


def test_parts_in_a_row_are_told_by_their_moments() -> None:
    """A part twice as long moves the quantile; one as it was does not."""
    now = (np.diag([2.0, 1.0]), np.diag([8.0, 1.5]))
    before = (np.diag([1.0, 1.0]), np.diag([2.0, 1.5]))
    effects = shapley(2, in_a_row(now, before, 0.95))

    assert effects[0] > 1
    assert effects[1] == pytest.approx(0)


# --- what is noise


def test_steps_that_waver_are_a_weaker_yardstick() -> None:
    """As chance has it: 1; three times as far: nine times; five steps say nothing."""
    dice = np.random.default_rng(2)
    calm, restless = dice.normal(5, 1, 400), dice.normal(5, 3, 400)

    assert wavering((value, 1.0) for value in calm) == pytest.approx(1, abs=0.2)
    assert wavering((value, 1.0) for value in restless) == pytest.approx(9, rel=0.2)
    assert wavering((value, 1.0) for value in restless[:5]) == 1


def test_errors_of_rates_and_amounts() -> None:
    """Nothing failed on either side: still not impossible. A hundred and a hundred waver by fourteen."""
    assert rate_error(many(0), many(5)) is None
    assert 0 < (rate_error(many(10), many(10)) or 0) < 0.2
    assert amount_error(100, 100, 1.0) == pytest.approx(200**0.5)
    assert chance(0) == 1
    assert chance(3.84) == pytest.approx(0.05, abs=0.001)


# --- where it is


def cells() -> tuple[list[tuple[str, str]], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Six cells of three personas and two guilds, none of which changed."""
    return [(persona, guild) for persona in "abc" for guild in "12"], np.zeros(6)


@pytest.mark.parametrize(
    ("inside", "where"),
    [
        ([0, 1], (("persona", "a"),)),
        ([0, 2, 4], (("guild", "1"),)),
        ([3], (("persona", "b"), ("guild", "2"))),
        ([0, 1, 2, 3, 4, 5], None),
        ([], None),
    ],
)
def test_the_set_that_fits_is_found(inside: list[int], where: tuple[tuple[str, str], ...] | None) -> None:
    """A persona, a guild, one in the other; what is everywhere is nobody's."""
    labels, shift = cells()
    shift[inside] = 1.0
    found = scan(
        ("persona", "guild"), labels, shift, np.full(6, 0.02), lambda places: len(places) / max(len(inside), 1)
    )

    assert (found.where if found else None) == where


def test_what_explains_less_than_half_is_no_cause() -> None:
    """Its own change is sure, but most of the change is elsewhere."""
    labels, shift = cells()
    shift[0] = 1.0
    assert scan(("persona", "guild"), labels, shift, np.full(6, 0.02), lambda _: 0.4) is None
    assert scan(("persona", "guild"), [], shift[:0], shift[:0], lambda _: 1.0) is None


# --- the answers


@pytest.mark.parametrize("figure", FIGURES)
def test_every_ranking_adds_up(figure: str) -> None:
    """With what it leaves to the rest, as the waterfall does."""
    told = why(WINDOW, figure, evidence(Planted(slow=(1, 2, None, None), factor=2.0), Planted(), 3))

    assert told.rankings
    assert told.change is not None
    for ranking in told.rankings:
        whole = sum(row.change for row in ranking.rows) + ranking.rest
        assert whole == pytest.approx(told.change, abs=1e-6 + 1e-9 * abs(told.change)), ranking.dimension

    assert sum(change for _, change in told.parts) == pytest.approx(told.change, abs=1e-6)


def test_one_guild_is_asked_alone() -> None:
    """Speech is slow in the first guild: the second's answers are as they were."""
    facts = evidence(Planted(2_000, slow=(3, None, None, 0), factor=8.0), Planted(2_000), 1)
    here = why(WINDOW, "mean", Evidence(response=facts.response, operation=facts.operation), GUILDS[0])
    there = why(WINDOW, "mean", Evidence(response=facts.response, operation=facts.operation), GUILDS[1])

    assert (here.sure, there.sure) == (True, False)
    assert {row.name for row in here.ranking("guild").rows} == {GUILDS[0]}


def test_without_components_the_persona_is_named() -> None:
    """A host that reports nothing: from the responses alone."""
    facts = evidence(Planted(slow=(1, None, 2, None), factor=4.0), Planted(), 5)
    told = why(WINDOW, "mean", Evidence(response=facts.response))

    assert told.top is not None
    assert told.top.where == (("persona", PERSONAS[2]),)
    assert told.parts[-1][0] == ""
    assert PERSONAS[2] in cause_sentence(told)


def test_what_got_better_has_no_cause() -> None:
    """Faster than before: the shares are told, but nothing is to blame."""
    told = why(WINDOW, "mean", evidence(Planted(), Planted(slow=(1, 0, None, None), factor=4.0), 2))

    assert told.sure
    assert not told.worse
    assert told.top is None
    assert told.ranking("model").rows[0].name == "llama3.1:8b"


@pytest.mark.parametrize("figure", FIGURES)
def test_nothing_is_said_of_nothing(figure: str) -> None:
    """No rollups; rollups on one side only; a window before that was not recorded."""
    assert why(ASKED, figure, Evidence()).top is None
    table = {("Mira", "1", "reported"): times(*[1.0] * 50)}
    half = Evidence(response=Compared(one("response", table), one("response")), message=Evidence().message, first_at=0)
    told = why(ASKED, figure, half)

    assert (told.sure, told.top) == (False, None)


def test_amounts_need_a_window_that_was_recorded() -> None:
    """Recording began within the window before: what came before is unknown, not nothing."""
    table = {("user", "", "1", ""): many(500)}
    told = why(ASKED, "messages", Evidence(message=Compared(one("message", table), one("message")), first_at=2 * HOUR))
    assert (told.now, told.before, told.sure) == (500, None, False)


# --- in words


def test_a_cause_in_a_sentence() -> None:
    """Component with guild; more to a model; failures with their kind; nothing."""
    plain = Why(ASKED, ASKED.before, "mean", 4.6, 1.4)
    where = (("component", "llm_inference"), ("guild", "7"))
    slow = Why(ASKED, ASKED.before, "mean", 4.6, 1.4, top=Cause(where, "own", 0.91, 4.2, 1.3))
    more = Why(ASKED, ASKED.before, "mean", 4.6, 1.4, top=Cause((("model", "big`one"),), "more", 1.2, 0.8, 0.1))
    fails = Why(
        ASKED,
        ASKED.before,
        "errors",
        0.2,
        0.01,
        top=Cause((("persona", "*x*"),), "own", 0.7, 0.4, 0.02, kind="timeout"),
    )

    assert cause_sentence(plain) == ""
    assert cause_sentence(slow, {"7": "Tavern"}) == (
        f"`llm_inference` in guild **Tavern** takes **4.2{NB}s**, before 1.3{NB}s. That is 91{NB}% of the change."
    )
    assert cause_sentence(more) == (
        f"More goes to `bigˋone`: **80{NB}%**, before 10{NB}%. That is 100{NB}% of the change."
    )
    assert cause_sentence(fails) == (
        f"**\\*x\\*** fails with `timeout`: **40{NB}%**, before 2.0{NB}%. That is 70{NB}% of the change."
    )


def test_changes_in_their_units() -> None:
    """Seconds, points, pieces, dollars; nothing known is n/a."""
    told = [
        change_text("mean", 2.94),
        change_text("p95", -0.04),
        change_text("errors", 0.041),
        change_text("mean", None),
    ]
    assert told == [f"+2.9{NB}s", f"−0.04{NB}s", f"+4.1{NB}points", "n/a"]
    assert [change_text("messages", -1234), change_text("cost", 2_630_000)] == ["−1,234", "+$2.63"]
    assert [amount_text("errors", 0.5), amount_text("tokens", 12)] == [f"50{NB}%", "12"]
