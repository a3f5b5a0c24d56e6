"""Who is there, who comes back, and how well they are served?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitoring.analysis.figure import Figure, Gap
from monitoring.analysis.retention import AudienceDay, Cohort, Return, active, by_day, cohorts, fresh_since, pooled
from monitoring.analysis.series import label, only, recorded
from monitoring.analysis.users import activity
from monitoring.model import DAY, Instant
from monitoring.rollup import Rollup, Series
from monitoring.rows import Attendance
from monitoring.window import Window, step_start

LEAST_VOTES = 3
TREND_DAYS, TREND_PART = 7, 3
"""Days that a trend is told from, and how many at either end are held against each other."""
STEADY = 10
"""A change up to so many per cent is none."""
LINE = 30 * DAY
"""The line of users a day is at least so long, as two days make none."""


@dataclass(frozen=True, slots=True)
class Quality:
    """A score 0..1 that the host reports of its answers, and of how many."""

    name: str
    mean: float
    n: int


@dataclass(frozen=True, slots=True)
class Engagement:
    """Answered user messages ÷ user messages, ×100."""

    score: Figure
    trend: str = ""
    """rising, falling or steady; "" where a part of the last seven days has no user messages."""


@dataclass(frozen=True, slots=True)
class Audience:
    """The people of a window, counted; `days` and `cohorts` go back further where the window is short."""

    window: Window
    active_now: int
    """Distinct people of the last five minutes; then of the last 24 h, 7 d and 30 d."""
    active: tuple[int, int, int]
    users: Figure
    new: int | None
    """First seen in the window; None where first sights cannot be told from others."""
    returning: int | None
    returns: tuple[Return, ...] = ()
    """After 1, 7 and 30 days, of all cohorts together."""
    cohorts: tuple[Cohort, ...] = ()
    days: tuple[AudienceDay, ...] = ()
    engagement: Engagement = Engagement(Figure(None))
    satisfaction: Figure = Figure(None)
    qualities: tuple[Quality, ...] = ()
    voice: Figure = Figure(None)
    """Seconds in voice channels, of all users together."""
    busiest: tuple[tuple[int, int], ...] = ()
    quietest: tuple[tuple[int, int], ...] = ()
    """Hours of the week as (weekday 0-6, hour)."""
    gaps: tuple[Gap, ...] = ()
    first_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Crowd:
    """What `audience` is told: who was there in all that is kept, and the window's series as one step each."""

    attendance: Attendance
    attendance_before: Attendance
    """Of the window before."""
    kept: int
    """How far back presences are kept, in milliseconds."""
    active_now: int
    message_hours: Series
    """Hour by hour of the window."""
    message: Series
    message_before: Series
    answered: Series
    answered_before: Series
    message_days: Series
    answered_days: Series
    """The last seven complete local days, day by day."""
    satisfaction: Series
    satisfaction_before: Series
    quality: Series
    voice: Series
    voice_before: Series
    gaps: tuple[Gap, ...] = ()
    first_at: Instant | None = None


def audience(window: Window, crowd: Crowd, *, guild: str | None = None) -> Audience:
    """The people of a window."""
    since = fresh_since(window, crowd.kept, crowd.first_at)
    weeks = cohorts(crowd.attendance, window, crowd.gaps, since, crowd.first_at)
    days = by_day(crowd.attendance, window, crowd.gaps, since, crowd.first_at)
    line = step_start(min(window.start, window.end - LINE), DAY, window.zone)
    users = active(crowd.attendance, window.end, window.length)
    rhythm = activity(window, crowd.message_hours, crowd.gaps, guild=guild, first_at=crowd.first_at, people=users)
    whole = recorded(window.before, crowd.first_at)
    before = len(crowd.attendance_before.first) if window.before.start >= window.end - crowd.kept else 0
    new = sum(first >= window.start for first in crowd.attendance.first) if window.start >= since else None

    return Audience(
        window=window,
        active_now=crowd.active_now,
        active=_spans(crowd.attendance, window.end),
        users=Figure(users, (before or None) if whole else None, users),
        new=new,
        returning=None if new is None else users - new,
        returns=pooled(weeks),
        cohorts=weeks,
        days=tuple(day for day in days if day.at >= line),
        engagement=_engagement(window, crowd, guild),
        satisfaction=_votes(crowd, guild),
        qualities=_qualities(crowd.quality, guild),
        voice=_voice(crowd, guild, whole=whole),
        busiest=rhythm.busiest,
        quietest=rhythm.quietest,
        gaps=crowd.gaps,
        first_at=crowd.first_at,
    )


