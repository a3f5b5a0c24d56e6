"""Channels for some time each, against which thousands of operations are held at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from monitoring.model import Instant
from monitoring.narrow import Ints
from monitoring.operations import Mask, Stay


class Stays:
    """Some stays; those in one channel may overlap."""

    def __init__(self, stays: Iterable[Stay]) -> None:
        spans = _apart(stays)
        self._first = min((one.start for one in spans), default=0)
        self._last = max((one.end for one in spans), default=-1)
        self._channels, number = np.unique([one.channel_id for one in spans], return_inverse=True)
        starts = np.array([one.start for one in spans], dtype=np.int64)
        ends = np.array([one.end for one in spans], dtype=np.int64)
        # One number for channel and time: so the spans of all channels lie one after the other.
        self._length = self._last - self._first + 1
        self._begins = number * self._length + starts - self._first
        self._ends = number * self._length + ends - self._first
        order = np.argsort(starts)
        self._starts, self._latest = starts[order], np.maximum.accumulate(ends[order])

    def touch(self, first: Instant, last: Instant) -> bool:
        """Whether any of them has an instant in [first, last]."""
        begun = int(np.searchsorted(self._starts, last, side="right"))
        return begun > 0 and bool(self._latest[begun - 1] >= first)

    def channel(self, channels: Ints) -> Mask:
        """Which of these channels any of them is in."""
        if not len(self._channels):
            return np.zeros(len(channels), dtype=bool)

        known: Mask = self._channels[self._number(channels)] == channels
        return known

    def inside(self, channels: Ints, at: Ints) -> Mask:
        """Which operations, by channel and when they began, are inside one of them."""
        well = self.channel(channels) & (at >= self._first) & (at <= self._last)
        places = np.flatnonzero(well)
        moments = self._number(channels[places]) * self._length + at[places] - self._first
        last = np.searchsorted(self._begins, moments, side="right") - 1
        well[places] = (last >= 0) & (self._ends[np.maximum(last, 0)] >= moments)
        return well

    def _number(self, channels: Ints) -> Ints:
        """Where each channel is among those known, or would be."""
        return np.minimum(np.searchsorted(self._channels, channels), len(self._channels) - 1)


def _apart(stays: Iterable[Stay]) -> list[Stay]:
    """In order of channel and time; those that overlap as one."""
    found: list[Stay] = []
    for one in sorted(stay for stay in stays if stay.start <= stay.end):
        if found and found[-1].channel_id == one.channel_id and found[-1].end >= one.start:
            found[-1] = found[-1]._replace(end=max(found[-1].end, one.end))
        else:
            found.append(one)

    return found
