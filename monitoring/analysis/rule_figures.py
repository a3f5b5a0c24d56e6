"""Figures of rules that are no plain statistic of one metric: spikes, burn rates, silence, falling affinity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitoring.analysis.slo import Tally
from monitoring.analysis.usual import Usual
from monitoring.model import DAY, HOUR, MINUTE, Instant
from monitoring.rollup import Labels, Rollup, Series

LEAST_RATE = 0.01
"""What fails less often than one in a hundred is not told apart: three times nearly nothing is still nothing."""
LEAST_USUAL = 50
"""Answers of which a usual error rate is known."""
LEAST_BAD = 5
"""Bad answers in the long window without which no budget is said to burn."""
LEAST_SILENCE = 45 * MINUTE
LIVELY = 5.0
"""Users' messages that an hour usually has, at the least, to be an hour in which somebody is expected."""


def spike(now: Rollup, usual: Rollup) -> float | None:
    """How many times the usual error rate the present one is; None of too few answers to know the usual one."""
    if now.rate is None or usual.rate is None or usual.count < LEAST_USUAL:
        return None

    return now.rate / max(usual.rate, LEAST_RATE)


def burning(long: Tally, short: Tally, target: float) -> float | None:
    """How fast the error budget burns by both windows: the slower one counts, so that both must burn.

    1 uses it up in exactly the promise's span. 0 of few bad ones; None without answers in the long window.
    """
    if long.share is None:
        return None

    if long.bad < LEAST_BAD or short.share is None:
        return 0.0

    return min(long.share, short.share) / (1 - target)


@dataclass(frozen=True, slots=True)
class Speakers:
    """Messages by minute, author and persona, with what is usual by hour; "" stands for users."""

    minutes: Series
    usual: Mapping[str, Usual]
    now: Instant
    since: Instant
    """From when on everything was heard."""


def last_spoke(minutes: Series, since: Instant) -> dict[str, Instant]:
    """When each persona ("" for users) last wrote, to the minute."""
    found: dict[str, Instant] = {}
    for end, step in zip(minutes.ends, minutes.steps, strict=True):
        for labels in step:
            found[_speaker(labels)] = max(end, since)

    return found


def silent(speakers: Speakers) -> dict[str, tuple[float, int]]:
    """How many messages each persona would usually have written since it last did, and for how many users' messages.

    Fewer where users write less than usual. Nothing of personas whose habit is not known; 0 while it is no silence yet.
    """
    spoke = last_spoke(speakers.minutes, speakers.since)
    found = {}
    for name, habit in speakers.usual.items():
        if not name:
            continue

        last = spoke.get(name, speakers.since)
        if speakers.now - last < LEAST_SILENCE:
            if name in spoke:
                found[name] = (0.0, 1)

            continue

        expected = habit.expected(last, speakers.now)
        users = _users_since(speakers.minutes, last)
        usual = speakers.usual[""].expected(last, speakers.now) if "" in speakers.usual else None
        if expected is None or usual is None or not users:
            continue

        found[name] = (expected * min(1.0, users / usual) if usual > 0 else expected, users)

    return found


def idle(minutes: Series, habit: Usual | None, now: Instant, since: Instant) -> float | None:
    """Minutes since a user last wrote; None where that is usual now, or where nobody listened for long enough."""
    spoke = last_spoke(minutes, since)
    if "" in spoke:
        passed = (now - spoke[""]) / MINUTE
        if passed < 30:
            return max(passed, 0.0)
    else:
        passed = (now - since) / MINUTE

    hours = [habit.at(at) if habit else None for at in (now, now - HOUR)]
    lively = all(slot is not None and slot.usual >= LIVELY and slot.middle - 2 * slot.spread > 0 for slot in hours)
    return passed if lively and now - since >= HOUR else None


def falls(hours: Series, now: Instant, span: int = DAY) -> dict[str, tuple[float, int]]:
    """By how many points of 100 each affinity fell within the span, as "persona → other", and of how many tellings."""
    before: dict[str, float] = {}
    after: dict[str, float] = {}
    tellings: dict[str, int] = {}
    for at, step in zip(hours.starts, hours.steps, strict=True):
        for pair, rollup in _pairs(step).items():
            if rollup.mean is None:
                continue

            if at + HOUR <= now - span:
                before[pair] = rollup.mean
            else:
                before.setdefault(pair, rollup.mean)
                after[pair] = rollup.mean
                tellings[pair] = tellings.get(pair, 0) + rollup.count

    return {pair: (max(before[pair] - value, 0.0), tellings[pair]) for pair, value in after.items()}


def _pairs(step: Mapping[Labels, Rollup]) -> dict[str, Rollup]:
    found: dict[str, Rollup] = {}
    for (persona, other, *_), rollup in step.items():
        found.setdefault(f"{persona} → {other}", Rollup()).merge(rollup)

    return found


def _speaker(labels: Sequence[str]) -> str:
    """The persona of a label set of `message`, "" for a user."""
    return labels[1] if labels[0] == "persona" else ""


def _users_since(minutes: Series, since: Instant) -> int:
    steps = zip(minutes.starts, minutes.steps, strict=True)
    return sum(r.count for at, step in steps if at >= since for labels, r in step.items() if not _speaker(labels))
