"""A client's life with a Discord that comes and goes: what is for good, how long to wait, how to leave in time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random

import discord

log = logging.getLogger(__name__)

LONGEST_PAUSE = 60.0
"""Seconds between two attempts to log in while Discord is out of reach; the first comes after one."""
LET_GO = 1.0
"""Seconds that closing the connection may take; all is to be gone within 5 s of SIGTERM (F17)."""
TOKEN_REFUSED = "DISCORD_TOKEN is refused by Discord. Copy the bot's token again from the developer portal."
REFUSED = {
    4004: TOKEN_REFUSED,
    4010: "Discord refuses this shard. Is the bot's token used by another program that runs in shards?",
    4011: "Discord wants this bot to run in shards. Load the cogs into a bot of your own that is an AutoShardedBot.",
    4012: "Discord no longer speaks the version that discord.py does. Upgrade discord.py.",
    4013: "Discord does not know the intents that discord.py asks for. Upgrade discord.py.",
    4014: "Discord refuses the intents. Switch on Message Content under Bot, Privileged Gateway Intents.",
}
"""What to do where the gateway closes for good, by its close code."""


def for_good(error: BaseException) -> str:
    """What somebody has to do before another attempt is of use; "" where waiting is all."""
    if isinstance(error, discord.LoginFailure):
        return TOKEN_REFUSED

    if isinstance(error, discord.PrivilegedIntentsRequired):
        return REFUSED[4014]

    if isinstance(error, discord.ConnectionClosed):
        return REFUSED.get(error.code, "")

    return ""


async def pause(error: BaseException, failures: int, stop: asyncio.Event) -> None:
    """Wait before the next attempt: doubling with jitter, or as long as Discord says; the stop ends it."""
    wait = min(2.0 ** min(failures - 1, 10), LONGEST_PAUSE) * random.uniform(0.5, 1.0)
    if isinstance(error, discord.RateLimited):
        wait = max(wait, min(error.retry_after, 3600.0))
    elif isinstance(error, discord.HTTPException) and error.status == 429:
        # Not a rate limit of the API, which is waited for, but a ban for many wrong requests.
        wait = LONGEST_PAUSE

    log.warning("Discord cannot be reached (%s); again in %.0f s.", type(error).__name__, wait)
    log.debug("what it was", exc_info=error)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), wait)


async def leave(bot: discord.Client, connected: asyncio.Task[None]) -> None:
    """Close the connection in time; whatever hangs is left behind."""
    # First, so that nothing is loaded while `close` unloads it.
    connected.cancel()
    await asyncio.wait({connected}, timeout=LET_GO / 2)
    try:
        async with asyncio.timeout(LET_GO):
            await bot.close()
    except Exception as error:
        # A peer that no longer answers would have it wait for half a minute.
        log.warning("Discord did not let go: %s", type(error).__name__)
        with contextlib.suppress(Exception):
            async with asyncio.timeout(LET_GO / 2):
                await bot.http.close()
