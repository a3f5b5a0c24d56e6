"""How a persona grows, as its host reports."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitoring.analysis.evolution import Evolution, Milestone, Trait, evolution
from monitoring.model import DAY, HOUR, Told
from tests.analysis.tables import at, window

START = at("2026-03-10 00:00")
ASKED = window("2026-03-10 00:00", "2026-03-12 00:00")


def level(when: int, value: float) -> Told:
    return Told("level", when, "Mira", value=value)


def xp(when: int, value: float) -> Told:
    return Told("xp", when, "Mira", value=value)


def trait(when: int, name: str, value: float) -> Told:
    return Told("trait", when, "Mira", name=name, value=value)


def test_level_is_the_last_known_with_that_of_the_windows_start() -> None:
    """Level 3 before, 4 at noon, told once more at one: 4 since noon; what comes after the window is not known."""
    noon = START + 12 * HOUR
    told = [level(START - DAY, 3), level(noon, 4), level(noon + HOUR, 4), level(ASKED.end, 9)]

    assert evolution(ASKED, told) == Evolution(4, 3, noon)


def test_level_told_before_the_window_has_no_moment_in_it() -> None:
    """It was of level 3 when the window began, and still is."""
    assert evolution(ASKED, [level(START - DAY, 3), level(START + HOUR, 3)]) == Evolution(3, 3, None)


def test_xp_gained_is_counted_from_the_windows_start() -> None:
    """100 before, 130 at its end: 30. Without a value before, from the first one told; one alone says nothing."""
    assert evolution(ASKED, [xp(START - DAY, 100), xp(START + HOUR, 120), xp(START + DAY, 130)]).xp_gained == 30
    assert evolution(ASKED, [xp(START + HOUR, 120), xp(START + DAY, 130)]).xp_gained == 10
    assert evolution(ASKED, [xp(START + HOUR, 120)]) == Evolution(xp=120)
    assert evolution(ASKED, [xp(START - DAY, 120)]) == Evolution(xp=120, xp_gained=0)


def test_milestones_are_those_of_the_window_newest_first() -> None:
    """With their time."""
    told = [
        Told("milestone", START - 1, "Mira", name="first word"),
        Told("milestone", START, "Mira", name="100 answers"),
        Told("milestone", START + DAY, "Mira", name="500 answers"),
    ]

    assert evolution(ASKED, told).milestones == (Milestone("500 answers", START + DAY), Milestone("100 answers", START))


def test_traits_are_as_last_told_strongest_first() -> None:
    """Each with its strength at the window's start, where that was known."""
    told = [
        trait(START - DAY, "curious", 0.3),
        trait(START + HOUR, "patient", 0.9),
        trait(START + HOUR, "curious", 0.5),
        trait(START + DAY, "curious", 0.6),
    ]

    assert evolution(ASKED, told).traits == (
        Trait("patient", 0.9, None, START + HOUR),
        Trait("curious", 0.6, 0.3, START + DAY),
    )


def test_nothing_told_is_nothing() -> None:
    """Never zero."""
    found = evolution(ASKED, [])

    assert found == Evolution()
    assert not found
    assert (found.level, found.xp, found.xp_gained) == (None, None, None)


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(0, 1000)), min_size=1, max_size=30))
def test_gains_of_two_halves_add_up_to_the_whole(told: list[tuple[int, int]]) -> None:
    """What was gained in a window is what was gained until any moment in it, and since."""
    rows = [xp(START + hour * HOUR, points) for hour, points in sorted(told, key=lambda one: one[0])]
    rows.insert(0, xp(START - 60 * HOUR, 0))
    middle = START + 7 * HOUR
    whole = window("2026-03-10 00:00", "2026-03-13 00:00")
    halves = (window("2026-03-10 00:00", "2026-03-10 07:00"), window("2026-03-10 07:00", "2026-03-13 00:00"))
    # A value told at the very edge belongs to the second half, but is known to be its start.
    rows = [row for row in rows if row.at != middle]
    gains = [evolution(half, rows).xp_gained for half in halves]

    assert None not in gains
    assert sum(gain or 0 for gain in gains) == evolution(whole, rows).xp_gained
