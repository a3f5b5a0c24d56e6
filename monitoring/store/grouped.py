"""Segments as questions ask for them: grouped by a few labels, and remembered as long as they are what is stored."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Any

import numpy as np

from monitoring import narrow, step_bytes, steps
from monitoring.metrics import METRICS
from monitoring.model import Instant
from monitoring.narrow import Ints
from monitoring.steps import Columns
from monitoring.store.decoding import Decoder, where
from monitoring.store.journal import Part
from monitoring.store.unreadable import UNREADABLE

MOST = 8 * 1024 * 1024
"""Bytes of what is remembered: the pages of a month, one after the other, need five megabytes in a small bot."""
_SHARE = 2
"""What part of it one question may fill: a larger one would push out all others, and itself with the next."""
_AT_ONCE = 128 * 1024
"""Bytes of segments that are decoded and added up together: so much of it stays in the processor's caches."""
_MANY = 250
"""Segments that are: each is a dozen objects, however small, which for all minutes of a day would be megabytes."""
_NEARLY = 0.8
"""Share of rows from which they are as good as all apart."""
_KINDS = np.int8, np.int16, np.int32, np.int64
_NOTHING = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Grouping:
    """Some labels by their places: those that are kept apart (all others are added up), and values that are meant."""

    keep: frozenset[int]
    only: frozenset[tuple[int, str]] = frozenset()
    sketch: bool = True
    """Whether bins are wanted too."""

    @classmethod
    def of(
        cls, metric: str, by: Collection[str] | None, only: Mapping[str, str] | None = None, *, sketch: bool = True
    ) -> Grouping | None:
        """That of labels by name; None for all there is. Raises ValueError for a name that the metric has not."""
        if by is None and only is None and sketch:
            return None

        names = METRICS[metric].labels
        by, only = names if by is None else by, only or {}
        unknown = {*by, *only} - set(names)
        if unknown:
            raise ValueError(f"{metric} has no label {', '.join(sorted(unknown))}")

        # A metric that never has a sketch is the same either way, and remembered once.
        return cls(
            frozenset(map(names.index, by)),
            frozenset((names.index(name), only[name]) for name in only),
            sketch or not METRICS[metric].sketch,
        )

    def chosen(self, part: Part) -> Columns:
        """What is meant of a part of the journal, not added up. Raises one of UNREADABLE."""
        return self._chosen(part.rows)

    def segments(self, stored: Mapping[Instant, bytes]) -> Lot:
        """What is meant of segments of one width by start, without those that cannot be read."""
        parts: list[Columns] = []
        starts: list[Instant] = []
        decoder = Decoder(self.keep, self.only, sketch=self.sketch)
        for some in _batches(stored):
            try:
                rows, read = decoder.columns(list(some.values())), list(some)
            except UNREADABLE:
                rows, read = self._one_by_one(some)

            parts.append(_added_up(rows))
            starts += read

        return Lot(_side_by_side(parts), frozenset(starts))

    def _one_by_one(self, stored: Mapping[Instant, bytes]) -> tuple[Columns, list[Instant]]:
        """Segments as they are meant, and the starts of those that can be read."""
        parts: list[Columns] = []
        starts: list[Instant] = []
        for start, blob in stored.items():
            with contextlib.suppress(*UNREADABLE):
                parts.append(self._chosen(partial(step_bytes.decode, blob)))
                starts.append(start)

        return _side_by_side(parts), starts

    def _chosen(self, rows: Callable[[Collection[int]], Columns]) -> Columns:
        if self.only:
            meant = _having(rows(self.keep | {place for place, _ in self.only}), self.only)
            found = meant.kept(self.keep)
        else:
            found = rows(self.keep)

        return found if self.sketch else _without_bins(found)


def _batches(stored: Mapping[Instant, bytes]) -> Iterator[dict[Instant, bytes]]:
    """Some segments at a time, in order of start, so that what is made of them is in order too."""
    some: dict[Instant, bytes] = {}
    size = 0
    for start in sorted(stored):
        some[start] = stored[start]
        size += len(stored[start])
        if size > _AT_ONCE or len(some) == _MANY:
            yield some
            some, size = {}, 0

    if some:
        yield some


def _added_up(rows: Columns) -> Columns:
    """Rollups of the same labels and start as one, where that makes them many fewer.

    Where many labels are kept they are nearly all apart, and adding up the few that are not would take longest of all.
    """
    distinct, place = np.unique(rows.starts, return_inverse=True)
    groups, _ = narrow.renumbered(place * len(rows.labels) + rows.which, len(distinct) * len(rows.labels))
    return rows if len(groups) > _NEARLY * len(rows) else steps.merge([rows])


