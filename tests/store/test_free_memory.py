"""Free memory goes back to the system."""

from __future__ import annotations

import ctypes
import subprocess
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


_ONE_THREAD = """
import ctypes, os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from monitoring.store.free_memory import give_back
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
def work():
    # As an array of a question does: glibc then keeps twice as much free at the end of every heap.
    libc.free(libc.malloc(16 * 1024 * 1024))
    blocks = [libc.malloc(50_000) for _ in range(250)]
    for block in blocks:
        ctypes.memset(block, 1, 50_000)
    for block in blocks:
        libc.free(block)
    before = resident()
    give_back()
    return before - resident()
with ThreadPoolExecutor(1) as threads:
    print(threads.submit(work).result())
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None) if sys.platform == "linux" else None, "malloc_trim"), reason="glibc")
def test_f3_what_is_free_at_the_end_of_a_threads_heap_is_given_back() -> None:
    """There `malloc_trim` leaves it: a thread that made many small things and let go of them would keep it all."""
    told = subprocess.run([sys.executable, "-c", _ONE_THREAD], capture_output=True, text=True, check=True).stdout
    assert int(told) > 8_000_000
