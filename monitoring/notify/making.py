"""Makes notifiers of tables: those of the configuration file, and those that the settings stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import cast

from monitoring.notify import NAMES
from monitoring.notify.courier import Courier, Desk
from monitoring.notify.table import Table

RESERVED = "discord"
"""The ops channel's name."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}\Z")


def made(
    tables: Iterable[Mapping[str, object]],
    desk: Desk,
    environment: Mapping[str, str],
    called: Mapping[str, Mapping[str, str]] | None = None,
) -> tuple[tuple[Courier, ...], tuple[str, ...]]:
    """Notifiers of tables, and in sentences what is wrong with the others, which are left out.

    `called`: for notifiers that settings stand for, by name: key → setting.
    """
    couriers: dict[str, Courier] = {}
    problems: list[str] = []
    for values in tables:
        courier, wrong = _one(values, desk, environment, set(couriers), called or {})
        problems += wrong
        if courier is not None and not wrong:
            couriers[courier.name] = courier

    return tuple(couriers.values()), tuple(problems)


def _one(
    values: Mapping[str, object],
    desk: Desk,
    environment: Mapping[str, str],
    taken: set[str],
    called: Mapping[str, Mapping[str, str]],
) -> tuple[Courier | None, list[str]]:
    kind = values.get("type")
    if kind not in NAMES:
        return None, [f"A notifier's type must be one of {', '.join(NAMES)}."]

    name = values.get("name", kind if kind != RESERVED else "discord_webhook")
    if not isinstance(name, str) or not _NAME.match(name):
        return None, [f"A notifier of type {kind}: name must be lower-case letters, digits, - and _, 32 at most."]

    if name == RESERVED or name in taken:
        whose = "the ops channel's" if name == RESERVED else "another notifier's"
        return None, [f"Notifier {name}: the name is {whose}; choose another one."]

    table = Table(values, name, environment, called.get(name))
    courier = cast("Courier | None", import_module(f"monitoring.notify.{NAMES[str(kind)]}").make(table, desk))
    table.finish()
    return courier, table.problems
