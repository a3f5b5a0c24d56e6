"""A process that was stopped (SIGSTOP) says nothing wrong of services and callbacks when it goes on (F8)."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process

import pytest

from monitoring.interfaces import SystemClock
from monitoring.model import Health, Sample, Seen
from monitoring.probes import rounds as rounds_module
from monitoring.probes.call import CallProbe
from monitoring.probes.rounds import Rounds
from monitoring.recording.looplag import LoopLag
from monitoring.recording.stillness import STILL, Stillness

STOPPED = 4.0
"""Seconds: longer than a probe waits for an answer, and than a lag of the loop is believed."""


async def heard(process: Process, word: str, times: int) -> list[str]:
    """What the process prints until it said a word so many times."""
    assert process.stdout is not None
    lines: list[str] = []
    while sum(line.startswith(word) for line in lines) < times:
        lines.append((await process.stdout.readline()).decode().strip())

    return lines


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no such signal here")
async def test_f8_a_stopped_process_blames_nobody() -> None:
    """The round in which it was stopped is asked again, and the stop is no lag of a callback."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.clock.stoppable", stdout=PIPE)
    try:
        async with asyncio.timeout(30):
            await heard(process, "probe", 1)
            await heard(process, "round", 1)
            await asyncio.sleep(0.3)
            process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(STOPPED)
            process.send_signal(signal.SIGCONT)
            after = await heard(process, "probe", 2)
    finally:
        process.kill()
        await process.communicate()

    assert {line for line in after if line.startswith("probe")} == {"probe healthy"}
    lags = [line.split()[1:] for line in after if line.startswith("lag")]
    assert lags
    assert max(float(lag[0]) for lag in lags) < 1.0
    assert not [culprit for lag in lags for culprit in lag[1:]]


async def test_f8_a_round_that_is_torn_twice_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that holds up the event loop all the time does not make its services unwell either."""
    monkeypatch.setattr(rounds_module, "TORN", 0.1)
    told: list[Health] = []
    rounds = Rounds(lambda result: told.append(result.health))
    asked = 0

    def answer() -> bool:
        nonlocal asked
        asked += 1
        time.sleep(0.5)
        return False

    rounds.add(CallProbe("x", answer, clock=SystemClock()))
    await rounds.ask_all()
    assert asked == 2
    assert told == []


def test_f8_standing_still_is_told_from_being_held_up() -> None:
    """No beat and no CPU time: it stood still. No beat but CPU time: something hogged the interpreter."""
    stopped, hogged = Stillness(100.0, 5.0), Stillness(100.0, 5.0)
    assert stopped.within(101.0, 141.0, 5.01) == 40.0
    assert hogged.within(101.0, 141.0, 44.0) == 0.0

    assert stopped.beat(141.0, 5.01, STILL)
    assert not hogged.beat(141.0, 44.0, STILL)
    assert stopped.within(101.0, 141.1, 5.02) == 40.0
    assert hogged.within(101.0, 141.1, 44.1) == 0.0
    assert stopped.within(120.0, 141.1, 5.02) == pytest.approx(21.0)
    assert stopped.within(141.0, 142.0, 5.02) == 0.0


def test_f8_a_thread_that_beats_says_that_something_ran() -> None:
    """A callback that waits without computing holds up the loop, while the thread goes on."""
    stillness = Stillness(100.0, 5.0)
    for beat in range(1, 800):
        assert not stillness.beat(100.0 + beat / 20, 5.0, 0.2)

    assert stillness.within(100.0, 140.0, 5.0) == 0.0


async def test_a_lag_of_the_host_still_has_its_culprit() -> None:
    """A callback that sleeps holds up the loop, and is named."""
    notebook: asyncio.Queue[Seen] = asyncio.Queue()
    lag = LoopLag(notebook.put_nowait, SystemClock())
    lag.start()

    def slow_callback() -> None:
        time.sleep(0.5)

    await asyncio.sleep(0.2)
    asyncio.get_running_loop().call_soon(slow_callback)
    async with asyncio.timeout(5):
        sample = await notebook.get()

    await lag.close()
    assert isinstance(sample, Sample)
    assert 0.4 < sample.value < 3
    assert sample.labels
    assert sample.labels[0].endswith("slow_callback")
