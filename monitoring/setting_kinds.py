"""Kinds of settings: how each is read, and what is said of a wrong one. All raise ValueError with how to mend it."""

from __future__ import annotations

import math
import re
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DATABASE = re.compile(r"sqlite:///(?P<path>.+)\Z", re.DOTALL)


def ids(value: object) -> object:
    """Discord ids, from a text with commas."""
    if not isinstance(value, str):
        return value

    parts = [part.strip() for part in value.split(",") if part.strip()]
    if not all(part.isdecimal() for part in parts):
        raise ValueError("must be ids separated by commas, such as 1180000000000000001,1180000000000000002")

    return tuple(int(part) for part in parts)


def words(value: object) -> object:
    """Words, from a text with commas."""
    if not isinstance(value, str):
        return value

    return tuple(part.strip() for part in value.split(",") if part.strip())


def two_that_rise(value: object) -> tuple[float, float]:
    """Two numbers above 0, the lower one first."""
    parts = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    try:
        low, high = map(float, parts)  # type: ignore[call-overload]  # whatever it is, it is tried
    except (TypeError, ValueError):
        low, high = 0.0, 0.0

    if not 0 < low < high < math.inf:
        raise ValueError("must be two numbers, the lower one first, such as 2,5")

    return low, high


def zone(value: str) -> str:
    """The name of a time zone."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("is no zone known here; use a name such as Europe/Berlin or UTC") from error

    return value


def database(value: str) -> str:
    """The address of a store."""
    if not DATABASE.match(value):
        raise ValueError("must look like sqlite:///data/monitoring.sqlite3")

    return value


class Secret(Protocol):
    """A text that is not shown."""

    def get_secret_value(self) -> str: ...


Hidden = TypeVar("Hidden", bound=Secret)


def secret_address(value: Hidden) -> Hidden:
    """An address that holds a secret, or none."""
    text = value.get_secret_value()
    if text and not re.match(r"https?://[^\s/]+\S*\Z", text):
        raise ValueError("must be an address that begins with https:// or http://")

    return value


def http_services(value: tuple[str, ...]) -> tuple[str, ...]:
    """Services with their addresses."""
    if not all(re.match(r"[\w-]{1,32}=https?://\S+\Z", part) for part in value):
        raise ValueError("must be name=address, such as llm=http://127.0.0.1:11434/api/tags")

    return value


def tcp_services(value: tuple[str, ...]) -> tuple[str, ...]:
    """Services with their hosts and ports."""
    if not all(re.match(r"[\w-]{1,32}=\S+:\d{1,5}\Z", part) for part in value):
        raise ValueError("must be name=host:port, such as redis=127.0.0.1:6379")

    return value


def origins(value: tuple[str, ...]) -> tuple[str, ...]:
    """Origins of web pages."""
    if not all(re.match(r"https?://[\w.-]+(:\d{1,5})?\Z", part) for part in value):
        raise ValueError("must be origins such as https://status.example.org, without a path; * is not possible")

    return value


def patterns(value: tuple[str, ...]) -> tuple[str, ...]:
    """Regular expressions."""
    for pattern in value:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"holds a regular expression that does not parse ({error.msg})") from error

    return value


def prices(value: tuple[str, ...]) -> tuple[str, ...]:
    """Models with their prices."""
    if not all(re.match(r"[^=]+=\d+(\.\d+)?/\d+(\.\d+)?\Z", part) for part in value):
        raise ValueError("must be model=input/output in dollars per million tokens, such as my-model=0.5/1.5")

    return value
