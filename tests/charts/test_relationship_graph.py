"""The graph of relationships keeps its layout from day to day."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import fmean

import pytest
from chart_stories import NAMES, relationships
from stories_bonds import EIGHTY, crowd

from monitoring.analysis.relationships import Relationships
from monitoring.charts.relationships import nodes

WIDTH = 1200


def moved(before: Relationships, after: Relationships) -> tuple[float, float]:
    """How far the nodes of both pictures moved in the mean, and what share of the nodes stayed; in widths."""
    here, there = nodes(before, 440, 310), nodes(after, 440, 310)
    both = here.keys() & there.keys()
    return fmean(math.dist(here[name], there[name]) for name in both) / WIDTH, len(both) / len(here)


def test_the_same_personas_stand_where_they_stood() -> None:
    """Whatever happens between them: who meets whom is drawn by lines alone."""
    before = relationships()
    turned = tuple(replace(p, affinity=100 - p.affinity, interactions=9_999 - p.interactions) for p in before.pairs)

    assert nodes(before) == nodes(replace(before, pairs=tuple(reversed(turned))))
    assert set(nodes(before)) == set(NAMES)


@pytest.mark.parametrize("seed", range(8))
def test_eighty_personas_move_little_from_one_day_to_the_next(seed: int) -> None:
    """A month's most active pairs of today and tomorrow: less than a twentieth of the width, and most are the same."""
    for day in range(5):
        mean, stayed = moved(crowd(seed, days=day), crowd(seed, days=day + 1))

        assert mean < 0.05
        assert stayed >= 0.7


@pytest.mark.parametrize("count", [2, 3, 9, 10, 11, 14, 80])
def test_no_two_stand_in_one_place(count: int) -> None:
    """At most ten of them, well apart."""
    places = list(nodes(crowd(3, EIGHTY[:count]), 440, 310).values())

    assert len(places) <= 10
    assert all(math.dist(a, b) > 80 for k, a in enumerate(places) for b in places[:k])
