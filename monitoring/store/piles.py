"""Columns that many segments have each for themselves, read as one: as bytes, they are as `narrow` writes them."""

from __future__ import annotations

import numpy as np

from monitoring import narrow
from monitoring.narrow import Ints
from monitoring.operations import Mask

_NOT = "not columns that can be read together"


class Pile:
    """One column of several segments; those that leave it out have zeros."""

    __slots__ = ("_bases", "_bodies", "_kinds", "_owners")

    def __init__(self) -> None:
        self._owners: list[int] = []
        self._kinds: list[int] = []
        self._bases: list[int] = []
        self._bodies: list[memoryview] = []

    def add(self, owner: int, kind: int, base: int, body: memoryview) -> None:
        """The column of the segment with this number."""
        self._owners.append(owner)
        self._kinds.append(kind)
        self._bases.append(base)
        self._bodies.append(body)

    def read(self, lengths: Ints) -> Ints:
        """All its numbers, segment by segment; these have so many. Raises ValueError for bytes that are none."""
        bases = np.zeros(len(lengths), dtype=np.int64)
        bases[self._owners] = self._bases
        based = np.repeat(bases, lengths)
        kinds = {*self._kinds}
        if not any(kind & narrow.WIDTH for kind in kinds):
            return based

        if any(kind & ~(narrow.WIDTH | narrow.DIFFERENCES) for kind in kinds):
            raise ValueError(_NOT)

        offsets = self._offsets(lengths.tolist())
        if any(kind & narrow.DIFFERENCES for kind in kinds):
            stepped = np.zeros(len(lengths), dtype=bool)
            stepped[self._owners] = [kind & narrow.DIFFERENCES != 0 for kind in self._kinds]
            offsets = _summed(offsets, lengths, stepped)

        offsets += based
        return offsets

    def _offsets(self, lengths: list[int]) -> Ints:
        """As they are written, without their bases: byte by byte, the highest of the widest column first."""
        widths = [kind & narrow.WIDTH for kind in self._kinds]
        zeros = memoryview(bytes(max(lengths)))
        found: Ints | None = None
        for plane in reversed(range(max(widths))):
            parts = [zeros[:n] for n in lengths]
            for owner, width, body in zip(self._owners, widths, self._bodies, strict=True):
                n = lengths[owner]
                if len(body) != width * n:
                    raise ValueError(_NOT)

                if plane < width:
                    parts[owner] = body[plane * n : (plane + 1) * n]

            values = np.frombuffer(b"".join(parts), np.uint8)
            if found is None:
                found = values.astype(np.int64)
            else:
                found <<= 8
                found |= values

        assert found is not None, "one of them has a width"
        return found


def _summed(offsets: Ints, lengths: Ints, stepped: Mask) -> Ints:
    """What differences from one to the next come to, in the segments that are written so; others are left."""
    sums = np.cumsum((offsets >> 1) ^ -(offsets & 1))
    begins = np.cumsum(lengths) - lengths
    before = np.concatenate(([0], sums))[begins]
    sums -= np.repeat(before, lengths)
    return sums if stepped.all() else np.where(np.repeat(stepped, lengths), sums, offsets)
