"""The real thing: APScheduler and the system's clocks in a process whose wall clock is set (F10)."""

from __future__ import annotations

import asyncio
import os
import shutil
import struct
import sys
import time
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

from .jumping import EVERY, LOOK

MINUTE, DAY, YEAR = 60, 86_400, 31_536_000
SLACK = 1.0
"""Seconds that a busy machine may cost."""


async def shim(folder: Path) -> Path:
    """The library that sets the clock, compiled."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("there is no compiler here, or another loader than Linux's")

    made = folder / "settable_clock.so"
    source = Path(__file__).with_name("settable_clock.c")
    compiling = await asyncio.create_subprocess_exec(
        compiler, "-shared", "-fPIC", "-o", str(made), str(source), "-ldl", stderr=PIPE
    )
    _, said = await compiling.communicate()
    if compiling.returncode:
        pytest.skip(f"the compiler could not: {said.decode()[-200:]}")

    return made


async def heard(process: Process, word: str) -> tuple[float, list[str]]:
    """The number after the next line with that word, and the lines before it."""
    assert process.stdout is not None
    before: list[str] = []
    while line := (await process.stdout.readline()).decode().strip():
        if line.startswith(word):
            return float(line.split()[1]), before

        before.append(line)

    raise AssertionError("the process has ended")


async def test_f10_a_job_runs_every_interval_whatever_is_done_to_the_clock(tmp_path: Path) -> None:
    """Minutes, a day, a year, forth and back: noticed, and the job goes on within an interval and a look."""
    preload, offset = await shim(tmp_path), tmp_path / "offset"
    offset.write_bytes(struct.pack("d", 0.0))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.clock.jumping"),
        stdout=PIPE,
        env={**os.environ, "LD_PRELOAD": str(preload), "JUMP_FILE": str(offset)},
    )
    wrong = 0.0
    try:
        async with asyncio.timeout(60):
            await heard(process, "ran")
            for jump in (5 * MINUTE, -5 * MINUTE, DAY, -2 * DAY, YEAR, -YEAR):
                wrong += jump
                with offset.open("r+b") as file:
                    file.write(struct.pack("d", wrong))

                set_at = time.monotonic()
                seconds, _ = await heard(process, "jumped")
                assert seconds == pytest.approx(jump, abs=1)
                first, _ = await heard(process, "ran")
                second, _ = await heard(process, "ran")
                assert first - set_at <= EVERY + LOOK + SLACK
                assert second - first <= EVERY + LOOK + SLACK
    finally:
        process.kill()
        await process.communicate()
