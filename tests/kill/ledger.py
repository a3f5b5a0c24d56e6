"""What a process that will be killed says of itself: written into shared memory, which survives it.

A pipe would hold up whoever writes when nobody reads; a page of a mapped file is the kernel's the moment it is written.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path

ROOM = 1 << 18
"""Entries of one stream."""
_HEAD = 4_096
_NUMBER = struct.Struct("<q")
_SECONDS = struct.Struct("<d")


class Stream(IntEnum):
    """Facts are handed in by several threads, each numbering its own from 1 on."""

    TALK = 0
    WORK = 1
    MORE_WORK = 2
    COMMANDS = 3
    READINGS = 4
    LONG = 5
    """Operations that take long: the entry is when it began."""
    LONG_ENDED = 6
    """When the operation of the same number in LONG ended; 0 while it is under way."""


class Word(IntEnum):
    """Numbers in the head, after the lengths of the streams."""

    READY = 16
    """Microseconds of the monotonic clock at which it recorded again."""
    KILLED = 17
    """Microseconds of the monotonic clock at which it killed itself; 0: it did not."""
    SAVED = 18
    """Rounds of state that were acknowledged."""
    SET = 19
    """The last value of the setting that was acknowledged."""
    MENDED = 20
    """1: it found a store that had to be mended."""
    DROPPED = 21
    """Facts that it let go for want of room."""
    DEPRIVED = 22
    """Microseconds of its last second that the machine was busy elsewhere: see `deprived.py`."""
    STAGE = 23
    """What it was doing when it killed itself, plus one."""
    CLOSED = 24
    """1: it closed everything in order."""
    DELAYED = 25
    """Microseconds until READY in which it could have run and was not let."""
    STATEMENTS = 26
    """How many statements of its stage it began, when it lived on."""


class Ledger:
    """Streams of monotonic seconds and a few numbers, in a file that both processes map."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        size = _HEAD + len(Stream) * ROOM * 8
        if create:
            with path.open("wb") as file:
                file.truncate(size)

        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), size)

    def close(self) -> None:
        """Let go of the mapping."""
        self._map.close()

    def hand_in(self, stream: Stream, at: float) -> int:
        """Note the next fact of a stream, handed in at these monotonic seconds; its number."""
        number = self.length(stream) + 1
        self.put(stream, number, at)
        _NUMBER.pack_into(self._map, stream * 8, number)
        return number

    def put(self, stream: Stream, number: int, at: float) -> None:
        """Note a time for one number of a stream."""
        if number > ROOM:
            raise ValueError("the ledger is full")

        _SECONDS.pack_into(self._map, _HEAD + (stream * ROOM + number - 1) * 8, at)

    def length(self, stream: Stream) -> int:
        """How many facts were handed in."""
        return int(_NUMBER.unpack_from(self._map, stream * 8)[0])

    def time(self, stream: Stream, number: int) -> float:
        """When the fact of that number was handed in."""
        return float(_SECONDS.unpack_from(self._map, _HEAD + (stream * ROOM + number - 1) * 8)[0])

    def times(self, stream: Stream) -> Iterator[tuple[int, float]]:
        """Every number and its time."""
        for number in range(1, self.length(stream) + 1):
            yield number, self.time(stream, number)

    def __getitem__(self, word: Word) -> int:
        return int(_NUMBER.unpack_from(self._map, word * 8)[0])

    def __setitem__(self, word: Word, value: int) -> None:
        _NUMBER.pack_into(self._map, word * 8, value)


def fact_id(life: int, stream: Stream, number: int) -> int:
    """The id by which a fact can be found again: no other has it."""
    return (life << 40) + (stream << 32) + number


def parts_of(fact: int) -> tuple[int, Stream, int]:
    """Life, stream and number of an id."""
    return fact >> 40, Stream((fact >> 32) & 0xFF), fact & 0xFFFF_FFFF
