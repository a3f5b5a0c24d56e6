"""The lock of the buffer's books, which knows when a thread interrupts itself."""

from __future__ import annotations

import threading


class BooksLock:
    """The lock of the books. It knows when the thread that holds it comes again: a finalizer or signal handler."""

    __slots__ = ("_depth", "_lock")

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._depth = 0

    def __enter__(self) -> bool:
        """Answers with True for the one who interrupts itself, and so finds the books half written."""
        self._lock.acquire()
        self._depth += 1
        return self._depth > 1

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        self._lock.release()
