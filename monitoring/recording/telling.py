"""What a host tells of its personas (levels, relationships, scenarios, scores): whether it can be, and what it counts.

Imports nothing that `valid.py` needs, which asks here. Everything is asked by exact type first, so that no foreign
`__eq__`, `__str__` or `__float__` is ever called (F17).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from monitoring.interfaces import Batch
from monitoring.model import Told
from monitoring.recording.deltas import add

QUALITIES = ("coherence", "relevance", "helpfulness")
"""What of an answer can be told to be good, 0-1."""
NAME = 100
"""Characters of the name of a persona, trait, milestone, scenario, stage, service or fact."""
FACTS = 24
"""Facts of one service."""
FACT = 100
"""Characters of a fact's value."""
HIGHEST = 1_000_000_000_000
"""A level or XP: far beyond any, and safe to add up in 64 bits."""
LONGEST = 30 * 86_400
"""Seconds of a scenario."""
_IDS = (1 << 63) - 1
_FIT = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class _Rule:
    """What one kind of telling must and may have besides its persona."""

    least: float = 0.0
    most: float = 0.0
    """With `most` 0 there is no value."""
    named: bool = False
    other: bool = False
    optional: bool = False
    """The value may be left out."""
    may_name: bool = False
    """A name may be given."""


_RULES: dict[str, _Rule] = {
    "level": _Rule(most=HIGHEST),
    "xp": _Rule(most=HIGHEST),
    "milestone": _Rule(named=True),
    "trait": _Rule(most=1, named=True),
    "affinity": _Rule(most=100, other=True),
    "stage": _Rule(named=True, other=True),
    "scenario_started": _Rule(named=True),
    "scenario_completed": _Rule(most=LONGEST, named=True, optional=True),
    "scenario_abandoned": _Rule(most=LONGEST, named=True, optional=True),
    "satisfaction": _Rule(least=1, most=5, may_name=True),
    "quality": _Rule(most=1, named=True),
}


def is_told(seen: Any) -> bool:
    """True for something told that can be; its time is asked elsewhere."""
    rule = _RULES.get(seen.what) if type(seen.what) is str else None
    if rule is None or not is_name(seen.persona) or type(seen.guild_id) is not int or not 0 <= seen.guild_id <= _IDS:
        return False

    named = is_name(seen.name)
    if not named and (rule.named or not _is_empty(seen.name)):
        return False

    if named and not (rule.named or rule.may_name):
        return False

    if seen.what == "quality" and seen.name not in QUALITIES:
        return False

    # A relationship is to somebody else.
    if not ((is_name(seen.other) and seen.other != seen.persona) if rule.other else _is_empty(seen.other)):
        return False

    if seen.value is None:
        return rule.optional or rule.most == 0

    return rule.most > 0 and type(seen.value) in (int, float) and rule.least <= seen.value <= rule.most


def is_service_told(seen: Any) -> bool:
    """True for facts of a service that can be; their time is asked elsewhere."""
    return (
        is_name(seen.service)
        and type(seen.facts) is tuple
        and len(seen.facts) <= FACTS
        and all(type(fact) is tuple and len(fact) == 2 for fact in seen.facts)
        and all(is_name(key) and (_is_empty(value) or is_name(value, FACT)) for key, value in seen.facts)
    )


def is_name(value: object, longest: int = NAME) -> bool:
    """True for a word without control characters and lone surrogates, which no store or page could take."""
    return type(value) is str and len(value) <= longest and _FIT.fullmatch(value) is not None


def count(told: Told, batch: Batch) -> None:
    """Keep what was told, and add it to the rollups."""
    batch.told.append(told)
    guild, persona, at = str(told.guild_id), told.persona, told.at
    match told.what:
        case "satisfaction":
            add(batch, "satisfaction", at, (persona, guild, "reported"), told.value)
            if told.name:
                add(batch, "model_liking", at, (told.name, guild), told.value)

        case "quality":
            add(batch, "quality", at, (persona, guild, told.name), told.value)
        case "affinity":
            add(batch, "affinity", at, (persona, told.other, guild), told.value)
        case "scenario_started" | "scenario_completed" | "scenario_abandoned":
            outcome = told.what.removeprefix("scenario_")
            add(batch, "scenario", at, (told.name, outcome, guild), told.value)
        case _:
            add(batch, "evolution", at, (persona, told.what, told.name, guild), told.value)


def _is_empty(value: object) -> bool:
    return type(value) is str and not value
