"""From what a person typed or chose to the data of an interaction; says no where Discord's client would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitoring.sandbox.component_limits import LABEL, ROW, TEXT_INPUT, walk
from monitoring.sandbox.permissions import ALL, BITS
from monitoring.sandbox.refusals import JSON
from monitoring.sandbox.state import Guild, State

_SUB, _GROUP = 1, 2
_STRING, _INTEGER, _BOOLEAN, _USER, _CHANNEL, _ROLE, _MENTIONABLE, _NUMBER = 3, 4, 5, 6, 7, 8, 9, 10


class NotOffered(Exception):
    """A person cannot do this: Discord's client would not offer it, or not let it be sent."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """A command found by its words: the command, the names of its subcommands, and the options of the last one."""

    command: JSON
    path: tuple[JSON, ...]
    options: list[JSON]


def offered_in(command: JSON, *, direct: bool) -> bool:
    """Whether a command is offered in guilds, or in private with the bot."""
    contexts = command.get("contexts")
    if contexts is None:
        return not direct or bool(command.get("dm_permission", True))

    return (1 if direct else 0) in contexts


def find_command(offered: list[JSON], words: str, granted: int) -> Invocation:
    """The command of "group sub"; one that is hidden from somebody with these permissions is not found either."""
    first, *rest = words.strip().removeprefix("/").split()
    command = next((c for c in offered if c["name"] == first and c["type"] == 1), None)
    if command is None:
        raise NotOffered(f"There is no command /{first}")

    needed = command["default_member_permissions"]
    hidden = needed is not None and (int(needed) == 0 or int(needed) & ~granted)
    if (hidden and granted != ALL and not granted & BITS["administrator"]) or not granted & (1 << 31):
        raise NotOffered(f"/{first} is not offered to this person")

    path, options = [], command.get("options") or []
    for word in rest:
        step = next((o for o in options if o["name"] == word and o["type"] in (_SUB, _GROUP)), None)
        if step is None:
            raise NotOffered(f"There is no command /{words}")

        path.append(step)
        options = step.get("options") or []

    if any(option["type"] in (_SUB, _GROUP) for option in options):
        raise NotOffered(f"/{words} needs a subcommand")

    return Invocation(command, tuple(path), options)


def command_data(
    state: State, guild: Guild | None, found: Invocation, given: Mapping[str, Any], focused: str | None = None
) -> JSON:
    """The `data` of a command or autocomplete interaction; with `focused` the rest may be missing."""
    known = {option["name"]: option for option in found.options}
    for name in given:
        if name not in known:
            raise NotOffered(f"There is no option {name}")

    for option in found.options:
        if option.get("required") and option["name"] not in given and focused is None:
            raise NotOffered(f"The option {option['name']} is required")

    resolved: JSON = {}
    leaves: list[JSON] = []
    for option in found.options:
        if option["name"] not in given:
            continue

        name = option["name"]
        if name == focused:
            entry = {"name": name, "type": option["type"], "value": str(given[name]), "focused": True}
        else:
            value = _value(state, guild, option, given[name], resolved)
            entry = {"name": name, "type": option["type"], "value": value}

        leaves.append(entry)

    for step in reversed(found.path):
        leaves = [{"name": step["name"], "type": step["type"], "options": leaves}]

    data: JSON = {"id": found.command["id"], "name": found.command["name"], "type": 1, "options": leaves}
    if resolved and focused is None:
        data["resolved"] = resolved

    if "guild_id" in found.command:
        data["guild_id"] = found.command["guild_id"]

    return data


def _value(state: State, guild: Guild | None, option: JSON, given: Any, resolved: JSON) -> Any:
    """A value as Discord sends it; choices may be given by what people see or by their value."""
    kind, name = option["type"], option["name"]
    choices = option.get("choices")
    if choices:
        for choice in choices:
            if given in (choice["value"], choice["name"]):
                return choice["value"]

        raise NotOffered(f"{given!r} is no choice of {name}")

    if kind in (_USER, _CHANNEL, _ROLE, _MENTIONABLE):
        return _thing(state, guild, kind, int(given), resolved)

    wanted: dict[int, tuple[type, ...]] = {_STRING: (str,), _INTEGER: (int,), _BOOLEAN: (bool,), _NUMBER: (int, float)}
    if not isinstance(given, wanted[kind]) or (isinstance(given, bool) and kind != _BOOLEAN):
        raise NotOffered(f"{given!r} is no value for {name}")

    size = len(given) if isinstance(given, str) else given
    low, high = ("min_length", "max_length") if isinstance(given, str) else ("min_value", "max_value")
    if option.get(low) is not None and size < option[low]:
        raise NotOffered(f"{name} must be at least {option[low]}")

    if option.get(high) is not None and size > option[high]:
        raise NotOffered(f"{name} must be at most {option[high]}")

    return given


