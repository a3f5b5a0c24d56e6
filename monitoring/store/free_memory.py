"""Giving memory that is free back to the system: after folding and answering, glibc would keep it for the process."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache


def give_back() -> bool:
    """Give back what is free, to be called off the event loop, a few milliseconds at most; False where nobody can.

    Arrays of a question about a month are tens of MB, for a moment. They come from the heap of the thread that made
    them, and what is freed in the middle of a heap stays with the process until it is told to let go.
    """
    trim = _trim()
    return trim is not None and bool(trim(0))


@cache
def _trim() -> Callable[[int], int] | None:
    """`malloc_trim`, which only glibc has; while it runs, other threads may."""
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        # Another libc, or Windows, where a program is no library that could be looked into.
        return None

    trim.argtypes, trim.restype = [ctypes.c_size_t], ctypes.c_int
    found: Callable[[int], int] = trim
    return found
