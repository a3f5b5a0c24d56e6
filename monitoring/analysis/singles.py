"""Single operations out of the raw ones: the newest, the slowest, those that failed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from monitoring.model import Instant
from monitoring.operations import Mask, Operations
from monitoring.rollup import MICRO, Labels

FEW = 5
"""As many single operations are shown."""


@dataclass(frozen=True, slots=True)
class Single:
    """One operation: when it began, what it was, how many seconds it took, and the kind of its failure ("": none)."""

    at: Instant
    service: str
    operation: str
    duration: float
    kind: str = ""
    fingerprint: str = ""
    model: str = ""


def of_labels(done: Operations, test: Callable[[Labels], bool]) -> Operations:
    """Those whose labels pass the test; each label set is tested once."""
    if not len(done):
        return done

    keep: Mask = np.array([test(labels) for labels in done.labels], dtype=bool)[done.which]
    return done.take(keep)


def newest(done: Operations, most: int = FEW) -> tuple[Single, ...]:
    """The last ones, newest first."""
    return _singles(done.take(np.argsort(done.at, kind="stable")[::-1][:most]))


def slowest(done: Operations, most: int = FEW) -> tuple[Single, ...]:
    """The successes that took longest, slowest first; of equals the earlier one."""
    good = done.take(~done.failed)
    return _singles(good.take(np.argsort(-good.duration, kind="stable")[:most]))


def failed(done: Operations, most: int = FEW) -> tuple[Single, ...]:
    """The last ones that failed, newest first."""
    return newest(done.take(done.failed), most)


def _singles(done: Operations) -> tuple[Single, ...]:
    found = []
    for which, manner, at, duration in zip(
        done.which.tolist(), done.manner.tolist(), done.at.tolist(), done.duration.tolist(), strict=True
    ):
        service, operation, model, *_ = done.labels[which]
        how = done.manners[manner]
        found.append(Single(at, service, operation, duration / MICRO, how.error, how.fingerprint, model))

    return tuple(found)
