"""How is the whole bot (or this guild) doing?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypedDict

from monitoring.analysis.figure import Bands, Figure, Gap, Named, Point, Spell, Strip
from monitoring.analysis.performance import partial, slow_spells, timing_points
from monitoring.analysis.rhythm import counts
from monitoring.analysis.series import amount, counted, failing, label, only, recorded, timing
from monitoring.interfaces import People
from monitoring.model import Health, Instant
from monitoring.rollup import Rollup, Series
from monitoring.window import Window


@dataclass(frozen=True, slots=True)
class Overview:
    """The figures for one window. Rates 0..1, times in seconds, cost in micro-dollars."""

    window: Window
    messages: Figure
    """Messages of personas and users."""
    persona_messages: Figure
    p95: Figure
    mean: Figure
    errors: Figure
    """Failed responses ÷ responses."""
    users: Figure
    new_users: int = 0
    personas: tuple[Named, ...] = ()
    """Persona messages, most first."""
    exchanges: Figure = Figure(None)
    joined: float | None = None
    """Share of decided exchanges after which a user spoke within ten minutes."""
    tokens: Figure = Figure(None)
    cost: Figure = Figure(None)
    """None where nothing has a known price."""
    unpriced: int = 0
    """Operations with tokens whose price is unknown."""
    unanswered: Figure = Figure(None)
    message_points: tuple[Point, ...] = ()
    p95_points: tuple[Point, ...] = ()
    error_points: tuple[Point, ...] = ()
    strips: tuple[Strip, ...] = ()
    gaps: tuple[Gap, ...] = ()
    slow_spells: tuple[Gap, ...] = ()
    open_incidents: int = 0
    guilds: int = 0
    conversations: int = 0
    """Going on now."""
    uptime: float | None = None
    """Seconds since the bot started."""
    bands: Bands = Bands()
    first_at: Instant | None = None
    partial: bool = False
    """Facts of the window were dropped, so that its quantiles are partial."""
    against: str = ""
    """What its figures are held against where that is not the window before: "a usual Wednesday"."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What `overview` is told: series in the chart's steps of this window, and one step of the window before."""

    message: Series
    message_before: Series
    response: Series
    response_before: Series
    operation: Series
    operation_before: Series
    exchange: Series
    exchange_before: Series
    outcome: Series
    addressed: Series
    addressed_before: Series
    probe: Series
    people: Mapping[str, People]
    people_before: Mapping[str, People]
    drop: Series = Series("drop", (), (), ())
    gaps: tuple[Gap, ...] = ()
    slots: Mapping[str, int] = field(default_factory=dict)
    open_incidents: int = 0
    guilds: int = 0
    conversations: int = 0
    uptime: float | None = None
    first_at: Instant | None = None


def overview(window: Window, facts: Facts, *, guild: str | None = None, bands: Bands) -> Overview:
    """The overview of a window, of one guild or the whole bot."""
    by_persona = only("message", guild=guild, author="persona")
    decided = facts.outcome.sum(only("exchange_outcome", guild=guild))
    total = only("addressed", guild=guild, persona="")

    return Overview(
        window=window,
        personas=shares(facts.message.total(label("message", "persona", by_persona)), facts.slots),
        joined=None if decided.rate is None else 1 - decided.rate,
        unanswered=failing(facts.addressed.sum(total), facts.addressed_before.sum(total)),
        message_points=counts(window, facts.message, only("message", guild=guild), facts.gaps, facts.first_at),
        strips=strips(facts.probe),
        gaps=facts.gaps,
        open_incidents=facts.open_incidents,
        guilds=facts.guilds,
        conversations=facts.conversations,
        uptime=facts.uptime,
        bands=bands,
        first_at=facts.first_at if facts.first_at and facts.first_at > window.start else None,
        partial=partial(facts.drop),
        **_amounts(window, facts, guild),
        **_responses(facts, guild, bands),
    )


class _Amounts(TypedDict):
    messages: Figure
    persona_messages: Figure
    users: Figure
    new_users: int
    exchanges: Figure
    tokens: Figure
    cost: Figure
    unpriced: int


