"""The digest of one local date: when it is due, and what it says. Pure: no clock, no I/O."""

from __future__ import annotations

import datetime as dates
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from monitoring.analysis.banter import Banter
from monitoring.analysis.changes import day_changes
from monitoring.analysis.overview import Overview
from monitoring.analysis.personas import Personas
from monitoring.analysis.relationships import Pair, Relationships
from monitoring.incident import Incident, Rule
from monitoring.model import DAY, MINUTE, Band, Instant, Severity
from monitoring.phrasing import NB, count, duration, money, seconds, share, weekday
from monitoring.window import Window

LATE_AFTER = 10 * MINUTE
"""A digest sent so long after its time is marked late."""
CHANGES = 3
MOVERS = 3
ADVICE = 3


@dataclass(frozen=True, slots=True)
class DayIncidents:
    """The incidents of a day: how many opened and resolved in it, how many are still open, how fast somebody came."""

    opened: int = 0
    resolved: int = 0
    open: int = 0
    """Open at the end of the day."""
    acknowledge: float | None = None
    """Mean seconds from the opening until somebody acknowledged; None if nobody did."""
    numbers: tuple[int, ...] = ()
    worst: Severity | None = None


@dataclass(frozen=True, slots=True)
class Digest:
    """What is told of a local date. Words are already safe for Discord; names in them are bold or `code`."""

    date: str
    window: Window
    zone: str
    quiet: bool
    """Nothing beyond usual, no incident, nothing to do: a title and one line."""
    band: Band
    title: str
    """"Wed 11 Mar: a quiet day, all healthy"; without emoji."""
    line: str
    """The day's figures in one sentence, for a quiet day."""
    changes: tuple[str, ...]
    """At most three, the most important first."""
    overview: Overview
    personas: Personas | None = None
    banter: Banter | None = None
    movers: tuple[Pair, ...] = ()
    incidents: DayIncidents = DayIncidents()
    worth_doing: tuple[str, ...] = ()
    late: bool = False


def digest(
    date: str,
    zone: str,
    overview: Overview,
    *,
    personas: Personas | None = None,
    banter: Banter | None = None,
    relationships: Relationships | None = None,
    incidents: Iterable[Incident] = (),
    rules: Sequence[Rule] = (),
    late: bool = False,
) -> Digest:
    """Put the day together. `overview` and the rest are of the day's window, their `before` the day before."""
    window = day_window(dates.date.fromisoformat(date), zone)
    mine = [i for i in incidents if _touches(i, window)]
    counted = _incidents(mine, window)
    movers = relationships.movers[:MOVERS] if relationships is not None else ()
    changes = tuple(words for _, words in day_changes(overview, banter, movers))[:CHANGES]
    worth = _worth_doing(mine, window, rules)
    band = _band(overview, counted)
    empty = not overview.messages.value and not overview.mean.n
    quiet = not (changes or worth or counted.numbers) and band in {Band.GOOD, Band.UNKNOWN}
    verdict = _verdict(mine, window, counted, empty=empty, quiet=quiet, unwell=_unwell(overview))
    return Digest(
        date=date,
        window=window,
        zone=zone,
        quiet=quiet,
        band=band,
        title=f"{weekday(window.start, zone)}: {verdict}",
        line=_line(overview, counted, empty=empty) + (" Nothing needs you." if quiet else ""),
        changes=changes,
        overview=overview,
        personas=personas,
        banter=banter,
        movers=movers,
        incidents=counted,
        worth_doing=worth,
        late=late,
    )


# --- when


def day_window(day: dates.date, zone: str) -> Window:
    """A local date from its first instant to the next date's: 23, 24 or 25 hours."""
    return Window(
        _instant(day, dates.time(), zone),
        _instant(day + dates.timedelta(days=1), dates.time(), zone),
        zone,
        day.isoformat(),
    )


def sent_at(day: dates.date, zone: str, at: str = "09:00") -> Instant:
    """When the digest of a date is sent: the day after at that time, or the first valid instant after it."""
    return _instant(day + dates.timedelta(days=1), dates.time.fromisoformat(at), zone)


def due(
    marks: Collection[str], now: Instant, zone: str, at: str = "09:00", first_full_day: str | None = None
) -> dates.date | None:
    """The local date whose digest is to be sent now, or None (F9).

    `marks` are the dates that were sent; `first_full_day` is the first date recorded from its beginning. Of missed
    ones only the newest is caught up. Marks of days that have not begun to come are not counted.
    """
    today = _local(now, zone)
    newest = today - dates.timedelta(days=1)
    if sent_at(newest, zone, at) > now:
        newest -= dates.timedelta(days=1)

    if first_full_day is not None and newest < dates.date.fromisoformat(first_full_day):
        return None

    dropped = ahead(marks, now, zone)
    counted = [mark for mark in marks if mark not in dropped]
    return newest if all(mark < newest.isoformat() for mark in counted) else None


def ahead(marks: Iterable[str], now: Instant, zone: str) -> frozenset[str]:
    """Marks later than tomorrow: left from before a clock was set back, to be dropped."""
    tomorrow = (_local(now, zone) + dates.timedelta(days=1)).isoformat()
    return frozenset(mark for mark in marks if mark > tomorrow)


def is_late(day: dates.date, now: Instant, zone: str, at: str = "09:00") -> bool:
    """Whether the digest of a date goes out later than it should have."""
    return now - sent_at(day, zone, at) > LATE_AFTER


