"""How is each persona doing?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypedDict

from monitoring.analysis.banter import topics
from monitoring.analysis.figure import Bands, Figure, Gap, Point, Timing
from monitoring.analysis.relationships import Relationships
from monitoring.analysis.series import Keep, counted, days_since, failing, in_gap, label, only, timing
from monitoring.interfaces import People
from monitoring.model import DAY, HOUR, Instant
from monitoring.rollup import Rollup, Series
from monitoring.window import Window


@dataclass(frozen=True, slots=True)
class Bond:
    """What stands between the persona asked about and another one."""

    other: str
    slot: int
    affinity: float
    stage: str


@dataclass(frozen=True, slots=True)
class PersonaPage:
    """Everything about one persona in a window. Rates and shares 0..1, times in seconds, cost in micro-dollars."""

    window: Window
    name: str
    slot: int
    messages: Figure
    per_day: Figure
    """Messages per day of the window since the first record."""
    share: Figure
    """Of all persona messages."""
    length: float | None
    """Mean characters a message."""
    response: Timing
    response_before: Timing
    users: Figure
    repeat: int
    """Users on two or more local days."""
    growth: float | None
    """Distinct users of 30 days against the 30 before: 0.06 is 6 % more; None without 60 days."""
    unanswered: Figure
    banter_share: float | None
    sentiment: float | None
    satisfaction: float | None
    votes: int
    questions: float | None = None
    """Share of messages with a question."""
    emoji: float | None = None
    """Emoji a message."""
    mentions: float | None = None
    topics: tuple[tuple[str, int], ...] = ()
    tokens: int = 0
    tokens_per_day: float | None = None
    cost: int | None = None
    """None where no price is known; 0 for local models."""
    local_only: bool = False
    days: tuple[Point, ...] = ()
    """Messages by day, or by hour in windows of up to two days."""
    hours: tuple[float, ...] = ()
    """24 values: mean messages in each hour of the day of the zone."""
    bonds: tuple[Bond, ...] = ()
    """Highest affinity first."""
    gaps: tuple[Gap, ...] = ()
    bands: Bands = Bands()
    last_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class PersonaRow:
    """One persona beside its siblings."""

    name: str
    slot: int
    messages: int
    share: float | None
    response: Timing
    satisfaction: float | None
    votes: int
    users: int


@dataclass(frozen=True, slots=True)
class Personas:
    """All personas of a window, most messages first, with the three kinds of popularity ("" for none)."""

    window: Window
    rows: tuple[PersonaRow, ...]
    most_engaged: str
    most_liked: str
    fastest: str


@dataclass(frozen=True, slots=True)
class Traces:
    """What `persona_page` is told: series of this window in days or hours, one step of the window before."""

    message: Series
    """In days, or hours in short windows."""
    message_hours: Series
    message_before: Series
    response: Series
    response_before: Series
    addressed: Series
    addressed_before: Series
    banter: Series
    sentiment: Series
    satisfaction: Series
    detail: Series
    topic: Series
    operation: Series
    people: Mapping[str, People]
    people_before: Mapping[str, People]
    growth: tuple[int, int] | None = None
    """Distinct users of the last 30 days and of the 30 before; None without 60 days of records."""
    bonds: Relationships | None = None
    gaps: tuple[Gap, ...] = ()
    slots: Mapping[str, int] = field(default_factory=dict)
    first_at: Instant | None = None
    last_at: Instant | None = None


def persona_page(window: Window, name: str, traces: Traces, *, guild: str | None = None, bands: Bands) -> PersonaPage:
    """Everything about one persona in a window."""
    mine = only("message", author="persona", persona=name, guild=guild)
    all_of_them = only("message", author="persona", guild=guild)
    now, before = traces.message.sum(mine), traces.message_before.sum(mine)
    whole, whole_before = traces.message.sum(all_of_them).count, traces.message_before.sum(all_of_them).count
    keep_response = only("response", persona=name, guild=guild)
    keep_addressed = only("addressed", persona=name, guild=guild)
    people, people_before = traces.people.get(name, People()), traces.people_before.get(name, People())
    days = days_since(window, traces.first_at)
    full_before = traces.first_at is not None and traces.first_at <= window.before.start
    inside = traces.banter.sum(only("banter", persona=name, guild=guild)).count
    mood = traces.sentiment.sum(only("sentiment", persona=name, guild=guild))
    votes = traces.satisfaction.sum(only("satisfaction", persona=name, guild=guild))
    spent = traces.operation.sum(only("operation", persona=name, guild=guild))

    return PersonaPage(
        window=window,
        name=name,
        slot=traces.slots.get(name, 0),
        messages=counted(now, before),
        per_day=Figure(now.count / days, before.count / (window.length / DAY) if full_before else None, now.count),
        share=Figure(_ratio(now.count, whole), _ratio(before.count, whole_before), whole),
        length=now.mean,
        response=timing(traces.response.sum(keep_response)),
        response_before=timing(traces.response_before.sum(keep_response)),
        users=Figure(float(people.users), float(people_before.users) or None, people.users),
        repeat=people.repeat,
        growth=_growth(traces.growth),
        unanswered=failing(traces.addressed.sum(keep_addressed), traces.addressed_before.sum(keep_addressed)),
        banter_share=_ratio(inside, now.count),
        sentiment=mood.mean if mood.count else None,
        satisfaction=votes.mean if votes.count >= LEAST_VOTES else None,
        votes=votes.count,
        topics=topics(traces.topic, only("topic", persona=name, guild=guild), most=3),
        tokens=spent.tokens,
        tokens_per_day=spent.tokens / days if spent.tokens else None,
        cost=None if spent.unpriced and not spent.cost else spent.cost,
        local_only=bool(spent.tokens) and not spent.cost and not spent.unpriced,
        bonds=_bonds(name, traces.bonds),
        gaps=traces.gaps,
        bands=bands,
        last_at=traces.last_at,
        **_style(name, traces, guild, now),
        **_rhythm(window, traces, mine),
    )


LEAST_VOTES = 3
"""What fewer than three people felt is not shown (DEFINITIONS "People")."""
LEAST_ANSWERS = 20


class _Style(TypedDict):
    questions: float | None
    emoji: float | None
    mentions: float | None


def _style(name: str, traces: Traces, guild: str | None, messages: Rollup) -> _Style:
    """How it writes: share of messages with a question, emoji and mentions a message."""

    def of(what: str) -> Rollup:
        return traces.detail.sum(only("detail", what=what, persona=name, guild=guild))

    return _Style(
        questions=_ratio(of("question").count, messages.count),
        emoji=_ratio(of("emoji").total / 1e6, messages.count),
        mentions=_ratio(of("mention").total / 1e6, messages.count),
    )


class _Rhythm(TypedDict):
    days: tuple[Point, ...]
    hours: tuple[float, ...]


def _rhythm(window: Window, traces: Traces, mine: Keep) -> _Rhythm:
    """When it writes: by step, and the mean of each hour of the day over the days that were monitored."""
    days = []
    for at, end, rollup in zip(traces.message.starts, traces.message.ends, traces.message.line(mine), strict=True):
        dark = not rollup.count and (in_gap(at, traces.gaps) or (traces.first_at or 0) >= end)
        days.append(Point(at, None if dark else float(rollup.count), rollup.count))

    sums, seen = [0] * 24, [0] * 24
    for at, rollup in zip(traces.message_hours.starts, traces.message_hours.line(mine), strict=True):
        if not rollup.count and (in_gap(at, traces.gaps) or (traces.first_at or 0) >= at + HOUR):
            continue

        hour = datetime.fromtimestamp(at / 1000, window.info).hour
        sums[hour] += rollup.count
        seen[hour] += 1

    return _Rhythm(days=tuple(days), hours=tuple(s / n if n else 0.0 for s, n in zip(sums, seen, strict=True)))


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _growth(both: tuple[int, int] | None) -> float | None:
    return both[0] / both[1] - 1 if both and both[1] else None


def _bonds(name: str, relations: Relationships | None) -> tuple[Bond, ...]:
    """The other personas by affinity, highest first."""
    found = []
    for pair in relations.pairs if relations else ():
        if pair.a == name:
            found.append(Bond(pair.b, pair.slot_b, pair.affinity, pair.stage))
        elif pair.b == name:
            found.append(Bond(pair.a, pair.slot_a, pair.affinity, pair.stage))

    return tuple(sorted(found, key=lambda bond: (-bond.affinity, bond.other)))


def personas(
    window: Window,
    message: Series,
    response: Series,
    satisfaction: Series,
    people: Mapping[str, People],
    *,
    slots: Mapping[str, int],
    guild: str | None = None,
) -> Personas:
    """All personas side by side, most messages first. Most liked: at least 3 votes; fastest: at least 20 answers."""
    counts = message.total(label("message", "persona", only("message", author="persona", guild=guild)))
    times = response.total(label("response", "persona", only("response", guild=guild)))
    votes = satisfaction.total(label("satisfaction", "persona", only("satisfaction", guild=guild)))
    whole = sum(r.count for r in counts.values())
    rows = []
    for name in sorted((set(counts) | set(times)) - {"", "other"}):
        vote = votes.get(name, Rollup())
        n = counts.get(name, Rollup()).count
        rows.append(
            PersonaRow(
                name=name,
                slot=slots.get(name, 0),
                messages=n,
                share=_ratio(n, whole),
                response=timing(times.get(name, Rollup())),
                satisfaction=vote.mean if vote.count >= LEAST_VOTES else None,
                votes=vote.count,
                users=people.get(name, People()).users,
            )
        )

    rows.sort(key=lambda row: (-row.messages, row.name))
    liked = [row for row in rows if row.satisfaction is not None]
    timed = [row for row in rows if row.response.mean is not None and row.response.n >= LEAST_ANSWERS]

    return Personas(
        window=window,
        rows=tuple(rows),
        most_engaged=rows[0].name if rows and rows[0].messages else "",
        most_liked=max(liked, key=lambda row: row.satisfaction or 0).name if liked else "",
        fastest=min(timed, key=lambda row: row.response.mean or 0).name if timed else "",
    )
