"""REST: messages of a channel, with reactions, pins and typing."""

from __future__ import annotations

from urllib.parse import unquote

from aiohttp import web

from monitoring.sandbox.bodies import read
from monitoring.sandbox.core import Core
from monitoring.sandbox.files import Upload, stored_name
from monitoring.sandbox.http import API, answer, nothing, number
from monitoring.sandbox.message_limits import check_message
from monitoring.sandbox.permissions import BITS
from monitoring.sandbox.post import Draft
from monitoring.sandbox.refusals import JSON, Form, Refusal, missing_permissions, unknown
from monitoring.sandbox.snowflakes import iso, time_of

_NONCE_S = 180.0
_BULK_AGE_MS = 14 * 86_400_000


class MessageRoutes:
    """The routes below /channels/{channel_id}/messages."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._nonces: dict[tuple[int, str], tuple[float, int]] = {}
        self._pinned: dict[int, dict[int, str]] = {}

    def routes(self) -> list[web.RouteDef]:
        """All routes of this file."""
        base = f"{API}/channels/{{channel_id}}/messages"
        one = base + "/{message_id}"
        reaction = one + "/reactions/{emoji}"
        return [
            web.get(base, self.listed),
            web.post(base, self.create),
            web.post(base + "/bulk-delete", self.delete_many),
            web.get(base + "/pins", self.pins),
            web.put(base + "/pins/{message_id}", self.pin),
            web.delete(base + "/pins/{message_id}", self.unpin),
            web.get(one, self.fetch),
            web.patch(one, self.edit),
            web.delete(one, self.delete),
            web.delete(one + "/reactions", self.clear_reactions),
            web.get(reaction, self.reacted),
            web.delete(reaction, self.clear_reaction),
            web.put(reaction + "/@me", self.react),
            web.delete(reaction + "/{user_id}", self.unreact),
            web.post(f"{API}/channels/{{channel_id}}/typing", self.typing),
        ]

    def _message(self, request: web.Request, *needed: int) -> JSON:
        """The message of the path, in a channel where the bot has these permissions."""
        channel = self._core.channel_for_bot(number(request, "channel_id"), *needed)
        return self._of_channel(channel, number(request, "message_id"))

    def _of_channel(self, channel: JSON, message_id: int) -> JSON:
        """A message of a channel that everybody sees, or "Unknown Message"."""
        message = self._core.shelves.get(message_id)
        hidden = self._core.shelves.only_for(message_id) is not None
        if message is None or hidden or message["channel_id"] != channel["id"]:
            raise unknown("Message")

        return message

    async def listed(self, request: web.Request) -> web.Response:
        """History, newest first; nothing without the permission to read it."""
        channel = self._core.channel_for_bot(number(request, "channel_id"))
        granted = self._core.state.permissions(self._core.state.bot_id, channel)
        limit = int(request.query.get("limit", 50))
        if not 1 <= limit <= 100:
            form = Form()
            form.wrong(("limit",), "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")
            form.refuse_if_wrong()

        if not granted & BITS["read_message_history"]:
            return answer([])

        marks = {name: int(request.query[name]) for name in ("before", "after", "around") if name in request.query}
        found = self._window(int(channel["id"]), limit, marks)
        return answer([self._core.readable(message, channel) for message in found])

    def _window(self, channel_id: int, limit: int, marks: dict[str, int]) -> list[JSON]:
        """The messages before, after or around an id."""
        shelves = self._core.shelves
        if "around" not in marks:
            return shelves.window(channel_id, before=marks.get("before"), after=marks.get("after"), limit=limit)

        middle = marks["around"]
        newer = shelves.window(channel_id, before=None, after=middle - 1, limit=limit // 2 + 1)
        return newer + shelves.window(channel_id, before=middle, after=None, limit=limit - len(newer))

    async def fetch(self, request: web.Request) -> web.Response:
        """One message."""
        message = self._message(request, BITS["read_message_history"])
        return answer(self._core.readable(message, self._core.state.channel(int(message["channel_id"]))))

    async def create(self, request: web.Request) -> web.Response:
        """A message of the bot."""
        core = self._core
        payload, uploads = await read(request)
        channel = core.channel_for_bot(number(request, "channel_id"), self._send_permission(request))
        if channel["type"] in (4, 15):
            raise Refusal(400, 50008, "Cannot send messages in a non-text channel")

        check_message(payload, {stored_name(u.name) for u in uploads}, sizes=[len(u.data) for u in uploads])
        self._check_extras(channel, payload, uploads)
        before = self._with_nonce(channel, payload)
        if before is not None:
            return answer(core.post.serve(before))

        draft = Draft(
            channel=channel,
            author=core.state.user(core.state.bot_id),
            payload=payload,
            uploads=uploads,
            reference=self._reference(channel, payload),
        )
        message = core.post.write(draft)
        if payload.get("nonce") is not None:
            self._nonces[int(channel["id"]), str(payload["nonce"])] = (core.monotonic(), int(message["id"]))

        return answer(core.post.serve(message))

    def _send_permission(self, request: web.Request) -> int:
        """The permission to write: another one in threads."""
        channel = self._core.state.channel(number(request, "channel_id"))
        return BITS["send_messages_in_threads" if channel["type"] in (10, 11, 12) else "send_messages"]

    def _check_extras(self, channel: JSON, payload: JSON, uploads: list[Upload]) -> None:
        """Refuses files without the permission; embeds without it are dropped, as Discord does for nobody but bots."""
        granted = self._core.state.permissions(self._core.state.bot_id, channel)
        if uploads and not granted & BITS["attach_files"]:
            raise missing_permissions()

        if payload.get("embeds") and not granted & BITS["embed_links"]:
            raise missing_permissions()

    def _with_nonce(self, channel: JSON, payload: JSON) -> JSON | None:
        """The message already posted with this nonce in the last minutes, if the payload asks for that."""
        now = self._core.monotonic()
        self._nonces = {key: entry for key, entry in self._nonces.items() if now - entry[0] < _NONCE_S}
        if not payload.get("enforce_nonce") or payload.get("nonce") is None:
            return None

        entry = self._nonces.get((int(channel["id"]), str(payload["nonce"])))
        return None if entry is None else self._core.shelves.get(entry[1])

    def _reference(self, channel: JSON, payload: JSON) -> JSON | None:
        """The message replied to; one that is not there is refused unless the reply said it may be missing."""
        wanted = payload.get("message_reference")
        if not wanted or not wanted.get("message_id"):
            return None

        answered = self._core.shelves.get(int(wanted["message_id"]))
        if answered is not None and answered["channel_id"] == channel["id"]:
            return answered

        if wanted.get("fail_if_not_exists", True):
            form = Form()
            form.wrong(("message_reference",), "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
            form.refuse_if_wrong()

        return None

    async def edit(self, request: web.Request) -> web.Response:
        """Changes a message of the bot."""
        core = self._core
        payload, uploads = await read(request)
        message = self._message(request)
        if message["author"]["id"] != str(core.state.bot_id):
            raise Refusal(403, 50005, "Cannot edit a message authored by another user")

        names = core.post.file_names(message) | {stored_name(upload.name) for upload in uploads}
        check_message(payload, names, sizes=[len(upload.data) for upload in uploads], editing=True)
        changed = core.post.edit(message, payload, uploads)
        core.interactions.source_changed(int(changed["id"]))
        return answer(core.post.serve(changed))

    async def delete(self, request: web.Request) -> web.Response:
        """Deletes a message; those of others need the permission."""
        message = self._message(request)
        if message["author"]["id"] != str(self._core.state.bot_id):
            self._core.channel_for_bot(int(message["channel_id"]), BITS["manage_messages"])

        self._core.post.delete(message)
        self._core.interactions.source_changed(int(message["id"]))
        return nothing()

    async def delete_many(self, request: web.Request) -> web.Response:
        """Deletes 2 to 100 messages of the last 14 days."""
        core = self._core
        channel = core.channel_for_bot(number(request, "channel_id"), BITS["manage_messages"])
        payload, _ = await read(request)
        form = Form()
        ids = [int(i) for i in form.count(("messages",), payload.get("messages"), 100, 2)]
        form.refuse_if_wrong()
        if any(core.state.ids.now_ms() - time_of(message_id) > _BULK_AGE_MS for message_id in ids):
            raise Refusal(400, 50034, "You can only bulk delete messages that are under 14 days old.")

        found = [message for i in ids if (message := core.shelves.get(i)) and message["channel_id"] == channel["id"]]
        core.post.delete_many(channel, found)
        return nothing()

    async def pins(self, request: web.Request) -> web.Response:
        """The pinned messages, newest pin first."""
        core = self._core
        channel = core.channel_for_bot(number(request, "channel_id"))
        items = [
            {"pinned_at": at, "message": core.readable(message, channel)}
            for message_id, at in reversed(self._pinned.get(int(channel["id"]), {}).items())
            if (message := core.shelves.get(message_id)) is not None
        ]
        return answer({"items": items[: int(request.query.get("limit", 50))], "has_more": False})

    async def pin(self, request: web.Request) -> web.Response:
        """Pins a message."""
        message = self._message(request, BITS["manage_messages"])
        pinned = self._pinned.setdefault(int(message["channel_id"]), {})
        pinned.setdefault(int(message["id"]), iso(self._core.state.ids.now_ms()))
        message["pinned"] = True
        return nothing()

    async def unpin(self, request: web.Request) -> web.Response:
        """Takes a pin away."""
        message = self._message(request, BITS["manage_messages"])
        self._pinned.get(int(message["channel_id"]), {}).pop(int(message["id"]), None)
        message["pinned"] = False
        return nothing()

    async def react(self, request: web.Request) -> web.Response:
        """The bot reacts."""
        message = self._message(request, BITS["add_reactions"])
        self._core.add_reaction(message, unquote(request.match_info["emoji"]), self._core.state.bot_id)
        return nothing()

    async def unreact(self, request: web.Request) -> web.Response:
        """Takes a reaction away, the bot's own (@me) or somebody's."""
        who = request.match_info["user_id"]
        needed = () if who == "@me" else (BITS["manage_messages"],)
        message = self._message(request, *needed)
        user_id = self._core.state.bot_id if who == "@me" else number(request, "user_id")
        self._core.take_reaction(message, unquote(request.match_info["emoji"]), user_id)
        return nothing()

    async def reacted(self, request: web.Request) -> web.Response:
        """Who reacted with an emoji."""
        message = self._message(request)
        users = self._core.shelves.reactions(int(message["id"])).get(unquote(request.match_info["emoji"]), [])
        after, limit = int(request.query.get("after", 0)), int(request.query.get("limit", 25))
        return answer([self._core.state.user(user) for user in sorted(users) if user > after][:limit])

    async def clear_reactions(self, request: web.Request) -> web.Response:
        """Takes all reactions away."""
        message = self._message(request, BITS["manage_messages"])
        self._core.clear_reactions(message, None)
        return nothing()

    async def clear_reaction(self, request: web.Request) -> web.Response:
        """Takes all reactions of one emoji away."""
        message = self._message(request, BITS["manage_messages"])
        self._core.clear_reactions(message, unquote(request.match_info["emoji"]))
        return nothing()

    async def typing(self, request: web.Request) -> web.Response:
        """The bot types."""
        channel = self._core.channel_for_bot(number(request, "channel_id"), self._send_permission(request))
        self._core.typing(channel, self._core.state.bot_id)
        return nothing()
