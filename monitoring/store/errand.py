"""Long work in a thread that can be watched and stopped: copying and looking through a whole store."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from monitoring.errors import StoreError
from monitoring.finding import Tell, tell_nobody

_LOOK_EVERY = 50_000
"""Steps of SQLite's machine between two looks: a few milliseconds."""


class Stopped(StoreError):
    """The work was stopped before its end, because the program ends; nothing of it is left."""


class Errand:
    """Says how far the work is, and ends it where it stands once it is told to stop."""

    def __init__(self, tell: Tell = tell_nobody) -> None:
        self._tell = tell
        self._stop = threading.Event()

    def stop(self) -> None:
        """Let the work end soon, with Stopped; from any thread."""
        self._stop.set()

    def rest(self, seconds: float) -> None:
        """Do nothing for so long, or until it is told to stop."""
        self._stop.wait(seconds)

    def at(self, what: str, share: float | None = None) -> None:
        """Say how far it is. Raises Stopped."""
        if self._stop.is_set():
            raise Stopped("The work was stopped before its end; nothing of it was kept.")

        self._tell(what, share)

    @contextmanager
    def watching(self, db: sqlite3.Connection, what: str, guard: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Watch statements of a connection; they are cut short by a stop, or by a `guard` that raises StoreError."""
        ended: list[StoreError] = []

        def look() -> int:
            try:
                self.at(what)
                guard()
            except StoreError as error:
                ended.append(error)
                return 1

            return 0

        db.set_progress_handler(look, _LOOK_EVERY)
        try:
            yield
        except sqlite3.OperationalError as error:
            if ended:
                raise ended[0] from error

            raise
        finally:
            db.set_progress_handler(None, 0)
