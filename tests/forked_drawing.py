"""The process that draws, forked from one that has loaded what it draws with; see tests/forking.py."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from monitoring.charts import drawing
from monitoring.charts.drawing import Drawing

from .forking import ADDRESS, Forked, fork

BEGUN_ANEW = Drawing._running
"""How it begins where nobody is there to fork from."""


@dataclass(slots=True)
class Worker(Forked):
    """It, with both ends of what is said to it and by it."""

    stdin: asyncio.StreamWriter
    stdout: asyncio.StreamReader

    async def wait(self) -> int:
        """Wait for its end, and until nothing of it is open here."""
        status = await Forked.wait(self)
        self.stdin.close()
        with contextlib.suppress(OSError):
            await self.stdin.wait_closed()

        return status


async def _worker(environment: Mapping[str, str]) -> Worker:
    ours, theirs = socket.socketpair()
    with theirs:
        begun = fork(
            ("-m", "monitoring.charts.worker"),
            cwd=Path.cwd(), env=environment, stdin=theirs.fileno(), stdout=theirs.fileno(), stderr=None,
        )  # fmt: skip

    reader, writer = await asyncio.open_connection(sock=ours)
    return Worker(begun.pid, begun.line, writer, reader)


async def _running(own: Drawing) -> Any:
    if not own._closed and (own._process is None or own._process.returncode is not None):
        own._folder = own._folder or tempfile.mkdtemp(prefix="monitoring-charts-")
        own._process = await _worker(own._environment())  # type: ignore[assignment]  # used as one

    return await BEGUN_ANEW(own)


@pytest.fixture(scope="session", autouse=True)
def _drawing_when_asked() -> Iterator[None]:
    """A process that draws takes a second of CPU to begin: here it is forked, for a chart, not because time goes by."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(drawing, "WARM_AFTER", 3600.0)
        if ADDRESS in os.environ:
            patched.setattr(Drawing, "_running", _running)

        yield


@pytest.fixture
def drawing_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """In this test it begins as it does for everybody."""
    monkeypatch.setattr(Drawing, "_running", BEGUN_ANEW)