def _thing(state: State, guild: Guild | None, kind: int, thing: int, resolved: JSON) -> str:
    """A user, channel or role chosen, and what Discord sends along about it."""
    if kind in (_ROLE, _MENTIONABLE) and guild is not None and thing in guild.roles:
        resolved.setdefault("roles", {})[str(thing)] = guild.roles[thing]
    elif kind == _CHANNEL:
        if guild is None or thing not in guild.channels | guild.threads:
            raise NotOffered(f"There is no channel {thing}")

        shape = (guild.channels | guild.threads)[thing]
        resolved.setdefault("channels", {})[str(thing)] = shape | {"permissions": str(BITS["view_channel"])}
    elif kind in (_USER, _MENTIONABLE) and thing in state.users:
        resolved.setdefault("users", {})[str(thing)] = state.users[thing]
        if guild is not None and thing in guild.members:
            member = {key: value for key, value in guild.members[thing].items() if key not in ("user", "deaf", "mute")}
            granted = state.member_permissions(guild, thing, [])
            resolved.setdefault("members", {})[str(thing)] = member | {"permissions": str(granted)}
    else:
        raise NotOffered(f"There is nothing with the id {thing}")

    return str(thing)


def pressed(message: JSON, custom_id: str) -> JSON:
    """The component of a message with this id; one that is not there or switched off cannot be pressed."""
    for component in walk(message["components"]):
        if component.get("custom_id") == custom_id:
            if component.get("disabled"):
                raise NotOffered(f"{custom_id} is disabled")

            return component

    raise NotOffered(f"There is no {custom_id} under this message")


def chosen(state: State, guild: Guild | None, menu: JSON, values: list[str]) -> JSON:
    """The `data` of an interaction with a menu."""
    least, most = menu.get("min_values", 1), menu.get("max_values", 1)
    if not least <= len(values) <= most:
        raise NotOffered(f"Choose {least} to {most}")

    data: JSON = {"custom_id": menu["custom_id"], "component_type": menu["type"], "values": values, "id": menu["id"]}
    if menu["type"] == 3:
        offered = {option["value"] for option in menu["options"]}
        if not set(values) <= offered:
            raise NotOffered(f"{values} are not all on the menu")

        return data

    resolved: JSON = {}
    kind = {5: _USER, 6: _ROLE, 7: _MENTIONABLE, 8: _CHANNEL}[menu["type"]]
    data["values"] = [_thing(state, guild, kind, int(value), resolved) for value in values]
    return data | {"resolved": resolved}


def filled(modal: JSON, values: Mapping[str, Any]) -> JSON:
    """The `data` of a submitted form; fields that were not given keep what they were filled with."""
    known = {entry["custom_id"]: entry for entry in walk(modal["components"]) if "custom_id" in entry}
    for name in values:
        if name not in known:
            raise NotOffered(f"There is no field {name}")

    return {"custom_id": modal["custom_id"], "components": [_filled(part, values) for part in modal["components"]]}


def _filled(part: JSON, values: Mapping[str, Any]) -> JSON:
    """A row, label or field of a form with what was put in."""
    if part["type"] == ROW:
        return {"type": ROW, "components": [_filled(inner, values) for inner in part["components"]]}

    if part["type"] == LABEL:
        return {"type": LABEL, "component": _filled(part["component"], values)}

    if part["type"] != TEXT_INPUT:
        chosen_values = values.get(part.get("custom_id", ""), [])
        listed = [chosen_values] if isinstance(chosen_values, str) else list(chosen_values)
        return {"type": part["type"], "custom_id": part.get("custom_id"), "values": listed}

    text = str(values.get(part["custom_id"], part.get("value") or ""))
    least = part.get("min_length") or (1 if part.get("required", True) else 0)
    if not text and not part.get("required", True):
        return {"type": TEXT_INPUT, "custom_id": part["custom_id"], "value": ""}

    if not least <= len(text) <= (part.get("max_length") or 4000):
        raise NotOffered(f"{part['custom_id']} is too short or too long")

    return {"type": TEXT_INPUT, "custom_id": part["custom_id"], "value": text}
