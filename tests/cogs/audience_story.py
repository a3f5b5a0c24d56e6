"""People, channels, commands, conversations and scenarios of the story, with any names."""

from __future__ import annotations

from monitoring.analysis.audience import Audience, Engagement, Quality
from monitoring.analysis.channels import ChannelRow, Channels
from monitoring.analysis.commands import CommandRow, Commands
from monitoring.analysis.conversations import Conversations
from monitoring.analysis.figure import Figure, Timing
from monitoring.analysis.person import Personal, Stored
from monitoring.analysis.retention import Cohort, Return
from monitoring.analysis.scenarios import ScenarioRow, Scenarios

from .story import DAY_WINDOW, MONTH, NAMES, at

RETURNS = (Return(1, 231, 95), Return(7, 200, 50), Return(30, 0, 0))


def audience(quality: str = "coherence") -> Audience:
    """30 days of people."""
    return Audience(
        MONTH,
        active_now=11,
        active=(312, 1046, 2210),
        users=Figure(2210, 2040, 2210),
        new=880,
        returning=1330,
        returns=RETURNS,
        cohorts=(Cohort(at("00:00", 2), 231, RETURNS),),
        engagement=Engagement(Figure(78.0, 74.0, 9860), "rising"),
        satisfaction=Figure(4.4, 4.3, 2120),
        qualities=(Quality(quality, 0.91, 40),),
        voice=Figure(43_440.0, 40_000.0, 30),
        busiest=((4, 21), (5, 21), (4, 22)),
        quietest=((1, 4), (2, 4), (2, 5)),
    )


def channels(names: tuple[str, ...] = NAMES) -> Channels:
    """24 hours of channels; the first one has half of it."""
    rows = tuple(
        ChannelRow(str(1180000000000000101 + k), Figure(n, n - 5, n), n / 100, 0.25, name)
        for k, (name, n) in enumerate(zip(names, (50, 20, 10, 8, 6, 3, 2, 1, *(1,) * len(names)), strict=False))
    )
    return Channels(DAY_WINDOW, Figure(100, 90, 100), rows)


def commands(names: tuple[str, ...] = NAMES) -> Commands:
    """24 hours of commands: the second one fails."""
    rows = tuple(
        CommandRow(name, "slash", Timing(100 - k, 9 if k == 1 else 0, 0.8, 0.7, 2.1 if k < 5 else None), 0.1, 90)
        for k, name in enumerate(names)
    )
    return Commands(
        DAY_WINDOW,
        Figure(412, 380, 412),
        Figure(0.021, 0.013, 412),
        rows,
        (("slash", 380), ("prefix", 32)),
        tuple(("slash", name) for name in names) * 3,
    )


def conversations() -> Conversations:
    """24 hours of them."""
    return Conversations(
        DAY_WINDOW, Figure(240, 216, 240), Figure(240.0, 216.0, 240), Figure(14.2, 13.0, 240),
        Figure(1260.0, 1300.0, 240), 214, Figure(0.38, 0.36, 240), 3, 180, 81,
    )  # fmt: skip


def scenarios(names: tuple[str, ...] = NAMES) -> Scenarios:
    """30 days of them."""
    rows = tuple(ScenarioRow(name, 100 - k, 60 - k, 20, 900.0, 90) for k, name in enumerate(names))
    return Scenarios(MONTH, Figure(772, 700, 772), Figure(0.58, 0.5, 772), 160, Figure(960.0, None, 450), rows)


def personal(name: str = "dagoth_ur") -> Personal:
    """Somebody who is there often."""
    return Personal(
        MONTH,
        Stored(120, 310, 4, 7, 90),
        first_seen=at("12:00", 1),
        last_seen=at("17:00"),
        days=24,
        hours=tuple(20 if hour in (20, 21, 22) else 1 for hour in range(24)),
        messages=120,
        answered=95,
        conversations=21,
        favourite=name,
        together=64,
        exchanged=70,
    )
