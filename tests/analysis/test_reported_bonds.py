"""What the host tells of relationships wins over what is inferred."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.analysis.figure import Point
from monitoring.analysis.relationships import INFERRED, REPORTED, Pair, Relationships, relationships
from monitoring.analysis.reported_bonds import MOST_POINTS
from monitoring.model import DAY, HOUR, Told
from monitoring.rollup import Rollup, Table
from tests.analysis.tables import at, many, series, window

START = at("2026-03-09 00:00")
ASKED = window("2026-03-10 00:00", "2026-03-12 00:00")
DAYS = series("interaction", START, DAY, {("Mira", "Rex", "1"): many(6, total=3)}, {}, {})
"""One kind day before the window: without a word of the host Mira and Rex stand at 54."""


def affinity(when: int, value: float, one: str = "Mira", other: str = "Rex", guild: int = 1) -> Told:
    return Told("affinity", when, one, other, value=value, guild_id=guild)


def stage(when: int, name: str) -> Told:
    return Told("stage", when, "Rex", "Mira", name, guild_id=1)


def stand(*told: Told, guild: str | None = None) -> Relationships:
    """How they stand."""
    return relationships(ASKED, DAYS, slots={"Mira": 1}, told=told, guild=guild)


def pair(*told: Told) -> Pair:
    """The only pair."""
    (found,) = stand(*told).pairs
    return found


def test_told_values_take_the_place_of_inferred_ones() -> None:
    """70 at the window's start, 78 since noon of its first day; its stage by the affinity."""
    noon = ASKED.start + 12 * HOUR
    found = pair(affinity(START, 70), affinity(noon, 78))

    assert (found.affinity, found.before, found.stage, found.source) == (78, 70, "friends", REPORTED)
    assert found.history == (Point(ASKED.start, 70), Point(noon, 78))
    assert pair().source == INFERRED
    assert stand(affinity(START, 70)).told == 1


def test_what_is_told_after_the_window_is_not_known_in_it() -> None:
    """The window of last week says what was so last week."""
    assert pair(affinity(START, 70), affinity(ASKED.end, 10)).affinity == 70


def test_first_word_of_the_host_is_no_move() -> None:
    """Told for the first time inside the window: it stands there, nothing is said of the time before."""
    found = pair(affinity(ASKED.start + HOUR, 20), affinity(ASKED.start + 2 * HOUR, 25))

    assert (found.before, found.affinity, found.history[0]) == (20, 25, Point(ASKED.start + HOUR, 20))


def test_both_directions_make_a_mean_and_the_later_one_no_move() -> None:
    """Mira likes Rex 80; that Rex likes her 20 is told later: 50 from the start."""
    found = pair(affinity(START, 80), affinity(ASKED.start + HOUR, 20, "Rex", "Mira"))

    assert (found.affinity, found.before) == (50, 50)


def test_stage_of_the_host_stands_whatever_the_affinity() -> None:
    """Its own word, also where the affinity is inferred; without one it follows from the affinity."""
    assert pair(affinity(START, 70), stage(START, "rivals")).stage == "rivals"
    only = pair(stage(START, "rivals"))
    assert (only.stage, only.source) == ("rivals", INFERRED)
    assert only.affinity == pair().affinity


def test_pair_that_never_met_is_there_once_told() -> None:
    """With no interaction."""
    found = {(p.a, p.b): p for p in stand(affinity(START, 90, "Ada", "Zed")).pairs}

    assert (found["Ada", "Zed"].affinity, found["Ada", "Zed"].interactions) == (90, 0)


def test_guild_sees_what_was_told_of_it_and_of_none_for_those_who_met_there() -> None:
    """Neither another guild's values nor its names."""
    foreign, general = affinity(START, 10, guild=2), affinity(START, 70, guild=0)
    stranger = affinity(START, 90, "Ada", "Zed", guild=0)

    assert stand(foreign, guild="1").pairs[0].source == INFERRED
    assert [(p.a, p.affinity) for p in stand(foreign, general, stranger, guild="1").pairs] == [("Mira", 70)]


