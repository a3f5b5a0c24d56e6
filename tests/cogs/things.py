"""Everything somebody could use, found in the tree, among the buttons and menus, and in the code that opens forms."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import discord
from discord import app_commands

import cogs
from cogs._format import name_key
from cogs._permissions import POLICY, thing_of
from cogs._views import PERSISTENT, Press
from monitoring.sandbox.interactions import AUTOCOMPLETE, COMMAND, COMPONENT
from monitoring.sandbox.refusals import JSON

FOLDER = Path(cogs.__file__).parent


@dataclass(frozen=True)
class Thing:
    """One thing to use: its policy in the table, and the interaction that uses it."""

    policy: str
    kind: int
    data: JSON
    component: JSON = field(default_factory=dict)
    """What stands under the message, of a button or menu."""


def every_command(tree: app_commands.CommandTree[Any]) -> Iterator[app_commands.Command[Any, ..., Any]]:
    """All slash commands that can be used."""
    for command in tree.walk_commands():
        assert isinstance(command, app_commands.Command | app_commands.Group), "context menus need a way to be tried"
        if isinstance(command, app_commands.Command):
            yield command


def things(tree: app_commands.CommandTree[Any], mark: Callable[[str], str] = lambda _: "0" * 12) -> list[Thing]:
    """Every command with every choice but of windows, every suggestion, every button and menu.

    `mark` gives what a person's own buttons bear for them, by what the button does; else they are another's.
    """
    found: list[Thing] = []
    for command in every_command(tree):
        found += [*_uses(command), *_suggestions(command)]

    return found + [_pressed(kind, mark) for kind in PERSISTENT]


def _uses(command: app_commands.Command[Any, ..., Any]) -> Iterator[Thing]:
    given = {one.name: _filled(one) for one in command.parameters if one.required}
    yield Thing(command.qualified_name, COMMAND, _data(command, given))
    for parameter in command.parameters:
        if parameter.type is discord.AppCommandOptionType.boolean:
            yield Thing(command.qualified_name, COMMAND, _data(command, given | {parameter.name: True}))

        for choice in parameter.choices if parameter.name != "window" else ():
            thing = thing_of(command.qualified_name, str(choice.value))
            yield Thing(thing, COMMAND, _data(command, given | {parameter.name: choice.value}))


def _suggestions(command: app_commands.Command[Any, ..., Any]) -> Iterator[Thing]:
    for parameter in command.parameters:
        if parameter.autocomplete:
            data = _data(command, {parameter.name: ""}, focused=parameter.name)
            yield Thing(f"{command.qualified_name}.{parameter.name}", AUTOCOMPLETE, data)


def _filled(parameter: app_commands.transformers.CommandParameter | app_commands.Parameter) -> Any:
    """A value that Discord's client would let through."""
    if parameter.choices:
        return parameter.choices[0].value

    kinds: dict[discord.AppCommandOptionType, Any] = {
        discord.AppCommandOptionType.integer: parameter.min_value or 1,
        discord.AppCommandOptionType.number: parameter.min_value or 1.0,
        discord.AppCommandOptionType.boolean: True,
    }
    return kinds.get(parameter.type, KNOWN.get(parameter.name, "1"))


def _data(command: app_commands.Command[Any, ..., Any], given: dict[str, Any], focused: str = "") -> JSON:
    types = {one.name: one.type.value for one in command.parameters}
    options: list[JSON] = [
        {"name": name, "type": types[name], "value": value} | ({"focused": True} if name == focused else {})
        for name, value in given.items()
    ]
    step: app_commands.Command[Any, ..., Any] | app_commands.Group = command
    while step.parent is not None:
        is_group = isinstance(step, app_commands.Group)
        options = [{"name": step.name, "type": 2 if is_group else 1, "options": options}]
        step = step.parent

    return {"id": "1", "name": step.name, "type": 1, "options": options}


def _pressed(kind: Any, mark: Callable[[str], str]) -> Thing:
    known = KNOWN | ({"key": mark(kind.thing)} if is_own(kind) else {})
    custom_id = example(kind.__discord_ui_compiled_template__.pattern, known)
    if issubclass(kind, Press):
        component: JSON = {"type": 2, "custom_id": custom_id, "label": "x", "style": 2}
        values: JSON = {}
    elif _picks(kind):
        component, values = {"type": 8, "custom_id": custom_id}, {"values": [], "resolved": {}}
    else:
        component = {"type": 3, "custom_id": custom_id, "options": [{"label": "24h", "value": "24h"}]}
        values = {"values": ["24h"]}

    data = {"custom_id": custom_id, "component_type": component["type"]} | values
    return Thing(kind.policy, COMPONENT, data, component)


def is_own(kind: Any) -> bool:
    """Whether it is a button of one person, whom its id names."""
    return any(base.__name__ == "Own" for base in kind.__mro__)


def _picks(kind: Any) -> bool:
    """Whether it is a menu of channels or roles."""
    return any(base.__name__ == "Picks" for base in kind.__mro__)


KNOWN = {"rule": "error_rate", "key": name_key("Scav"), "name": "Scav"}
"""What is there from the beginning, by the name of its option, or of its group in a template."""


def example(template: str, known: dict[str, str] = KNOWN) -> str:
    """The shortest id that fits a template; where there is a choice, by the first of it."""
    for group, text in known.items():
        template = re.sub(rf"\(\?P<{group}>(\([^()]*\)|\[[^]]*\]|[^()])*\)", text, template)

    text = "".join(_shortest(re._parser.parse(template)))  # type: ignore[attr-defined]  # only this one reads patterns
    assert re.fullmatch(template, text), (template, text)
    return text


def _shortest(parsed: Any) -> Iterator[str]:
    for code, value in parsed:
        match str(code):
            case "LITERAL":
                yield chr(value)
            case "IN":
                yield _one_of(value[0])
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                least, _, inner = value
                yield "".join(_shortest(inner)) * least
            case "SUBPATTERN":
                yield "".join(_shortest(value[-1]))
            case "BRANCH":
                yield "".join(_shortest(value[1][0]))
            case "ASSERT_NOT" | "AT":
                yield ""
            case other:
                raise NotImplementedError(other)


def _one_of(first: Any) -> str:
    code, value = first
    if str(code) == "CATEGORY":
        return {"CATEGORY_DIGIT": "7", "CATEGORY_WORD": "x"}[str(value)]

    return chr(value[0] if isinstance(value, tuple) else value)


def made_in_code(name: str) -> dict[str, int]:
    """How often each file of ours makes one of these, such as a `Form`, or a kind of its own of them."""
    found: dict[str, int] = {}
    for file, named in _named().items():
        made = sum(name in names for names in named)
        if made:
            found[file] = made

    return found


@lru_cache(maxsize=1)
def _named() -> dict[str, list[tuple[str, str]]]:
    """What each file of ours calls or makes a kind of its own of: as a name and as an attribute."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in sorted(FOLDER.glob("*.py")):
        nodes = list(ast.walk(ast.parse(path.read_text())))
        named = [node.func for node in nodes if isinstance(node, ast.Call)]
        named += [base for node in nodes if isinstance(node, ast.ClassDef) for base in node.bases]
        found[path.name] = [(getattr(one, "id", ""), getattr(one, "attr", "")) for one in named]

    return found


def without_policy(tree: app_commands.CommandTree[Any]) -> set[str]:
    """What the table forgot."""
    return {thing.policy for thing in things(tree)} - set(POLICY)