def _spans(attendance: Attendance, end: Instant) -> tuple[int, int, int]:
    return active(attendance, end, DAY), active(attendance, end, 7 * DAY), active(attendance, end, 30 * DAY)


def _score(answered: int, asked: int) -> float | None:
    return 100 * answered / asked if asked else None


def _engagement(window: Window, crowd: Crowd, guild: str | None) -> Engagement:
    by_user, answered = only("message", author="user", guild=guild), only("answered", guild=guild)
    asked = crowd.message.sum(by_user).count
    score = Figure(
        _score(crowd.answered.sum(answered).count, asked),
        _score(crowd.answered_before.sum(answered).count, crowd.message_before.sum(by_user).count),
        asked,
    )
    return Engagement(score, trend(_daily(crowd.answered_days, answered), _daily(crowd.message_days, by_user)))


def _daily(series: Series, keep: object) -> dict[Instant, int]:
    assert callable(keep)
    return {at: row.count for at, row in zip(series.starts, series.line(keep), strict=True)}


def trend(answered: dict[Instant, int], asked: dict[Instant, int]) -> str:
    """The score of the last three of seven days against the first three, each pooled: beyond ±10 % it has moved."""
    days = sorted(asked)[-TREND_DAYS:]
    if len(days) < TREND_DAYS:
        return ""

    first, last = days[:TREND_PART], days[-TREND_PART:]
    (had, of), (has, now_of) = (
        (sum(answered.get(day, 0) for day in part), sum(asked[day] for day in part)) for part in (first, last)
    )
    if not had or not now_of:
        return ""

    # In whole numbers, so that ten per cent are ten per cent.
    now, before = 100 * has * of, had * now_of
    return "rising" if now > (100 + STEADY) * before else "falling" if now < (100 - STEADY) * before else "steady"


def _votes(crowd: Crowd, guild: str | None) -> Figure:
    """The mean vote, of three at least."""
    keep = only("satisfaction", guild=guild)
    now, before = crowd.satisfaction.sum(keep), crowd.satisfaction_before.sum(keep)
    return Figure(
        now.mean if now.count >= LEAST_VOTES else None, before.mean if before.count >= LEAST_VOTES else None, now.count
    )


def _qualities(series: Series, guild: str | None) -> tuple[Quality, ...]:
    found: dict[str, Rollup] = series.total(label("quality", "quality", only("quality", guild=guild)))
    rows = [Quality(name, row.mean, row.count) for name, row in found.items() if row.mean is not None]
    return tuple(sorted(rows, key=lambda row: row.name))


def _voice(crowd: Crowd, guild: str | None, *, whole: bool) -> Figure:
    """None where nobody ever was in a voice channel: most such bots do not look there."""
    now, before = (one.sum(only("voice", guild=guild)) for one in (crowd.voice, crowd.voice_before))
    if not now.count and not now.total and not before.total:
        return Figure(None)

    return Figure(now.total / 1e6, (before.total / 1e6 or None) if whole else None, now.count)


def complete_days(window: Window, count: int = TREND_DAYS) -> Sequence[Instant]:
    """When the last complete local days of a window begin, and when the last of them ends."""
    edges = [step_start(window.end, DAY, window.zone)]
    while len(edges) <= count:
        edges.append(step_start(edges[-1] - 1, DAY, window.zone))

    return edges[::-1]
