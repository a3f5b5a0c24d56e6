"""Hears what comes most in the very call in which discord.py tells of it: no task is made, and nothing is lost.

discord.py makes a task for each listener of an event, which costs ten times what we do in it, and runs once the loop
comes to it: by then an edit that came with its message has changed the text. What waits for an event
(`Client.wait_for`) has its test called at once instead. So these are tests that never say yes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

import discord

log = logging.getLogger(__name__)
Hear = Callable[..., object]


class Hearing:
    """Calls functions with what events bring, for as long as it is begun. The host's own handlers hear as before."""

    def __init__(self, client: discord.Client, hear: Mapping[str, Hear]) -> None:
        self._client = client
        self._tests = {event: _netted(event, one) for event, one in hear.items()}
        self._waiting: dict[str, asyncio.Task[Any]] = {}

    def begin(self) -> None:
        """Hear, where that is not so already. Before the client has a loop, which it has from its login on: nothing."""
        for event, test in self._tests.items():
            waiting = self._waiting.get(event)
            if waiting is not None and not waiting.done():
                continue

            try:
                coming = self._client.wait_for(event, check=test)
            except AttributeError:
                return

            self._waiting[event] = asyncio.create_task(coming, name=f"greenroom-{event}")

    async def close(self) -> None:
        """Hear nothing more, and leave nothing behind."""
        for waiting in self._waiting.values():
            waiting.cancel()

        await asyncio.gather(*self._waiting.values(), return_exceptions=True)
        self._waiting.clear()
        for event in self._tests:
            # discord.py forgets who no longer waits only at the next event of that kind, and holds us until then.
            all_waiting = self._client._listeners.get(event, [])
            all_waiting[:] = [(future, test) for future, test in all_waiting if not future.cancelled()]


def _netted(event: str, hear: Hear) -> Callable[..., bool]:
    """The test that is called with what an event brings: nothing that fails in it reaches the host."""

    def heard(*args: Any) -> bool:
        try:
            hear(*args)
        except Exception:
            # Recording must never disturb the bot it watches.
            log.exception("Recording failed in %s", event)

        return False

    return heard
