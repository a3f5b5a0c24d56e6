"""How personas stand to each other: affinity day by day, stages, trends, movers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.analysis.figure import Gap
from monitoring.analysis.relationships import Pair, Relationships, next_day, relationships, stage, trend
from monitoring.model import DAY
from monitoring.rollup import Rollup
from tests.analysis.tables import at, many, one, series, window

START = at("2026-03-09 00:00")
ASKED = window("2026-03-10 00:00", "2026-03-12 00:00")
NONE = Rollup()


# --- one day


@pytest.mark.parametrize(
    ("affinity", "there", "back", "after"),
    [
        # 12 interactions, s = 0.5, r = 1: the target 50 + 70·0.635 + 10 = 104.5 is held at 100; 0.2·0.632 of 50 up.
        (50, many(6, total=3), many(6, total=3), 56.321),
        # s = −0.5, r = 1: the target is 50 − 44.46 + 10 = 15.54; 0.1264 of 34.46 down.
        (50, many(6, total=-3), many(6, total=-3), 45.643),
        # s = 0, r = 1: answering each other alone pulls to 60; 0.1264 of 10 up.
        (50, many(6), many(6), 51.264),
        # s = 0, r = 0: talking to somebody who never answers pulls to 40.
        (50, many(12), NONE, 48.736),
        # s = 0, r = 2·3/12 = 0.5: one in four coming back changes nothing.
        (50, many(9), many(3), 50),
        # A single kind word, n = 1 and r = 0: the target is 50 + 70·tanh(1.5) − 10 = 103.4, held at 100; 0.016 of 50.
        (50, many(1, total=1), NONE, 50.800),
        # A silent day takes back 1.5 % of the distance to 50.
        (70, NONE, NONE, 69.7),
        (20, NONE, NONE, 20.45),
        (50, NONE, NONE, 50),
    ],
)
def test_day_moves_affinity_as_documented(affinity: float, there: Rollup, back: Rollup, after: float) -> None:
    """Kind words count most, answering each other counts some, silence drifts."""
    assert next_day(affinity, there, back) == pytest.approx(after, abs=0.001)


def test_week_of_one_mood_settles_it() -> None:
    """Seven busy days close four fifths of the way: from 10 to 81 when kind, from 90 to 31 when hostile."""
    kind, hostile = 10.0, 90.0
    for _ in range(7):
        kind = next_day(kind, many(30, total=15), many(30, total=15))
        hostile = next_day(hostile, many(30, total=-15), many(30, total=-15))

    assert kind == pytest.approx(80.9, abs=0.1)
    assert hostile == pytest.approx(31.3, abs=0.1)


moods = st.builds(
    lambda count, mean: many(count, total=count * mean), st.integers(0, 500), st.floats(-1, 1, allow_nan=False)
)


@given(st.floats(0, 100), st.lists(st.tuples(moods, moods), max_size=40))
def test_affinity_stays_within_0_and_100(affinity: float, days: list[tuple[Rollup, Rollup]]) -> None:
    """Whatever happens, and for how long."""
    for there, back in days:
        affinity = next_day(affinity, there, back)
        assert 0 <= affinity <= 100


@given(st.floats(0, 100))
def test_silence_drifts_to_50(affinity: float) -> None:
    """Each silent day is nearer to 50 and on the same side; after forty-six of them half the way is left."""
    start = affinity - 50
    for _ in range(46):
        before, affinity = affinity, next_day(affinity, NONE, NONE)
        assert abs(affinity - 50) <= abs(before - 50)

    assert affinity - 50 == pytest.approx(start / 2, abs=0.5)


# --- words


@pytest.mark.parametrize(
    ("affinity", "word"),
    [
        (0, "strangers"),
        (19.9, "strangers"),
        (20, "acquaintances"),
        (40, "frenemies"),
        (59.9, "frenemies"),
        (60, "friends"),
        (80, "besties"),
        (100, "besties"),
    ],
)
def test_stage_begins_at_its_limit(affinity: float, word: str) -> None:
    """Each stage is twenty points wide."""
    assert stage(affinity) == word


@pytest.mark.parametrize(
    ("moved", "word"), [(2.9, "stable"), (3, "improving"), (-2.9, "stable"), (-3, "worsening"), (0, "stable")]
)
def test_less_than_three_points_is_stable(moved: float, word: str) -> None:
    """A trend is a move of three points or more."""
    assert trend(moved) == word


# --- pairs


KIND = {("Mira", "Rex", "1"): many(6, total=3), ("Rex", "Mira", "1"): many(6, total=3)}


def test_pair_is_followed_from_its_first_day_on() -> None:
    """It met the day before the window: 56.32 at its start, and two silent days later 56.13."""
    found = relationships(ASKED, series("interaction", START, DAY, KIND, {}, {}), slots={"Mira": 2, "Rex": 1})
    (pair,) = found.pairs

    assert (pair.a, pair.b, pair.slot_a, pair.slot_b) == ("Mira", "Rex", 2, 1)
    assert pair.before == pytest.approx(56.321, abs=0.001)
    assert pair.affinity == pytest.approx(56.133, abs=0.001)
    assert [point.at for point in pair.history] == [START + 2 * DAY, START + 3 * DAY]
    assert [point.value for point in pair.history] == pytest.approx([56.226, 56.133], abs=0.001)
    assert (pair.stage, pair.trend, pair.interactions) == ("frenemies", "improving", 0)
    assert found.personas == (("Rex", 1), ("Mira", 2))


def test_pair_that_met_in_the_window_comes_from_50() -> None:
    """Before its first day there is no affinity to show; it began neutral."""
    (pair,) = relationships(ASKED, series("interaction", START, DAY, {}, {}, KIND), slots={}).pairs

    assert (pair.before, pair.trend, pair.interactions) == (50, "improving", 12)
    assert [point.value for point in pair.history] == [None, pytest.approx(56.321, abs=0.001)]


def test_interactions_are_the_windows_own_where_known() -> None:
    """A window that begins at noon does not count the morning of its first day."""
    asked = window("2026-03-10 12:00", "2026-03-12 00:00")
    days = series("interaction", START, DAY, {}, KIND, {})
    inside = one("interaction", {("Rex", "Mira", "1"): many(2), ("Mira", "Rex", "1"): many(1)})

    assert relationships(asked, days, slots={}).interactions == 12
    assert relationships(asked, days, slots={}, inside=inside).pairs[0].interactions == 3
    assert relationships(asked, days, slots={}, inside=one("interaction")).interactions == 0


def test_guild_sees_its_own_relationships() -> None:
    """What personas said to each other elsewhere stays there."""
    days = series("interaction", START, DAY, {}, {**KIND, ("Mira", "Zed", "2"): many(5)})

    assert {(p.a, p.b) for p in relationships(ASKED, days, slots={}, guild="1").pairs} == {("Mira", "Rex")}
    assert {(p.a, p.b) for p in relationships(ASKED, days, slots={}).pairs} == {("Mira", "Rex"), ("Mira", "Zed")}


def test_what_found_no_room_is_no_pair() -> None:
    """Label sets beyond the bound add up under "other", which is nobody's name here."""
    days = series("interaction", START, DAY, {}, {("other", "other", "other"): many(5)})

    assert relationships(ASKED, days, slots={}).pairs == ()


