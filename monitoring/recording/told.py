"""What a host says of its operations, taken only if it can be: tokens, money, seconds, failures (F17)."""

from __future__ import annotations

import math
import operator
from decimal import Decimal
from typing import Any, NamedTuple

from monitoring.model import SECOND, ErrorKind, Instant, OperationDone
from monitoring.recording.failure import classify, fingerprint
from monitoring.recording.redact import detail_of
from monitoring.recording.valid import LONGEST, MOST
from monitoring.rollup import MICRO

DEAREST = 1_000_000
"""Dollars that one operation may cost."""


class Failure(NamedTuple):
    """Why an operation failed; without a kind, it did not."""

    kind: ErrorKind | None = None
    fingerprint: str = ""
    detail: str = ""


SUCCESS = Failure()


class Ending(NamedTuple):
    """What a host told of an operation that it timed itself, as the fact bears it."""

    duration: float
    failure: Failure
    first_token: float | None
    prompt: int
    completion: int
    cached: int
    cost: int | None


def began(ended: float, duration: float) -> Instant:
    """When something began that ended at `ended` (seconds since 1970) and took `duration` seconds."""
    return math.floor((ended - duration) * SECOND + 0.5)


def instant_of(at: Any) -> Instant:
    """An instant that a host told. Raises TypeError for what is none; the flush looks whether it can be."""
    if type(at) is not int:
        raise TypeError("no instant")

    return at


def operation_of(fields: tuple[Any, ...]) -> OperationDone:
    """The operation whose fields a plain tuple holds; in the place of `at` it may have, as a float, when it ended.

    What cannot be stays as it is, for `fitting` to refuse.
    """
    done = OperationDone(*fields)
    if type(done.at) is not float or type(done.duration) is not float:
        return done

    try:
        return done._replace(at=began(done.at, done.duration))
    except (ValueError, OverflowError):
        # It took forever, or no number.
        return done


def ending_of(
    duration: Any, error: Any, first_token: Any, prompt: Any, completion: Any, cached: Any, cost: Any, text: bool
) -> Ending | None:
    """What was told as plain numbers; None where something of it cannot be."""
    seconds, tokens = seconds_of(duration), tokens_of(prompt, completion, cached)
    money = None if cost is None else micro_of(cost)
    first = None if first_token is None else seconds_of(first_token)
    mistold = (cost is not None and money is None) or (first_token is not None and first is None)
    if seconds is None or tokens is None or mistold:
        return None

    return Ending(seconds, SUCCESS if error is None else failure_of(error, text), first, *tokens, money)


def tokens_of(prompt: Any, completion: Any, cached: Any) -> tuple[int, int, int] | None:
    """The three counts as plain ints; None where they cannot be (cached ones are part of the prompt)."""
    if not type(prompt) is type(completion) is type(cached) is int:
        try:
            prompt, completion, cached = operator.index(prompt), operator.index(completion), operator.index(cached)
        except Exception:
            # Not whole numbers, or objects that raise when asked.
            return None

    return (prompt, completion, cached) if 0 <= cached <= prompt <= MOST and 0 <= completion <= MOST else None


def micro_of(dollars: Any) -> int | None:
    """Dollars in whole micro-dollars; None for what is no amount."""
    if not _is_number(dollars):
        return None

    # Through its shortest decimal form, so that 0.1 is what the host meant and not 0.1000000000000000055.
    return round(Decimal(repr(float(dollars)) if isinstance(dollars, float) else dollars) * MICRO)


def seconds_of(seconds: Any) -> float | None:
    """A length of time as a plain float; None for what is none."""
    return float(seconds) if _is_number(seconds) and seconds <= LONGEST else None


def failure_of(why: Any, text: bool) -> Failure:
    """What the host calls the reason (an exception, a kind, or its name); with `text`, also what an exception says."""
    try:
        if isinstance(why, BaseException):
            return Failure(classify(why), fingerprint(why), detail_of(why) if text else "")

        return Failure(ErrorKind(why))
    except Exception:
        # No kind, or an object that raises when asked: it failed all the same.
        return Failure(ErrorKind.UNKNOWN)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return False

    try:
        return math.isfinite(value) and 0 <= value <= max(DEAREST, LONGEST)
    except Exception:
        # An int too large for a float, or a subclass that raises.
        return False
