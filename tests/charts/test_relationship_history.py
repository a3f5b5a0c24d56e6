"""The lines of relationships: slopes where they are inferred, steps where they are told, nothing in gaps."""

from __future__ import annotations

import numpy as np
from chart_stories import window
from stories_bonds import reported

from monitoring.analysis.figure import Gap, Point
from monitoring.analysis.relationships import INFERRED, REPORTED, Pair, Relationships
from monitoring.charts.relationships_history import course
from monitoring.model import DAY, HOUR

SPAN = window("7d")
START, END = SPAN.start, SPAN.end


def line(history: tuple[Point, ...], source: str, *gaps: Gap) -> list[tuple[float, float]]:
    """The points of a pair's line; what breaks it is (when, −1)."""
    pair = Pair("a", "b", 1, 2, 60, 40, "friends", 3, "improving", history, source)
    value = Relationships(SPAN, (("a", 1), ("b", 2)), (pair,), None, None, 3, gaps)
    xs, ys = course(pair, value)
    return [(x - START, -1.0 if np.isnan(y) else y) for x, y in zip(xs, ys, strict=True)]


def test_inferred_affinity_comes_from_the_windows_start() -> None:
    """Each day's value stands where the day ends; a pair that was not known before begins where it met."""
    known = (Point(START + DAY, 44.0), Point(START + 2 * DAY, 60.0))
    later = (Point(START + DAY, None), Point(START + 2 * DAY, 60.0))

    assert line(known, INFERRED) == [(0, 40), (DAY, 44), (2 * DAY, 60)]
    assert line(later, INFERRED) == [(DAY, -1), (2 * DAY, 60)]


def test_told_affinity_stays_until_the_next_one() -> None:
    """Two corners at each change, and the last value up to the window's end."""
    history = (Point(START, 40.0), Point(START + DAY, 60.0))

    assert line(history, REPORTED) == [(0, 40), (DAY, 40), (DAY, 60), (END - START, 60)]
    assert line((), REPORTED) == []


def test_gap_is_cut_out_where_it_begins_and_ends() -> None:
    """The line ends at the one edge and goes on at the other; nothing is drawn between."""
    history = (Point(START + 2 * DAY, 60.0),)
    gap = Gap(START + DAY, START + DAY + HOUR)

    assert line(history, INFERRED, gap) == [
        (0, 40),
        (DAY, 50),
        (DAY, -1),
        (DAY + HOUR, 40 + 20 * 25 / 48),
        (2 * DAY, 60),
    ]


def test_gaps_beside_the_line_leave_it_alone() -> None:
    """Before a pair was known, and after its last point."""
    history = (Point(START + 2 * DAY, 50.0), Point(START + 3 * DAY, 60.0))
    told = line(history, REPORTED, Gap(START, START + DAY))

    assert told == line(history, REPORTED)
    assert all(np.isfinite(y) for _, y in told)


def test_story_of_told_pairs_is_broken_by_its_gap_once() -> None:
    """One gap, one break."""
    value = reported()
    for pair in value.pairs[:2]:
        _, ys = course(pair, value)
        assert int(np.isnan(ys).sum()) == 1
