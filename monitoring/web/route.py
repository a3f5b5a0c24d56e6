"""One route of the API as it is declared: what it takes, what it gives, who may use it, and how it is answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from monitoring.monitor import Monitor
from monitoring.web.guard import Policy
from monitoring.web.keys import Right
from monitoring.web.params import Asked, Param

Answer: TypeAlias = Callable[[Monitor, Asked], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Route:
    """A GET that is answered with one frozen value, kept for some seconds. `gives`: its type, or its JSON Schema."""

    path: str
    summary: str
    gives: Any
    answer: Answer
    params: tuple[Param, ...] = ()
    right: Right = Right.READ
    tag: str = "figures"
    inside: bool = False
    """About the program's own inside: not there unless that is switched on."""
    fresh: float | None = None
    """Seconds that an answer is kept; None: the longer, the longer its window is."""
    missing: bool = False
    """There may be nothing of that name: 404."""

    @property
    def policy(self) -> Policy:
        """Who may use it."""
        return Policy(self.right, inside=self.inside)
