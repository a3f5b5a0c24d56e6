"""What was chosen at run time in `/monitoring setup`; a value that the environment sets wins over it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitoring.errors import SettingError
from monitoring.interfaces import Store
from monitoring.rows import Change, Document
from monitoring.settings import Settings

KIND, KEY = "setting", "chosen"
SETTING: dict[str, str] = {
    "ops_channel_id": "alert_discord_channel_id",
    "zone": "timezone",
    "operator_role_ids": "operator_role_ids",
    "viewer_role_ids": "viewer_role_ids",
    "ping_role_ids": "ping_role_ids",
}
"""Each thing that can be chosen, and the setting that says it in the environment."""
Source: TypeAlias = Literal["environment", "setup", "standard"]
_WEBHOOKS, _ALIASES = "webhook_ids", "aliases"
MOST = 500
"""Webhooks and aliases that are remembered."""


class Chosen:
    """The values in force: from the environment, else as chosen, else the standard.

    `before` is what was chosen when the store was last looked at; `load` reads it anew. Methods that write raise
    StoreError, and SettingError for what the environment says.
    """

    def __init__(
        self, settings: Callable[[], Settings], store: Callable[[], Store], before: Mapping[str, object] | None = None
    ) -> None:
        self._settings = settings
        self._store = store
        self._values: dict[str, object] = _known(before)
        self.changed: Callable[[], Awaitable[None]] = _nothing
        """Awaited after every change, by this process or another."""

    @property
    def ops_channel_id(self) -> int | None:
        """Where notices go; None: not said yet."""
        found = self._value("ops_channel_id")
        return found if isinstance(found, int) else None

    @property
    def zone(self) -> str:
        """The zone that days are counted in."""
        return str(self._value("zone"))

    @property
    def operator_role_ids(self) -> tuple[int, ...]:
        """Roles that may acknowledge and silence."""
        return _ids(self._value("operator_role_ids"))

    @property
    def viewer_role_ids(self) -> tuple[int, ...]:
        """Roles that may see their guild's figures."""
        return _ids(self._value("viewer_role_ids"))

    @property
    def ping_role_ids(self) -> tuple[int, ...]:
        """Roles that critical incidents ping."""
        return _ids(self._value("ping_role_ids"))

    @property
    def webhook_ids(self) -> tuple[int, ...]:
        """Webhooks whose author names are personas, besides those of the bot's own application."""
        return _ids(self._values.get(_WEBHOOKS))

    @property
    def aliases(self) -> dict[str, str]:
        """Names that count for another persona from now on."""
        found = self._values.get(_ALIASES)
        return {str(name): str(persona) for name, persona in found.items()} if isinstance(found, Mapping) else {}

    def source(self, name: str) -> Source:
        """Who says this value."""
        setting = SETTING[name]
        settings = self._settings()
        if setting in settings.model_fields_set and getattr(settings, setting) not in (None, ()):
            return "environment"

        return "setup" if name in self._values else "standard"

    async def load(self) -> None:
        """Read what was chosen, also by another process; what changed holds at once. Raises StoreError."""
        _, values = await self._stored()
        if values != self._values:
            self._values = values
            await self.changed()

    async def choose(self, name: str, value: object) -> None:
        """Remember a value, which holds at once; None, () or "" goes back to the standard. ValueError for no zone."""
        if self.source(name) == "environment":
            raise SettingError([f"{SETTING[name].upper()} is set in the environment, which wins; change it there."])

        if name == "zone" and value:
            value = _zone(str(value))

        await self._change(lambda values: _put(values, name, value))

    async def trust(self, webhook_id: int, *, persona: bool = True) -> None:
        """Count what this webhook says as personas' messages, or no longer."""

        def change(values: dict[str, object]) -> None:
            kept = [one for one in _ids(values.get(_WEBHOOKS)) if one != webhook_id]
            _put(values, _WEBHOOKS, [*kept, webhook_id][-MOST:] if persona else kept)

        await self._change(change)

    async def merge(self, name: str, into: str) -> None:
        """Count what is said under a name for another persona from now on; into itself: apart again."""

        def change(values: dict[str, object]) -> None:
            found = values.get(_ALIASES)
            # What led to the name leads on, so that no alias leads to an alias.
            kept = {key: into if to == name else to for key, to in found.items()} if isinstance(found, Mapping) else {}
            kept.pop(name, None)
            kept.pop(into, None)
            if name != into:
                kept[name] = into

            _put(values, _ALIASES, dict(list(kept.items())[-MOST:]))

        await self._change(change)

    def _value(self, name: str) -> object:
        return self._values[name] if self.source(name) == "setup" else getattr(self._settings(), SETTING[name])

    async def _stored(self) -> tuple[int, dict[str, object]]:
        found = await self._store().load(KIND, key=KEY)
        return (found[0].version, _known(found[0].body)) if found else (0, {})

    async def _change(self, change: Callable[[dict[str, object]], None]) -> None:
        saved = False
        while not saved:
            version, values = await self._stored()
            change(values)
            saved = await self._store().save([Change(Document(KIND, KEY, version, {"value": values}))])

        self._values = values
        await self.changed()


async def _nothing() -> None:
    """Nobody wants to know."""


def _known(body: Mapping[str, object] | None) -> dict[str, object]:
    value = (body or {}).get("value")
    known = {*SETTING, _WEBHOOKS, _ALIASES}
    return {name: one for name, one in value.items() if name in known} if isinstance(value, Mapping) else {}


def _put(values: dict[str, object], name: str, value: object) -> None:
    if value in (None, "", (), [], {}):
        values.pop(name, None)
    else:
        values[name] = list(value) if isinstance(value, tuple) else value


def _ids(value: object) -> tuple[int, ...]:
    return tuple(one for one in value if isinstance(one, int)) if isinstance(value, list | tuple) else ()


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"“{name}” is no zone known here; use a name such as Europe/Berlin or UTC.") from error

    return name
