"""What an export is of: a window of steps, in one form, of everything or of some services or a guild."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitoring.export.text import FORMS
from monitoring.model import DAY, HOUR, MINUTE, Instant
from monitoring.recording.valid import EARLIEST
from monitoring.window import Scope, Window, next_step, step_start

STEPS = {"hour": HOUR, "minute": MINUTE, "day": DAY}
"""Widths of steps by name, the usual one first."""


@dataclass(frozen=True, slots=True)
class Question:
    """The steps that begin in [since, until). The same question has the same answer, byte for byte."""

    since: Instant
    until: Instant
    zone: str
    form: str = "csv"
    step: str = "hour"
    services: tuple[str, ...] = ()
    """Only what is counted by service, of these; none: everything."""
    scope: Scope = Scope()

    @property
    def name(self) -> str:
        """Of the file: made of the window alone, whatever things in it are called."""
        first, last = (self._date(at) for at in (self.since, self.until - 1))
        return f"greenroom-{first}-to-{last}.{FORMS[self.form].ending}"

    @property
    def kind(self) -> str:
        """The media type."""
        return FORMS[self.form].kind

    def _date(self, at: Instant) -> str:
        return f"{datetime.fromtimestamp(at / 1000, Window(at, at, self.zone).info):%Y-%m-%d}"


def question(
    now: Instant,
    zone: str,
    *,
    form: str = "csv",
    since: Instant | None = None,
    until: Instant | None = None,
    step: str = "hour",
    services: Sequence[str] = (),
    scope: Scope | None = None,
) -> Question:
    """A question whose ends are those of steps: the first and the last one are in it as a whole.

    By default about the last 24 hours. Raises ValueError that says what cannot be.
    """
    width = STEPS[step]
    end = min(now if until is None else until, now)
    start = end - DAY if since is None else since
    if not EARLIEST <= start < end:
        raise ValueError("The window is empty: since must be before until and before now, and after 2014.")

    first, last = step_start(start, width, zone), step_start(end, width, zone)
    last = last if last == end else next_step(last, width, zone)
    return Question(first, last, zone, form, step, tuple(sorted(set(services))), scope or Scope())
