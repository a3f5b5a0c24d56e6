"""The journal: what batches add to the rollups, from the moment they are appended until it is folded into segments.

One blob for each batch, and in it all minutes of a metric as one lot of columns. So a batch of backfilled history, with
a thousand minutes, costs as much as one with a few. Metrics to which little is added, most of them, share one lot:
each by itself would cost as much as all of them together.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from monitoring import step_bytes, steps
from monitoring.model import Instant
from monitoring.rollup import Deltas, Table
from monitoring.steps import Columns
from monitoring.tally import compacted

_SIZE = struct.Struct("<I")
_REMEMBERED = 4_096
"""Bytes up to which a part is kept decoded: the small ones of everyday, which are read again and again."""
_LITTLE = 64
"""Rollups of a metric up to which it shares a lot."""
_SHARED = ""
"""The name under which the shared lot stands among the metrics."""


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
    """What one batch adds to the metrics that share it: for each its name, labels, rows, and label sets."""

    __slots__ = ("_blob", "_rows", "_told")

    def __init__(self, blob: bytes, told: Sequence[tuple[str, int, int, int]]) -> None:
        self._blob = blob
        self._told = told
        self._rows: dict[str, Columns] | None = None

    def rows(self, metric: str) -> Columns:
        """Those of one metric. Raises ValueError for bytes that are none."""
        if self._rows is None:
            self._rows = _split(step_bytes.decode(self._blob), self._told)

        return self._rows[metric]


class Share:
    """A part that stands in a shared lot."""

    __slots__ = ("_lot", "_metric")

    def __init__(self, lot: Lot, metric: str) -> None:
        self._lot = lot
        self._metric = metric

    def rows(self, keep: Collection[int] | None = None) -> Columns:
        """As of every part."""
        rows = self._lot.rows(self._metric)
        return rows if keep is None else rows.kept(keep)


def encode(deltas: Deltas, columns: Mapping[str, Sequence[Columns]]) -> bytes:
    """All that a batch adds as one blob: a list of metrics and sizes, then the columns of each; empty for nothing."""
    if not deltas and not columns:
        return b""

    minutes: dict[str, list[tuple[Instant, Table]]] = {}
    for (metric, minute), table in deltas.items():
        minutes.setdefault(metric, []).append((minute, table))

    little = [name for name in minutes if name not in columns and sum(len(t) for _, t in minutes[name]) <= _LITTLE]
    shared = {metric: minutes.pop(metric) for metric in little} if len(little) > 1 else {}
    parts = {metric: [steps.columns(tables)] for metric, tables in minutes.items()}
    for metric, more in columns.items():
        parts.setdefault(metric, []).extend(more)

    blobs = {metric: step_bytes.encode(_one(rows), level=0) for metric, rows in parts.items()}
    told: list[Any] = [[metric, len(blob)] for metric, blob in blobs.items()]
    if shared:
        blob, of = _together(shared)
        told.append([_SHARED, len(blob), of])
        blobs[_SHARED] = blob

    head = json.dumps(told).encode()
    return b"".join((_SIZE.pack(len(head)), head, *blobs.values()))


def _together(shared: Mapping[str, Sequence[tuple[Instant, Table]]]) -> tuple[bytes, list[tuple[str, int, int, int]]]:
    """Several metrics as one lot of columns, and what is told of each; their names stand before their labels."""
    arity = {metric: len(next((labels for _, table in of for labels in table), ())) for metric, of in shared.items()}
    widest = max(arity.values())
    tables: list[tuple[Instant, Table]] = []
    told = []
    for metric, of in shared.items():
        fill = ("",) * (widest - arity[metric])
        own = [(minute, {(metric, *labels, *fill): one for labels, one in table.items()}) for minute, table in of]
        sets = len({labels for _, table in own for labels in table})
        told.append((metric, arity[metric], sum(len(table) for _, table in own), sets))
        tables += own

    return step_bytes.encode(steps.columns(tables), level=0), told


def _split(rows: Columns, told: Sequence[tuple[str, int, int, int]]) -> dict[str, Columns]:
    """What `_together` put together: each metric has its rows, and its label sets, one after another."""
    if sum(n for *_, n, _ in told) != len(rows) or sum(sets for *_, sets in told) != len(rows.labels):
        raise ValueError("not a row of the journal")

    bins = np.concatenate(([0], np.cumsum(rows.sizes))).tolist()
    found, at, first = {}, 0, 0
    for metric, arity, n, sets in told:
        of, own = slice(at, at + n), slice(bins[at], bins[at + n])
        labels = [row[1 : 1 + arity] for row in rows.labels[first : first + sets]]
        found[metric] = Columns(
            labels, rows.which[of] - first, rows.starts[of], rows.ints[:, of], rows.sizes[of], rows.index[own],
            rows.counts[own],
        )  # fmt: skip
        at, first = at + n, first + sets

    return found


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
        raise ValueError("not a row of the journal") from error

    parts: dict[str, Part] = {}
    for metric, length, *told in head:
        body = blob[at : at + length]
        if told:
            lot = Lot(body, told[0])
            parts |= {name: Share(lot, name) for name, *_ in told[0]}
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
