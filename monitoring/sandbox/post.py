"""The life of a message: written, edited, deleted, reacted to, and told to who may hear of it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from monitoring.sandbox.component_limits import SELECTS, walk
from monitoring.sandbox.files import Upload, describe, dress
from monitoring.sandbox.mentions import Mentions, Ping, mentions
from monitoring.sandbox.permissions import BITS
from monitoring.sandbox.reactions import reaction
from monitoring.sandbox.refusals import JSON, empty_message
from monitoring.sandbox.shelves import Shelves
from monitoring.sandbox.snowflakes import iso, time_of
from monitoring.sandbox.state import State

_PINGS_KEPT = 1000
_SUPPRESS, _EPHEMERAL, _LOADING, _SILENT, _V2 = 1 << 2, 1 << 6, 1 << 7, 1 << 12, 1 << 15
_KEPT_FLAGS = _SUPPRESS | _SILENT | _V2


class Emit(Protocol):
    """Tells an event to the gateway and the page."""

    def __call__(
        self, event: str, data: JSON, *, channel: JSON | None = None, guild_id: int | None = None,
        only_for: int | None = None,
    ) -> None:  # fmt: skip
        """Tells it; `only_for` is the one person who may see it."""


@dataclass(slots=True)
class Draft:
    """A message about to be written; `extra` are further keys of it."""

    channel: JSON
    author: JSON
    payload: JSON
    uploads: list[Upload] = field(default_factory=list)
    kind: int = 0
    reference: JSON | None = None
    only_for: int | None = None
    at_ms: int | None = None
    message_id: int | None = None
    """Of history that has its id already."""
    silent_history: bool = False
    any_role: bool | None = None
    extra: JSON = field(default_factory=dict)


class Post:
    """Writes, serves and tells messages."""

    def __init__(self, state: State, shelves: Shelves, emit: Emit, base_url: Callable[[], str]) -> None:
        self._state = state
        self._shelves = shelves
        self._emit = emit
        self._base_url = base_url
        self.pings: list[Ping] = []

    def write(self, draft: Draft) -> JSON:
        """Makes a message of a draft that was found right, keeps it and tells of it; gives it as kept."""
        message_id = draft.message_id or self._state.ids.new(draft.at_ms)
        payload, channel = draft.payload, draft.channel
        kept_flags = _KEPT_FLAGS | (_LOADING if "interaction_metadata" in draft.extra else 0)
        flags = int(payload.get("flags") or 0) & kept_flags
        message: JSON = {
            "id": str(message_id),
            "channel_id": channel["id"],
            "type": 19 if draft.reference is not None and draft.kind == 0 else draft.kind,
            "author": draft.author,
            "content": str(payload.get("content") or "").strip(),
            "timestamp": iso(time_of(message_id)),
            "edited_timestamp": None,
            "tts": bool(payload.get("tts")),
            "pinned": False,
            "flags": flags | (_EPHEMERAL if draft.only_for is not None else 0),
            "components": _numbered(payload.get("components") or []),
        } | draft.extra
        if draft.reference is not None:
            message["message_reference"] = self._reference(draft)

        if payload.get("nonce") is not None:
            message["nonce"] = payload["nonce"]

        said = self._mentions(message, payload.get("allowed_mentions"), draft.reference, draft.any_role)
        self._shelves.put(message, only_for=draft.only_for)
        listed = payload.get("attachments") or []
        self._attach(message, payload.get("embeds") or [], self._stored(message, draft.uploads, listed), [])
        channel["last_message_id"] = str(max(message_id, int(channel["last_message_id"] or 0)))
        if not draft.silent_history:
            self._note_ping(said, message)
            self._tell("MESSAGE_CREATE", message)

        return message

    def _reference(self, draft: Draft) -> JSON:
        """The reference of a reply."""
        assert draft.reference is not None
        reference = {"type": 0, "channel_id": draft.channel["id"], "message_id": draft.reference["id"]}
        if "guild_id" in draft.channel:
            reference["guild_id"] = draft.channel["guild_id"]

        return reference

    def _mentions(self, message: JSON, allowed: JSON | None, answered: JSON | None, any_role: bool | None) -> Mentions:
        """Whom a message names; unless told, its author's permissions say whether it may ping everyone."""
        channel = self._state.channel(int(message["channel_id"]))
        if any_role is None:
            granted = self._state.permissions(int(message["author"]["id"]), channel)
            any_role = bool(granted & BITS["mention_everyone"])

        guild = self._state.guild_of(channel)
        said = mentions(self._state, guild, message["content"], allowed, answered, any_role=any_role)
        message |= {
            "mentions": list(said.users),
            "mention_roles": list(said.roles),
            "mention_everyone": said.everyone,
        }
        return said

    def _note_ping(self, said: Mentions, message: JSON) -> None:
        """Remembers whom a message pinged."""
        ping = said.ping(message)
        if ping is not None:
            self.pings.append(ping)
            del self.pings[:-_PINGS_KEPT]

    def edit(self, message: JSON, payload: JSON, uploads: list[Upload]) -> JSON:
        """Changes what the payload names and leaves the rest; an edit pings nobody."""
        changed = copy.copy(message)
        changed["edited_timestamp"] = iso(self._state.ids.now_ms())
        self._change(changed, payload, uploads)
        self._tell("MESSAGE_UPDATE", changed)
        return changed

    def fill(self, message: JSON, payload: JSON, uploads: list[Upload]) -> JSON:
        """Turns the placeholder of a deferred answer into the answer, which may ping."""
        changed = copy.copy(message)
        changed["flags"] = message["flags"] & ~_LOADING
        said = self._change(changed, payload, uploads)
        self._note_ping(said, changed)
        self._tell("MESSAGE_UPDATE", changed)
        return changed

    def _change(self, message: JSON, payload: JSON, uploads: list[Upload]) -> Mentions:
        """Puts what the payload names into a message and keeps it; gives whom it names now."""
        if "content" in payload:
            message["content"] = str(payload["content"] or "").strip()

        if "components" in payload:
            message["components"] = _numbered(payload["components"] or [])

        if payload.get("flags") is not None:
            message["flags"] = (message["flags"] & ~_SUPPRESS) | (int(payload["flags"]) & (_SUPPRESS | _V2))

        message_id = int(message["id"])
        kept = [attachment for attachment, _ in self._shelves.files(message_id)]
        listed = payload.get("attachments")
        if listed is not None:
            wanted = {str(entry.get("id")) for entry in listed}
            kept = [attachment for attachment in kept if attachment["id"] in wanted]

        embeds = payload["embeds"] or [] if "embeds" in payload else message["embeds"]
        if not (message["content"] or message["components"] or embeds or kept or uploads):
            raise empty_message()

        self._shelves.keep_files(message_id, {int(attachment["id"]) for attachment in kept})
        fresh = self._stored(message, uploads, listed or [])
        self._attach(message, embeds, fresh, kept)
        self._shelves.put(message)
        return self._mentions(message, payload.get("allowed_mentions"), None, None)

    def _stored(self, message: JSON, uploads: list[Upload], listed: list[JSON]) -> list[JSON]:
        """Keeps the files of a message and describes them."""
        entries = {str(entry.get("id")): entry for entry in listed}
        shapes = []
        for upload in uploads:
            file_id = self._state.ids.new()
            shape = describe(
                upload, file_id, int(message["channel_id"]), self._base_url(), entries.get(str(upload.index), {}),
                ephemeral=bool(message["flags"] & _EPHEMERAL),
            )  # fmt: skip
            self._shelves.put_file(int(message["id"]), shape, upload.data)
            shapes.append(shape)

        return shapes

    def _attach(self, message: JSON, embeds: list[JSON], fresh: list[JSON], kept: list[JSON]) -> None:
        """Puts embeds and attachments into a message; files shown by an embed are served only there."""
        message["embeds"], shown = dress(embeds, [*kept, *fresh])
        in_pictures = {
            (embed.get(part) or {}).get("url") for embed in message["embeds"] for part in ("image", "thumbnail")
        }
        message["attachments"] = [
            file for file in [*kept, *fresh] if file["id"] not in shown and file["url"] not in in_pictures
        ]

    def file_names(self, message: JSON) -> set[str]:
        """The names of the files a message has, which an edit may show in an embed."""
        return {attachment["filename"] for attachment, _ in self._shelves.files(int(message["id"]))}

    def delete(self, message: JSON) -> None:
        """Takes a message away and tells of it."""
        message_id, channel = int(message["id"]), self._state.channel(int(message["channel_id"]))
        only_for = self._shelves.only_for(message_id)
        self._shelves.remove(message_id)
        data = self._where(message, only_for)
        self._emit("MESSAGE_DELETE", data, channel=channel, guild_id=_guild_id(channel), only_for=only_for)

    def delete_many(self, channel: JSON, messages: Iterable[JSON]) -> None:
        """Takes several messages of a channel away and tells of it once."""
        ids = [message["id"] for message in messages]
        for message_id in ids:
            self._shelves.remove(int(message_id))

        data = {"ids": ids, "channel_id": channel["id"]} | _guild_part(channel)
        self._emit("MESSAGE_DELETE_BULK", data, channel=channel, guild_id=_guild_id(channel))

    def _where(self, message: JSON, only_for: int | None) -> JSON:
        """Id and place of a message, as events name it."""
        channel = self._state.channel(int(message["channel_id"]))
        place = {"id": message["id"], "channel_id": message["channel_id"]}
        return place if only_for is not None else place | _guild_part(channel)

    def serve(self, message: JSON, *, viewer: int | None = None, nested: bool = True) -> JSON:
        """A message as the API serves it to `viewer` (the bot unless named), with reactions and what it answers."""
        message_id = int(message["id"])
        served = copy.copy(message)
        who = self._state.bot_id if viewer is None else viewer
        reactions = self._shelves.reactions(message_id)
        if reactions:
            served["reactions"] = [reaction(emoji, users, who) for emoji, users in reactions.items()]

        if nested and "message_reference" in message:
            answered = self._shelves.get(int(message["message_reference"]["message_id"]))
            served["referenced_message"] = self.serve(answered, viewer=who, nested=False) if answered else None

        return served

    def _tell(self, event: str, message: JSON) -> None:
        """Tells of a new or changed message, in the shape the gateway gives it."""
        channel = self._state.channel(int(message["channel_id"]))
        only_for = self._shelves.only_for(int(message["id"]))
        data = self.serve(message)
        guild = self._state.guild_of(channel)
        if guild is not None and only_for is None:
            data["guild_id"] = str(guild.id)
            data["mentions"] = [_with_member(user, guild.members) for user in data["mentions"]]
            member = guild.members.get(int(message["author"]["id"]))
            if member is not None:
                data["member"] = {key: value for key, value in member.items() if key != "user"}

        self._emit(event, data, channel=channel, guild_id=guild.id if guild else None, only_for=only_for)


def _with_member(user: JSON, members: dict[int, JSON]) -> JSON:
    """A mentioned user, with the member it is."""
    member = members.get(int(user["id"]))
    return user if member is None else user | {"member": {k: v for k, v in member.items() if k != "user"}}


def _guild_part(channel: JSON) -> JSON:
    """The guild's id for an event, if there is one."""
    return {"guild_id": channel["guild_id"]} if "guild_id" in channel else {}


def _guild_id(channel: JSON) -> int | None:
    """The guild's id as a number."""
    return int(channel["guild_id"]) if "guild_id" in channel else None


def _numbered(components: list[JSON]) -> list[JSON]:
    """Components with the numbers and defaults Discord gives those that have none."""
    numbered = copy.deepcopy(components)
    for number, component in enumerate(walk(numbered), 1):
        component["id"] = component.get("id") or number
        if component["type"] in SELECTS:
            component.setdefault("min_values", 1)
            component.setdefault("max_values", 1)

        for default in component.get("default_values") or []:
            default["id"] = str(default["id"])

    return numbered
