"""The net under every listener of ours: nothing that fails in one reaches the host."""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Callable, Coroutine
from typing import Any

log = logging.getLogger(__name__)


def quiet(hear: Callable[..., None]) -> Callable[..., Coroutine[Any, Any, None]]:
    """The listener that discord.py wants, with a net: what fails in it is logged, never seen by the host's `on_error`.

    Hearing itself is a plain call: nothing in it waits, and a second coroutine would cost as much as a fact.
    """

    @functools.wraps(hear)
    async def guarded(*args: Any) -> None:
        try:
            hear(*args)
        except Exception:
            # Recording must never disturb the bot it watches.
            log.exception("Recording failed in %s", hear.__name__)

    @functools.wraps(hear)
    async def guarded_one(cog: Any, event: Any) -> None:
        try:
            hear(cog, event)
        except Exception:
            log.exception("Recording failed in %s", hear.__name__)

    # Most events bring one thing: to pack it up and unpack it again takes a tenth of what is done for them.
    return guarded_one if len(inspect.signature(hear).parameters) == 2 else guarded
