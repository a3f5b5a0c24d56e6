"""Silences by what an incident is about, maintenance windows that come again, and quiet hours. Pure."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from monitoring.incident import Incident, Rule
from monitoring.model import HOUR, MINUTE, Instant, Severity
from monitoring.rows import Document

SILENCE = "silence"
LABELS = ("rule", "group", "severity", "service")
"""By what incidents can be told apart in a silence. A service is the group of a rule that is kept apart by service."""
SERVICE_LABELS = frozenset({"service"})
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Between two times of the day in a zone, on some weekdays; past midnight where it ends before it begins."""

    start: str
    """"02:00"."""
    end: str
    zone: str = "UTC"
    days: tuple[int, ...] = ()
    """0 is Monday; the day on which it begins. Empty: every day."""

    def span(self, now: Instant) -> tuple[Instant, Instant] | None:
        """The window that holds `now`, end not included; None outside of any. One a day, however clocks change."""
        today = datetime.fromtimestamp(now / 1000, ZoneInfo(self.zone)).date()
        first, last = minutes(self.start), minutes(self.end)
        for day in (today - timedelta(days=1), today):
            if self.days and day.weekday() not in self.days:
                continue

            until = day if last > first else day + timedelta(days=1)
            begin, end = instant(day, first, self.zone), instant(until, last, self.zone, later=True)
            if begin <= now < end:
                return begin, end

        return None


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing is told of what it matches between `start` and `end` (None: until somebody ends it)."""

    id: str
    by: str
    """Who made it."""
    matchers: tuple[tuple[str, str], ...] = ()
    """(label, value), all of which must hold; labels: rule, group, severity, service. Empty: everything."""
    start: Instant = 0
    end: Instant | None = None
    recurring: Recurrence | None = None
    """A maintenance window: only within these hours."""
    reason: str = ""
    ended_by: str = ""
    """Who ended it before its time."""

    def active(self, now: Instant) -> bool:
        """Whether it counts now."""
        if now < self.start or (self.end is not None and now >= self.end):
            return False

        return self.recurring is None or self.recurring.span(now) is not None

    def until(self, now: Instant) -> Instant | None:
        """When it ends, as far as is known now."""
        span = self.recurring.span(now) if self.recurring is not None else None
        ends = [at for at in (self.end, span[1] if span else None) if at is not None]
        return min(ends, default=None)

    def matches(self, incident: Incident, rule: Rule) -> bool:
        """Whether it is about this incident."""
        return all(_holds(label, value, incident, rule) for label, value in self.matchers)

    @property
    def kind(self) -> str:
        """silence, or maintenance where it comes again."""
        return "maintenance" if self.recurring is not None else "silence"

    @property
    def words(self) -> str:
        """Who made it and why, in words."""
        head = "maintenance window" if self.recurring is not None else "silence"
        head += f" of {self.by}" if self.by else ""
        return f"{head}: {self.reason}" if self.reason else head


@dataclass(slots=True)
class QuietHours:
    """Hours in which what is no worse than `severity` waits."""

    hours: Recurrence
    severity: Severity = Severity.WARNING

    def holds(self, severity: Severity, now: Instant) -> bool:
        """Whether news of this severity wait now."""
        order = list(Severity)
        return order.index(severity) <= order.index(self.severity) and self.hours.span(now) is not None


def quiet_hours(text: str, severity: Severity, zone: str) -> QuietHours | None:
    """Quiet hours from "23:00-07:00", all day where it ends as it begins; None for "". Raises ValueError in words."""
    if not text.strip():
        return None

    parts = [part.strip() for part in re.split("[-–]", text)]
    if len(parts) != 2 or not all(_CLOCK.fullmatch(part) for part in parts):
        raise ValueError(f'Quiet hours are written as "23:00-07:00", not "{text}".')

    return QuietHours(Recurrence(parts[0], parts[1], zone), severity)


def problems(silence: Silence) -> list[str]:
    """What is wrong with a silence, in sentences that say how to mend it."""
    found = [
        f'"{label}" is nothing to silence by: use {", ".join(LABELS)}.'
        for label, _ in silence.matchers
        if label not in LABELS
    ]
    if silence.end is not None and silence.end <= silence.start:
        found.append("A silence must end after it begins.")

    if silence.recurring is not None:
        times = (silence.recurring.start, silence.recurring.end)
        if not all(_CLOCK.fullmatch(text) for text in times) or times[0] == times[1]:
            found.append('A maintenance window needs two different times of the day, as "02:00" and "04:00".')

        if not all(0 <= day <= 6 for day in silence.recurring.days):
            found.append("Days of the week are 0 (Monday) to 6 (Sunday).")

    return found


def minutes(clock: str) -> int:
    """Minutes since midnight of "02:30"."""
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def instant(day: date, minute: int, zone: str, *, later: bool = False) -> Instant:
    """When the clocks of the zone show this time: of two the first, or the `later`; of none the first moment after."""
    local = datetime.combine(day, time(minute // 60, minute % 60), ZoneInfo(zone)).replace(fold=int(later))
    at = round(local.timestamp() * 1000)
    shown = datetime.fromtimestamp(at / 1000, ZoneInfo(zone))
    if (shown.hour, shown.minute) == (local.hour, local.minute):
        return at

    # The hour was left out: search the moment at which the clocks were set, to the minute.
    low, high = at - 3 * HOUR, at + 3 * HOUR
    wall = local.replace(tzinfo=None)
    while high - low > MINUTE:
        middle = (low + high) // 2 // MINUTE * MINUTE
        if middle <= low:
            break

        seen = datetime.fromtimestamp(middle / 1000, UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        low, high = (middle, high) if seen < wall else (low, middle)

    return -(-high // MINUTE) * MINUTE


def silence_document(silence: Silence, version: int = 0) -> Document:
    """The silence as it is kept."""
    body: dict[str, object] = asdict(silence)
    body["matchers"] = [list(pair) for pair in silence.matchers]
    return Document(SILENCE, silence.id, version, body)


def silence_of(document: Document) -> Silence:
    """The silence that a document holds."""
    body = cast("dict[str, Any]", document.body)
    again = body.get("recurring")
    days = tuple(again.pop("days", ())) if again else ()
    return Silence(
        document.key,
        str(body.get("by", "")),
        tuple((str(label), str(value)) for label, value in body.get("matchers", ())),
        int(body.get("start", 0)),
        body.get("end"),
        Recurrence(**again, days=days) if again else None,
        str(body.get("reason", "")),
        str(body.get("ended_by", "")),
    )


def _holds(label: str, value: str, incident: Incident, rule: Rule) -> bool:
    if label == "service":
        # Probes have a group for each service; other rules name theirs in what they look at.
        of_rule = {found for name, found in rule.where if name in SERVICE_LABELS}
        by_service = rule.by in SERVICE_LABELS or rule.metric == "probe"
        return value in of_rule or (by_service and incident.group == value)

    found = {"rule": incident.rule, "group": incident.group, "severity": incident.severity.value}
    return found.get(label) == value
