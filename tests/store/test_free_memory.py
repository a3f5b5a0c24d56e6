"""Free memory goes back to the system."""

from __future__ import annotations

import ctypes
import sys

import pytest

from monitoring.store.free_memory import give_back


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None) if sys.platform == "linux" else None, "malloc_trim"), reason="glibc")
def test_f3_what_is_free_is_given_back() -> None:
    """Where the C library can, what is free in the middle of the heap is returned; otherwise nothing is done."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = (
        ctypes.c_void_p,
        [ctypes.c_size_t],
        [ctypes.c_void_p],
    )
    blocks = [libc.malloc(100_000) for _ in range(200)]
    for block in blocks[:-1]:
        ctypes.memset(block, 1, 100_000)
        libc.free(block)

    try:
        assert give_back()
    finally:
        libc.free(blocks[-1])
