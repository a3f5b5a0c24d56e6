"""From operations one by one to columns: thousands of facts tried and turned in a few passes (F17).

What all of a column have in common (type, least, most) is asked of the column; what can be asked of few distinct values
(names, kinds of failure) is asked of those. Only where something is wrong is each fact looked at by itself.
"""

from __future__ import annotations

import struct
from collections import defaultdict, deque
from collections.abc import Sequence
from functools import lru_cache
from itertools import count, starmap
from operator import countOf
from typing import Any, TypeAlias, cast

import numpy as np

from monitoring.model import SECOND, ErrorKind, Instant, OperationDone, Recorded
from monitoring.narrow import Ints
from monitoring.operations import UNKNOWN, Manner, Operations
from monitoring.recording.label_numbers import LabelNumbers, Unfit
from monitoring.recording.told import operation_of
from monitoring.recording.valid import (
    AHEAD,
    EARLIEST,
    IDS,
    LONGEST,
    MOST,
    WEIGHT,
    are_words,
    fitting,
    is_error,
)
from monitoring.rollup import MICRO

Fields: TypeAlias = tuple[Any, ...]
"""The fields of an OperationDone, in order."""
Seconds: TypeAlias = np.ndarray[tuple[int], np.dtype[np.float64]]
_OPERATIONS = frozenset((tuple, OperationDone))
_AT = {name: at for at, name in enumerate(OperationDone._fields)}
_ERRORS = frozenset((type(None), ErrorKind))
_NUMBERS = frozenset((int, float))
_LATEST = 1e12
"""Seconds since 1970 beyond which no moment is looked at: some 30,000 years."""


_LEAST = np.array([EARLIEST, 0, 0, 0, 0, 1, 0, 0, UNKNOWN])
"""The least that may be: at, channel, prompt, completion, cached, weight, message, response, cost."""


def operations_in(facts: Sequence[Recorded]) -> Sequence[Fields]:
    """The operations among facts: mostly the very same facts, which one look at their types tells."""
    if _OPERATIONS.issuperset(map(type, facts)):
        return cast("Sequence[Fields]", facts)

    return [seen for seen in facts if type(seen) is tuple or type(seen) is OperationDone]


def gather(
    done: Sequence[Fields], now: Instant, numbers: LabelNumbers | None = None
) -> tuple[Operations, list[Fields]]:
    """The operations as columns in their order, and those that cannot be (which are left out).

    Each may be an OperationDone, or a plain tuple of its fields. The labels are all that `numbers` knows.
    """
    numbers = numbers or LabelNumbers()
    try:
        return _gathered(done, now, numbers), []
    except Exception:
        # Something is wrong with one of them, be it that it raises when looked at.
        good = [fitting(_one(fields), now) for fields in done]
        fit = [fields for fields, can in zip(done, good, strict=True) if can]
        return _gathered(fit, now, numbers), [fields for fields, can in zip(done, good, strict=True) if not can]


def _one(fields: Fields) -> object:
    """The operation that has these fields; None where there are more or fewer."""
    return operation_of(fields) if len(fields) == len(_AT) else None


def _gathered(done: Sequence[Fields], now: Instant, numbers: LabelNumbers) -> Operations:
    if countOf(map(len, done), len(_AT)) != len(done):
        raise Unfit

    # Not by `zip(*done)`: thousands of iterators at once set off the garbage collector, which takes as long again.
    fields: list[Any] = []
    deque(map(fields.extend, done), maxlen=0)
    columns = [fields[place :: len(_AT)] for place in range(len(_AT))]

    def of(*names: str) -> list[Any]:
        return [columns[_AT[name]] for name in names]

    which = numbers.which(of("service", "operation", "model", "persona", "guild_id", "feature"))
    manners, manner = _manners(of("error", "fingerprint", "variant", "detail", "local", "cache_hit"))
    message, response, cost = of("message_id", "response_id", "cost")
    duration = _seconds(columns[_AT["duration"]])
    whole = [_began(columns[_AT["at"]], duration)]
    whole += of("channel_id", "prompt_tokens", "completion_tokens", "cached_tokens", "weight")
    whole += [_filled(message, 0), _filled(response, 0), _filled(cost, UNKNOWN)]
    at, channel, prompt, completion, cached, weight, message, response, cost = _whole(whole, now)

    return Operations(
        numbers.labels,
        manners,
        which,
        manner,
        at,
        _micro(duration),
        channel,
        message,
        response,
        _first(columns[_AT["first_token"]]),
        prompt,
        completion,
        cached,
        cost,
        weight,
    )


