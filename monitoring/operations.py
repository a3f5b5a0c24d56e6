"""Many operations as columns: what thousands of them are kept, counted and asked as.

A column is an array with one number for each operation; names are kept once and numbered. So an operation costs tens
of bytes and a fraction of a microsecond, where an object of its own costs hundreds and several.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import count
from typing import NamedTuple, TypeAlias, TypeVar

import numpy as np

from monitoring.model import ErrorKind, Instant, OperationDone
from monitoring.narrow import Ints, renumbered, zeros
from monitoring.rollup import MICRO, Labels

Mask: TypeAlias = np.ndarray[tuple[int], np.dtype[np.bool_]]
Name = TypeVar("Name", bound=tuple[object, ...])

UNKNOWN = -1
"""Stands for None in `first_token` and `cost`."""


class Manner(NamedTuple):
    """How an operation went, apart from its numbers."""

    error: str = ""
    """An ErrorKind, or "" for a success."""
    fingerprint: str = ""
    variant: str = ""
    detail: str = ""
    local: bool = False
    cache_hit: bool | None = None


class Stay(NamedTuple):
    """A channel for a while: what began there in [start, end]."""

    channel_id: int
    start: Instant
    end: Instant


@dataclass(frozen=True, slots=True)
class Operations:
    """Columns of equal length; operation i is `labels[which[i]]`, went as `manners[manner[i]]` says, and so on."""

    labels: list[Labels]
    """Label sets of the metric `operation`: service, operation, model, persona, guild, feature."""
    manners: list[Manner]
    which: Ints
    manner: Ints
    at: Ints
    """When it began, in UTC milliseconds."""
    duration: Ints
    """Microseconds."""
    channel: Ints
    message: Ints
    """The user's message that was answered; 0: none."""
    response: Ints
    """Number of the response it is a part of; 0: none."""
    first_token: Ints
    """Microseconds; −1: none."""
    prompt: Ints
    completion: Ints
    cached: Ints
    cost: Ints
    """Micro-dollars; −1: unknown."""
    weight: Ints
    """How many operations it stands for."""

    def __len__(self) -> int:
        return len(self.which)

    def __iter__(self) -> Iterator[OperationDone]:
        """Each by itself, times in seconds again."""
        columns = [getattr(self, name).tolist() for name in COLUMNS]
        for row in zip(*columns, strict=True):
            yield self._one(row)

    def _one(self, row: tuple[int, ...]) -> OperationDone:
        which, manner, at, duration, channel, message, response, first, prompt, completion, cached, cost, weight = row
        service, operation, model, persona, guild, feature = self.labels[which]
        how = self.manners[manner]
        return OperationDone(
            service,
            operation,
            at,
            duration / MICRO,
            ErrorKind(how.error) if how.error else None,
            how.fingerprint,
            persona,
            model,
            feature,
            int(guild),
            channel,
            message or None,
            response or None,
            None if first == UNKNOWN else first / MICRO,
            prompt,
            completion,
            cached,
            None if cost == UNKNOWN else cost,
            how.local,
            weight,
            how.cache_hit,
            how.variant,
            how.detail,
        )

    @property
    def failed(self) -> Mask:
        """Which of them failed."""
        return self.of_manner(lambda manner: manner.error != "")

    def of_manner(self, test: Callable[[Manner], bool]) -> Mask:
        """Which of them went so that the test passes; each manner is tested once."""
        return np.array([test(manner) for manner in self.manners], dtype=bool)[self.manner]

    def take(self, rows: Mask | Ints | slice) -> Operations:
        """Some of them: by a mask, by positions, or a slice."""
        return Operations(self.labels, self.manners, *(getattr(self, name)[rows] for name in COLUMNS))

    def between(self, start: Instant, end: Instant) -> Operations:
        """Those that began in [start, end)."""
        return self.take((self.at >= start) & (self.at < end))

    def compact(self) -> Operations:
        """The same with only the labels and manners that occur."""
        kept, which = renumbered(self.which, len(self.labels))
        ways, manner = renumbered(self.manner, len(self.manners))
        rest = (getattr(self, name) for name in COLUMNS[2:])

        return Operations([self.labels[i] for i in kept], [self.manners[i] for i in ways], which, manner, *rest)


COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(Operations))[2:]
"""The names of the columns, in order."""


class Joining:
    """Operations put one after another into columns that have room for so many, and are made once.

    Columns that are not asked for are all zero; where a part has no names, the column that points at them says nothing.
    """

    def __init__(self, room: int, columns: Collection[str] = COLUMNS) -> None:
        self._columns: dict[str, Ints] = {name: np.empty(room, np.int64) for name in columns}
        self._labels: defaultdict[Labels, int] = defaultdict(count().__next__)
        self._manners: defaultdict[Manner, int] = defaultdict(count().__next__)
        self._filled = 0

    def add(self, part: Operations) -> None:
        """The next ones. Raises ValueError when there is no room for them."""
        begin, self._filled = self._filled, self._filled + len(part)
        for name, column in self._columns.items():
            values: Ints = getattr(part, name)
            if name == "which":
                values = _renumbered(part.labels, self._labels, values)
            elif name == "manner":
                values = _renumbered(part.manners, self._manners, values)

            column[begin : self._filled] = values

    def done(self) -> Operations:
        """All that were added."""
        nothing = zeros(self._filled)
        found = {name: column[: self._filled] for name, column in self._columns.items()}
        return Operations(list(self._labels), list(self._manners), *(found.get(name, nothing) for name in COLUMNS))


def joined(parts: Sequence[Operations]) -> Operations:
    """All of them one after another."""
    if len(parts) == 1:
        return parts[0]

    joining = Joining(sum(map(len, parts)))
    for part in parts:
        joining.add(part)

    return joining.done()


def _renumbered(names: Sequence[Name], numbers: defaultdict[Name, int], which: Ints) -> Ints:
    shared = np.fromiter(map(numbers.__getitem__, names), np.int64, len(names))
    return shared[which] if names else which
