"""More personas, relationships and banter in the states their charts must bear: 80 personas, told values, an hour."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import chart_stories as stories
from chart_stories import NAMES, ODD, window

from monitoring.analysis.banter import BanterDay
from monitoring.analysis.figure import Figure, Gap, Point
from monitoring.analysis.personas import Bond
from monitoring.analysis.relationships import REPORTED, Pair, Relationships, stage, trend
from monitoring.model import DAY, HOUR, MINUTE

EIGHTY = tuple(f"persona {index}" for index in range(80))
LONG = ("W" * 32, "王" * 32, "m" * 32)
RELATED = ("relationships", "relationships_matrix", "relationships_history")


def crowd(seed: int = 7, names: tuple[str, ...] = EIGHTY, days: int = 0) -> Relationships:
    """A month of many personas, `days` later: a thirtieth of all interactions are other ones each day."""
    dice, span = random.Random(seed), window("30d")
    pairs = []
    for i in range(len(names)):
        for j in range(i):
            if dice.random() > 6 / len(names):
                continue

            usual, each = dice.paretovariate(1.1), random.Random(seed * 100_000 + i * 1000 + j)
            daily = [max(0, round(each.gauss(usual, usual))) for _ in range(30 + days)][days:]
            now = 50 + 40 * dice.uniform(-1, 1) + sum(each.gauss(0, 0.3) for _ in range(days))
            now = min(max(now, 0), 100)
            before = min(max(now + dice.gauss(0, 5), 0), 100)
            pairs.append(
                Pair(names[j], names[i], _slot(j), _slot(i), now, before, stage(now), sum(daily), trend(now - before),
                     (Point(span.start + DAY, before), Point(span.end, now)))
            )  # fmt: skip

    pairs.sort(key=lambda pair: (-pair.interactions, pair.a, pair.b))
    known = {name for pair in pairs for name in (pair.a, pair.b)}
    personas = tuple((name, _slot(k)) for k, name in enumerate(names) if name in known)
    return Relationships(span, personas, tuple(pairs), 51.0, 50.0, sum(pair.interactions for pair in pairs))


def _slot(place: int) -> int:
    """Ten have a colour of their own."""
    return place + 1 if place < 10 else 0


def reported(stand: str = "friends", name: str = "30d") -> Relationships:
    """Three pairs of which the host tells: in steps, with a gap; one has only just been told."""
    span = window(name)
    gap = Gap(span.start + span.length // 2, span.start + span.length * 6 // 10)
    pairs = []
    for k, (a, b) in enumerate(((0, 1), (1, 2), (0, 2))):
        course = tuple(Point(span.start + span.length * step // 9, 40 + 4 * step + 5 * k) for step in range(9))
        history = course if k < 2 else course[-1:]
        now = history[-1].value or 0
        pairs.append(
            Pair(NAMES[a], NAMES[b], a + 1, b + 1, now, history[0].value or 0, stand, 9 - 4 * k, "improving", history,
                 REPORTED, 40.0)
        )  # fmt: skip

    return Relationships(span, tuple((n, k + 1) for k, n in enumerate(NAMES[:3])), tuple(pairs), 60, 50, 15, (gap,))


def first_hour() -> Iterator[tuple[str, str, object]]:
    """One point: recording began in the last minutes."""
    hour = window("1h")
    ats = range(hour.start, hour.end, 5 * MINUTE)
    dark = Gap(hour.start, hour.end - 5 * MINUTE)
    talk = replace(
        stories.banter("1h"),
        exchanges=Figure(1, None, 1),
        days=tuple(BanterDay(at, 1 if at == ats[-1] else None, 1 if at == ats[-1] else 0) for at in ats),
        starters=stories.banter("1h").starters[:1],
        ignored=(),
        gaps=(dark,),
    )
    yield "banter", "one point", talk
    page = replace(
        stories.persona(span="1h"),
        messages=Figure(1, None, 1),
        days=tuple(Point(at, 1.0 if at == ats[-1] else None, 1) for at in ats),
        hours=(0.0,) * 17 + (1.0,) + (0.0,) * 6,
        topics=(),
        bonds=(),
        gaps=(dark,),
    )
    yield "persona", "one point", page
    now = Point(hour.end, 51.3, 1)
    pair = Pair("dagoth_ur", "scav", 1, 2, 51.3, 50, "frenemies", 1, "stable", (Point(hour.start + 1, None), now))
    for kind in RELATED:
        personas = (("dagoth_ur", 1), ("scav", 2))
        yield kind, "one point", Relationships(hour, personas, (pair,), 51.3, 50, 1, (dark,))


def states() -> Iterator[tuple[str, str, object]]:
    """Kind, state, value."""
    yield from first_hour()
    for kind in RELATED:
        yield kind, "eighty", crowd()
        yield kind, "reported", reported()
        yield kind, "reported in an hour", reported(name="1h")
        yield kind, "a stage of the host's", reported("the very best of friends, for ever and ever")
        yield kind, "odd crowd", crowd(names=tuple(f"{one[:28]}{k}" for k in range(5) for one in ODD))
        yield kind, "long crowd", crowd(names=tuple(f"{one[:-2]}{k:02}" for k in range(9) for one in LONG))

    page = stories.persona()
    yield "persona", "week", stories.persona(span="7d")
    yield "persona", "six hours", stories.persona(span="6h")
    yield "persona", "partial", replace(page, partial=True)
    yield "persona", "gaps", replace(page, gaps=tuple(Gap(p.at, p.at + 9 * HOUR) for p in page.days[::4]))
    bonds = tuple(Bond(name, 1, 50.0, "the very best of friends, for ever and ever", REPORTED) for name in LONG)
    yield "persona", "a stage of the host's", replace(page, bonds=bonds)
    yield "banter", "eighty", stories.banter(names=EIGHTY)
    yield "banter", "odd", stories.banter(names=ODD)
    yield "banter", "week", stories.banter("7d")
