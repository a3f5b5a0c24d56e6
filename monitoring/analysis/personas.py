"""How is each persona doing?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from monitoring.analysis.banter import topics
from monitoring.analysis.evolution import Evolution, evolution
from monitoring.analysis.figure import Bands, Figure, Gap, Point, Timing
from monitoring.analysis.performance import partial
from monitoring.analysis.persona_parts import (
    Moods,
    Quality,
    Votes,
    hours_of_day,
    liking,
    moods,
    qualities,
    ratio,
    spending,
    style,
    votes_by_kind,
)
from monitoring.analysis.relationships import INFERRED, Relationships
from monitoring.analysis.rhythm import counts
from monitoring.analysis.series import amount, counted, days_since, failing, label, only, recorded, timing
from monitoring.interfaces import People
from monitoring.model import DAY, Instant, Told
from monitoring.rollup import Rollup, Series
from monitoring.window import Window


@dataclass(frozen=True, slots=True)
class Bond:
    """What stands between the persona asked about and another one."""

    other: str
    slot: int
    affinity: float
    stage: str
    source: str = INFERRED


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
    unpriced: int = 0
    """Operations with tokens whose price is unknown."""
    local_only: bool = False
    days: tuple[Point, ...] = ()
    """Messages by day; in windows of up to two days by hour, of up to six hours by some minutes."""
    hours: tuple[float, ...] = ()
    """24 values: mean messages in each hour of the day of the zone."""
    bonds: tuple[Bond, ...] = ()
    """Highest affinity first."""
    gaps: tuple[Gap, ...] = ()
    bands: Bands = Bands()
    last_at: Instant | None = None
    moods: Moods = Moods()
    votes_by: tuple[Votes, ...] = ()
    """Votes by kind, most first."""
    qualities: tuple[Quality, ...] = ()
    """As the host reports."""
    evolution: Evolution = Evolution()
    partial: bool = False
    """Facts of the window were dropped, so that its quantiles are partial."""


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
    quality: Series = Series("quality", (), (), ())
    told: Sequence[Told] = ()
    """What the host told of its growth, oldest first."""
    drop: Series = Series("drop", (), (), ())


def persona_page(window: Window, name: str, traces: Traces, *, guild: str | None = None, bands: Bands) -> PersonaPage:
    """Everything about one persona in a window."""
    mine = only("message", author="persona", persona=name, guild=guild)
    response = only("response", persona=name, guild=guild)
    addressed = only("addressed", persona=name, guild=guild)
    inside = traces.banter.sum(only("banter", persona=name, guild=guild))
    mood = traces.sentiment.sum(only("sentiment", persona=name, guild=guild))
    votes = traces.satisfaction.sum(only("satisfaction", persona=name, guild=guild))
    spent = traces.operation.sum(only("operation", persona=name, guild=guild))
    written = traces.message.sum(mine).count

    return PersonaPage(
        window=window,
        name=name,
        slot=traces.slots.get(name, 0),
        response=timing(traces.response.sum(response)),
        response_before=timing(traces.response_before.sum(response)),
        growth=_growth(traces.growth),
        unanswered=failing(traces.addressed.sum(addressed), traces.addressed_before.sum(addressed)),
        banter_share=ratio(inside.count, written),
        sentiment=mood.mean,
        satisfaction=liking(votes),
        votes=votes.count,
        topics=topics(traces.topic, only("topic", persona=name, guild=guild), most=3),
        days=counts(window, traces.message, mine, traces.gaps, traces.first_at),
        hours=hours_of_day(window, counts(window, traces.message_hours, mine, traces.gaps, traces.first_at)),
        bonds=_bonds(name, traces.bonds),
        gaps=traces.gaps,
        bands=bands,
        last_at=traces.last_at,
        moods=moods(traces.sentiment, name, guild),
        votes_by=votes_by_kind(traces.satisfaction, name, guild),
        qualities=qualities(traces.quality, name, guild),
        evolution=evolution(window, traces.told),
        partial=partial(traces.drop),
        **_amounts(window, name, traces, guild),
        **style(traces.detail, name, guild, written),
        **spending(spent, days_since(window, traces.first_at)),
    )


class _Amounts(TypedDict):
    messages: Figure
    per_day: Figure
    share: Figure
    length: float | None
    users: Figure
    repeat: int


def _amounts(window: Window, name: str, traces: Traces, guild: str | None) -> _Amounts:
    """How much it wrote and for how many, against the window before where that was recorded as a whole."""
    mine = only("message", author="persona", persona=name, guild=guild)
    everyone = only("message", author="persona", guild=guild)
    now, before = traces.message.sum(mine), traces.message_before.sum(mine)
    all_now, all_before = traces.message.sum(everyone).count, traces.message_before.sum(everyone).count
    people, people_before = traces.people.get(name, People()), traces.people_before.get(name, People())
    whole = recorded(window.before, traces.first_at)
    daily_before = before.count / (window.length / DAY) if whole else None

    return _Amounts(
        messages=counted(now, before, whole=whole),
        per_day=Figure(now.count / days_since(window, traces.first_at), daily_before, now.count),
        share=Figure(ratio(now.count, all_now), ratio(before.count, all_before), all_now),
        length=now.mean,
        users=amount(people.users, people_before.users, n=people.users, whole=whole),
        repeat=people.repeat,
    )


def _growth(both: tuple[int, int] | None) -> float | None:
    return both[0] / both[1] - 1 if both and both[1] else None


def _bonds(name: str, relations: Relationships | None) -> tuple[Bond, ...]:
    """The other personas by affinity, highest first."""
    found = []
    for pair in relations.pairs if relations else ():
        if pair.a == name:
            found.append(Bond(pair.b, pair.slot_b, pair.affinity, pair.stage, pair.source))
        elif pair.b == name:
            found.append(Bond(pair.a, pair.slot_a, pair.affinity, pair.stage, pair.source))

    return tuple(sorted(found, key=lambda bond: (-bond.affinity, bond.other)))


LEAST_ANSWERS = 20
"""Answers from which on a persona can be the fastest."""


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
    written = message.total(label("message", "persona", only("message", author="persona", guild=guild)))
    times = response.total(label("response", "persona", only("response", guild=guild)))
    votes = satisfaction.total(label("satisfaction", "persona", only("satisfaction", guild=guild)))
    whole = sum(rollup.count for rollup in written.values())
    rows = []
    liked_only = {name for name, rollup in votes.items() if rollup.count > 0}
    for name in sorted((set(written) | set(times) | liked_only) - {"", "other"}):
        n, liked = written.get(name, Rollup()).count, votes.get(name, Rollup())
        row = PersonaRow(
            name=name,
            slot=slots.get(name, 0),
            messages=n,
            share=ratio(n, whole),
            response=timing(times.get(name, Rollup())),
            satisfaction=liking(liked),
            votes=liked.count,
            users=people.get(name, People()).users,
        )
        rows.append(row)

    rows.sort(key=lambda row: (-row.messages, row.name))
    most_liked, fastest = _popular(rows)
    most_engaged = rows[0].name if rows and rows[0].messages else ""
    return Personas(window, tuple(rows), most_engaged, most_liked, fastest)


def _popular(rows: Sequence[PersonaRow]) -> tuple[str, str]:
    """The most liked and the fastest of those with enough votes or answers, "" for none."""
    liked = [row for row in rows if row.satisfaction is not None]
    timed = [row for row in rows if row.response.n - row.response.failures >= LEAST_ANSWERS]
    most_liked = max(liked, key=lambda row: row.satisfaction or 0, default=None)
    fastest = min(timed, key=lambda row: row.response.mean or 0, default=None)
    return most_liked.name if most_liked else "", fastest.name if fastest else ""
