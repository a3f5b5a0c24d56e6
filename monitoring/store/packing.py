"""Operations as bytes and back: each column by itself, so that a question reads only those that it asks for."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Collection, Iterator
from typing import Any

import numpy as np

from monitoring import narrow
from monitoring.model import ErrorKind
from monitoring.narrow import Ints
from monitoring.operations import COLUMNS, Manner, Operations
from monitoring.rollup import Labels

PACKED = b"\x02"
"""The first byte of columns."""
ROWS = b"["
"""The first byte of rows as JSON, as the migration from rows to columns wrote them."""
_HEAD = struct.Struct("<IIIB")
"""Operations, label sets, bytes of names; whether they are compressed."""
_LABELS = 6
LARGEST = 1 << 24
"""Operations that a block may claim to have; a damaged one could claim anything."""
_IDS = frozenset(("channel", "message"))
"""Columns of large numbers, of which there may be few."""
_ASKED = frozenset(("which", "duration"))
"""Columns that nearly every question reads. They are mostly noise, and decompressing it was a third of a question."""


def pack(done: Operations, *, small: bool = False) -> bytes:
    """Operations as bytes; `small`: compressed, which what was just seen is not: it is packed again before long."""
    names, table, which = narrow.write_used(done.labels, done.which)
    values = [which, *(getattr(done, name) for name in COLUMNS[1:])]
    head = json.dumps([names, [list(manner) for manner in done.manners]], ensure_ascii=False, separators=(",", ":"))
    told = zlib.compress(head.encode(), 6) if small else head.encode()
    if small:
        packed = [narrow.write(column, below=1) for column in table]
        pairs = zip(COLUMNS, values, strict=True)
        packed += [narrow.write(column, below=0.5 if name in _ASKED else 1, few=name in _IDS) for name, column in pairs]
    else:
        packed = narrow.write_all(table) + narrow.write_all(np.array(values))

    return b"".join(
        (
            PACKED,
            _HEAD.pack(len(done), table.shape[1], len(told), small),
            *(narrow.HEAD.pack(kind, base, len(body)) for kind, base, body in packed),
            told,
            *(body for _, _, body in packed),
        )
    )


def unpack(blob: bytes, columns: Collection[str] = COLUMNS, keep: Collection[int] = range(_LABELS)) -> Operations:
    """The operations of a block. Raises ValueError for bytes that are none.

    Columns that are not asked for are all zero; without `which` there are no labels, without `manner` no manners.
    Labels at places that are not in `keep` read "".
    """
    try:
        if blob[:1] == ROWS:
            return _kept(_rows(blob), keep)

        if blob[:1] == PACKED:
            return _unpacked(blob, frozenset(columns), frozenset(keep))
    except (zlib.error, struct.error, LookupError, TypeError, ValueError) as error:
        raise ValueError("a damaged block of operations") from error

    raise ValueError("not a block of operations")


def _unpacked(blob: bytes, wanted: frozenset[str], keep: frozenset[int]) -> Operations:
    n, sets, named, small = _HEAD.unpack_from(blob, 1)
    if max(n, sets) > LARGEST:
        raise ValueError("a damaged block of operations")

    at = 1 + _HEAD.size
    count = _LABELS + len(COLUMNS)
    edge = at + count * narrow.HEAD.size
    heads, at = narrow.HEAD.iter_unpack(blob[at:edge]), edge
    told = blob[at : at + named]
    names, manners = json.loads(zlib.decompress(told) if small else told)
    at += named
    body = memoryview(blob)
    asked = [*("which" in wanted and place in keep for place in range(_LABELS)), *(name in wanted for name in COLUMNS)]
    no_set, nothing = narrow.zeros(sets), narrow.zeros(n)
    found: list[Ints] = []
    for i, (kind, base, size) in enumerate(heads):
        zeros = no_set if i < _LABELS else nothing
        found.append(narrow.read(body[at : at + size], kind, base, len(zeros)) if asked[i] else zeros)
        at += size

    labels: list[Labels] = []
    if "which" in wanted and len(keep) == _LABELS:
        labels = narrow.read_names(names, found[:_LABELS])
    elif "which" in wanted:
        labels, group = narrow.read_groups(names, found[:_LABELS], keep, sets)
        found[_LABELS] = group[found[_LABELS]]

    ways = [Manner(*manner) for manner in manners] if "manner" in wanted else []
    for name, numbers, rows in (("which", found[_LABELS], labels), ("manner", found[_LABELS + 1], ways)):
        if name in wanted and n and not 0 <= int(numbers.min()) <= int(numbers.max()) < len(rows):
            raise ValueError("a damaged block of operations")

    return Operations(labels, ways, *found[_LABELS:])


def _kept(done: Operations, keep: Collection[int]) -> Operations:
    if len(keep) == _LABELS:
        return done

    numbers: dict[Labels, int] = {}
    sets = (tuple(value if place in keep else "" for place, value in enumerate(own)) for own in done.labels)
    group = np.array([numbers.setdefault(own, len(numbers)) for own in sets], dtype=np.int64)
    which, *rest = (getattr(done, name) for name in COLUMNS)
    return Operations(list(numbers), done.manners, group[which], *rest)


def _rows(blob: bytes) -> Operations:
    """Operations out of rows as JSON: service, operation, model, persona, guild, feature, error, fingerprint, local,
    then the numbers in the order of the columns; ids as text, since JSON's numbers are too small for them."""
    labels: dict[Labels, int] = {}
    manners: dict[Manner, int] = {}
    numbers: list[list[int]] = []
    for row in json.loads(blob):
        one = tuple(map(str, row[:_LABELS]))
        error = row[_LABELS] if row[_LABELS] in set(ErrorKind) else ""
        manner = Manner(error, row[_LABELS + 1], local=bool(row[_LABELS + 2]))
        which = labels.setdefault(one, len(labels))
        numbers.append([which, manners.setdefault(manner, len(manners)), *map(int, row[_LABELS + 3 :])])

    columns: Iterator[Any] = iter(np.array(numbers, dtype=np.int64).reshape(len(numbers), len(COLUMNS)).T)
    return Operations(list(labels), list(manners), *columns)
