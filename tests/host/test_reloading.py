"""Loaded and unloaded again and again: a dozen times, a hundred and one with THOROUGH=1."""

from __future__ import annotations

import pytest

from tests.thorough import THOROUGH

from .hosting import Order, answered, sameness

one_loop = pytest.mark.asyncio(loop_scope="module")


@one_loop
async def test_f17_reloading_leaves_nothing(host: Order) -> None:
    """No task, thread, process, file, listener, command or button more than after the first time."""
    first = await host("reload 1")
    for _ in range(4 if THOROUGH else 1):
        await host(f"reload {25 if THOROUGH else 12}")

    last = await answered(host, "state", lambda now: now["files"] <= first["files"] and now["count"] <= first["count"])
    assert sameness(last) == sameness(first)
    # How many the client keeps open for its next requests is its own affair; one more for each load would be ours.
    assert last["connections"] < first["connections"] + 12
