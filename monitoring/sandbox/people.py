"""The driver's part that acts for people and personas: writing, reacting, talking."""

from __future__ import annotations

import asyncio

from monitoring.sandbox.building import Building, Id
from monitoring.sandbox.permissions import BITS
from monitoring.sandbox.refusals import JSON, missing_access, missing_permissions, unknown


class People(Building):
    """What people do that is not an interaction; after each the bot has been sent the event."""

    async def say(
        self, channel_id: Id, user_id: Id, content: str, *, reference: Id | None = None, at: int | None = None
    ) -> int:
        """A person writes; one who may not is refused. `at` is the message's time in milliseconds, now unless given."""
        channel = self.state.channel(int(channel_id))
        granted = self.state.permissions(int(user_id), channel)
        if not granted & BITS["view_channel"]:
            raise missing_access()

        if not granted & BITS["send_messages"]:
            raise missing_permissions()

        draft = self.draft(channel_id, user_id, {"content": content}, reference=reference)
        draft.at_ms = at
        message = self.post.write(draft)
        await asyncio.sleep(0)
        return int(message["id"])

    async def say_privately(self, user_id: Id, content: str) -> int:
        """A person writes to the bot in private."""
        channel = self.state.direct_channel(int(user_id))
        message = self.post.write(self.draft(channel["id"], user_id, {"content": content}))
        await asyncio.sleep(0)
        return int(message["id"])

    async def persona_say(
        self, webhook_id: Id, name: str, content: str, *, reference: Id | None = None, avatar: str | None = None,
        at: int | None = None,
    ) -> int:  # fmt: skip
        """A webhook writes under a name: a persona, when the webhook is of the bot's application."""
        webhook = self.state.webhook(int(webhook_id))
        payload: JSON = {"content": content}
        draft = self.draft(webhook["channel_id"], None, payload, webhook_id=webhook_id, name=name, reference=reference)
        draft.at_ms = at
        if avatar is not None:
            draft.author = draft.author | {"avatar": avatar}

        message = self.post.write(draft)
        await asyncio.sleep(0)
        return int(message["id"])

    async def edit(self, channel_id: Id, message_id: Id, content: str) -> None:
        """The author of a message changes its text."""
        self.post.edit(self._there(channel_id, message_id), {"content": content}, [])
        await asyncio.sleep(0)

    async def delete(self, channel_id: Id, message_id: Id) -> None:
        """A message is deleted."""
        self.post.delete(self._there(channel_id, message_id))
        await asyncio.sleep(0)

    async def delete_bulk(self, channel_id: Id, message_ids: list[int]) -> None:
        """Several messages are deleted at once."""
        messages = [self._there(channel_id, message_id) for message_id in message_ids]
        self.post.delete_many(self.state.channel(int(channel_id)), messages)
        await asyncio.sleep(0)

    async def react(self, channel_id: Id, message_id: Id, user_id: Id, emoji: str) -> None:
        """Somebody reacts; an emoji of a guild is written `name:id`."""
        self.add_reaction(self._there(channel_id, message_id), emoji, int(user_id))
        await asyncio.sleep(0)

    async def unreact(self, channel_id: Id, message_id: Id, user_id: Id, emoji: str) -> None:
        """Somebody takes a reaction back."""
        self.take_reaction(self._there(channel_id, message_id), emoji, int(user_id))
        await asyncio.sleep(0)

    def _there(self, channel_id: Id, message_id: Id) -> JSON:
        """A message of a channel, or "Unknown Message"."""
        message = self.shelves.get(int(message_id))
        if message is None or message["channel_id"] != str(channel_id):
            raise unknown("Message")

        return message

    def voice(self, guild_id: Id, user_id: Id, channel_id: Id | None) -> None:
        """A person joins a voice channel, moves, or leaves with None."""
        guild = self.state.guild(int(guild_id))
        member = guild.members[int(user_id)]
        data: JSON = {
            "guild_id": str(guild.id),
            "channel_id": None if channel_id is None else str(channel_id),
            "user_id": str(user_id),
            "session_id": f"voice-{user_id}",
            "deaf": False,
            "mute": False,
            "self_deaf": False,
            "self_mute": False,
            "self_video": False,
            "suppress": False,
            "request_to_speak_timestamp": None,
        }
        guild.voice.pop(int(user_id), None)
        if channel_id is not None:
            guild.voice[int(user_id)] = data

        self.emit("VOICE_STATE_UPDATE", data | {"member": member}, guild_id=guild.id)

    def messages(self, channel_id: Id, viewer: Id | None = None) -> list[JSON]:
        """The messages of a channel as Discord would serve them, oldest first; ephemeral ones only to their viewer."""
        who = None if viewer is None else int(viewer)
        return [self.post.serve(m, viewer=who) for m in self.shelves.of_channel(int(channel_id), who)]

    def message(self, message_id: Id) -> JSON:
        """One message, ephemeral or not; KeyError when there is none."""
        message = self.shelves.get(int(message_id))
        if message is None:
            raise KeyError(message_id)

        return self.post.serve(message)

    def files(self, message: JSON | Id) -> dict[str, bytes]:
        """The files sent with a message by name, those shown in embeds included."""
        message_id = int(message["id"]) if isinstance(message, dict) else int(message)
        return {attachment["filename"]: data for attachment, data in self.shelves.files(message_id)}
