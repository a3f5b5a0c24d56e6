"""What a host says of its operations, taken only if it can be: tokens, money, seconds, failures (F17)."""

from __future__ import annotations

import math
import operator
from decimal import Decimal
from typing import Any

from monitoring.model import ErrorKind
from monitoring.recording.failure import classify, fingerprint
from monitoring.recording.valid import LONGEST, MOST
from monitoring.rollup import MICRO

DEAREST = 1_000_000
"""Dollars that one operation may cost."""


def tokens_of(prompt: Any, completion: Any, cached: Any) -> tuple[int, int, int] | None:
    """The three counts as plain ints; None where they cannot be (cached ones are part of the prompt)."""
    try:
        counts = (operator.index(prompt), operator.index(completion), operator.index(cached))
    except Exception:
        # Not whole numbers, or objects that raise when asked.
        return None

    return counts if all(0 <= n <= MOST for n in counts) and counts[2] <= counts[0] else None


def micro_of(dollars: Any) -> int | None:
    """Dollars in whole micro-dollars; None for what is no amount."""
    if not _is_number(dollars):
        return None

    # Through its shortest decimal form, so that 0.1 is what the host meant and not 0.1000000000000000055.
    return round(Decimal(repr(float(dollars)) if isinstance(dollars, float) else dollars) * MICRO)


def seconds_of(seconds: Any) -> float | None:
    """A length of time as a plain float; None for what is none."""
    return float(seconds) if _is_number(seconds) and seconds <= LONGEST else None


def failure_of(why: Any) -> tuple[ErrorKind, str]:
    """The kind and fingerprint of what the host calls the reason: an exception, a kind, or its name."""
    try:
        if isinstance(why, BaseException):
            return classify(why), fingerprint(why)

        return ErrorKind(why), ""
    except Exception:
        # No kind, or an object that raises when asked: it failed all the same.
        return ErrorKind.UNKNOWN, ""


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return False

    try:
        return math.isfinite(value) and 0 <= value <= max(DEAREST, LONGEST)
    except Exception:
        # An int too large for a float, or a subclass that raises.
        return False
