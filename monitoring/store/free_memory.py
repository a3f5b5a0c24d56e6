"""Giving memory that is free back to the system: after folding and answering, glibc would keep it for the process."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

_PIECE = 96 * 1024
"""Bytes: less than what glibc would ever take from elsewhere than the heap of the thread (128 KiB)."""
_PIECES = 200
_STOPPER = 4096
"""Bytes, more than what a thread puts aside for itself when it is freed."""


def give_back() -> bool:
    """Give back what is free, to be called off the event loop, a few milliseconds at most; False where nobody can.

    Arrays of a question about a month are tens of MB, for a moment. They come from the heap of the thread that made
    them, and what is freed in the middle of a heap stays with the process until it is told to let go. What is free at
    the end of a heap stays even then, so that it is given back of the calling thread's only: ask in every thread that
    had much.
    """
    libc = _glibc()
    if libc is None:
        return False

    # Something at the end of the heap makes a middle of what is free before it. Nothing is written to the pieces, so
    # that they take no memory that was not there.
    pieces = [libc.malloc(_PIECE) for _ in range(_PIECES)]
    stopper = libc.malloc(_STOPPER)
    for piece in pieces:
        libc.free(piece)

    given = bool(libc.malloc_trim(0))
    libc.free(stopper)
    return given


@cache
def _glibc() -> Any:
    """The C library, if it has `malloc_trim`, which only glibc has; while it runs, other threads may."""
    try:
        libc = ctypes.CDLL(None)
        functions: tuple[tuple[Callable[..., Any], Any, Any], ...] = (
            (libc.malloc_trim, ctypes.c_size_t, ctypes.c_int),
            (libc.malloc, ctypes.c_size_t, ctypes.c_void_p),
            (libc.free, ctypes.c_void_p, None),
        )
    except (AttributeError, OSError, TypeError):
        # Another libc, or Windows, where a program is no library that could be looked into.
        return None

    for function, takes, gives in functions:
        function.argtypes, function.restype = [takes], gives  # type: ignore[attr-defined]  # of ctypes' own kind

    return libc
