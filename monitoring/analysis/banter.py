"""How do the personas banter with each other?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitoring.analysis.figure import Figure, Gap, Named
from monitoring.analysis.overview import shares
from monitoring.analysis.rhythm import counts
from monitoring.analysis.series import Keep, counted, label, only, recorded
from monitoring.model import Instant
from monitoring.rollup import Series
from monitoring.window import Window


@dataclass(frozen=True, slots=True)
class BanterDay:
    """Exchanges that began in the step from `at`, and how many of them a user joined; None: not monitored."""

    at: Instant
    exchanges: int | None
    joined: int = 0


@dataclass(frozen=True, slots=True)
class Ignored:
    """How often a persona's openings inside exchanges got silence."""

    name: str
    slot: int
    openings: int
    ignored: int


@dataclass(frozen=True, slots=True)
class Banter:
    """Exchanges of a window. `joined` is the share of decided ones after which a user spoke within ten minutes."""

    window: Window
    exchanges: Figure
    messages: int
    mean_turns: float | None
    longest: int | None
    joined: Figure
    message_share: float | None
    """Of all persona messages, those inside exchanges."""
    starters: tuple[Named, ...] = ()
    enders: tuple[Named, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    """Most ignored first, with at least ten openings."""
    days: tuple[BanterDay, ...] = ()
    """Days; hours in windows of up to two days, some minutes in those of up to six hours."""
    topics: tuple[tuple[str, int], ...] = ()
    """Words of messages inside exchanges."""
    gaps: tuple[Gap, ...] = ()
    mood: Figure = Figure(None)
    """Mean sentiment −1…1 of interactions."""


@dataclass(frozen=True, slots=True)
class Talks:
    """What `banter` is told: series in days (hours in short windows), and one step of the window before."""

    exchange: Series
    exchange_before: Series
    outcome: Series
    outcome_before: Series
    ignored: Series
    message: Series
    banter: Series
    topic: Series
    """Of messages inside exchanges."""
    gaps: tuple[Gap, ...] = ()
    slots: Mapping[str, int] = field(default_factory=dict)
    first_at: Instant | None = None
    interaction: Series = Series("interaction", (), (), ())
    interaction_before: Series = Series("interaction", (), (), ())


def banter(window: Window, talks: Talks, *, guild: str | None = None) -> Banter:
    """Exchanges between personas in a window."""
    keep = only("exchange", guild=guild)
    keep_outcome = only("exchange_outcome", guild=guild)
    now = talks.exchange.sum(keep)
    decided, decided_before = talks.outcome.sum(keep_outcome), talks.outcome_before.sum(keep_outcome)
    inside = talks.banter.sum(only("banter", guild=guild)).count

    return Banter(
        window=window,
        exchanges=counted(now, talks.exchange_before.sum(keep), whole=recorded(window.before, talks.first_at)),
        messages=inside,
        mean_turns=now.mean,
        longest=None if now.high is None else round(now.high / 1e6),
        joined=Figure(_kept(decided.rate), _kept(decided_before.rate), decided.count),
        message_share=_share(inside, talks.message.sum(only("message", author="persona", guild=guild)).count),
        starters=shares(talks.exchange.total(label("exchange", "starter", keep)), talks.slots),
        enders=shares(talks.exchange.total(label("exchange", "ender", keep)), talks.slots),
        ignored=_ignored(talks, guild),
        days=_days(window, talks, guild),
        topics=topics(talks.topic, only("banter_topic", guild=guild)),
        gaps=talks.gaps,
        mood=_mood(talks, guild),
    )


def _mood(talks: Talks, guild: str | None) -> Figure:
    keep = only("interaction", guild=guild)
    now, before = talks.interaction.sum(keep), talks.interaction_before.sum(keep)
    return Figure(now.mean, before.mean, now.count)


def _kept(rate: float | None) -> float | None:
    """What did not fail: the share of exchanges that a user joined."""
    return None if rate is None else 1 - rate


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _ignored(talks: Talks, guild: str | None) -> tuple[Ignored, ...]:
    """Who is ignored: openings that got silence, by share; under ten openings say nothing."""
    found = talks.ignored.total(label("ignored", "persona", only("ignored", guild=guild)))
    rows = [Ignored(n, talks.slots.get(n, 0), r.count, r.failures) for n, r in found.items() if n and r.count >= 10]
    return tuple(sorted(rows, key=lambda row: (-row.ignored / row.openings, row.name)))


def _days(window: Window, talks: Talks, guild: str | None) -> tuple[BanterDay, ...]:
    """Exchanges by step, and how many of the decided ones were joined."""
    keep, keep_outcome = only("exchange", guild=guild), only("exchange_outcome", guild=guild)
    outcomes = dict(zip(talks.outcome.starts, talks.outcome.line(keep_outcome), strict=True))
    days = []
    for point in counts(window, talks.exchange, keep, talks.gaps, talks.first_at):
        outcome = outcomes.get(point.at)
        days.append(BanterDay(point.at, None if point.value is None else point.n, outcome.successes if outcome else 0))

    return tuple(days)


def topics(series: Series, keep: Keep, most: int = 5) -> tuple[tuple[str, int], ...]:
    """The words most messages were about."""
    found = series.total(label(series.metric, "word", keep))
    words = sorted(
        ((word, r.count) for word, r in found.items() if word not in ("", "other")), key=lambda w: (-w[1], w[0])
    )
    return tuple(words[:most])
