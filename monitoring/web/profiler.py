"""Where the event loop's time goes: a thread looks a hundred times a second at what runs, for some seconds."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from types import FrameType
from typing import Literal

EVERY = 0.01
DEEPEST = 200
"""Calls within calls that are looked at."""
SHOWN = 60


@dataclass(frozen=True, slots=True)
class Function:
    """One function: its share of all looks, by itself and with what it called."""

    function: str
    own: float
    total: float


@dataclass(frozen=True, slots=True)
class Profile:
    """What was seen; most of the time first. Names of functions only, no paths."""

    id: str
    status: Literal["running", "done"]
    seconds: float
    samples: int
    functions: tuple[Function, ...]


class Profiler:
    """Watches one thread. It runs in its own, and costs the watched one next to nothing."""

    def __init__(self, name: str, seconds: float, watched: int) -> None:
        self.name = name
        self.seconds = seconds
        self._watched = watched
        self._stop = threading.Event()
        self._own: Counter[str] = Counter()
        self._total: Counter[str] = Counter()
        self._samples = 0
        self._thread = threading.Thread(target=self._look, name="monitoring-profiler", daemon=True)

    @property
    def running(self) -> bool:
        """Whether it still looks."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End at once."""
        self._stop.set()
        self._thread.join()

    def profile(self) -> Profile:
        """What was seen so far."""
        running, samples = self.running, self._samples
        total, own = self._total.copy(), self._own.copy()
        functions = tuple(
            Function(name, own[name] / samples, count / samples) for name, count in total.most_common(SHOWN)
        )
        return Profile(self.name, "running" if running else "done", self.seconds, samples, functions)

    def _look(self) -> None:
        end = time.monotonic() + self.seconds
        while time.monotonic() < end and not self._stop.wait(EVERY):
            frame = sys._current_frames().get(self._watched)
            if frame is None:
                return

            names = _names(frame)
            self._own[names[0]] += 1
            self._total.update(set(names))
            self._samples += 1


def _names(frame: FrameType) -> list[str]:
    """The functions that run, the innermost first."""
    names: list[str] = []
    at: FrameType | None = frame
    while at is not None and len(names) < DEEPEST:
        names.append(f"{at.f_globals.get('__name__', '?')}.{at.f_code.co_qualname}")
        at = at.f_back

    return names
