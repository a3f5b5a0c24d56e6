"""How is the whole bot (or this guild) doing?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitoring.analysis.figure import Bands, Figure, Gap, Named, Point, Spell, Strip, TimingPoint
from monitoring.analysis.performance import slow_spells
from monitoring.analysis.series import counted, failing, in_gap, label, only, timing
from monitoring.interfaces import People
from monitoring.model import Health, Instant
from monitoring.rollup import Rollup, Series
from monitoring.window import Window


@dataclass(frozen=True, slots=True)
class Overview:
    """The figures of SPEC §9 "Overview" for one window. Rates 0..1, times in seconds, cost in micro-dollars."""

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
    gaps: tuple[Gap, ...] = ()
    slots: Mapping[str, int] = field(default_factory=dict)
    open_incidents: int = 0
    guilds: int = 0
    conversations: int = 0
    uptime: float | None = None
    first_at: Instant | None = None


def overview(window: Window, facts: Facts, *, guild: str | None = None, bands: Bands) -> Overview:
    """The overview of a window, of one guild or the whole bot."""
    messages = only("message", guild=guild)
    by_persona = only("message", guild=guild, author="persona")
    response = only("response", guild=guild)
    operation = only("operation", guild=guild)
    now, before = facts.response.sum(response), facts.response_before.sum(response)
    timed, timed_before = timing(now), timing(before)
    spent, spent_before = facts.operation.sum(operation), facts.operation_before.sum(operation)
    decided = facts.outcome.sum(only("exchange_outcome", guild=guild))
    total = only("addressed", guild=guild, persona="")
    users, users_before = facts.people.get("", People()), facts.people_before.get("", People())
    lines = list(zip(facts.response.starts, facts.response.line(response), strict=True))
    errors = failing(now, before)

    return Overview(
        window=window,
        messages=counted(facts.message.sum(messages), facts.message_before.sum(messages)),
        persona_messages=counted(facts.message.sum(by_persona), facts.message_before.sum(by_persona)),
        p95=Figure(timed.p95, timed_before.p95, now.successes, bands.p95.band(timed.p95)),
        mean=Figure(timed.mean, timed_before.mean, now.successes, bands.mean.band(timed.mean)),
        errors=Figure(errors.value, errors.before, errors.n, bands.errors.band(errors.value)),
        users=Figure(float(users.users), float(users_before.users) or None, users.users),
        new_users=users.new,
        personas=shares(facts.message.total(label("message", "persona", by_persona)), facts.slots),
        exchanges=counted(
            facts.exchange.sum(only("exchange", guild=guild)), facts.exchange_before.sum(only("exchange", guild=guild))
        ),
        joined=None if decided.rate is None else 1 - decided.rate,
        tokens=Figure(float(spent.tokens), float(spent_before.tokens) or None, spent.tokens),
        cost=Figure(_cost(spent), _cost(spent_before), spent.count),
        unpriced=spent.unpriced,
        unanswered=failing(facts.addressed.sum(total), facts.addressed_before.sum(total)),
        message_points=tuple(
            Point(at, None if in_gap(at, facts.gaps) else float(r.count), r.count)
            for at, r in zip(facts.message.starts, facts.message.line(messages), strict=True)
        ),
        p95_points=tuple(Point(at, r.quantile(0.95, 5), r.count) for at, r in lines),
        error_points=tuple(Point(at, r.rate, r.count) for at, r in lines),
        strips=strips(facts.probe),
        gaps=facts.gaps,
        slow_spells=slow_spells(
            [
                TimingPoint(s, e, timing(r))
                for s, e, r in zip(
                    facts.response.starts, facts.response.ends, facts.response.line(response), strict=True
                )
            ],
            bands.p95.warning,
        ),
        open_incidents=facts.open_incidents,
        guilds=facts.guilds,
        conversations=facts.conversations,
        uptime=facts.uptime,
        bands=bands,
        first_at=facts.first_at if facts.first_at and facts.first_at > window.start else None,
    )


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

        for service, counts in seen.items():
            whole, bad = sum(counts.values()), counts.get(Health.UNHEALTHY, 0)
            if bad * 2 >= whole:
                health = Health.UNHEALTHY
            elif bad or counts.get(Health.DEGRADED):
                health = Health.DEGRADED
            else:
                health = Health.HEALTHY if counts.get(Health.HEALTHY) else Health.UNKNOWN

            run = spells.setdefault(service, [])
            if run and run[-1].end == start and run[-1].health == health:
                run[-1] = Spell(run[-1].start, end, health)
            else:
                run.append(Spell(start, end, health))

    return tuple(Strip(service, tuple(run)) for service, run in sorted(spells.items()))
