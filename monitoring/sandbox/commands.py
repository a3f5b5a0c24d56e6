"""The commands the bot registered, for everywhere and for single guilds."""

from __future__ import annotations

from monitoring.sandbox.command_limits import check_command, check_number, check_set
from monitoring.sandbox.refusals import JSON, Form, unknown
from monitoring.sandbox.snowflakes import Snowflakes

_DEFAULTS: JSON = {
    "default_member_permissions": None,
    "nsfw": False,
    "dm_permission": True,
    "contexts": None,
    "integration_types": [0],
    "name_localizations": None,
    "description_localizations": None,
}


class Commands:
    """Registered commands by scope: a guild's id, or None for everywhere."""

    def __init__(self, ids: Snowflakes, application_id: int) -> None:
        self._ids = ids
        self._application_id = application_id
        self._scopes: dict[int | None, dict[int, JSON]] = {}

    def listed(self, guild_id: int | None) -> list[JSON]:
        """The commands of a scope."""
        return list(self._scopes.get(guild_id, {}).values())

    def offered(self, guild_id: int | None) -> list[JSON]:
        """What people in a guild are offered: its own commands, and those of everywhere with other names."""
        own = self.listed(guild_id) if guild_id is not None else []
        taken = {(command["type"], command["name"]) for command in own}
        return own + [c for c in self.listed(None) if (c["type"], c["name"]) not in taken]

    def everything(self) -> list[JSON]:
        """All commands of all scopes."""
        return [command for scope in self._scopes.values() for command in scope.values()]

    def get(self, guild_id: int | None, command_id: int) -> JSON:
        """One command, or "Unknown application command"."""
        command = self._scopes.get(guild_id, {}).get(command_id)
        if command is None:
            raise unknown("application command")

        return command

    def overwrite(self, guild_id: int | None, definitions: list[JSON]) -> list[JSON]:
        """Replaces a scope; commands that keep name and type keep their id."""
        check_set(definitions)
        before = {(command["type"], command["name"]): command for command in self.listed(guild_id)}
        fresh: dict[int, JSON] = {}
        for definition in definitions:
            old = before.get((definition.get("type") or 1, definition["name"]))
            command = self._made(guild_id, definition, old)
            fresh[int(command["id"])] = command

        self._scopes[guild_id] = fresh
        return list(fresh.values())

    def upsert(self, guild_id: int | None, definition: JSON) -> tuple[JSON, bool]:
        """Adds a command or replaces the one of that name; says whether it is new."""
        form = Form()
        check_command(form, (), definition)
        form.refuse_if_wrong()
        key = (definition.get("type") or 1, definition["name"])
        old = next((c for c in self.listed(guild_id) if (c["type"], c["name"]) == key), None)
        if old is None:
            check_number([*self.listed(guild_id), definition])

        command = self._made(guild_id, definition, old)
        self._scopes.setdefault(guild_id, {})[int(command["id"])] = command
        return command, old is None

    def change(self, guild_id: int | None, command_id: int, changes: JSON) -> JSON:
        """Changes parts of a command."""
        old = self.get(guild_id, command_id)
        definition = old | changes
        form = Form()
        check_command(form, (), definition)
        form.refuse_if_wrong()
        self._scopes[guild_id][command_id] = self._made(guild_id, definition, old)
        return self._scopes[guild_id][command_id]

    def remove(self, guild_id: int | None, command_id: int) -> None:
        """Takes a command away."""
        self.get(guild_id, command_id)
        del self._scopes[guild_id][command_id]

    def _made(self, guild_id: int | None, definition: JSON, old: JSON | None) -> JSON:
        """A command as Discord serves it."""
        command = _DEFAULTS | {key: value for key, value in definition.items() if key != "id"}
        command["id"] = old["id"] if old else str(self._ids.new())
        command["application_id"] = str(self._application_id)
        command["version"] = str(self._ids.new())
        command["type"] = command.get("type") or 1
        command.setdefault("description", "")
        if command["default_member_permissions"] is not None:
            command["default_member_permissions"] = str(command["default_member_permissions"])

        if guild_id is not None:
            command["guild_id"] = str(guild_id)

        return command
