"""Segments as questions ask for them: grouped by a few labels, and remembered as long as they are what is stored."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from threading import Lock
from typing import Any, TypeAlias

import numpy as np

from monitoring import step_bytes, steps
from monitoring.metrics import METRICS
from monitoring.model import Instant
from monitoring.narrow import Ints
from monitoring.steps import Columns
from monitoring.store.unreadable import UNREADABLE

Keep: TypeAlias = frozenset[int]
"""Places of the labels that are kept apart; all others are added up."""
Place: TypeAlias = tuple[int, Instant]
"""A segment of a metric: width and start."""

MOST = 4 * 1024 * 1024
"""Bytes of what is remembered: the days, hours and minutes of a few questions about a month."""
_AT_ONCE = 50_000
"""Rows and bins that are added up together."""
_OBJECTS = 2_000
"""Bytes of the objects that one of them is made of, whatever is in it."""
_KINDS = np.int8, np.int16, np.int32, np.int64


def places(metric: str, by: Collection[str] | None) -> Keep | None:
    """Where the labels of these names are; None for all of them. Raises ValueError for a name that it has not."""
    if by is None:
        return None

    names = METRICS[metric].labels
    unknown = set(by) - set(names)
    if unknown:
        raise ValueError(f"{metric} has no label {', '.join(sorted(unknown))}")

    return frozenset(map(names.index, by))


def grouped(blobs: Iterable[bytes], keep: Keep) -> dict[Instant, Columns]:
    """Segments of one width with only the labels in `keep`, added up, by start; without those that cannot be read."""
    result: dict[Instant, Columns] = {}
    some: list[Columns] = []
    for blob in blobs:
        with contextlib.suppress(*UNREADABLE):
            some.append(step_bytes.decode(blob, keep))

        if sum(map(_cost, some)) > _AT_ONCE:
            result |= _merged(some)
            some = []

    return result | _merged(some)


def _cost(rows: Columns) -> int:
    return len(rows) + len(rows.index)


def _merged(some: Sequence[Columns]) -> dict[Instant, Columns]:
    """Each step by itself; many small ones cost little more than one when they are added up together."""
    return {start: _small(rows) for start, rows in steps.merge(some).steps()}


def _small(rows: Columns) -> Columns:
    """The same in little room, and by itself: not a part of something larger that it would keep alive."""
    return Columns(
        rows.labels,
        rows.which,
        rows.starts.copy(),
        rows.ints.copy(),
        rows.sizes.copy(),
        _narrow(rows.index),
        _narrow(rows.counts),
    )


def _narrow(values: Ints) -> Any:
    """A copy of numbers in fewer bytes each, as `steps.merge` takes them too."""
    least, most = (int(values.min()), int(values.max())) if len(values) else (0, 0)
    kind = next(kind for kind in _KINDS if np.iinfo(kind).min <= least and most <= np.iinfo(kind).max)
    return values.astype(kind)


class Grouped:
    """Grouped segments of the snapshot in which the journal had been folded `number` times, used last ones longest.

    Whatever else changes a segment counts as a fold too, or is told by `forget`. Used from several threads.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = Lock()
        self._number: int | None = None
        self._found: OrderedDict[tuple[str, Place, Keep], Columns] = OrderedDict()
        self.size = 0
        """Bytes of all that is remembered."""

    def of(self, number: int, metric: str, keep: Keep, wanted: Iterable[Place]) -> dict[Place, Columns]:
        """Those of the segments that are remembered; asked within the snapshot that shows this number."""
        with self._lock:
            if self._number is None or number > self._number:
                # Somebody else has folded: what changed is not known.
                self._empty(number)

            if number != self._number:
                return {}

            result = {}
            for place in wanted:
                key = metric, place, keep
                if key in self._found:
                    result[place] = self._found[key]
                    self._found.move_to_end(key)

            return result

    def remember(self, number: int, metric: str, keep: Keep, found: Mapping[Place, Columns]) -> None:
        """Keep what was found in a snapshot, if the store is still as it was there."""
        with self._lock:
            if number != self._number:
                return

            for place, rows in found.items():
                key = metric, place, keep
                if key not in self._found:
                    self._found[key] = rows
                    self.size += _size(rows)

            while self.size > self._most:
                self.size -= _size(self._found.popitem(last=False)[1])

    def folded(self, number: int, changed: Mapping[str, Collection[Place]]) -> None:
        """The journal was folded, as it was in the snapshot of this number, and these segments were written."""
        with self._lock:
            if number != self._number:
                return

            self._number = number + 1
            for key in [key for key in self._found if key[1] in changed.get(key[0], ())]:
                self.size -= _size(self._found.pop(key))

    def forget(self) -> None:
        """Know nothing any more: the store is another one, or was changed without a fold."""
        with self._lock:
            self._empty(None)

    def _empty(self, number: int | None) -> None:
        self._number = number
        self._found.clear()
        self.size = 0


def _size(rows: Columns) -> int:
    arrays = (rows.which, rows.starts, rows.ints, rows.sizes, rows.index, rows.counts)
    return _OBJECTS + sum(array.nbytes for array in arrays) + 200 * len(rows.labels)
