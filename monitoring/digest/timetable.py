"""At which times digests go out, and which changes of them make sense, in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from monitoring.digest.dates import WEEKDAYS
from monitoring.model import Instant
from monitoring.safe_text import safe_text

OFF = "off"
_TIME = re.compile(r"\s*(?P<hour>\d{1,2})[:.](?P<minute>\d\d)\s*\Z")


@dataclass(frozen=True, slots=True)
class Timetable:
    """Times are local, as "09:00"."""

    daily: bool = True
    daily_time: str = "09:00"
    weekly: str = "monday"
    """The weekday in small letters, or off."""
    weekly_time: str = "09:00"
    daily_since: Instant = 0
    """Since when daily ones are wanted: what should have gone out before is not caught up."""
    weekly_since: Instant = 0
    """Since when weekly ones are wanted on that day."""

    @property
    def weekday(self) -> int | None:
        """The day of the weekly digest, Monday is 0; None: there is none."""
        return WEEKDAYS.index(self.weekly) if self.weekly in WEEKDAYS else None

    def document(self) -> dict[str, object]:
        """As it is remembered."""
        return asdict(self)


def timetable_of(stored: object, standard: Timetable) -> Timetable:
    """What was remembered; what is missing or makes no sense is as in the settings."""
    if not isinstance(stored, Mapping):
        return standard

    found = dict(stored)
    known: dict[str, object] = {}
    if isinstance(found.get("daily"), bool):
        known["daily"] = found["daily"]

    for name in ("daily_time", "weekly_time"):
        if isinstance(found.get(name), str) and (time := time_of(str(found[name]))):
            known[name] = time

    if found.get("weekly") in (*WEEKDAYS, OFF):
        known["weekly"] = found["weekly"]

    for name in ("daily_since", "weekly_since"):
        if isinstance(found.get(name), int):
            known[name] = found[name]

    return replace(standard, **known)  # type: ignore[arg-type]  # each was looked at


def changed(
    table: Timetable,
    now: Instant,
    *,
    daily: bool | None = None,
    daily_time: str = "",
    weekly: str = "",
    weekly_time: str = "",
) -> Timetable:
    """The timetable with these changes; "" and None leave a part as it is. ValueError says in words what is wrong."""
    times = {
        name: _time(text) for name, text in (("daily_time", daily_time), ("weekly_time", weekly_time)) if text.strip()
    }
    table = replace(table, **times)  # type: ignore[arg-type]  # texts, for texts
    if daily is not None and daily != table.daily:
        table = replace(table, daily=daily, daily_since=now)

    day = weekly.strip().lower()
    if day and day not in (*WEEKDAYS, OFF):
        raise ValueError(f"“{safe_text(weekly, 20)}” is no day of the week: write monday to sunday, or off.")

    if day and day != table.weekly:
        table = replace(table, weekly=day, weekly_since=now)

    return table


def time_of(text: str) -> str:
    """A time of day as "09:00"; "" for what is none."""
    found = _TIME.match(text)
    if found is None or int(found["hour"]) > 23 or int(found["minute"]) > 59:
        return ""

    return f"{int(found['hour']):02}:{found['minute']}"


def _time(text: str) -> str:
    time = time_of(text)
    if not time:
        raise ValueError(f"“{safe_text(text, 20)}” is no time of day: write it as 09:00, from 00:00 to 23:59.")

    return time