def test_most_active_pair_comes_first_and_means_are_of_all() -> None:
    """Mira and Rex talked most; the means are over both pairs, now and at the start."""
    gap = Gap(ASKED.start, ASKED.start + 1)
    days = series("interaction", START, DAY, {}, {**KIND, ("Ada", "Mira", "1"): many(6), ("Mira", "Ada", "1"): many(5)})
    found = relationships(ASKED, days, slots={}, gaps=(gap,))

    assert [(p.a, p.b, p.interactions) for p in found.pairs] == [("Mira", "Rex", 12), ("Ada", "Mira", 11)]
    assert (found.interactions, found.mean_before, found.gaps) == (23, 50, (gap,))
    assert found.mean == pytest.approx(sum(p.affinity for p in found.pairs) / 2)


def test_nobody_met() -> None:
    """Without interactions there is no mean."""
    found = relationships(ASKED, series("interaction", START, DAY, {}, {}), slots={"Mira": 1})

    assert (found.pairs, found.personas, found.mean, found.mean_before) == ((), (), None, None)


def test_movers_moved_by_a_point_or_more() -> None:
    """The biggest move first, up or down; less than a point is no move."""

    def pair(a: str, before: float, affinity: float) -> Pair:
        return Pair(a, "Zed", 0, 0, affinity, before, stage(affinity), 1, "stable")

    pairs = (pair("Ada", 50, 52), pair("Mira", 50, 50.9), pair("Rex", 50, 41))

    assert [p.a for p in Relationships(ASKED, (), pairs, None, None, 3).movers] == ["Rex", "Ada"]
