"""Made-up audiences, channels, commands, conversations and scenarios in every state their charts must bear."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from chart_stories import CROWD, ODD, day_of, instant, window

from monitoring.analysis.audience import Audience, Engagement
from monitoring.analysis.channels import ChannelRow, Channels
from monitoring.analysis.commands import CommandRow, Commands
from monitoring.analysis.conversations import Conversations
from monitoring.analysis.figure import Figure, Gap, Point, Timing
from monitoring.analysis.retention import AudienceDay, Cohort, Return, pooled
from monitoring.analysis.scenarios import ScenarioRow, Scenarios
from monitoring.model import DAY, HOUR
from monitoring.window import step_start

LONG = ("W" * 32, "王" * 32, "m" * 32)
CHANNELS = ("general", "taverne", "memes", "voice-chat", "büro", "bot-spielplatz", "rp-dagoth", "archive", "staff")
COMMANDS = ("weather", "imagine", "quiz start", "persona set", "help", "roll", "lore", "stats overview")
SCENARIOS = ("The heist", "Murder at the inn", "Swamp race", "Tutorial")


def audience(name: str = "90d", *, weeks: int = 7, gap: bool = True, scale: float = 1.0, days: int = 84) -> Audience:
    """Twelve weeks of people, with their weekends."""
    dice, span = random.Random(11), window(name)
    today = step_start(span.end, DAY, span.zone)
    monday = instant("2026-03-09 00:00")
    ats = [step_start(today - k * DAY + HOUR, DAY, span.zone) for k in range(days)][::-1]
    dark = Gap(ats[len(ats) // 2], ats[len(ats) // 2] + 2 * DAY) if gap and len(ats) > 5 else None
    line = []
    for index, at in enumerate(ats):
        users = round(scale * (240 + index + 60 * (index % 7 in (4, 5)) + dice.gauss(0, 8)))
        off = dark is not None and dark.start <= at < dark.end
        line.append(AudienceDay(at, None if off else users, None if off else round(scale * dice.uniform(28, 50))))

    found = []
    for week in range(weeks):
        new, age = round(scale * dice.randint(230, 340)), weeks - week
        found.append(
            Cohort(
                monday - age * 7 * DAY,
                new,
                tuple(
                    Return(after, new if passed else 0, round(new * share * dice.uniform(0.9, 1.1)) if passed else 0)
                    for after, share, passed in ((1, 0.41, True), (7, 0.24, age > 1), (30, 0.13, age > 5))
                ),
            )
        )

    return Audience(
        span,
        active_now=round(11 * scale),
        active=(round(312 * scale), round(1046 * scale), round(2210 * scale)),
        users=Figure(2210 * scale, 2040 * scale, round(2210 * scale)),
        new=round(880 * scale),
        returning=round(1330 * scale),
        returns=pooled(found),
        cohorts=tuple(found),
        days=tuple(line),
        engagement=Engagement(Figure(78.0, 74.0, 9_860), "rising"),
        satisfaction=Figure(4.4, 4.3, 2_120),
        gaps=(dark,) if dark else (),
    )


def first_day() -> Audience:
    """Recording began yesterday: one day with people, thirty that were not monitored."""
    found = audience("1h", days=31, weeks=1, gap=False)
    dark = Gap(found.days[0].at, found.days[-2].at)
    line = tuple(replace(day, users=None, new=None) for day in found.days[:-2])
    return replace(found, days=(*line, *found.days[-2:]), gaps=(dark,), returns=())


def nobody() -> Audience:
    """Recording began, and nobody came."""
    return Audience(window(), 0, (0, 0, 0), Figure(0), 0, 0)


def channels(names: tuple[str, ...] = CHANNELS, name: str = "24h") -> Channels:
    """One busy channel and some quiet ones; the last is not there any more."""
    counts = [9_860 // (k + 1) ** 2 + 3 for k in range(len(names))]
    rows = tuple(
        ChannelRow(
            str(1180000000000000000 + k), Figure(n, n * (0.8 + k / 10), n), n / sum(counts), 0.1 + k % 8 / 10, who
        )
        for k, (who, n) in enumerate(zip((*names[:-1], ""), counts, strict=True))
    )
    return Channels(window(name), Figure(sum(counts), sum(counts) * 0.9, sum(counts)), rows)


def commands(names: tuple[str, ...] = COMMANDS, name: str = "24h", *, failures: int = 1) -> Commands:
    """Some used often, one failing."""
    kinds = ("slash", "slash", "slash", "prefix", "context_menu", "component", "modal", "slash")
    counts = [412 // (k + 1) + 1 for k in range(len(names))]
    rows = tuple(
        CommandRow(
            who,
            kinds[k % 8],
            Timing(n, n * failures // 9 if k == 1 else 0, 0.8 + k, 0.7, 2.1 + k if n >= 20 else None),
            n / sum(counts),
            n,
        )
        for k, (who, n) in enumerate(zip(names, counts, strict=True))
    )
    total = sum(counts)
    unused = tuple(("slash", who) for who in names[:3])
    return Commands(window(name), Figure(total, total * 0.8, total), Figure(0.04, 0.02, total), rows, unused=unused)


def conversations(name: str = "30d") -> Conversations:
    """Conversations by day or hour."""
    dice, span = random.Random(21), window(name)
    step = HOUR if span.length <= 2 * DAY else DAY
    gap = Gap(span.start + span.length // 3, span.start + span.length // 3 + step)
    points = []
    for at in range(span.start, span.end, step):
        count = round(40 * day_of(at // HOUR % 24) * dice.uniform(0.8, 1.2)) if step == HOUR else dice.randint(180, 300)
        points.append(Point(at, None if gap.start <= at < gap.end else count, count))

    total = sum(point.n for point in points)
    return Conversations(
        span, Figure(total, total * 0.9, total), Figure(total / 30, None, total), Figure(14.2, 13.0, total),
        Figure(1_260.0, 1_300.0, total), 214, Figure(0.38, 0.36, total), 3, 900, 410, tuple(points), (gap,),
    )  # fmt: skip


def silence() -> Conversations:
    """Nobody talked."""
    nothing = Figure(None)
    return Conversations(window(), Figure(0), Figure(0), nothing, nothing, None, nothing, 0)


def scenarios(names: tuple[str, ...] = SCENARIOS, name: str = "30d") -> Scenarios:
    """Some are finished, some given up."""
    rows = tuple(
        ScenarioRow(who, 120 // (k + 1), 70 // (k + 1), 30 // (k + 1), 900.0 + 60 * k if k % 3 else None, 100)
        for k, who in enumerate(names)
    )
    starts = sum(row.starts for row in rows)
    return Scenarios(window(name), Figure(starts, 100, starts), Figure(0.58, 0.5, starts), 30, Figure(960.0), rows)


def states() -> Iterator[tuple[str, str, object]]:
    """Kind, state, value."""
    for state, value in (
        ("quarter", audience()),
        ("month", audience("30d", days=31)),
        ("day", audience("24h", days=31, weeks=4)),
        ("one day", first_day()),
        ("few", audience(scale=0.01, weeks=3)),
        ("many", audience("90d", scale=400)),
        ("no cohort", replace(audience("7d", weeks=0), returns=())),
        ("nothing", nobody()),
    ):
        yield "users", state, value

    for state, names in (
        ("usual", CHANNELS),
        ("crowd", CROWD * 5),
        ("odd", ODD),
        ("long", LONG * 3),
        ("one", ("x", "y")),
    ):
        yield "channels", state, channels(names)
        yield "commands", state, commands(names)
        yield "scenarios", state, scenarios(names)

    yield "channels", "month", channels(name="30d")
    yield "channels", "single", channels(("王" * 32,))
    yield "commands", "story", commands()
    yield "commands", "calm hour", commands(name="1h", failures=0)
    yield "scenarios", "story", scenarios(name="90d")
    yield "channels", "nothing", Channels(window(), Figure(0))
    yield "commands", "nothing", Commands(window(), Figure(0), Figure(None))
    yield "scenarios", "nothing", Scenarios(window(), Figure(0), Figure(None), 0, Figure(None))
    yield "conversations", "month", conversations()
    yield "conversations", "day", conversations("24h")
    yield "conversations", "hour", conversations("1h")
    yield "conversations", "unknown repeats", replace(conversations("90d"), people=None, repeated=None)
    yield "conversations", "nothing", silence()
