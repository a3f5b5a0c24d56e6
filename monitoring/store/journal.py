"""The journal: what batches add to the rollups, from the moment they are appended until it is folded into segments.

One blob for each batch, and in it all minutes of a metric as one lot of columns. So a batch of backfilled history, with
a thousand minutes, costs as much as one with a few.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Collection, Iterable, Mapping, Sequence

from monitoring import step_bytes, steps
from monitoring.model import Instant
from monitoring.rollup import Deltas, Table
from monitoring.steps import Columns
from monitoring.tally import compacted

_SIZE = struct.Struct("<I")
_REMEMBERED = 4_096
"""Bytes up to which a part is kept decoded: the small ones of everyday, which are read again and again."""


class Part:
    """What one batch adds to one metric; decoded when first asked for."""

    __slots__ = ("_blob", "_rows")

    def __init__(self, blob: bytes) -> None:
        self._blob = blob
        self._rows: Columns | None = None

    def rows(self, keep: Collection[int] | None = None) -> Columns:
        """Its minutes, with the labels at all places or some. Raises ValueError for bytes that are none."""
        if keep is not None and len(self._blob) > _REMEMBERED:
            return step_bytes.decode(self._blob, keep)

        rows = self._rows or step_bytes.decode(self._blob)
        if len(self._blob) <= _REMEMBERED:
            self._rows = rows

        return rows if keep is None else rows.kept(keep)


def encode(deltas: Deltas, columns: Mapping[str, Sequence[Columns]]) -> bytes:
    """All that a batch adds as one blob: a list of metrics and sizes, then the columns of each; empty for nothing."""
    if not deltas and not columns:
        return b""

    minutes: dict[str, list[tuple[Instant, Table]]] = {}
    for (metric, minute), table in deltas.items():
        minutes.setdefault(metric, []).append((minute, table))

    parts = {metric: [steps.columns(tables)] for metric, tables in minutes.items()}
    for metric, more in columns.items():
        parts.setdefault(metric, []).extend(more)

    blobs = {metric: step_bytes.encode(_one(rows), level=0) for metric, rows in parts.items()}
    head = json.dumps([[metric, len(blob)] for metric, blob in blobs.items()]).encode()

    return b"".join((_SIZE.pack(len(head)), head, *blobs.values()))


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

    parts = {}
    for metric, length in head:
        parts[metric] = Part(blob[at : at + length])
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
