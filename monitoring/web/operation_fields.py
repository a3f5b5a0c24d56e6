"""An operation as programs send it: each field with its schema, how it is read, and what is said of a wrong one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from monitoring.encoding_schema import Schema
from monitoring.model import DAY, ErrorKind, Instant
from monitoring.recording.told import DEAREST
from monitoring.recording.valid import EARLIEST, IDS, LONGEST, MOST, WORD, is_word

PRINTED = r"^[^\u0000-\u001F\u007F-\u009F]*$"
"""No control characters."""
ID = 100
"""Characters of a sender's id."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: `read` raises ValueError with what it must be."""

    schema: Schema
    read: Callable[[Any], Any]
    what: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where: the field's name, or "" for the whole."""

    where: str
    error: str


def read_operation(told: object, now: Instant) -> tuple[dict[str, Any], list[Problem]]:
    """The fields as they are recorded, and all that is wrong with them."""
    if not isinstance(told, Mapping):
        return {}, [Problem("", "must be an object")]

    found: dict[str, Any] = {}
    problems = [
        Problem(str(name)[:50], f"is not known; there are {', '.join(FIELDS)}") for name in told if name not in FIELDS
    ]
    for name, field in FIELDS.items():
        if told.get(name) is None:
            if name in REQUIRED:
                problems.append(Problem(name, "is missing"))

            continue

        try:
            found[name] = field.read(told[name])
        except ValueError as error:
            problems.append(Problem(name, str(error)))

    if found.get("at", 0) > now + DAY:
        problems.append(Problem("at", "must not lie ahead"))

    if found.get("cached_tokens", 0) > found.get("prompt_tokens", 0):
        problems.append(Problem("cached_tokens", "must not be more than prompt_tokens, of which they are part"))

    return found, problems


def schema() -> Schema:
    """One operation as JSON Schema."""
    return {
        "type": "object",
        "properties": {name: field.schema | {"description": field.what} for name, field in FIELDS.items()},
        "required": list(REQUIRED),
        "additionalProperties": False,
    }


def _word(longest: int, least: int, value: Any) -> str:
    if not isinstance(value, str) or not is_word(value, longest) or len(value) < least:
        raise ValueError(f"must be text of {least} to {longest} characters without control characters")

    return value


def _number(most: float, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise ValueError(f"must be a number from 0 to {most:g}")

    return float(value)


def _count(value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # JSON knows no difference between 1 and 1.0.

    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST:
        raise ValueError(f"must be a whole number from 0 to {MOST}")

    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")

    return value


def _kind(value: Any) -> ErrorKind:
    try:
        return ErrorKind(value)
    except ValueError:
        raise ValueError(f"must be one of {', '.join(ErrorKind)}") from None


def _id(value: Any) -> int:
    if not isinstance(value, str) or not value.isascii() or not value.isdecimal() or len(value) > 19:
        raise ValueError('must be an id as text, such as "1180000000000000001"')

    if int(value) > IDS:
        raise ValueError("is larger than an id can be")

    return int(value)


def _moment(value: Any) -> Instant:
    at: float = math.nan
    if isinstance(value, int | float) and not isinstance(value, bool):
        at = value
    elif isinstance(value, str):
        try:
            told = datetime.fromisoformat(value)
            at = told.timestamp() * 1000 if told.tzinfo else math.nan
        except (ValueError, OverflowError):
            at = math.nan

    if not EARLIEST <= at < math.inf:
        raise ValueError("must be milliseconds since 1970, or a moment with its zone such as 2026-11-20T09:00:00Z")

    return round(at)


def _name(what: str, least: int = 0, longest: int = WORD) -> Field:
    shape: Schema = {"type": "string", "minLength": least, "maxLength": longest, "pattern": PRINTED}
    return Field(shape, partial(_word, longest, least), what)


def _amount(what: str, most: float) -> Field:
    return Field({"type": "number", "minimum": 0, "maximum": most}, partial(_number, most), what)


def _tokens(what: str) -> Field:
    return Field({"type": "integer", "minimum": 0, "maximum": MOST}, _count, what)


_DATE, _TIME = "20(1[5-9]|2[0-5])-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])", "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_SNOWFLAKE: Schema = {"type": "string", "pattern": "^[0-9]{1,18}$"}
_FLAG: Schema = {"type": "boolean"}
_AT: Schema = {
    "anyOf": [
        {"type": "integer", "minimum": EARLIEST, "maximum": EARLIEST + 3650 * DAY},
        {
            "type": "string",
            "pattern": f"^{_DATE}T{_TIME}Z$",
        },
    ]
}
REQUIRED = ("service", "operation", "duration")
FIELDS: dict[str, Field] = {
    "id": _name("The sender's own id: sent again with it, it is counted once.", 1, ID),
    "service": _name("The service that did it.", 1),
    "operation": _name("What it did.", 1),
    "duration": _amount("Seconds that it took.", LONGEST),
    "at": Field(_AT, _moment, "When it began; by default it ended just now."),
    "error": Field({"enum": [str(kind) for kind in ErrorKind]}, _kind, "The kind of failure; none for a success."),
    "first_token": _amount("Seconds to the first token.", LONGEST),
    "prompt_tokens": _tokens("Tokens of the prompt."),
    "completion_tokens": _tokens("Tokens of the answer."),
    "cached_tokens": _tokens("Tokens of the prompt that came from a cache."),
    "cost": _amount("Dollars; by default from the price list.", DEAREST),
    "persona": _name("The persona it was done for."),
    "model": _name("The model."),
    "feature": _name("The feature it was done for."),
    "variant": _name("Which of several prompts, models or settings that are tried."),
    "guild_id": Field(_SNOWFLAKE, _id, "The guild."),
    "channel_id": Field(_SNOWFLAKE, _id, "The channel."),
    "message_id": Field(_SNOWFLAKE, _id, "The user's message that is answered."),
    "local": Field(_FLAG, _flag, "It ran on an own machine and costs nothing."),
    "cache_hit": Field(_FLAG, _flag, "It was answered from a cache."),
}