def test_trend_is_over_thirty_days_whatever_the_window() -> None:
    """Ten points up in a month, none in the window: improving; pairs together too."""
    month = [affinity(ASKED.end - 40 * DAY, 50), affinity(ASKED.end - 20 * DAY, 60)]

    assert (pair(*month).trend, pair(*month).affinity - pair(*month).before) == ("improving", 0)
    assert stand(*month).trend == "improving"
    assert pair(affinity(ASKED.end - 40 * DAY, 60), affinity(ASKED.end - 35 * DAY, 50)).trend == "stable"


def test_history_of_one_who_tells_all_the_time_is_thinned() -> None:
    """To what a picture can show; the last value stays."""
    told = [affinity(ASKED.start + k * 10_000, k % 100) for k in range(1, 10_000)]
    history = pair(*told).history

    assert len(history) <= MOST_POINTS + 2
    assert history[-1].value == told[-1].value


values = st.lists(
    st.tuples(st.integers(-100, 50), st.floats(0, 100), st.booleans(), st.sampled_from([0, 1, 2])), max_size=20
)


@given(values)
def test_affinity_stays_within_what_was_told(told: list[tuple[int, float, bool, int]]) -> None:
    """Between the lowest and the highest value, so within 0 and 100, now, before and on the way."""
    rows = [
        affinity(ASKED.start + hour * HOUR, value, *(("Mira", "Rex") if forth else ("Rex", "Mira")), guild=guild)
        for hour, value, forth, guild in sorted(told, key=lambda one: one[0])
    ]
    rows = [row for row in rows if row.at < ASKED.end]
    found = pair(*rows)
    seen = [found.affinity, found.before, *(point.value for point in found.history if point.value is not None)]

    assert all(0 <= value <= 100 for value in seen)
    if rows:
        assert all(min(r.value or 0 for r in rows) - 1e-9 <= v <= max(r.value or 0 for r in rows) + 1e-9 for v in seen)


tables = st.lists(
    st.dictionaries(
        st.tuples(*[st.sampled_from(["Ada", "Mira", "Rex"])] * 2, st.sampled_from("12")),
        st.builds(lambda n, s: many(n, total=n * s), st.integers(1, 30), st.floats(-1, 1)),
        max_size=6,
    ),
    min_size=1,
    max_size=5,
)


@given(tables, st.randoms(use_true_random=False))
def test_order_of_guilds_and_labels_says_nothing(days: list[Table], dice: object) -> None:
    """What comes from several guilds adds up to the same, in whatever order it is stored."""
    turned = []
    for day in days:
        entries = list(day.items())
        dice.shuffle(entries)  # type: ignore[attr-defined]  # a Random
        turned.append(dict(entries))

    def whole(some: list[Table]) -> Relationships:
        return relationships(ASKED, series("interaction", START, DAY, *some), slots={})

    def together(day: Table) -> Table:
        found: Table = {}
        for (one, other, _), rollup in day.items():
            found.setdefault((one, other, ""), Rollup()).merge(rollup)

        return found

    assert whole(turned) == whole(days)
    assert whole([together(day) for day in days]) == whole(days)


@pytest.mark.parametrize("guild", ["1", "2"])
def test_a_guild_alone_is_as_if_there_were_no_other(guild: str) -> None:
    """Its pairs come from its own interactions."""
    mine, other = ("Mira", "Rex", guild), ("Mira", "Rex", "3")
    days = series("interaction", START, DAY, {mine: many(9, total=4), other: many(50, total=-40)}, {}, {})
    alone = series("interaction", START, DAY, {mine: many(9, total=4)}, {}, {})

    assert relationships(ASKED, days, slots={}, guild=guild) == relationships(ASKED, alone, slots={})