def _side_by_side(parts: Sequence[Columns]) -> Columns:
    """All of them one after another; nothing of one is to be added to anything of another."""
    if len(parts) == 1:
        return parts[0]

    labels, which = steps.numbered(parts)
    every = [steps.columns([]), *parts]
    return Columns(
        labels,
        which,
        np.concatenate([part.starts for part in every]),
        np.concatenate([part.ints for part in every], axis=1),
        np.concatenate([part.sizes for part in every]),
        np.concatenate([part.index for part in every]),
        np.concatenate([part.counts for part in every]),
    )


def _without_bins(rows: Columns) -> Columns:
    return Columns(rows.labels, rows.which, rows.starts, rows.ints, np.zeros_like(rows.sizes), _NOTHING, _NOTHING)


@dataclass(frozen=True, slots=True)
class Lot:
    """Segments of one metric and width as they are meant: those with these starts, whatever else is there."""

    rows: Columns
    starts: frozenset[Instant] = frozenset()

    def at(self, wanted: frozenset[Instant]) -> Columns:
        """Those with some of its starts."""
        if not wanted:
            return NO_LOT.rows

        return where(self.rows, np.isin(self.rows.starts, np.fromiter(wanted, np.int64)))

    def and_also(self, more: Lot) -> Lot:
        """Both together; of what is in both, this one's."""
        if not self.starts:
            return Lot(_narrow(more.rows), more.starts)

        new = more.starts - self.starts
        return Lot(_narrow(_side_by_side([self.at(self.starts), more.at(new)])), self.starts | new)

    @property
    def least(self) -> int:
        """Bytes in memory that it takes at least, however few each number of a bin needs."""
        rows = self.rows
        return rows.which.nbytes + rows.starts.nbytes + rows.ints.nbytes + rows.sizes.nbytes + 2 * len(rows.index)

    @property
    def size(self) -> int:
        """Bytes in memory, about."""
        rows = self.rows
        arrays = (rows.which, rows.starts, rows.ints, rows.sizes, rows.index, rows.counts)
        return sum(array.nbytes for array in arrays) + 200 * len(rows.labels) + 100 * len(self.starts)


NO_LOT = Lot(steps.columns([]))


def _having(rows: Columns, only: Collection[tuple[int, str]]) -> Columns:
    """The rows whose labels have these values."""
    meant = [all(labels[place] == value for place, value in only) for labels in rows.labels]
    return where(rows, np.array(meant, dtype=bool)[rows.which])


def _narrow(rows: Columns) -> Columns:
    """The same in less room, as `steps.merge` takes it too."""
    index, counts = _in_few_bytes(rows.index), _in_few_bytes(rows.counts)
    return Columns(rows.labels, rows.which, rows.starts, rows.ints, rows.sizes, index, counts)


def _in_few_bytes(values: Ints) -> Any:
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
        self._lots: OrderedDict[tuple[str, Grouping, int], Lot] = OrderedDict()

    @property
    def size(self) -> int:
        """Bytes of all that is remembered."""
        return sum(lot.size for lot in self._lots.values())

    def of(self, number: int, metric: str, grouping: Grouping, width: int) -> Lot:
        """The segments of a width that are remembered; asked within the snapshot that shows this number."""
        with self._lock:
            if self._number is None or number > self._number:
                # Somebody else has folded: what changed is not known.
                self._number = number
                self._lots.clear()

            key = metric, grouping, width
            if number != self._number or key not in self._lots:
                return NO_LOT

            self._lots.move_to_end(key)
            return self._lots[key]

    def remember(self, number: int, metric: str, grouping: Grouping, width: int, more: Lot) -> None:
        """Keep what was found in a snapshot, if the store is still as it was there."""
        key = metric, grouping, width
        before = self._lots.get(key)
        # Looked at first: to put together what is too much anyway would take as long as the answer.
        if more.least > self._most // _SHARE:
            return

        lot = (before or NO_LOT).and_also(more)
        if lot.size > self._most // _SHARE:
            return

        with self._lock:
            # Where somebody else was faster, what was found here is found again next time.
            if number != self._number or self._lots.get(key) is not before:
                return

            self._lots[key] = lot
            self._lots.move_to_end(key)
            while self._lots and self.size > self._most:
                self._lots.popitem(last=False)

    def folded(self, number: int, changed: Mapping[str, Mapping[int, Collection[Instant]]]) -> None:
        """The journal was folded, as it was in the snapshot of this number, and these segments were written.

        They are by metric and width. Cheap, since it is the event loop that waits for it: rows go with what comes next.
        """
        with self._lock:
            if number != self._number:
                return

            self._number = number + 1
            for (metric, grouping, width), lot in self._lots.items():
                written = lot.starts.intersection(changed.get(metric, {}).get(width, ()))
                if written:
                    self._lots[metric, grouping, width] = Lot(lot.rows, lot.starts - written)

    def forget(self) -> None:
        """Know nothing any more: the store is another one, or was changed without a fold."""
        with self._lock:
            self._number = None
            self._lots.clear()
