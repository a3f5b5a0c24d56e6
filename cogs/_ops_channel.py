"""The ops channel as a notifier: one message per incident, edited as it lives; digests and plain sentences."""

from __future__ import annotations

import asyncio
import logging

import discord

from monitoring.analysis.incident_card import Card
from monitoring.errors import DeliveryError, StoreError, UnknownName
from monitoring.incident import Incident, Notice
from monitoring.monitor import Monitor
from monitoring.picture import Picture
from monitoring.safe_text import safe_text

from ._answer import Reply, drawn
from ._digest_pages import digest_reply, pictured
from ._incident_embed import ping_text, recovery_text, standing_text
from ._incident_pages import card_reply
from ._late_embed import late_embed, late_numbers
from ._posting import SEND_WITHIN, Channels, Post, is_gone

log = logging.getLogger(__name__)
DIGEST_WITHIN = 12.0
"""Seconds for what a digest tells of a day or a week, which is more than a card; alerts behind it wait so long."""
KNOWN_WITHIN = 6.0
"""Seconds for the figures of a card; a store that takes longer must not hold up the news."""
DRAWN_WITHIN = 8.0
"""Seconds for its chart, after which it goes out without."""


class OpsChannel:
    """Tells notices in the ops channel. Raises DeliveryError; telling the same notice again does not tell it twice."""

    name = "discord"
    kind = "always"

    def __init__(self, client: discord.Client, monitor: Monitor, *, within: float = SEND_WITHIN) -> None:
        self._channels = Channels(client, within)
        self._monitor = monitor

    async def deliver(self, notice: Notice) -> None:
        """Tell it, or raise DeliveryError saying whether trying again is of use."""
        tell = {
            "incident": self._incident,
            "recovery": self._recovery,
            "digest": self._digest,
            "late": self._late,
            "message": self._message,
        }.get(notice.kind)
        if tell is None:
            raise DeliveryError(f"Discord cannot tell a notice of kind {notice.kind}.", permanent=True)

        await tell(notice)

    async def test(self) -> None:
        """Say that notices arrive here. Raises DeliveryError."""
        now = self._monitor.clock.now()
        words: dict[str, object] = {"text": "🟢 Test: notices of the monitoring arrive here. There is nothing to do."}
        await self._message(Notice(f"test {now}", "message", now, "test", self.name, f"test{now}", words))

    async def _incident(self, notice: Notice) -> None:
        """Show the incident as it stands now; ping where it opened critical or became so."""
        card = await self._card(notice)
        if card is None:
            await self._in_words(notice)
            return

        ping = bool(notice.body.get("ping"))
        reply = await self._shown(card)
        if await self._edit(card, reply, needed=not notice.body.get("minor")):
            if ping:
                # An edit pings nobody, so what became critical is said once more, below its message.
                await self._post(notice, Reply(discord.Embed()), ping_text(card), ping=True, below=card.incident)

            return

        if not notice.body.get("quiet"):
            message = await self._post(notice, reply, ping_text(card) if ping else "", ping=ping)
            await self._told(card.incident.number, message)

    async def _recovery(self, notice: Notice) -> None:
        """Show that it is over in its message, and say so briefly below it without a sound."""
        card = await self._card(notice)
        if card is None:
            await self._in_words(notice)
            return

        await self._edit(card, await self._shown(card), needed=False)
        if not notice.body.get("quiet"):
            await self._post(notice, Reply(discord.Embed()), recovery_text(card), below=card.incident, silent=True)

    async def _in_words(self, notice: Notice) -> None:
        """Tell it from the notice alone, while the store does not answer (F11); mere edits can wait."""
        body, recovery = notice.body, notice.kind == "recovery"
        if body.get("quiet") or (body.get("minor") and not recovery):
            return

        known = {one.number: one for one in await self._monitor.incidents()}
        incident = known.get(int(str(body.get("number", 0))))
        words = f"{'🟢' if recovery else '🟥' if body.get('severity') == 'critical' else '🔶'} "
        words += safe_text(str(body.get("text", "")), 300)
        message = await self._post(
            notice, Reply(discord.Embed()), words, ping=bool(body.get("ping")), below=incident, silent=recovery
        )
        if incident is not None and incident.message_id is None:
            await self._told(incident.number, message)

    async def _digest(self, notice: Notice) -> None:
        """The digest of a local date or a week, with its picture."""
        try:
            async with asyncio.timeout(DIGEST_WITHIN):
                digest = await self._monitor.digest_of(notice.body)
        except (StoreError, TimeoutError) as error:
            # Alerts behind it must not wait until the store is well again.
            raise DeliveryError("The digest cannot be made: the store does not answer.", own=True) from error

        picture = await self._drawn("overview", digest.shown) if pictured(digest) else None
        late = bool(notice.body.get("late"))
        await self._post(notice, digest_reply(self._monitor, digest, picture, late=late))

    async def _late(self, notice: Notice) -> None:
        """What opened and closed while nothing could be sent, in one message; messages of before show the end too."""
        await self._post(notice, Reply(late_embed(notice.body)), silent=True)
        try:
            # The news is told: what follows must not take so long that it is told again.
            async with asyncio.timeout(KNOWN_WITHIN):
                for number in late_numbers(notice.body):
                    await self._bring_up_to_date(number)
        except TimeoutError:
            log.warning("Not all messages of incidents could be brought up to date after the outage")

    async def _bring_up_to_date(self, number: int) -> None:
        try:
            card = await self._monitor.card(number)
            if card.incident.message_id is not None:
                await self._edit(card, await self._shown(card), needed=False)
        except (DeliveryError, UnknownName, StoreError) as error:
            log.warning("The message of incident %d could not be brought up to date: %s", number, error)

    async def _message(self, notice: Notice) -> None:
        """A plain sentence."""
        await self._post(notice, Reply(discord.Embed()), str(notice.body.get("text", "")))

    async def _card(self, notice: Notice) -> Card | None:
        """The incident with its figures; None while the store does not give them."""
        number = int(str(notice.body.get("number", notice.subject)))
        try:
            async with asyncio.timeout(KNOWN_WITHIN):
                return await self._monitor.card(number)
        except UnknownName as error:
            raise DeliveryError(f"Incident {number} is not known any more.", permanent=True) from error
        except (StoreError, TimeoutError) as error:
            log.warning("Incident %d is told in words, the store does not answer: %s", number, error)
            return None

    async def _shown(self, card: Card) -> Reply:
        """The incident's message; without a chart where that takes too long, or it tells of several."""
        return card_reply(card, None if card.members else await self._drawn("incident", card))

    async def _drawn(self, kind: str, value: object) -> Picture | None:
        try:
            async with asyncio.timeout(DRAWN_WITHIN):
                return await drawn(self._monitor, kind, value)
        except TimeoutError:
            log.warning("The chart %s took too long", kind)
            return None

    async def _told(self, number: int, message: discord.Message) -> None:
        """Remember where an incident's message is."""
        try:
            await self._monitor.told(number, channel_id=message.channel.id, message_id=message.id)
        except (StoreError, UnknownName) as error:
            # It is out: telling it once more would be a second message.
            log.warning("Where incident %d was told could not be noted: %s", number, error)

    async def _edit(self, card: Card, reply: Reply, *, needed: bool) -> bool:
        """Edit the incident's message; False where there is none, or none that can be edited any more.

        What is not `needed`, since nothing or something else tells the news too, may be refused for good.
        """
        incident = card.incident
        if incident.message_id is None or incident.channel_id is None:
            return False

        post = Post(reply, standing_text(card))
        try:
            await self._channels.edit(incident.channel_id, incident.message_id, post)
        except DeliveryError as error:
            if is_gone(error):
                return False

            if needed or not error.permanent:
                raise

            log.warning("The message of incident %d cannot be edited: %s", incident.number, error)

        return True

    async def _post(
        self,
        notice: Notice,
        reply: Reply,
        content: str = "",
        *,
        ping: bool = False,
        below: Incident | None = None,
        silent: bool = False,
    ) -> discord.Message:
        """Send one message that bears the notice's nonce, so that a second try is not a second message."""
        ops = self._monitor.ops_channel_id
        if ops is None:
            raise DeliveryError("No ops channel is chosen (/monitoring setup).", permanent=True)

        roles = self._monitor.chosen.ping_role_ids if ping else ()
        post = Post(reply, content, notice.nonce, roles, silent=silent)
        if below is None or below.channel_id is None:
            return await self._channels.send(ops, post)

        answer = Post(reply, content, notice.nonce, roles, below.message_id, silent)
        try:
            return await self._channels.send(below.channel_id, answer)
        except DeliveryError as error:
            # Notices go elsewhere since, and the channel of before is gone or closed to us.
            if below.channel_id == ops or not error.permanent:
                raise

        return await self._channels.send(ops, post)
