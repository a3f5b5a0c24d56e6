"""REST: application commands, for everywhere and for single guilds."""

from __future__ import annotations

from aiohttp import web

from monitoring.sandbox.bodies import read, read_any
from monitoring.sandbox.core import Core
from monitoring.sandbox.http import API, answer, nothing, number
from monitoring.sandbox.refusals import JSON, Form, missing_access, unknown


class CommandRoutes:
    """The routes below /applications/{application_id}/commands, and the same for a guild."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def routes(self) -> list[web.RouteDef]:
        """All routes of this file."""
        app = f"{API}/applications/{{application_id}}"
        found: list[web.RouteDef] = []
        for base in (f"{app}/commands", f"{app}/guilds/{{guild_id}}/commands"):
            one = base + "/{command_id}"
            found += [
                web.get(base, self.listed),
                web.put(base, self.overwrite),
                web.post(base, self.upsert),
                web.get(one, self.fetch),
                web.patch(one, self.change),
                web.delete(one, self.delete),
            ]

        permissions = f"{app}/guilds/{{guild_id}}/commands"
        return [
            web.get(permissions + "/permissions", self.all_permissions),
            web.get(permissions + "/{command_id}/permissions", self.permissions),
            *found,
        ]

    def _scope(self, request: web.Request) -> int | None:
        """The guild of the path, None for everywhere; foreign applications and guilds are refused."""
        if number(request, "application_id") != self._core.state.application_id:
            raise missing_access()

        if "guild_id" not in request.match_info:
            return None

        guild = self._core.state.guilds.get(number(request, "guild_id"))
        if guild is None or not guild.has_bot:
            raise missing_access()

        return guild.id

    def _changed(self) -> None:
        """Tells the open pages that the commands are others now."""
        self._core.feed.tell("COMMANDS", {"commands": self._core.commands.everything()})

    async def listed(self, request: web.Request) -> web.Response:
        """The commands of a scope."""
        return answer(self._core.commands.listed(self._scope(request)))

    async def overwrite(self, request: web.Request) -> web.Response:
        """Replaces all commands of a scope."""
        payload = await read_any(request)
        form = Form()
        definitions: list[JSON] = form.count((), payload, 130)
        form.refuse_if_wrong()
        commands = self._core.commands.overwrite(self._scope(request), definitions)
        self._changed()
        return answer(commands)

    async def upsert(self, request: web.Request) -> web.Response:
        """Adds one command, or replaces the one of that name."""
        payload, _ = await read(request)
        command, is_new = self._core.commands.upsert(self._scope(request), payload)
        self._changed()
        return answer(command, 201 if is_new else 200)

    async def fetch(self, request: web.Request) -> web.Response:
        """One command."""
        return answer(self._core.commands.get(self._scope(request), number(request, "command_id")))

    async def change(self, request: web.Request) -> web.Response:
        """Changes one command."""
        payload, _ = await read(request)
        command = self._core.commands.change(self._scope(request), number(request, "command_id"), payload)
        self._changed()
        return answer(command)

    async def delete(self, request: web.Request) -> web.Response:
        """Takes one command away."""
        self._core.commands.remove(self._scope(request), number(request, "command_id"))
        self._changed()
        return nothing()

    async def all_permissions(self, request: web.Request) -> web.Response:
        """The overrides admins made: none."""
        self._scope(request)
        return answer([])

    async def permissions(self, request: web.Request) -> web.Response:
        """The overrides of one command: none, which Discord says with an error."""
        self._scope(request)
        raise unknown("application command permissions")
