"""Frozen values as JSON: one way for the API, the terminal's `--json` and exports.

Field names stay. None stays null: unknown, or too few to tell. Instants are UTC milliseconds; one called `…_at` has its
ISO form beside it as `…_at_iso`. Money is micro-dollars with the dollars beside it as `…_dollars`. Times are seconds,
shares and rates 0..1, ids are strings, since they are larger than JavaScript's numbers. There is no NaN.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Set
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias, get_args, get_type_hints

from monitoring.model import Instant
from monitoring.window import Window

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

DIGITS = 6
"""Decimals that are kept: a microsecond, a millionth."""
LARGEST = 1 << 53
"""Up to which every program reads whole numbers as they are."""
MONEY = {("Move", "month"), ("Cost", "total"), ("Cost", "today"), ("Cost", "budget"), ("Used", "per_1k")}
"""Fields in micro-dollars besides those called `cost`, by class."""
SIMPLE = frozenset({int, float, str, bool, type(None)})


class Member(NamedTuple):
    """One field of a frozen value, or one of its properties that is a plain figure or word."""

    name: str
    hint: Any
    """Its type, resolved."""
    id: bool
    instant: bool
    money: bool


def encode(value: object) -> Json:
    """A frozen value, or what is made of them, as JSON. Raises TypeError for what has no place in an answer."""
    if value is None or isinstance(value, bool):
        return value

    if isinstance(value, Enum):
        return encode(value.value)

    if isinstance(value, str | int):
        return value

    if isinstance(value, float | Decimal):
        return _number(float(value))

    if is_record(type(value)):
        return _record(value)

    return _many(value)


def dumps(value: object) -> bytes:
    """A frozen value as the bytes of a JSON document: compact, UTF-8."""
    text = json.dumps(encode(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "replace")


def iso(at: Instant | None) -> str | None:
    """An instant as ISO 8601 in UTC; None for none, and for what no calendar has."""
    if at is None:
        return None

    try:
        return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return None


def is_record(kind: object) -> bool:
    """Whether a type has named fields: a dataclass or a named tuple."""
    return isinstance(kind, type) and (is_dataclass(kind) or (issubclass(kind, tuple) and hasattr(kind, "_fields")))


@lru_cache(maxsize=512)
def members(kind: type) -> tuple[Member, ...]:
    """What of a record is told, in order: its fields, then those properties that are plain figures or words."""
    names = [field.name for field in fields(kind)] if is_dataclass(kind) else _tuple_fields(kind)
    hints = get_type_hints(kind)
    found = {name: hints[name] for name in names}
    for base in reversed(kind.__mro__):
        for name, thing in vars(base).items():
            if isinstance(thing, property) and thing.fget is not None and not name.startswith("_"):
                hint = get_type_hints(thing.fget).get("return")
                if set(get_args(hint) or (hint,)) <= SIMPLE and kind is not Window:
                    found[name] = hint

    return tuple(
        Member(
            name,
            hint,
            id=name == "id" or name.endswith("_id"),
            instant=name.endswith("_at") and bool(set(get_args(hint) or (hint,)) & {int}),
            money=(name == "cost" or (kind.__name__, name) in MONEY) and _is_amount(hint),
        )
        for name, hint in found.items()
    )


def _tuple_fields(kind: Any) -> list[str]:
    return list(kind._fields)


def _is_amount(hint: Any) -> bool:
    """Whether it is a number, or has one called `value`."""
    kinds = set(get_args(hint) or (hint,))
    return bool(kinds & {int, float}) or any(
        is_record(kind) and any(member.name == "value" for member in members(kind)) for kind in kinds
    )


def _record(value: Any) -> Json:
    found: dict[str, Json] = {}
    for name, _, is_id, is_instant, is_money in members(type(value)):  # type: ignore[arg-type]  # a class is hashable
        told = getattr(value, name)
        found[name] = encode(told) if not is_id or told is None else str(told)
        if is_instant:
            found[f"{name}_iso"] = iso(told)
        elif is_money:
            amount = told if told is None or isinstance(told, int | float) else told.value
            found[f"{name}_dollars"] = None if amount is None else _number(amount / 1_000_000)

    return found


def _many(value: Any) -> Json:
    if isinstance(value, Mapping):
        return {str(encode(name)): encode(told) for name, told in value.items()}

    if isinstance(value, list | tuple):
        return [encode(one) for one in value]

    if isinstance(value, Set):
        return [encode(one) for one in sorted(value)]

    if isinstance(value, date):
        return value.isoformat()

    raise TypeError(f"{type(value).__name__} has no place in an answer")


def _number(value: float) -> float | int | None:
    """Six decimals, whole numbers whole; None for what is no number."""
    if not math.isfinite(value):
        return None

    rounded = round(value, DIGITS)
    return int(rounded) if rounded.is_integer() and abs(rounded) < LARGEST else rounded