def _amounts(window: Window, facts: Facts, guild: str | None) -> _Amounts:
    """How much there was of everything, against the window before where that was recorded as a whole."""
    whole = recorded(window.before, facts.first_at)
    everybody = only("message", guild=guild)
    personas = only("message", guild=guild, author="persona")
    exchange = only("exchange", guild=guild)
    operation = only("operation", guild=guild)
    spent, spent_before = facts.operation.sum(operation), facts.operation_before.sum(operation)
    users, users_before = facts.people.get("", People()), facts.people_before.get("", People())

    return _Amounts(
        messages=counted(facts.message.sum(everybody), facts.message_before.sum(everybody), whole=whole),
        persona_messages=counted(facts.message.sum(personas), facts.message_before.sum(personas), whole=whole),
        users=amount(users.users, users_before.users, n=users.users, whole=whole),
        new_users=users.new,
        exchanges=counted(facts.exchange.sum(exchange), facts.exchange_before.sum(exchange), whole=whole),
        tokens=amount(spent.tokens, spent_before.tokens, n=spent.tokens, whole=whole),
        cost=Figure(_cost(spent), _cost(spent_before) if whole else None, spent.count),
        unpriced=spent.unpriced,
    )


class _Responses(TypedDict):
    p95: Figure
    mean: Figure
    errors: Figure
    p95_points: tuple[Point, ...]
    error_points: tuple[Point, ...]
    slow_spells: tuple[Gap, ...]


def _responses(facts: Facts, guild: str | None, bands: Bands) -> _Responses:
    """How fast answers were, and how many failed."""
    keep = only("response", guild=guild)
    now, before = facts.response.sum(keep), facts.response_before.sum(keep)
    timed, timed_before = timing(now), timing(before)
    lines = list(zip(facts.response.starts, facts.response.line(keep), strict=True))

    return _Responses(
        p95=Figure(timed.p95, timed_before.p95, now.successes, bands.p95.band(timed.p95)),
        mean=Figure(timed.mean, timed_before.mean, now.successes, bands.mean.band(timed.mean)),
        errors=replace(failing(now, before), band=bands.errors.band(now.rate)),
        p95_points=tuple(Point(at, r.quantile(0.95, LEAST_SPARK), r.count) for at, r in lines),
        error_points=tuple(Point(at, r.rate, r.count) for at, r in lines),
        slow_spells=slow_spells(timing_points(facts.response, keep), bands.p95.warning),
    )


LEAST_SPARK = 5
"""Answers that a step of the small P95 line needs: it shows a course without figures, and steps seldom have twenty."""


def _cost(spent: Rollup) -> float | None:
    """Micro-dollars; None when there were tokens and not one of them has a known price."""
    return None if spent.unpriced and not spent.cost else float(spent.cost)


def shares(rollups: Mapping[str, Rollup], slots: Mapping[str, int]) -> tuple[Named, ...]:
    """Names by their count with the share of all, most first."""
    whole = sum(r.count for r in rollups.values())
    rows = [Named(name, r.count, r.count / whole if whole else None, slots.get(name, 0)) for name, r in rollups.items()]
    return tuple(sorted((row for row in rows if row.name), key=lambda row: (-row.count, row.name)))


def strips(probe: Series) -> tuple[Strip, ...]:
    """How each service fared: unhealthy where half of a step's probes say so, degraded where any does."""
    spells: dict[str, list[Spell]] = {}
    for start, end, step in zip(probe.starts, probe.ends, probe.steps, strict=True):
        seen: dict[str, dict[str, int]] = {}
        for (service, health), rollup in step.items():
            seen.setdefault(service, {})[health] = rollup.count

        for service, answers in seen.items():
            health = _health(answers)
            run = spells.setdefault(service, [])
            if run and run[-1].end == start and run[-1].health == health:
                run[-1] = Spell(run[-1].start, end, health)
            else:
                run.append(Spell(start, end, health))

    return tuple(Strip(service, tuple(run)) for service, run in sorted(spells.items()))


def _health(answers: Mapping[str, int]) -> Health:
    """The health of a service in one step, from its probes' answers."""
    bad = answers.get(Health.UNHEALTHY, 0)
    if bad and bad * 2 >= sum(answers.values()):
        return Health.UNHEALTHY

    if bad or answers.get(Health.DEGRADED):
        return Health.DEGRADED

    return Health.HEALTHY if answers.get(Health.HEALTHY) else Health.UNKNOWN
