"""What is worth doing: recommendations, each with its evidence, how much it matters, and what to do.

Nothing is recommended without figures that prove it: enough of them, and beyond what chance or a bad minute does.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from monitoring.analysis.advice import Clues, Priority, Recommendation
from monitoring.analysis.forecast import Reach
from monitoring.analysis.insights_llm import model_advice
from monitoring.analysis.series import LEAST_P95, Keep, label, only
from monitoring.model import DAY, Band, Health
from monitoring.phrasing import NB, count, duration, seconds, share, size
from monitoring.rollup import MICRO, Rollup
from monitoring.safe_text import code_text

MOST = 5
LEAST_RESPONSES = 50
LEAST_KIND = 0.4
"""Of all failures, a kind that is named."""
LOW_ENGAGEMENT, FALLING = 0.6, 0.15
"""Answered ÷ user messages below which few are answered; and a fall of the share that is told."""
LEAST_MESSAGES = 100
FEWER = 0.3
"""Of user messages, what less than before is told."""
POOR_UPTIME = 0.99
LEAST_PROBES = 50
SOON = 3 * DAY

ACTIONS = {
    "timeout": "Raise the time limit, or make the work shorter: a smaller model, fewer tokens, a queue.",
    "rate_limit": "Send less at a time: a queue, a back-off, or a higher limit at the provider.",
    "memory": "Shorten what is sent to the model, or give the process more memory.",
    "network": "Look at the way to the service: DNS, proxy, its own status page.",
    "validation": "Look at what is sent: the service refuses it.",
    "permission": "Look at the key and at the bot's rights: the service denies access.",
    "not_found": "Look at names and addresses: what is asked for is not there.",
    "interrupted": "Look for restarts and cancelled work at these times.",
}
SLOW_ACTIONS = {
    "llm_inference": "Use a faster model or shorter prompts, and keep one model loaded on each GPU.",
    "context_building": "Fetch less context, or cache what is fetched again and again.",
    "tts_generation": "Speak shorter texts, or send the text before the voice is ready.",
    "discord_send": "Send fewer and larger messages: Discord slows down who sends many.",
}


def recommendations(clues: Clues, guild: str | None = None) -> tuple[Recommendation, ...]:
    """What is worth doing, what matters most first: five at most."""
    found = [*_slow(clues, guild), *_failing(clues, guild), *_growing(clues), *_unwell(clues)]
    found += [*_engagement(clues, guild), *_fewer(clues, guild), *model_advice(clues, guild)]
    ordered = sorted(found, key=lambda one: (-one.priority, -one.weight, one.what, one.subject))
    # One of a kind, so that five caches do not hide the rest; services are unwell each for itself.
    first: dict[tuple[str, str], Recommendation] = {}
    for one in ordered:
        first.setdefault((one.what, one.subject if one.what == "service" else ""), one)

    return tuple(first.values())[:MOST]


def _urgent(band: Band) -> Priority:
    return Priority.HIGH if band is Band.CRITICAL else Priority.MEDIUM


def _slow(clues: Clues, guild: str | None) -> Iterator[Recommendation]:
    """Response times in a warning or critical band, with the component that takes longest."""
    rollup = clues.response.now.sum(only("response", guild=guild))
    p95, mean = rollup.quantile(0.95, LEAST_P95), rollup.mean
    band = max((clues.bands.p95.band(p95), clues.bands.mean.band(mean)), key=_worse)
    if rollup.successes < LEAST_RESPONSES or mean is None or p95 is None or _worse(band) == 0:
        return

    name, took = _slowest_part(clues, guild)
    limit = clues.bands.mean if clues.bands.mean.band(mean) is band else clues.bands.p95
    figure = f"Mean {seconds(mean)}" if limit is clues.bands.mean else f"P95 {seconds(p95)}"
    begins = limit.critical if band is Band.CRITICAL else limit.warning
    part = f" `{name}` takes {seconds(took)} of a mean response of {seconds(mean)}." if name else ""
    yield Recommendation(
        "slow",
        name,
        _urgent(band),
        "Answers are slow",
        f"{figure}, {band.value} from {seconds(begins)}, of {count(rollup.successes)}{NB}answers.{part}",
        SLOW_ACTIONS.get(
            name, f"Look at `{name}` first." if name else "Report components, to see where the time goes."
        ),
        rollup.successes,
        mean / clues.bands.mean.warning,
    )


def _worse(band: Band) -> int:
    return {Band.WARNING: 1, Band.CRITICAL: 2}.get(band, 0)


def _slowest_part(clues: Clues, guild: str | None) -> tuple[str, float]:
    """The component that takes longest, with its seconds of a mean response; ("", 0) where none is known."""
    parts = clues.component.total(label("component", "component", only("component", guild=guild)))
    whole = parts.pop("response", Rollup())
    if not parts or not whole.count:
        return "", 0.0

    name = max(parts, key=lambda one: parts[one].total)
    return code_text(name), parts[name].total / MICRO / whole.count


def _failing(clues: Clues, guild: str | None) -> Iterator[Recommendation]:
    """An error rate in a warning or critical band, with the kind that is commonest."""
    rollup = clues.response.now.sum(only("response", guild=guild))
    band = clues.bands.errors.band(rollup.rate)
    if rollup.count < LEAST_RESPONSES or rollup.failures < 5 or _worse(band) == 0:
        return

    kinds = _kinds(clues, only("failure", guild=guild))
    total = sum(kinds.values())
    kind, n = max(kinds.items(), key=lambda item: item[1], default=("", 0))
    named = total > 0 and n / total >= LEAST_KIND and kind != "unknown"
    said = f" {count(n)} of {count(total)} failures are `{kind}`." if named else ""
    yield Recommendation(
        "failing",
        kind if named else "",
        _urgent(band),
        "Too many answers fail",
        f"{share(rollup.rate)} of {count(rollup.count)}{NB}answers failed; {band.value} from "
        f"{share(clues.bands.errors.critical if band is Band.CRITICAL else clues.bands.errors.warning)}.{said}",
        ACTIONS.get(kind if named else "", "Look at the most recent failures and what they have in common."),
        rollup.count,
        (rollup.rate or 0) / clues.bands.errors.warning,
    )


def _kinds(clues: Clues, keep: Keep) -> dict[str, int]:
    """Failures by kind: of operations, or where none is known of the responses."""
    found = clues.failure.total(lambda labels: (labels[1] == "response", labels[2]) if keep(labels) else None)
    inside = {kind: r.count for (whole, kind), r in found.items() if not whole}
    return inside or {kind: r.count for (_, kind), r in found.items()}


def _growing(clues: Clues) -> Iterator[Recommendation]:
    """A gauge that reaches its limit before long."""
    for name, reach in clues.reaches.items():
        left = reach.at - clues.now
        what = "disk" if name == "disk_percent" else "memory"
        yield Recommendation(
            what,
            name,
            Priority.HIGH if left <= SOON else Priority.MEDIUM,
            "The disk fills up" if what == "disk" else "Memory keeps growing",
            f"{gauge_text(name, reach.level)} now and {gauge_text(name, reach.per_day)} more a day; "
            f"{gauge_text(name, reach.limit)} in {_span(reach, clues.now)}. Of {count(reach.n)}{NB}readings.",
            "Delete what is not needed, or keep raw data for fewer days."
            if what == "disk"
            else "Look for what is never let go of (caches, histories, tasks); until then restart in time.",
            reach.n,
            10 * DAY / max(left, DAY),
        )


def gauge_text(name: str, value: float) -> str:
    """A gauge's value in its unit: percent with one digit, bytes."""
    return f"{value:.1f}{NB}%" if name.endswith("percent") else size(value)


