"""The promises as one value: what embeds, charts and reports are made from."""

from __future__ import annotations

from dataclasses import dataclass

from monitoring.analysis.slo import Slo
from monitoring.model import Band
from monitoring.window import Window

_ORDER = {Band.CRITICAL: 0, Band.WARNING: 1, Band.GOOD: 2, Band.UNKNOWN: 3}


@dataclass(frozen=True, slots=True)
class Kept:
    """Every promise as it stands at the window's end; those in trouble first, then those with least left."""

    window: Window
    promises: tuple[Slo, ...]

    @property
    def known(self) -> tuple[Slo, ...]:
        """Those of which anything is known."""
        return tuple(one for one in self.promises if one.value is not None)

    @property
    def troubled(self) -> tuple[Slo, ...]:
        """Those that burn or are broken."""
        return tuple(one for one in self.promises if one.state in (Band.CRITICAL, Band.WARNING))


def kept(window: Window, promises: tuple[Slo, ...]) -> Kept:
    """The promises in order of need."""
    return Kept(
        window, tuple(sorted(promises, key=lambda one: (_ORDER[one.state], one.few, _left(one), one.what, one.subject)))
    )


def _left(one: Slo) -> float:
    return 1.0 if one.budget is None else one.budget
