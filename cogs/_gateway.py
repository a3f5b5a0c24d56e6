"""What the client knows of its connection to the gateway: a probe of Discord as a service, and its latency."""

from __future__ import annotations

import math

import discord
from discord.ext import commands

from monitoring.interfaces import Clock
from monitoring.model import Health, ProbeResult

SLOW = 1.0
"""Seconds of gateway latency from which Discord counts as degraded."""


class GatewayProbe:
    """Discord as a service: well while every shard of this process has an open socket."""

    service = "discord"
    slow = SLOW

    def __init__(self, bot: commands.Bot, clock: Clock, *, critical: bool) -> None:
        self.critical = critical
        self._bot = bot
        self._clock = clock

    async def ask(self) -> ProbeResult:
        """Whether the gateway is connected, and its latency in seconds."""
        bot, now = self._bot, self._clock.now()
        if bot.user is None:
            return ProbeResult(self.service, Health.UNKNOWN, now, detail="Not logged in yet.")

        shards = shard_count(bot)
        facts = (("shards", str(shards)),) if shards > 1 else ()
        if not connected(bot):
            return ProbeResult(self.service, Health.UNHEALTHY, now, detail="The gateway is disconnected.", facts=facts)

        return ProbeResult(self.service, Health.HEALTHY, now, latency(bot), facts=facts)


def latency(bot: commands.Bot) -> float | None:
    """The time from heartbeat to answer in seconds, averaged over shards; None where none is known."""
    known = [value for value, most in _latencies(bot) if math.isfinite(value) and 0 <= value < most]
    return sum(known) / len(known) if known else None


def _latencies(bot: commands.Bot) -> list[tuple[float, float]]:
    """Each connection's latency, and what it can be at most.

    discord.py notes the time of a heartbeat only after it was sent, in another thread. Where the answer is faster than
    that, it is measured against the heartbeat before: what is as long as the interval between two is no latency.
    """
    if isinstance(bot, discord.AutoShardedClient):
        parents = ((shard.latency, getattr(shard, "_parent", None)) for shard in bot.shards.values())
        return [(value, _interval(getattr(parent, "ws", None))) for value, parent in parents]

    return [(bot.latency, _interval(getattr(bot, "ws", None)))]


def _interval(socket: object) -> float:
    """Nearly the seconds between two heartbeats of a connection; half a minute where it is not known."""
    interval = getattr(getattr(socket, "_keep_alive", None), "interval", None)
    return 0.9 * interval if isinstance(interval, int | float) else 30.0


def connected(bot: commands.Bot) -> bool:
    """Whether every shard of this process has an open socket."""
    if isinstance(bot, discord.AutoShardedClient):
        return bool(bot.shards) and not any(shard.is_closed() for shard in bot.shards.values())

    socket = getattr(bot, "ws", None)
    return socket is not None and bool(getattr(socket, "open", False))


def shard_count(bot: commands.Bot) -> int:
    """How many shards run in this process."""
    return len(bot.shards) if isinstance(bot, discord.AutoShardedClient) else 1