def _span(reach: Reach, now: int) -> str:
    """When a limit is reached, with the range: "9 d (7 d to 13 d)"."""
    latest = duration(_days(reach.latest - now)) if reach.latest is not None else "never"
    return f"{duration(_days(reach.at - now))} ({duration(_days(reach.earliest - now))} to {latest})"


def _days(span: int) -> float:
    """Seconds, to the day where there are several, else to the hour."""
    hours = max(span, 0) / DAY * 24
    return math.floor(hours / 24 + 0.5) * 86_400 if hours >= 48 else round(hours) * 3600


def _unwell(clues: Clues) -> Iterator[Recommendation]:
    """A service that was up for less than 99 % of the window."""
    found = clues.probe.total(lambda labels: (labels[0], labels[1]))
    for name in sorted({service for service, _ in found}):
        bad = found.get((name, Health.UNHEALTHY), Rollup()).count
        known = sum(r.count for (who, health), r in found.items() if who == name and health != Health.UNKNOWN)
        if known < LEAST_PROBES or bad < 3 or 1 - bad / known >= POOR_UPTIME:
            continue

        yield Recommendation(
            "service",
            name,
            Priority.HIGH if bad / known >= 0.1 else Priority.MEDIUM,
            f"`{code_text(name)}` was often away",
            f"Up {share(1 - bad / known)} of the time: {count(bad)} of {count(known)}{NB}probes failed.",
            f"Look at the log of `{code_text(name)}`, and give it a restart policy.",
            known,
            bad / known / (1 - POOR_UPTIME),
        )


def _engagement(clues: Clues, guild: str | None) -> Iterator[Recommendation]:
    """Few user messages are answered, or far fewer than before."""
    shares = []
    for message, answered in ((clues.message.now, clues.answered.now), (clues.message.before, clues.answered.before)):
        n = message.sum(only("message", author="user", guild=guild)).count
        shares.append((min(answered.sum(only("answered", guild=guild)).count, n), n))

    (good, n), (was_good, was) = shares
    if n < LEAST_MESSAGES or not good:
        return

    value, before = good / n, was_good / was if was >= LEAST_MESSAGES else None
    fell = before is not None and before - value >= FALLING
    if not fell and value >= LOW_ENGAGEMENT:
        return

    # Where personas were never there for everybody, few answers are as they should be.
    if not fell and before is not None and before < LOW_ENGAGEMENT and abs(value - before) < 0.05:
        priority = Priority.LOW
    else:
        priority = Priority.MEDIUM

    past = f", before {share(before)}" if before is not None else ""
    yield Recommendation(
        "engagement",
        "",
        priority,
        "Fewer user messages are answered" if fell else "Few user messages are answered",
        f"{share(value)} of {count(n)}{NB}user messages got an answer{past}.",
        "Look at which persona is addressed in vain, and at the channels they listen in.",
        n,
        (before or LOW_ENGAGEMENT) - value,
    )


def _fewer(clues: Clues, guild: str | None) -> Iterator[Recommendation]:
    """Users write much less than in the window before."""
    keep = only("message", author="user", guild=guild)
    now, before = clues.message.now.sum(keep).count, clues.message.before.sum(keep).count
    if before < LEAST_MESSAGES or not now or now > before * (1 - FEWER):
        return

    yield Recommendation(
        "engagement",
        "messages",
        Priority.MEDIUM,
        "Users write less",
        f"{count(now)}{NB}user messages, {count(before)} in the window before: {share(1 - now / before)} less.",
        "Ask what changed at that time (a persona, a channel, an outage), and open a topic that worked before.",
        now + before,
        1 - now / before,
    )
