"""How a delivery went, what is known of them all, and who is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

from monitoring.incident import Notice
from monitoring.model import Instant

Heard: TypeAlias = Callable[[Notice, Instant], Awaitable[None]]
"""Told of each delivery, and when."""
Noted: TypeAlias = Callable[[str, str], None]
"""Told of each target that breaks, and why; with "" that it is well again."""


class Outcome(Enum):
    """How one try went: sent; held up by a fault of its own; stopped by the target, as every other would be."""

    SENT = auto()
    HELD = auto()
    STOPPED = auto()


async def nobody(_: Notice, __: Instant) -> None:
    """Does nothing."""


def unnoted(_: str, __: str) -> None:
    """Does nothing."""


@dataclass(frozen=True, slots=True)
class OutboxStatus:
    """What waits and what went wrong: counts, the time of the oldest event untold, and broken targets with why."""

    waiting: int
    oldest: Instant | None
    delivered: int
    dead: int
    lost: int
    broken: Mapping[str, str]
