"""What Discord refuses in the definition of an application command."""

from __future__ import annotations

import re

from monitoring.sandbox.refusals import JSON, Form, Refusal

_NAME = re.compile(r"^[-_'\w\u0900-\u097f\u0e00-\u0e7f]{1,32}$")
_SUB, _GROUP = 1, 2
_TEXT, _WHOLE, _NUMBER = 3, 4, 10
_TOTAL = 8000
_VALUES: dict[int, tuple[type, ...]] = {_TEXT: (str,), _WHOLE: (int,), _NUMBER: (int, float)}
MOST_COMMANDS = {1: 100, 2: 15, 3: 15}

Path = tuple[str | int, ...]


def check_command(form: Form, path: Path, command: JSON) -> None:
    """Notes what is wrong with one command."""
    kind = command.get("type") or 1
    if kind not in (1, 2, 3):
        form.wrong((*path, "type"), "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3).")
        return

    if kind != 1:
        form.length((*path, "name"), command.get("name"), 32, 1)
        return

    _check_words(form, path, command)
    _check_options(form, (*path, "options"), command.get("options"), depth=0)
    if command_length(command) > _TOTAL:
        text = "Command exceeds maximum size (8000)"
        form.wrong(path, "APPLICATION_COMMAND_TOO_LARGE", text)

    granted = command.get("default_member_permissions")
    if granted is not None and not str(granted).isdigit():
        form.wrong((*path, "default_member_permissions"), "NUMBER_TYPE_COERCE", "Value is not snowflake.")


def check_set(commands: list[JSON]) -> None:
    """Refuses a set of commands as it comes with a bulk overwrite."""
    form = Form()
    seen: set[tuple[int, str]] = set()
    for place, command in enumerate(commands):
        check_command(form, (place,), command)
        key = (command.get("type") or 1, str(command.get("name")))
        if key in seen:
            text = "Application command names must be unique"
            form.wrong((place, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", text)

        seen.add(key)

    form.refuse_if_wrong()
    check_number(commands)


def check_number(commands: list[JSON]) -> None:
    """Refuses more commands than an application may have of a kind."""
    for kind, most in MOST_COMMANDS.items():
        if sum((command.get("type") or 1) == kind for command in commands) > most:
            raise Refusal(400, 30032, f"Maximum number of application commands reached ({most}).")


def command_length(command: JSON) -> int:
    """Characters of a command that count towards 8,000: names, descriptions and values, all the way down."""
    total = len(str(command.get("name", ""))) + len(str(command.get("description", "")))
    for option in command.get("options") or ():
        total += command_length(option)

    for choice in command.get("choices") or ():
        total += len(str(choice.get("name", ""))) + len(str(choice.get("value", "")))

    return total


def _check_words(form: Form, path: Path, thing: JSON) -> None:
    """Notes a wrong name or description of a command or option."""
    name = thing.get("name")
    if not isinstance(name, str) or not name:
        form.required((*path, "name"))
    elif not _NAME.match(name) or name != name.lower():
        form.wrong((*path, "name"), "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")

    if not thing.get("description"):
        form.required((*path, "description"))
    else:
        form.length((*path, "description"), thing["description"], 100, 1)


def _check_options(form: Form, path: Path, options: object, *, depth: int) -> None:
    """Notes what is wrong with the options of a command, group or subcommand."""
    listed = form.count(path, options, 25)
    kinds = {option.get("type") in (_SUB, _GROUP) for option in listed}
    if kinds == {True, False}:
        text = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        form.wrong(path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", text)

    seen: set[str] = set()
    optional_seen = False
    for place, option in enumerate(listed):
        spot = (*path, place)
        _check_words(form, spot, option)
        _check_option(form, spot, option, depth=depth)
        if option.get("name") in seen:
            form.wrong(spot, "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option name is already in use")

        seen.add(str(option.get("name")))
        if option.get("type") in (_SUB, _GROUP):
            continue

        if option.get("required") and optional_seen:
            text = "Required options must be placed before non-required options"
            form.wrong(spot, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", text)

        optional_seen = optional_seen or not option.get("required")


def _check_option(form: Form, path: Path, option: JSON, *, depth: int) -> None:
    """Notes what is wrong with one option: nesting, choices, limits."""
    kind = option.get("type")
    if kind not in range(1, 12):
        form.wrong((*path, "type"), "BASE_TYPE_CHOICES", "Value must be one of 1 to 11.")
    elif kind in (_SUB, _GROUP):
        if depth > 1 or (depth == 1 and kind == _GROUP):
            text = "Sub-commands nest one level deep in a group"
            form.wrong((*path, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", text)
        else:
            _check_options(form, (*path, "options"), option.get("options"), depth=2 if kind == _SUB else 1)
    else:
        _check_choices(form, path, option)


def _check_choices(form: Form, path: Path, option: JSON) -> None:
    """Notes wrong choices, and choices together with autocomplete."""
    choices = form.count((*path, "choices"), option.get("choices"), 25)
    if option.get("autocomplete") and choices:
        text = "Cannot have both choices and autocomplete"
        form.wrong((*path, "autocomplete"), "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID", text)

    names = [choice.get("name") for choice in choices]
    if len(set(names)) != len(names):
        form.wrong((*path, "choices"), "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_EXISTS", "A name occurs twice")

    for place, choice in enumerate(choices):
        spot = (*path, "choices", place)
        form.length((*spot, "name"), choice.get("name", ""), 100, 1)
        value = choice.get("value")
        wanted = _VALUES.get(option["type"], ())
        if not isinstance(value, wanted) or isinstance(value, bool):
            form.wrong(
                (*spot, "value"), "APPLICATION_COMMAND_OPTIONS_CHOICE_VALUE", "Value is not of the option's type"
            )
        elif isinstance(value, str):
            form.length((*spot, "value"), value, 100, 1)
