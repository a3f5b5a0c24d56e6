"""The journal: what batches add to the rollups, from the moment they are appended until it is folded into segments.

One blob for each batch, and in it all minutes of a metric as one lot of columns. So a batch of backfilled history, with
a thousand minutes, costs as much as one with a few. Metrics to which little is added, most of them of everyday, share
one lot, which has its rollups one by one: columns of a handful cost ten times as much to write and to read.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import chain
from operator import attrgetter
from typing import Any, Protocol

from monitoring import step_bytes, steps
from monitoring.model import Instant
from monitoring.rollup import Deltas, Rollup, Table
from monitoring.steps import Columns
from monitoring.tally import compacted

_SIZE = struct.Struct("<I")
_REMEMBERED = 4_096
"""Bytes up to which a part is kept decoded: the small ones of everyday, which are read again and again."""
_LITTLE = 32
"""Rollups of a metric up to which it shares a lot: about as many cost the same either way."""
_SHARED = ""
"""The name under which the shared lot stands among the metrics."""
_numbers = attrgetter(*(field.name for field in fields(Rollup) if field.name != "bins"))
_NO_ROW = "not a row of the journal"


class Part(Protocol):
    """What one batch adds to one metric; decoded when first asked for."""

    def rows(self, keep: Collection[int] | None = None) -> Columns:
        """Its minutes, with the labels at all places or some. Raises ValueError for bytes that are none."""


class Own:
    """A part with bytes of its own."""

    __slots__ = ("_blob", "_rows")

    def __init__(self, blob: bytes) -> None:
        self._blob = blob
        self._rows: Columns | None = None

    def rows(self, keep: Collection[int] | None = None) -> Columns:
        """As of every part."""
        if keep is not None and len(self._blob) > _REMEMBERED:
            return step_bytes.decode(self._blob, keep)

        rows = self._rows or step_bytes.decode(self._blob)
        if len(self._blob) <= _REMEMBERED:
            self._rows = rows

        return rows if keep is None else rows.kept(keep)


class Lot:
    """What one batch adds to the metrics that share it: rollups one by one."""

    __slots__ = ("_blob", "_tables")

    def __init__(self, blob: bytes) -> None:
        self._blob = blob
        self._tables: dict[str, list[tuple[Instant, Table]]] | None = None

    def tables(self, metric: str) -> list[tuple[Instant, Table]]:
        """Those of one metric, each with the start of its minute. Raises ValueError for bytes that are none."""
        if self._tables is None:
            self._tables = _read_lot(self._blob)

        return self._tables.get(metric, [])


class Share:
    """A part that stands in a shared lot."""

    __slots__ = ("_lot", "_metric")

    def __init__(self, lot: Lot, metric: str) -> None:
        self._lot = lot
        self._metric = metric

    def tables(self) -> list[tuple[Instant, Table]]:
        """Its rollups, each in a table with the start of its minute. Raises ValueError for bytes that are none."""
        return self._lot.tables(self._metric)

    def rows(self, keep: Collection[int] | None = None) -> Columns:
        """As of every part."""
        return Shares([self]).rows(keep)


class Shares:
    """The shares that one metric has in many lots, one of each flush of a minute, read together."""

    __slots__ = ("each",)

    def __init__(self, each: Sequence[Share]) -> None:
        self.each = each

    def rows(self, keep: Collection[int] | None = None) -> Columns:
        """As of every part."""
        rows = steps.columns(chain.from_iterable(share.tables() for share in self.each))
        return rows if keep is None else rows.kept(keep)


def put_together(parts: Iterable[Part]) -> list[Part]:
    """The parts of one metric, with its shares as one: columns of a few rollups cost as much as those of many."""
    found: list[Part] = []
    shares: list[Share] = []
    for part in parts:
        if isinstance(part, Share):
            shares.append(part)
        else:
            found.append(part)

    return [*found, Shares(shares)] if shares else found


def rows_of(parts: Iterable[Part]) -> list[Columns]:
    """The minutes of all parts of one metric. Raises ValueError if one of them is none."""
    return [part.rows() for part in put_together(parts)]


def encode(deltas: Deltas, columns: Mapping[str, Sequence[Columns]]) -> bytes:
    """All that a batch adds as one blob: a list of metrics and sizes, then the columns of each; empty for nothing."""
    if not deltas and not columns:
        return b""

    minutes: dict[str, list[tuple[Instant, Table]]] = {}
    for (metric, minute), table in deltas.items():
        minutes.setdefault(metric, []).append((minute, table))

    little = [name for name in minutes if name not in columns and sum(len(t) for _, t in minutes[name]) <= _LITTLE]
    shared = {metric: minutes.pop(metric) for metric in little}
    parts = {metric: [steps.columns(tables)] for metric, tables in minutes.items()}
    for metric, more in columns.items():
        parts.setdefault(metric, []).extend(more)

    blobs = {metric: step_bytes.encode(_one(rows), level=0) for metric, rows in parts.items()}
    told: list[Any] = [[metric, len(blob)] for metric, blob in blobs.items()]
    if shared:
        blobs[_SHARED] = _lot(shared)
        told.append([_SHARED, len(blobs[_SHARED]), list(shared)])

    head = json.dumps(told).encode()
    return b"".join((_SIZE.pack(len(head)), head, *blobs.values()))


def _lot(shared: Mapping[str, Sequence[tuple[Instant, Table]]]) -> bytes:
    """Several metrics, rollup by rollup: start, labels, numbers, bins."""
    told = {
        metric: [
            (start, labels, _numbers(rollup), tuple(rollup.bins.items()))
            for start, table in tables
            for labels, rollup in table.items()
        ]
        for metric, tables in shared.items()
    }
    return json.dumps(told, separators=(",", ":")).encode()


def _read_lot(blob: bytes) -> dict[str, list[tuple[Instant, Table]]]:
    """What `_lot` wrote. Raises ValueError for bytes that are none."""
    try:
        told = json.loads(blob)
        return {metric: list(_read_rows(rows)) for metric, rows in told.items()}
    except (AttributeError, TypeError, UnicodeDecodeError) as error:
        raise ValueError(_NO_ROW) from error


def _read_rows(rows: Sequence[Sequence[Any]]) -> Iterator[tuple[Instant, Table]]:
    arity = {len(labels) for _, labels, _, _ in rows}
    for start, labels, numbers, bins in rows:
        whole = [start, *(number for number in numbers if number is not None), *chain.from_iterable(bins)]
        if len(arity) != 1 or {*map(type, whole)} != {int} or not {*map(type, labels)} <= {str}:
            raise ValueError(_NO_ROW)

        rollup = Rollup(*numbers)
        rollup.bins.update(bins)
        yield start, {tuple(labels): rollup}


def _one(rows: Sequence[Columns]) -> Columns:
    if len(rows) == 1:
        return rows[0]

    shared = all(one.labels is rows[0].labels for one in rows)
    return steps.merge(rows if shared else [compacted(one) for one in rows])


def decode(blob: bytes) -> dict[str, Part]:
    """The parts of a journal row by metric. Raises ValueError for bytes that are none."""
    try:
        (size,) = _SIZE.unpack_from(blob)
        at = _SIZE.size + size
        head = json.loads(blob[_SIZE.size : at])
    except (struct.error, UnicodeDecodeError) as error:
        raise ValueError(_NO_ROW) from error

    parts: dict[str, Part] = {}
    for metric, length, *told in head:
        body = blob[at : at + length]
        if told:
            lot = Lot(body)
            parts |= {name: Share(lot, name) for name in told[0]}
        else:
            parts[metric] = Own(body)

        at += length

    return parts


class Pending:
    """The journal's rows in memory, as long as they are not folded; compressed, so that they may be many."""

    def __init__(self) -> None:
        self._rows: dict[int, dict[str, Part]] = {}
        self._sizes: dict[int, int] = {}

    @property
    def size(self) -> int:
        """Bytes of all rows."""
        return sum(self._sizes.values())

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def add(self, row: int, blob: bytes) -> None:
        """Keep a row that was just written or read."""
        self._rows[row] = decode(blob)
        self._sizes[row] = len(blob)

    def drop(self, rows: Iterable[int]) -> None:
        """Let go of rows that are folded."""
        for row in rows:
            self._rows.pop(row, None)
            self._sizes.pop(row, None)

    def held(self, rows: Iterable[int]) -> dict[int, dict[str, Part]]:
        """Those of the rows that are here: what each adds, by metric."""
        # Looked up once each: a fold that ends meanwhile, in another thread, lets go of them.
        found = ((row, self._rows.get(row)) for row in rows)
        return {row: parts for row, parts in found if parts is not None}
