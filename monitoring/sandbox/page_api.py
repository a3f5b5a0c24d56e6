"""What the page asks of the server: the world, messages, live events, and acting as a person."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from monitoring.sandbox.bodies import read
from monitoring.sandbox.http import answer
from monitoring.sandbox.interactions import Answer
from monitoring.sandbox.invoking import NotOffered
from monitoring.sandbox.refusals import JSON

if TYPE_CHECKING:
    from monitoring.sandbox.server import Sandbox

_PAGE = Path(__file__).parent / "page"


class PageRoutes:
    """The routes of the page; they are not part of Discord's API."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        """All routes of this file."""
        acts = {
            "say": self.say, "react": self.react, "command": self.command, "autocomplete": self.autocomplete,
            "click": self.click, "select": self.select, "modal": self.modal,
        }  # fmt: skip
        return [
            web.get("/", self.index),
            web.get("/page/{file}", self.static),
            web.get("/page-api/world", self.world),
            web.get("/page-api/messages", self.messages),
            web.get("/page-api/events", self.events),
            *(web.post(f"/page-api/{name}", act) for name, act in acts.items()),
        ]

    async def index(self, request: web.Request) -> web.StreamResponse:
        """The page itself."""
        return self._page_file("index.html")

    async def static(self, request: web.Request) -> web.StreamResponse:
        """A file of the page."""
        return self._page_file(request.match_info["file"])

    def _page_file(self, name: str) -> web.StreamResponse:
        """A file of the page's folder and nothing else."""
        path = _PAGE / name
        if path.parent != _PAGE or not path.is_file():
            raise web.HTTPNotFound

        return web.FileResponse(path, headers={"Cache-Control": "no-store"})

    async def world(self, request: web.Request) -> web.Response:
        """Bot, guilds with channels, people, and commands."""
        state = self._sandbox.state
        bot = state.user(state.bot_id)
        guilds = [
            {
                "id": str(guild.id),
                "name": guild.base["name"],
                "channels": [
                    {"id": c["id"], "name": c["name"], "topic": c["topic"]}
                    for c in guild.channels.values()
                    if c["type"] in (0, 5)
                ],
                # @everyone bears the guild's own id and is nobody's choice in a menu.
                "roles": [{"id": r["id"], "name": r["name"]} for r in guild.roles.values() if r["id"] != str(guild.id)],
            }
            for guild in state.guilds.values()
        ]
        people = [
            {"id": user["id"], "name": user["global_name"] or user["username"], "roles": self._roles(int(user["id"]))}
            for user in state.users.values()
            if not user["bot"]
        ]
        return answer(
            {
                "bot": {"id": bot["id"], "name": bot["username"]},
                "me": str(state.owner_id),
                "guilds": guilds,
                "users": people,
                "commands": self._sandbox.commands.everything(),
            }
        )

    def _roles(self, user_id: int) -> list[str]:
        """The names of a person's roles, in all guilds."""
        held = []
        for guild in self._sandbox.state.guilds.values():
            member = guild.members.get(user_id)
            held += [guild.roles[int(role)]["name"] for role in member["roles"]] if member else []

        return held

    async def messages(self, request: web.Request) -> web.Response:
        """The newest messages of a channel, oldest first, with the ephemeral ones of this person."""
        query = request.query
        viewer = query.get("as")
        found = self._sandbox.messages(query["channel"], viewer)
        return answer(found[-int(query.get("limit", 50)) :])

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Live events for one person."""
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        queue = self._sandbox.feed.join(int(request.query.get("as", self._sandbox.owner_id)))

        async def send() -> None:
            """Passes on what the queue gets."""
            with contextlib.suppress(ConnectionError):
                while True:
                    await socket.send_str(await queue.get())

        sender = asyncio.create_task(send(), name="sandbox-page-sender")
        try:
            async for message in socket:
                if message.type == WSMsgType.ERROR:
                    break
        finally:
            self._sandbox.feed.leave(queue)
            sender.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sender

        return socket

    async def say(self, request: web.Request) -> web.Response:
        """A person writes."""
        body, _ = await read(request)
        reference = body.get("reference")
        await self._sandbox.say(body["channel"], body["user"], body["content"], reference=reference)
        return answer({"ok": True})

    async def react(self, request: web.Request) -> web.Response:
        """A person reacts, or takes it back."""
        body, _ = await read(request)
        act = self._sandbox.unreact if body.get("remove") else self._sandbox.react
        await act(body["channel"], body["message"], body["user"], body["emoji"])
        return answer({"ok": True})

    async def command(self, request: web.Request) -> web.Response:
        """A person uses a slash command."""
        body, _ = await read(request)
        found = await self._sandbox.command(body["user"], body["channel"], body["name"], body.get("options"))
        return _outcome(found)

    async def autocomplete(self, request: web.Request) -> web.Response:
        """The choices while a person types."""
        body, _ = await read(request)
        try:
            choices: Any = await self._sandbox.autocomplete(
                body["user"], body["channel"], body["name"], body["option"], body.get("text", ""), body.get("options")
            )
        except NotOffered:
            choices = []

        return answer(choices)

    async def click(self, request: web.Request) -> web.Response:
        """A person presses a button."""
        body, _ = await read(request)
        return _outcome(await self._sandbox.click(body["user"], body["message"], body["custom_id"]))

    async def select(self, request: web.Request) -> web.Response:
        """A person chooses from a menu."""
        body, _ = await read(request)
        found = await self._sandbox.select(body["user"], body["message"], body["custom_id"], body["values"])
        return _outcome(found)

    async def modal(self, request: web.Request) -> web.Response:
        """A person sends a form."""
        body, _ = await read(request)
        return _outcome(await self._sandbox.submit_modal(body["user"], body["interaction"], body["values"]))


def _outcome(found: Answer) -> web.Response:
    """What the page shows when there was no answer; the answer itself comes as an event."""
    body: JSON = {"ok": True} if found.error is None else {"error": found.error}
    return answer(body)
