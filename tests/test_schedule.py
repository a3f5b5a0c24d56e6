"""The schedule: what is due runs once, a failing job goes on, and clocks that jump arm all jobs anew (F10)."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest

from monitoring.schedule import Every, Schedule, machine_slept


class Clocks:
    """A wall clock and a monotonic one that can be set apart."""

    def __init__(self) -> None:
        self.wall = 1_773_234_300_000
        self.steady = 100.0

    def now(self) -> int:
        """UTC milliseconds."""
        return self.wall

    def monotonic(self) -> float:
        """Seconds."""
        return self.steady

    def pass_time(self, seconds: float) -> None:
        """Both go on."""
        self.wall += round(seconds * 1000)
        self.steady += seconds


async def test_a_job_runs_at_once_and_a_failing_one_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """What it raises ends neither the job nor the others."""
    ran, failed = asyncio.Event(), asyncio.Event()

    async def well() -> None:
        ran.set()

    async def broken() -> None:
        failed.set()
        raise RuntimeError("not today")

    schedule = Schedule(Clocks())
    schedule.every(3600, "broken", broken)
    schedule.every(3600, "well", well)
    with caplog.at_level(logging.ERROR, "monitoring.schedule"):
        await schedule.start()
        async with asyncio.timeout(5):
            await ran.wait()
            await failed.wait()

        await schedule.close()

    assert "'broken' failed" in caplog.text


async def test_f10_a_jump_is_noticed_and_arms_every_job_anew() -> None:
    """Back or forth by more than five seconds; time that passes on both clocks is none."""
    clocks, jumps = Clocks(), []
    runs = asyncio.Semaphore(0)

    async def job() -> None:
        runs.release()

    schedule = Schedule(clocks, jumped=jumps.append)
    schedule.every(3600, "job", job)
    await schedule.start()
    async with asyncio.timeout(5):
        await runs.acquire()
        clocks.pass_time(600)
        assert schedule.look() == 0.0
        clocks.wall -= 7_200_000
        assert schedule.look() == -7200.0
        await runs.acquire()
        clocks.wall += 60_000
        assert schedule.look() == 60.0
        await runs.acquire()

    await schedule.close()
    assert jumps == [-7200.0, 60.0]


async def test_closing_waits_for_a_running_job() -> None:
    """A job under way finishes; nothing is left of it."""
    begun, finish, done = asyncio.Event(), asyncio.Event(), []

    async def job() -> None:
        begun.set()
        await finish.wait()
        done.append(True)

    schedule = Schedule(Clocks())
    schedule.every(3600, "job", job)
    await schedule.start()
    await begun.wait()
    closing = asyncio.create_task(schedule.close())
    await asyncio.sleep(0)
    finish.set()
    await closing
    assert done == [True]


async def test_the_hosts_log_is_not_filled_with_runs(caplog: pytest.LogCaptureFixture) -> None:
    """A run that went well is no news, at whatever level the host logs."""
    ran = asyncio.Event()

    async def job() -> None:
        ran.set()

    with caplog.at_level(logging.DEBUG):
        schedule = Schedule(Clocks())
        schedule.every(3600, "job", job)
        await schedule.start()
        await ran.wait()
        await schedule.close()

    assert not [record for record in caplog.records if "job" in record.getMessage()]


def test_f10_a_trigger_never_fires_for_a_time_that_is_past() -> None:
    """A year forward is one run, not three million; a year back is one interval from now."""
    every, now = Every(10), datetime(2026, 3, 11, tzinfo=UTC)
    ten, year = timedelta(seconds=10), timedelta(days=365)
    assert every.get_next_fire_time(None, now) == now + ten
    assert every.get_next_fire_time(now - timedelta(seconds=3), now) == now + timedelta(seconds=7)
    assert every.get_next_fire_time(now - year, now) == now + ten
    assert every.get_next_fire_time(now + year, now) == now + ten


async def test_f10_a_clock_that_is_slewed_does_not_jump() -> None:
    """Half a millisecond a second for a day is 43 seconds, and no jump at any time."""
    clocks, jumps = Clocks(), []
    schedule = Schedule(clocks, jumped=jumps.append)
    await schedule.start()
    for _ in range(1440):
        clocks.pass_time(60)
        clocks.wall += 30
        assert schedule.look() == 0.0

    await schedule.close()
    assert jumps == []


async def test_f10_a_suspended_machine_is_no_jump_but_arms_every_job() -> None:
    """The wall clock went on while the monotonic one stood still; timers of the loop stood still too."""
    clocks, jumps, asleep = Clocks(), [], [0.0]
    runs = asyncio.Semaphore(0)

    async def job() -> None:
        runs.release()

    schedule = Schedule(clocks, jumped=jumps.append, slept=lambda: asleep[0])
    schedule.every(3600, "job", job)
    await schedule.start()
    async with asyncio.timeout(5):
        await runs.acquire()
        clocks.wall += 28_800_000
        asleep[0] = 28_800.0
        assert schedule.look() == 28_800.0
        await runs.acquire()
        assert jumps == []
        clocks.wall += 28_800_000 + 3_600_000
        asleep[0] += 28_800.0
        schedule.look()
        await runs.acquire()

    await schedule.close()
    assert jumps == [3600.0]


async def test_f10_who_hears_of_a_jump_cannot_stop_the_watch(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error there is logged, and the next jump is noticed all the same."""
    monkeypatch.setattr("monitoring.schedule.LOOK_EVERY", 0.01)
    clocks, heard = Clocks(), asyncio.Semaphore(0)

    def broken(_: float) -> None:
        heard.release()
        raise RuntimeError("not today")

    schedule = Schedule(clocks, jumped=broken)
    await schedule.start()
    async with asyncio.timeout(5):
        for _ in range(2):
            clocks.wall += 60_000
            await heard.acquire()

    await schedule.close()
    assert "could not be compared" in caplog.text


def test_a_machine_that_sleeps_is_asked_for_by_the_system() -> None:
    """It does not go back, and is 0 where nobody can tell."""
    before = machine_slept()
    assert before >= -0.001
    assert abs(machine_slept() - before) < 0.01
