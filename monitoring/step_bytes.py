"""Rollups in columns as bytes and back: what a segment and a row of the journal hold."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Collection, Iterator, Sequence

import numpy as np

from monitoring import narrow
from monitoring.narrow import Ints, Written
from monitoring.rollup import TOP_BIN, ZERO_BIN, Labels
from monitoring.steps import HIGH_AT, LOW_AT, LOWER_AT, NO_HIGH, NO_LOW, WIDTH, Columns

VERSION = b"\x03"
_OLDER = b"\x02"
"""How it was before columns were narrow: read, never written."""
HEAD = struct.Struct("<?IIIIHq")
"""Whether the rest is compressed; rows, label sets, bins, bytes of names, labels in a set; the first start."""
LINES = WIDTH + 4
"""Columns with a number for each row: those of rollups, which extremes it lacks, sizes, starts, labels."""
LARGEST = 1 << 26
"""Rows or bins that a blob may claim to have; a damaged one could claim anything."""
BROKEN = (zlib.error, struct.error, LookupError, TypeError, ValueError, StopIteration)
"""What reading bytes that are none raises."""


def encode(rows: Columns, level: int = 3) -> bytes:
    """Columns as bytes; `level` is zlib's, 0 for what is read again within the minute."""
    n, first = len(rows), int(rows.starts[0]) if len(rows) else 0
    names, table, which = narrow.write_used(rows.labels, rows.which)
    told = json.dumps(names, ensure_ascii=False, separators=(",", ":")).encode()
    columns = [*narrow.write_all(table), *_rows(rows, which, first)]
    columns += [narrow.write(rows.index), narrow.write(rows.counts)]
    # Columns that are all zero are left out: most are, of most metrics.
    used = bytes(kind != 0 or base != 0 for kind, base, _ in columns)
    heads = [narrow.HEAD.pack(kind, base, len(body)) for kind, base, body in columns if kind or base]
    body = b"".join((told, used, *heads, *(body for _, _, body in columns)))
    head = HEAD.pack(bool(level), n, table.shape[1], len(rows.index), len(told), len(names), first)

    return VERSION + head + (zlib.compress(body, level) if level else body)


def _rows(rows: Columns, which: Ints, first: int) -> list[Written]:
    """The columns of rows. Extremes are told by how far they are from the total and each other: mostly not at all."""
    lines = np.empty((LINES, len(rows)), dtype=np.int64)
    lines[:WIDTH] = rows.ints
    low, high, lower = rows.ints[LOW_AT], rows.ints[HIGH_AT], rows.ints[LOWER_AT]
    no_low, no_high = low == NO_LOW, high == NO_HIGH
    lines[LOW_AT] = np.where(no_low, 0, lower - low)
    lines[HIGH_AT] = np.where(no_high, 0, high - np.where(no_low, 0, low))
    lines[WIDTH] = no_low + 2 * no_high
    lines[WIDTH + 1] = rows.sizes
    # In a segment all starts are one and labels are in order.
    lines[WIDTH + 2] = rows.starts - first
    lines[WIDTH + 3] = which - np.arange(len(rows))
    return narrow.write_all(lines)


def decode(blob: bytes, keep: Collection[int] | None = None) -> Columns:
    """The columns that `encode` wrote. Raises ValueError for bytes that are none.

    With `keep`, labels at other places read "" and several rows of a step may bear the same ones: `steps.merge` adds
    them up.
    """
    try:
        if blob[:1] == VERSION:
            return _decoded(blob, keep)

        if blob[:1] == _OLDER:
            rows = _older(blob)
            return rows if keep is None else rows.kept(keep)
    except BROKEN as error:
        raise ValueError("not an encoded step") from error

    raise ValueError("not an encoded step of a version that is known")


def _decoded(blob: bytes, keep: Collection[int] | None) -> Columns:
    small, n, sets, bins, told, arity, first = HEAD.unpack_from(blob, 1)
    if max(n, sets, bins) > LARGEST:
        raise ValueError("not an encoded step")

    body = memoryview(blob)[1 + HEAD.size :]
    if small:
        body = memoryview(zlib.decompress(body))

    names = json.loads(bytes(body[:told]))
    lengths = [*[sets] * arity, *[n] * LINES, bins, bins]
    columns = _read(body, told, lengths)
    lines = np.array(columns[arity : arity + LINES]).reshape(LINES, n)
    empty, sizes, starts, which = lines[WIDTH:]
    grid = lines[:WIDTH]
    no_low, no_high = (empty & 1) != 0, (empty & 2) != 0
    low = np.where(no_low, 0, grid[LOWER_AT] - grid[LOW_AT])
    grid[HIGH_AT] = np.where(no_high, NO_HIGH, low + grid[HIGH_AT])
    grid[LOW_AT] = np.where(no_low, NO_LOW, low)
    index, counts = columns[-2:]
    if int(sizes.sum()) != bins or (bins and not ZERO_BIN <= int(index.min()) <= int(index.max()) <= TOP_BIN):
        raise ValueError("not an encoded step")

    which = which + np.arange(n)
    labels: list[Labels]
    if arity and keep is not None:
        labels, group = narrow.read_groups(names, columns[:arity], keep, sets)
        which = group[which]
    else:
        labels = narrow.read_names(names, columns[:arity]) if arity else [()] * sets

    return Columns(labels, which, starts + first, grid, sizes, index, counts)


def _read(body: memoryview, at: int, lengths: Sequence[int]) -> list[Ints]:
    """The columns of these lengths."""
    used = bytes(body[at : at + len(lengths)])
    at += len(lengths)
    edge = at + sum(used) * narrow.HEAD.size
    told: Iterator[tuple[int, int, int]] = narrow.HEAD.iter_unpack(body[at:edge])
    at = edge
    columns: list[Ints] = []
    for length, there in zip(lengths, used, strict=True):
        if not there:
            columns.append(np.zeros(length, dtype=np.int64))
            continue

        kind, base, size = next(told)
        columns.append(narrow.read(body[at : at + size], kind, base, length))
        at += size

    return columns


def _older(blob: bytes) -> Columns:
    """Version 2: whole 64-bit columns, label sets as JSON, all compressed."""
    body = zlib.decompress(memoryview(blob)[1:])
    head, lines_ = struct.Struct("<IIIq"), WIDTH + 3
    n, named, bins, first = head.unpack_from(body)
    at = head.size + named
    labels: list[Labels] = [tuple(values) for values in json.loads(body[head.size : at])]
    used = np.frombuffer(body, "?", lines_, at)
    lines = np.zeros((lines_, n), dtype=np.int64)
    lines[used] = np.frombuffer(body, "<i8", int(used.sum()) * n, at + lines_).reshape(used.sum(), n)
    counts = np.frombuffer(body, "<i8", bins, len(body) - 10 * bins)
    index = np.frombuffer(body, "<i2", bins, len(body) - 2 * bins).astype(np.int64)
    sizes, starts, which = lines[WIDTH:]

    return Columns(labels, which + np.arange(n), starts + first, lines[:WIDTH], sizes, index, counts)
