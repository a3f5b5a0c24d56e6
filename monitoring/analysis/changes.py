"""What changed against the day before, the week before, or what is usual?"""

from __future__ import annotations

from collections.abc import Sequence

from monitoring.analysis.figure import Figure
from monitoring.analysis.overview import Overview
from monitoring.analysis.relationships import Pair
from monitoring.model import DAY, Health
from monitoring.phrasing import count, duration, more, points, seconds, share
from monitoring.safe_text import code_text, safe_text


def changes(overview: Overview, movers: Sequence[Pair], yardstick: str) -> list[tuple[float, str]]:
    """What changed as (weight, words), heaviest first; words are safe for Discord.

    `yardstick`: what the overview's figures are held against: "the day before", "a usual Wednesday".
    """
    found = [
        *_time_change(overview, yardstick),
        *_rate_change(overview.errors),
        *_service_changes(overview),
        *_amount("Messages", overview.messages, 0.25),
        *_amount("Users", overview.users, 0.25, least=5),
        *_amount("Banter", overview.exchanges, 0.25, unit="exchanges"),
        *((abs(pair.affinity - pair.before) / 20, moved(pair)) for pair in movers if far(pair)),
    ]
    return sorted(found, key=lambda change: (-change[0], change[1]))


def _time_change(overview: Overview, yardstick: str) -> list[tuple[float, str]]:
    name, figure = ("P95", overview.p95) if overview.p95.value is not None else ("Mean response", overview.mean)
    if figure.value is None or not figure.before:
        return []

    change = figure.value / figure.before - 1
    if abs(change) < 0.15 or abs(figure.value - figure.before) < 0.2:
        return []

    arrow, weight = ("▲", 2.0) if change > 0 else ("▼", 1.0)
    before = "usually" if "usual" in yardstick else yardstick
    words = f"{arrow} **{name} {seconds(figure.value)}**, {before} {seconds(figure.before)}"
    return [(abs(change) * weight + weight, words)]


def _rate_change(errors: Figure) -> list[tuple[float, str]]:
    if errors.value is None or errors.before is None or abs(errors.value - errors.before) < 0.005:
        return []

    worse = errors.value > errors.before
    words = f"{points(errors.value, errors.before)[0]} **Errors {share(errors.value)}**"
    weight = abs(errors.value - errors.before) * 50 + (2.0 if worse else 0.5)
    return [(weight, f"{words}, {points(errors.value, errors.before)[2:]}")]


def _service_changes(overview: Overview) -> list[tuple[float, str]]:
    found = []
    for strip in overview.strips:
        spells = [s for s in strip.spells if s.health is Health.UNHEALTHY]
        lasted = sum(min(s.end, overview.window.end) - max(s.start, overview.window.start) for s in spells) / 1000
        if lasted >= 60:
            words = f"▼ `{code_text(strip.service)}` was unhealthy for **{duration(lasted)}**"
            found.append((3.0 + lasted * 1000 / DAY, words))

    return found


def _amount(
    name: str, figure: Figure, least_change: float, *, unit: str = "", least: int = 20
) -> list[tuple[float, str]]:
    if figure.value is None or not figure.before or max(figure.value, figure.before) < least:
        return []

    change = figure.value / figure.before - 1
    if abs(change) < least_change:
        return []

    words = more(figure.value, figure.before)
    amount = f"{count(figure.value)} {unit}".rstrip()
    return [(min(abs(change), 2.0), f"{words[0]} **{name}** {amount}, {words[2:]}")]


def far(pair: Pair) -> bool:
    """Whether a pair moved by so much that it is told as a change."""
    return abs(pair.affinity - pair.before) >= 5


def moved(pair: Pair) -> str:
    """Where a pair stands now, in words that are safe for Discord."""
    up = pair.affinity > pair.before
    words = f"{'▲' if up else '▼'} **{safe_text(pair.a)}** and **{safe_text(pair.b)}** {'rose' if up else 'fell'} to"
    return f"{words} {pair.affinity:.0f}, {safe_text(pair.stage)}"
