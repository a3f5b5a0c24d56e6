"""A step (all label sets of one metric in one minute, hour or day) as bytes, and the merging of many of them."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import TypeAlias, TypeVar

import numpy as np

from monitoring.rollup import TOP_BIN, ZERO_BIN, Labels, Rollup, Table

Key = TypeVar("Key")
Ints: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.int64]]

_VERSION = 1
_HEAD = struct.Struct("<BIIII")
_NONE = np.iinfo(np.int64).min
_TOP = np.iinfo(np.int64).max
_MOST = 2**62
_INTS = ("count", "failures", "total", "low", "high", "prompt", "completion", "cached", "cost", "unpriced")
_values = attrgetter(*_INTS)
_HALF = 40
"""A total is kept in two columns, above and below this bit: bytes in millionths, summed over a month, pass 63 bits."""
_WIDTH = len(_INTS) + 1


def encode(table: Mapping[Labels, Rollup], level: int = 3) -> bytes:
    """A table as compressed columns: label sets, eleven integers each, and the bins of all sketches in a row.

    `level` is zlib's: 3 takes 7 % more bytes than 6 and a third of its time.
    """
    names = json.dumps([list(labels) for labels in table], ensure_ascii=False, separators=(",", ":")).encode()
    rollups = list(table.values())
    bins = [sorted(r.bins.items()) for r in rollups]
    sizes = np.array([len(b) for b in bins], dtype="<u4")
    index = np.array([i for b in bins for i, _ in b], dtype="<i2")
    counts = np.array([n for b in bins for _, n in b], dtype="<i8")
    # Columns one after another: equal bytes lie together, which compresses three times better than rows.
    body = b"".join((names, _columns(rollups), sizes.tobytes(), index.tobytes(), counts.tobytes()))

    return _HEAD.pack(_VERSION, len(rollups), len(names), len(index), len(body)) + zlib.compress(body, level)


def _columns(rollups: list[Rollup]) -> bytes:
    """The integers of all rollups, column by column."""
    columns = [list(column) for column in zip(*map(_values, rollups), strict=True)] or [[] for _ in _INTS]
    totals = columns[2]
    # Extremes beyond 63 bits (no such reading exists) are held at the edge, so that they cannot stop a flush.
    lows, highs = ([v if v is not None and -_MOST < v < _MOST else _edge(v) for v in columns[i]] for i in (3, 4))
    halves = [[v >> _HALF for v in totals], [v & ((1 << _HALF) - 1) for v in totals]]

    return np.array([*columns[:2], *halves, lows, highs, *columns[5:]], dtype="<i8").tobytes()


def _edge(value: int | None) -> int:
    """What stands for no extreme, or for one beyond 63 bits."""
    return _NONE if value is None else max(-_MOST, min(_MOST, value))


@dataclass(frozen=True, slots=True)
class Step:
    """One decoded step of one metric, as columns."""

    labels: list[Labels]
    ints: np.ndarray[tuple[int, int], np.dtype[np.int64]]
    """Shape (label sets, 11), columns as in the encoding: the total takes two."""
    sizes: np.ndarray[tuple[int], np.dtype[np.uint32]]
    index: np.ndarray[tuple[int], np.dtype[np.int16]]
    counts: np.ndarray[tuple[int], np.dtype[np.int64]]

    def table(self) -> Table:
        """The step as a table."""
        return combine([self], lambda labels: labels)


def decode(blob: bytes) -> Step:
    """The step that `encode` wrote. Raises ValueError for bytes that are none."""
    try:
        version, n, names, bins, size = _HEAD.unpack_from(blob)
        body = zlib.decompress(blob[_HEAD.size :])
    except (struct.error, zlib.error) as error:
        raise ValueError("not an encoded step") from error

    if version != _VERSION or len(body) != size:
        raise ValueError(f"an encoded step of version {version} with {len(body)} of {size} bytes")

    labels = [tuple(values) for values in json.loads(body[:names])]
    at = names
    ints = np.frombuffer(body, "<i8", n * _WIDTH, at).reshape(_WIDTH, n).T
    at += ints.nbytes
    sizes = np.frombuffer(body, "<u4", n, at)
    at += sizes.nbytes
    index = np.frombuffer(body, "<i2", bins, at)
    at += index.nbytes

    return Step(labels, ints, sizes, index, np.frombuffer(body, "<i8", bins, at))


def combine(steps: Iterable[Step], key: Callable[[Labels], Key | None]) -> dict[Key, Rollup]:
    """Merge all rollups of many steps into one for each key; label sets whose key is None are left out.

    Vectorised: one pass over the columns of all steps together, whatever their number.
    """
    steps = list(steps)
    keys: dict[Key, int] = {}
    groups: list[int] = []
    for step in steps:
        for labels in step.labels:
            name = key(labels)
            groups.append(-1 if name is None else keys.setdefault(name, len(keys)))

    if not keys:
        return {}

    group = np.array(groups, dtype=np.int64)
    ints = np.concatenate([s.ints for s in steps])
    kept = group >= 0
    if not kept.all():
        ints = ints[kept]

    sums, low, high = _combine_ints(ints, group[kept], len(keys))
    bins = _combine_bins(steps, group, len(keys))
    rows = zip(sums.tolist(), low.tolist(), high.tolist(), bins, strict=True)

    return {name: _rollup(row, least, most, own) for name, (row, least, most, own) in zip(keys, rows, strict=True)}


def _rollup(row: list[int], low: int, high: int, bins: dict[int, int]) -> Rollup:
    """A rollup of summed columns."""
    total = (row[2] << _HALF) + row[3]
    least, most = None if low == _TOP else low, None if high == _NONE else high

    return Rollup(row[0], row[1], total, least, most, row[6], row[7], row[8], row[9], row[10], bins)


def _combine_ints(ints: Ints, group: Ints, n: int) -> tuple[Ints, Ints, Ints]:
    """The summed columns of each group, its lowest low and its highest high."""
    sums = np.zeros((n, _WIDTH), dtype=np.int64)
    low = np.full(n, _TOP, dtype=np.int64)
    high = np.full(n, _NONE, dtype=np.int64)
    for column in (*range(4), *range(6, _WIDTH)):
        np.add.at(sums[:, column], group, ints[:, column])

    np.minimum.at(low, group, np.where(ints[:, 4] == _NONE, _TOP, ints[:, 4]))
    np.maximum.at(high, group, ints[:, 5])

    return sums, low, high


def _combine_bins(steps: list[Step], group: np.ndarray[tuple[int], np.dtype[np.int64]], n: int) -> list[dict[int, int]]:
    """The summed bins of each group."""
    owner = np.repeat(group, np.concatenate([s.sizes for s in steps]))
    index = np.concatenate([s.index for s in steps]).astype(np.int64)
    counts = np.concatenate([s.counts for s in steps])
    width = TOP_BIN - ZERO_BIN + 1
    flat = (owner * width + index - ZERO_BIN)[owner >= 0]
    places, inverse = np.unique(flat, return_inverse=True)
    sums = np.zeros(len(places), dtype=np.int64)
    np.add.at(sums, inverse, counts[owner >= 0])

    result: list[dict[int, int]] = [{} for _ in range(n)]
    for place, amount in zip(places.tolist(), sums.tolist(), strict=True):
        if amount:
            result[place // width][place % width + ZERO_BIN] = amount

    return result
