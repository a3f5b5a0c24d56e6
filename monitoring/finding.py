"""What a look at the installation found: one sentence for each thing looked at, and how to mend it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

Tell: TypeAlias = Callable[[str, float | None], None]
"""Told what long work does just now, and how much of it is done (0..1; None where nobody can know)."""


class State(StrEnum):
    """How bad it is: only `WRONG` has to be mended."""

    FINE = "fine"
    NOTE = "note"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: its name, what was found, and (where something is to do) how to mend it."""

    name: str
    state: State
    text: str
    mend: str = ""


def tell_nobody(what: str, share: float | None) -> None:
    """For long work that nobody watches."""


def fine(name: str, text: str) -> Finding:
    """Well as it is."""
    return Finding(name, State.FINE, text)


def note(name: str, text: str, mend: str = "") -> Finding:
    """Worth knowing; nothing has to be done."""
    return Finding(name, State.NOTE, text, mend)


def warning(name: str, text: str, mend: str = "") -> Finding:
    """Works, and may not for long."""
    return Finding(name, State.WARNING, text, mend)


def wrong(name: str, text: str, mend: str = "") -> Finding:
    """Has to be mended."""
    return Finding(name, State.WRONG, text, mend)
