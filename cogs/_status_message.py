"""One message in the ops channel that shows how things stand, and edits itself when that changes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from typing import Any

import discord

from monitoring.analysis.standing import OpenIncident, Standing
from monitoring.errors import DeliveryError, StoreError
from monitoring.model import Health
from monitoring.monitor import Monitor
from monitoring.phrasing import count, more, points, share, slower
from monitoring.safe_text import safe_text
from monitoring.status_message import Kept, StatusMessage

from ._answer import Reply
from ._digest_embed import Link, nowhere
from ._embeds import EMOJI, embed
from ._format import code, dots, graded, lines, quantile, since
from ._posting import Channels, Post, is_gone

log = logging.getLogger(__name__)
EVERY = 60.0
"""Seconds between two edits, at least."""
AGAIN = 600.0
"""Seconds until it is tried again where the channel is closed to us."""
KNOWN_WITHIN = 10.0
STOPPED = "The status message cannot be kept"
MOST = 5


class StatusBoard:
    """Keeps the message. An edit that would change nothing is not made; one that was deleted is made anew."""

    def __init__(self, client: discord.Client, monitor: Monitor) -> None:
        self._client = client
        self._monitor = monitor
        self._channels = Channels(client)
        self._status = StatusMessage(monitor)
        self._shown: dict[str, Any] | None = None
        self._task: asyncio.Task[None] | None = None
        self._turned = asyncio.Event()
        self._lock = asyncio.Lock()

    def start(self) -> None:
        """Begin to look, once a minute."""
        self._task = asyncio.create_task(self._run(), name="greenroom-status-message")

    async def close(self) -> None:
        """Stop; the message stays as it is."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
            self._task = None

    async def turn(self, *, on: bool) -> None:
        """Show it from now on, or take it away. Raises StoreError."""
        async with self._lock:
            await self._turn(on=on)

    async def _turn(self, *, on: bool) -> None:
        before = await self._status.turn(on=on)
        self._shown = None
        if on:
            self._turned.set()
            return

        self._mend()
        if before.channel_id is not None and before.message_id is not None:
            place = self._client.get_partial_messageable(before.channel_id)
            # Where it cannot be taken away it only stays behind.
            with contextlib.suppress(discord.HTTPException, TimeoutError):
                async with asyncio.timeout(KNOWN_WITHIN):
                    await place.get_partial_message(before.message_id).delete()

    async def step(self) -> float:
        """Look once, and edit what changed; gives the seconds until the next look. Raises StoreError."""
        async with self._lock:
            return await self._look()

    async def _look(self) -> float:
        kept, ops = await self._status.kept(), self._monitor.ops_channel_id
        if not kept.wanted or ops is None:
            return EVERY

        async with asyncio.timeout(KNOWN_WITHIN):
            shown = standing_embed(await self._status.standing(), self._monitor.message_link)

        payload = {key: value for key, value in shown.to_dict().items() if key != "timestamp"}
        if payload == self._shown and kept.channel_id == ops:
            return EVERY

        try:
            await self._show(kept, ops, Reply(shown))
        except DeliveryError as error:
            return self._failed(error)

        self._shown = payload
        self._mend()
        return EVERY

    async def _show(self, kept: Kept, ops: int, reply: Reply) -> None:
        """Edit the message where it is, or send one where none is any more."""
        if kept.message_id is not None and kept.channel_id == ops:
            try:
                await self._channels.edit(ops, kept.message_id, Post(reply))
            except DeliveryError as error:
                if not is_gone(error):
                    raise
            else:
                return

        message = await self._channels.send(ops, Post(reply, nonce=secrets.token_urlsafe(12), silent=True))
        await self._status.place(ops, message.id)

    def _failed(self, error: DeliveryError) -> float:
        """Wait; where the channel is closed to us, say so once and try seldom."""
        if not error.permanent:
            log.info("The status message could not be edited: %s", error)
            return max(EVERY, error.retry_after or 0.0)

        if not any(problem.startswith(STOPPED) for problem in self._monitor.problems):
            log.warning("%s: %s", STOPPED, error)
            self._monitor.problems.append(f"{STOPPED}: {error}")

        return AGAIN

    def _mend(self) -> None:
        problems = self._monitor.problems
        problems[:] = [problem for problem in problems if not problem.startswith(STOPPED)]

    async def _run(self) -> None:
        while not self._client.is_ready():  # noqa: ASYNC110 - waiting raises where the cog is loaded before the login
            await asyncio.sleep(1)

        while True:
            self._turned.clear()
            wait = EVERY
            try:
                wait = await self.step()
            except (StoreError, TimeoutError) as error:
                log.info("The status message waits, the store does not answer: %s", error)
            except Exception:
                # It must outlive any one failure of its own.
                log.exception("The status message could not be brought up to date")

            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._turned.wait(), wait)


def standing_embed(value: Standing, link: Link = nowhere) -> discord.Embed:
    """The message: state and since when, the last hour, what is open."""
    timed, name = (value.p95, "P95 response") if value.p95.value is not None else (value.mean, "Mean response")
    return embed(
        f"{EMOJI[value.state]} {_title(value)}",
        f"Since {since(value.since)}.",
        state=value.state,
        inline=[
            (name, lines(graded(quantile(timed.value, timed.n), timed.band), slower(timed.value, timed.before))),
            (
                "Errors",
                lines(
                    graded(share(value.errors.value), value.errors.band),
                    points(value.errors.value, value.errors.before),
                ),
            ),
            (
                "Messages",
                lines(f"**{count(value.messages.value)}**", more(value.messages.value, value.messages.before)),
            ),
        ],
        fields=[
            ("Open", lines(*(_incident(one, link) for one in value.incidents[:MOST]), _rest(value))),
            ("Unwell", dots(*(f"{code(name)} {health}" for name, health in value.unwell[:MOST]))),
        ],
        footer="Last hour against the hour before · edited when it changes",
        at=value.at,
    )


def _title(value: Standing) -> str:
    n = len(value.incidents)
    if n:
        critical = sum(one.critical for one in value.incidents)
        worst = f", {critical} critical" if critical and critical < n else ", critical" if critical else ""
        return f"{n} incident{'s' if n > 1 else ''} open{worst}"

    unhealthy = [name for name, health in value.unwell if health is Health.UNHEALTHY]
    if unhealthy:
        return f"{len(unhealthy)} service{'s' if len(unhealthy) > 1 else ''} unhealthy"

    return {"good": "All well", "unknown": "Nothing known yet"}.get(value.state, "Not all well, no incident")


def _incident(one: OpenIncident, link: Link) -> str:
    known = one.channel_id is not None and one.message_id is not None
    address = link(one.channel_id or 0, one.message_id or 0) if known else ""
    number = f"[{one.number}]({address})" if address else str(one.number)
    who = f"{safe_text(one.acknowledged_by)} has it" if one.acknowledged_by else "nobody has it yet"
    mark = EMOJI["critical" if one.critical else "warning"]
    return f"{mark} {number} {safe_text(one.title, 60)}, since {since(one.since)}, {who}"


def _rest(value: Standing) -> str:
    rest = len(value.incidents) - MOST
    return f"and {rest} more" if rest > 0 else ""
