"""The steps of an answer: as they are stored, or several as one, which the store adds up in columns.

A chart of a day has a hundred steps and is made of 1,440 minutes: as tables of rollups those would be tens of MB.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from monitoring import steps
from monitoring.model import Instant
from monitoring.rollup import Table
from monitoring.steps import Columns, Place
from monitoring.store.segments import EVER, Span, starts_in
from monitoring.window import aligned, next_step

_KEPT = 3
"""Layouts that are remembered: one question asks for several series with the same."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Steps one after the other: where each begins and ends, and the first one of the stored width in it."""

    starts: tuple[Instant, ...]
    ends: tuple[Instant, ...]
    firsts: tuple[Instant, ...]
    zone: str

    @classmethod
    @lru_cache(_KEPT)
    def of(cls, start: Instant, end: Instant, width: int, zone: str, wider: int | None = None) -> Layout:
        """All steps of `width` that begin in [start, end), those in the same `wider` one together."""
        stored = starts_in(start, end, width, zone)
        if not stored:
            return cls((), (), (), zone)

        last = next_step(stored[-1], width, zone)
        if wider is None or wider <= width:
            return cls(tuple(stored), (*stored[1:], last), tuple(stored), zone)

        firsts: dict[Instant, Instant] = {}
        for at in stored:
            firsts.setdefault(aligned(at, wider, zone), at)

        own = tuple(firsts.values())
        return cls(tuple(firsts), (*own[1:], last), own, zone)

    def tables(self, rows: Sequence[Columns], span: Span) -> dict[Instant, Table]:
        """A table for each step that has anything, by its start."""
        return steps.merge(rows, self._placing(span)).tables()

    def _placing(self, span: Span) -> Place:
        """In which step an instant lies: asked once for each step, since what is stored lies in one of them whole."""

        def place(at: Instant) -> tuple[Instant | None, Instant]:
            if at < span.start:
                return None, span.start

            if at >= span.end:
                return None, EVER

            after = bisect_right(self.firsts, at)
            return self.starts[after - 1], self.firsts[after] if after < len(self.firsts) else span.end

        return place