def _numbered(columns: Sequence[Sequence[Any]]) -> tuple[list[tuple[Any, ...]], Ints]:
    """The distinct rows of some columns, and which of them each row is."""
    n = len(columns[0])
    if not n:
        return [], np.zeros(0, np.int64)

    # Most columns are alike from first to last, which is found out in a tenth of the time that numbering takes.
    alike = [column.count(column[0]) == n for column in columns]
    varied = [column for column, same in zip(columns, alike, strict=True) if not same]
    if not varied:
        return [tuple(column[0] for column in columns)], np.zeros(n, np.int64)

    numbers: defaultdict[Any, int] = defaultdict(count().__next__)
    # One alone, mostly the kinds of failure, needs no tuples.
    alone = len(varied) == 1
    keys = varied[0] if alone else zip(*varied, strict=True)
    which = np.fromiter(map(numbers.__getitem__, keys), np.int64, n)
    distinct = iter([tuple(numbers)]) if alone else zip(*numbers, strict=True)
    pairs = zip(columns, alike, strict=True)
    every = ([column[0]] * len(numbers) if same else next(distinct) for column, same in pairs)
    return list(zip(*every, strict=True)), which


def _manners(columns: Sequence[Sequence[Any]]) -> tuple[list[Manner], Ints]:
    """The distinct manners, and which of them each operation has."""
    found, which = _numbered(columns)
    # A word equals the kind that it names, and so would pass for it.
    if any(error is not None for error, *_ in found) and not _ERRORS.issuperset(map(type, columns[0])):
        raise Unfit

    return list(starmap(_manner, found)), which


@lru_cache(maxsize=1_024, typed=True)
def _manner(error: Any, fingerprint: Any, variant: Any, detail: Any, local: Any, cache_hit: Any) -> Manner:
    if not (is_error(error) and are_words(fingerprint, variant, detail)):
        raise Unfit

    if type(local) is not bool or (cache_hit is not None and type(cache_hit) is not bool):
        raise Unfit

    return Manner("" if error is None else error.value, fingerprint, variant, detail, local, cache_hit)


def _began(at: Sequence[Any], duration: Seconds) -> Sequence[Any] | Ints:
    """When each began, in milliseconds; for some it is told when they ended, in seconds (see `Recorded`)."""
    floats = countOf(map(type, at), float)
    if not floats:
        return at

    ended = np.array(at if floats == len(at) else [moment if type(moment) is float else 0.0 for moment in at])
    if not ((ended >= 0) & (ended <= _LATEST)).all():
        raise Unfit

    began = np.floor((ended - duration) * SECOND + 0.5).astype(np.int64)
    if floats == len(at):
        return began

    return [own if type(moment) is float else moment for own, moment in zip(began.tolist(), at, strict=True)]


def _whole(columns: list[Sequence[Any] | Ints], now: Instant) -> list[Ints]:
    """Whole numbers of their ranges: all columns at once. Raises Unfit, or OverflowError."""
    n = len(columns[0])
    grid = np.empty((len(columns), n), dtype=np.int64)
    if not n:
        return list(grid)

    for place, column in enumerate(columns):
        if isinstance(column, np.ndarray):
            grid[place] = column
            continue

        first, last = column[0], column[-1]
        # Half of them are alike from first to last, which is found out in a tenth of the time that turning them takes.
        if type(first) is type(last) is int and first == last and column.count(first) == n:
            grid[place] = first
        elif countOf(map(type, column), int) == n:
            grid[place] = np.frombuffer(struct.pack(f"{n}q", *column), np.int64)
        else:
            raise Unfit

    allowed = np.array([now + AHEAD, IDS, MOST, MOST, MOST, WEIGHT, IDS, IDS, MOST])
    if (grid.min(axis=1) < _LEAST).any() or (grid.max(axis=1) > allowed).any() or (grid[4] > grid[2]).any():
        raise Unfit

    return list(grid)


def _seconds(values: Sequence[Any]) -> Seconds:
    """Lengths of time. Raises Unfit."""
    if not _NUMBERS.issuperset(map(type, values)):
        raise Unfit

    seconds = np.frombuffer(struct.pack(f"{len(values)}d", *values), np.float64)
    if not ((seconds >= 0) & (seconds <= LONGEST)).all():
        raise Unfit

    return seconds


def _micro(seconds: Seconds) -> Ints:
    """Seconds in whole microseconds."""
    return np.rint(seconds * MICRO).astype(np.int64)


def _first(values: Sequence[Any]) -> Ints:
    """Times to the first token in whole microseconds; −1 for None."""
    if countOf(map(type, values), float) == len(values):
        return _micro(_seconds(values))

    if values.count(None) == len(values):
        return np.full(len(values), UNKNOWN, dtype=np.int64)

    there = np.array([value is not None for value in values], dtype=bool)
    found = np.full(len(values), UNKNOWN, dtype=np.int64)
    found[there] = _micro(_seconds([value for value in values if value is not None]))
    return found


def _filled(values: Sequence[Any], nothing: int) -> Sequence[Any]:
    """With a number in the place of None. A number that means none is no value of its own."""
    if None not in values:
        missing = False
    elif values.count(None) == len(values):
        return [nothing] * len(values)
    else:
        missing = True

    if nothing < 0 and any(type(value) is int and value < 0 for value in values):
        raise Unfit

    return [nothing if value is None else value for value in values] if missing else values