def first_full_day(began: Instant, zone: str) -> str:
    """The first local date that is recorded from its beginning."""
    day = _local(began, zone)
    return (day if day_window(day, zone).start == began else day + dates.timedelta(days=1)).isoformat()


def last_complete_day(now: Instant, zone: str) -> str:
    """Yesterday."""
    return (_local(now, zone) - dates.timedelta(days=1)).isoformat()


def _local(at: Instant, zone: str) -> dates.date:
    return dates.datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).date()


def _instant(day: dates.date, at: dates.time, zone: str) -> Instant:
    """A local time as an instant: the first of two, and for one that does not exist the first valid one after it."""
    info = ZoneInfo(zone)
    local = dates.datetime.combine(day, at, info)
    early, late = (round(local.replace(fold=fold).timestamp() * 1000) for fold in (1, 0))
    if dates.datetime.fromtimestamp(late / 1000, info).replace(tzinfo=None) == local.replace(tzinfo=None):
        return late

    # The clocks skip this time: somewhere between both readings they are set forward.
    while late - early > 1:
        middle = (early + late) // 2
        if dates.datetime.fromtimestamp(middle / 1000, info).replace(tzinfo=None) < local.replace(tzinfo=None):
            early = middle
        else:
            late = middle

    return late


# --- what


def _touches(incident: Incident, window: Window) -> bool:
    opened, over = incident.opened_at, incident.resolved_at
    return opened is not None and opened < window.end and (over is None or over >= window.start)


def _incidents(incidents: Sequence[Incident], window: Window) -> DayIncidents:
    opened = [i for i in incidents if i.opened_at is not None and i.opened_at >= window.start]
    waits = [(i.acknowledged_at - i.opened_at) / 1000 for i in opened if i.acknowledged_at and i.opened_at]
    ended = [i for i in incidents if i.resolved_at is not None and i.resolved_at < window.end]
    severities = {i.severity for i in incidents}
    ranked = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)
    return DayIncidents(
        opened=len(opened),
        resolved=len(ended),
        open=len(incidents) - len(ended),
        acknowledge=sum(waits) / len(waits) if waits else None,
        numbers=tuple(i.number for i in incidents),
        worst=next((severity for severity in ranked if severity in severities), None),
    )


def _band(overview: Overview, incidents: DayIncidents) -> Band:
    """Critical only while something critical is still open; a day that went wrong and is over is a warning."""
    if incidents.open and incidents.worst is Severity.CRITICAL:
        return Band.CRITICAL

    bands = {overview.mean.band, overview.p95.band, overview.errors.band}
    if incidents.numbers or bands & {Band.WARNING, Band.CRITICAL}:
        return Band.WARNING

    return Band.GOOD if overview.messages.value or overview.mean.n else Band.UNKNOWN


def _worth_doing(incidents: Sequence[Incident], window: Window, rules: Sequence[Rule]) -> tuple[str, ...]:
    """The advice of the rules that were broken that day, once each."""
    advice = {rule.name: rule.advice for rule in rules}
    broken = [i for i in incidents if i.reason == "" and i.opened_at is not None and i.opened_at < window.end]
    return tuple(dict.fromkeys(words for i in broken if (words := advice.get(i.rule, ""))))[:ADVICE]


def _verdict(
    incidents: Sequence[Incident], window: Window, counted: DayIncidents, *, empty: bool, quiet: bool, unwell: str
) -> str:
    """The day in a few words."""
    if counted.open:
        return f"{_incident_words(counted.open)} still open"

    if incidents:
        spans = [(max(i.since, window.start), min(i.resolved_at or window.end, window.end)) for i in incidents]
        lasted = _covered(spans) / 1000
        return f"a good day but for {duration(lasted)}" if lasted < DAY / 1000 / 4 else f"{duration(lasted)} of trouble"

    if empty:
        return "nothing was said"

    if unwell:
        return f"{unwell}, but no incident"

    return "a quiet day, all healthy" if quiet else "a day without incidents"


def _unwell(overview: Overview) -> str:
    """What was not good though nothing broke; "" for a good day."""
    bad = {Band.WARNING, Band.CRITICAL}
    slow, failing = {overview.mean.band, overview.p95.band} & bad, overview.errors.band in bad
    if slow:
        return "slow, with failures" if failing else "slow answers"

    return "failures" if failing else ""


def _covered(spans: Iterable[tuple[Instant, Instant]]) -> int:
    """Milliseconds that the spans cover together."""
    total, reached = 0, 0
    for start, end in sorted(spans):
        total += max(end - max(start, reached), 0)
        reached = max(reached, end)

    return total


def _incident_words(n: int) -> str:
    return f"{n}{NB}incident{'' if n == 1 else 's'}"


def _line(overview: Overview, counted: DayIncidents, *, empty: bool) -> str:
    if empty:
        return "No message and no answer."

    parts = [f"{count(overview.messages.value)} messages"]
    if overview.p95.value is not None or overview.mean.value is not None:
        name, figure = ("P95", overview.p95) if overview.p95.value is not None else ("mean response", overview.mean)
        parts.append(f"{name} {seconds(figure.value)}")

    if overview.errors.value is not None:
        parts.append(f"errors {share(overview.errors.value)}")

    parts.append(_incident_words(len(counted.numbers)) if counted.numbers else "no incident")
    if overview.cost.value is not None:
        parts.append(money(overview.cost.value))

    return f"{', '.join(parts)}."
