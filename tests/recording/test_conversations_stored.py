"""Conversations through recorder and store: a process that is killed, and the next one, which goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitoring.interfaces import SystemClock
from monitoring.model import HOUR, MINUTE, SECOND, Instant, MessageSeen
from monitoring.monitor import Monitor
from monitoring.settings import Settings, load_settings

NOON: Instant = 1_780_000_020_000
BOT, HOOK = 900, 901


class Watch(SystemClock):
    """A clock whose time of day is set by a test."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> Instant:
        return self.at


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A store of its own."""
    return load_settings(_env_file=None, database_url=f"sqlite:///{tmp_path / 'store.sqlite3'}", persona_names=["Luna"])


async def begun(settings: Settings, clock: Watch) -> Monitor:
    """A process that records, without what goes on by itself."""
    monitor = Monitor(settings, clock=clock)
    monitor.identify(user_id=BOT, application_id=BOT, name="Greenroom")
    await monitor._begin_with_store()
    return monitor


async def killed(monitor: Monitor) -> None:
    """Its end, without a last word."""
    monitor.recorder._buffer.close("killed")
    monitor.recorder._buffer.queue.clear()
    await monitor.recorder.close()
    monitor.questions.close()
    await monitor.store.close()


def line(number: int, at: Instant) -> MessageSeen:
    """A user and a persona by turns."""
    if number % 2 == 0:
        return MessageSeen(number + 1, 7, 8, 9, "Ada", "and then?", at)

    return MessageSeen(
        number + 1, 7, 8, HOOK, "Luna", "then it rained", at, bot=True, webhook_id=HOOK, application_id=BOT
    )


async def test_f1_a_conversation_of_three_hours_with_three_kills_is_one(settings: Settings) -> None:
    """With its true length, and under its first minute."""
    clock = Watch()
    monitor = await begun(settings, clock)
    for number in range(19):
        clock.at = NOON + number * 10 * MINUTE
        monitor.recorder.record(line(number, clock.at))
        await monitor.recorder.flush()
        if number in (4, 11, 17):
            clock.at += 3 * SECOND
            await killed(monitor)
            monitor = await begun(settings, clock)

    assert monitor._now().conversations == 1
    assert monitor._now().active == {None: 1, 7: 1}
    clock.at += 20 * MINUTE
    await monitor.recorder.flush()
    series = await monitor.store.series("conversation", NOON - NOON % MINUTE, NOON + MINUTE, 0, ("what",))
    found = {
        what[0]: (one.count, one.total / 1e6, one.failures) for what, one in series.total(lambda labels: labels).items()
    }
    assert found == {"duration": (1, 3 * HOUR / 1000, 0), "length": (1, 19, 0), "follow_up": (1, 0, 0)}
    whole = await monitor.store.series("conversation", NOON - HOUR, NOON + 5 * HOUR, 0, ())
    assert whole.sum(lambda _: True).count == 3
    await killed(monitor)


async def test_the_mark_stays_small(settings: Settings) -> None:
    """Only runs that a replay would not bring back are in it."""
    clock = Watch()
    monitor = await begun(settings, clock)
    for number in range(600):
        clock.at += SECOND
        monitor.recorder.record(line(number, clock.at))

    await monitor.recorder.flush()
    assert monitor.conversations.runs.told(clock.at) == []
    clock.at += HOUR
    assert len(monitor.conversations.runs.told(clock.at)) == 1
    await killed(monitor)
