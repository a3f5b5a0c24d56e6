"""A host's own state of its personas as facts, and what of it changed: levels, traits, milestones, relationships.

Pure: what was asked of the host goes in, what is to be told comes out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from monitoring.model import Instant, Told
from monitoring.recording.telling import is_name, is_told

MOST = 5_000
"""Facts of one state that are looked at."""
STEP = {"trait": 0.005, "affinity": 0.5}
"""By how much these must have moved to be told again: many hosts let them drift with every message."""

Key: TypeAlias = tuple[str, str, str, str, int]
"""What it is about: kind, persona, the other one, name, guild."""
Value: TypeAlias = float | str | None
_COLUMNS = frozenset(
    {"persona", "guild_id", "level", "xp", "traits", "trait", "strength", "milestones", "milestone", "relationships",
     "other", "affinity", "stage"}
)  # fmt: skip
_MET = "met"
"""Kind of what says that a persona was seen, be there nothing to tell of it."""


@dataclasses.dataclass(slots=True)
class Facts:
    """What a state says, by what it is about; and what of it could not be taken."""

    known: dict[Key, Told] = dataclasses.field(default_factory=dict)
    personas: set[tuple[str, int]] = dataclasses.field(default_factory=set)
    """Who is in it, in which guild."""
    refused: int = 0
    """Values that cannot be, and those beyond the first 5,000."""
    unknown: set[str] = dataclasses.field(default_factory=set)
    """Columns that mean nothing here."""


class Baseline:
    """What was told of a host's state so far, so that only what changes is told."""

    def __init__(self, stored: object = None) -> None:
        self._told: dict[Key, Value] = {}
        self.changed = False
        """Something became known that is not stored yet; whoever stores it says so here."""
        for row in stored if isinstance(stored, list) else ():
            if isinstance(row, list) and len(row) == 6:
                what, persona, other, name, guild, value = row
                self._told[(what, persona, other, name, guild)] = value

    def news(self, facts: Facts) -> list[Told]:
        """What is to be told of it; it counts as told from now on.

        What a persona had reached before it was first seen is no news: nobody knows when that was.
        """
        met = {(persona, guild) for _, persona, _, _, guild in self._told}
        for persona, guild in facts.personas - met:
            self._know((_MET, persona, "", "", guild), None)

        found: list[Told] = []
        for key, told in facts.known.items():
            before, value = self._told.get(key, _NEVER), _value(told)
            if before is not _NEVER and not _moved(told.what, before, value):
                continue

            self._know(key, value)
            if told.what != "milestone" or (told.persona, told.guild_id) in met:
                found.append(told)

        self._forget(facts)
        return found

    def stored(self) -> list[list[Any]]:
        """It as a document holds it."""
        return [[*key, value] for key, value in self._told.items()]

    def _know(self, key: Key, value: Value) -> None:
        self._told[key] = value
        self.changed = True

    def _forget(self, facts: Facts) -> None:
        """Of more than can be there at a time, let go of what is there no more, the oldest first."""
        for key in list(self._told):
            if len(self._told) <= 2 * MOST:
                break

            if key not in facts.known:
                del self._told[key]


_NEVER = object()


def facts_of(state: object, now: Instant) -> Facts:
    """What a state says: by persona, or as rows with a column `persona`; dictionaries or dataclasses.

    ValueError for a state that is neither.
    """
    facts = Facts()
    for row in _rows(state):
        told = _plain(row)
        facts.unknown |= {str(column)[:40] for column in told.keys() - _COLUMNS}
        guild = told.get("guild_id") or 0
        if is_name(told.get("persona")) and type(guild) is int:
            facts.personas.add((told["persona"], guild))

        for one in _told(told, now):
            if not is_told(one) or (len(facts.known) >= MOST and _key(one) not in facts.known):
                facts.refused += 1
            else:
                facts.known[_key(one)] = one

    return facts


def _rows(state: object) -> Iterator[object]:
    if state is None:
        return

    if isinstance(state, Mapping):
        for persona, of_it in state.items():
            yield {"persona": persona, **_plain(of_it)}
    elif isinstance(state, Iterable) and not isinstance(state, str | bytes):
        yield from state
    else:
        raise ValueError("A state is a mapping by persona, or rows.")


def _plain(row: object) -> dict[str, Any]:
    if dataclasses.is_dataclass(row) and not isinstance(row, type):
        return {field.name: getattr(row, field.name) for field in dataclasses.fields(row)}

    if not isinstance(row, Mapping):
        raise ValueError("A row is a mapping or a dataclass.")

    return dict(row)


def _told(row: dict[str, Any], now: Instant) -> Iterator[Told]:
    """Everything that one row says; columns that are None say nothing."""
    persona, guild = row.get("persona", ""), row.get("guild_id") or 0
    for what in ("level", "xp"):
        if row.get(what) is not None:
            yield Told(what, now, persona, value=_number(row[what]), guild_id=guild)

    traits = dict(row.get("traits") or {})
    if row.get("trait") is not None:
        traits[row["trait"]] = row.get("strength")

    for name, strength in traits.items():
        yield Told("trait", now, persona, name=name, value=_number(strength), guild_id=guild)

    for name in (*(row.get("milestones") or ()), *([row["milestone"]] if row.get("milestone") is not None else [])):
        yield Told("milestone", now, persona, name=name, guild_id=guild)

    bonds = dict(row.get("relationships") or {})
    if row.get("other") is not None:
        bonds[row["other"]] = row

    for other, bond in bonds.items():
        bond = bond if isinstance(bond, Mapping) or dataclasses.is_dataclass(bond) else {"affinity": bond}
        how = _plain(bond)
        if how.get("affinity") is not None:
            yield Told("affinity", now, persona, other, value=_number(how["affinity"]), guild_id=guild)

        if how.get("stage") is not None:
            yield Told("stage", now, persona, other, how["stage"], guild_id=guild)


def _number(value: Any) -> Any:
    """A number as Python's own; what is none stays what it is, and is refused."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value if value is not None else ""

    return int(value) if isinstance(value, int) else float(value)


def _key(told: Told) -> Key:
    name = "" if told.what == "stage" else told.name
    return told.what, told.persona, told.other, name, told.guild_id


def _value(told: Told) -> Value:
    return told.name if told.what == "stage" else told.value


def _moved(what: str, before: object, value: Value) -> bool:
    step = STEP.get(what)
    if step is None or not isinstance(before, int | float) or not isinstance(value, int | float):
        return before != value

    # A rounding less than a step is one still.
    return abs(value - before) >= step - 1e-9
