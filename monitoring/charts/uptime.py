"""Services over a window: one bar a step, whose height says the state, and the share of the time that each was up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from monitoring import phrasing
from monitoring.analysis.uptime import ServiceUptime, Step, Uptime
from monitoring.charts import wording
from monitoring.charts.theme import HEALTH_STATES, LEFT, RIGHT
from monitoring.model import DAY, HOUR, Health

if TYPE_CHECKING:
    from monitoring.charts.board import Board

HEIGHT = 900
_MOST = 6
_HEIGHTS = {Health.HEALTHY: 1.0, Health.DEGRADED: 0.72, Health.UNHEALTHY: 0.45, Health.UNKNOWN: 0.16}


def title(value: Uptime) -> str:
    """Who was down or slow, and for how long."""
    if not any(one.n for one in value.services):
        return f"No service was probed in {wording.these(value.window)}"

    down = [one for one in value.worst_first if one.down > 0]
    slow = [one for one in value.worst_first if _slow(one) and not one.down]
    if not down and not slow:
        known = sum(bool(one.n) for one in value.services)
        return "The service was up all the time" if known == 1 else f"All {known} services were up all the time"

    if len(down) > 1:
        first = down[0]
        return f"{len(down)} services were down, {wording.title_name(first.name)} for {phrasing.duration(first.down)}"

    word, one = ("down", down[0]) if down else ("slow", slow[0])
    others = len(slow) - (not down)
    rest = f"; {others} were slow" if others > 1 else "; the rest is well"
    rest = f"; {wording.title_name(slow[-1].name, 12)} was slow" if others == 1 else rest
    rest = rest if len(value.services) > 1 else ""
    lasted = phrasing.duration(one.down if down else one.slow)
    return f"{wording.title_name(one.name)} was {word} for {lasted}{rest}"


def subtitle(value: Uptime) -> tuple[str, ...]:
    """By what, over which window, of how many probes."""
    n = sum(one.n for one in value.services)
    return f"Services by {_steps(value)}", wording.span(value.window), wording.n(n)


def alt(value: Uptime) -> str:
    """Each service with its uptime, and when it was not well."""
    rows = [
        f"{wording.name(one.name)} {phrasing.well(one.share)}"
        + (f", down {phrasing.duration(one.down)}" if one.down else "")
        + (f", slow {phrasing.duration(one.slow)}" if _slow(one) else "")
        for one in value.worst_first
    ]
    return wording.alt_text(
        f"Bars, services by {_steps(value)} over {wording.period(value.window)}: {title(value)}.",
        f"Up: {'; '.join(rows)}." if rows else "",
        wording.unmonitored(value.gaps, value.window.zone),
    )


def draw(board: Board, value: Uptime) -> None:
    """A row for each service; of many, those that were away longest."""
    shown = list(value.services)
    if len(shown) > _MOST:
        kept = value.worst_first[: _MOST - 1]
        shown = [one for one in shown if one in kept]

    if not shown:
        middle = (LEFT + RIGHT) / 2
        board.text(middle, board.top + 280, "No service was probed", bold=True, ha="center")
        board.text(middle, board.top + 336, "Probes are settings; see the guide", color="mute", ha="center")
        return

    rest = [one for one in value.services if one not in shown]
    left = LEFT + min(max(board.wide(wording.name(one.name), bold=True) for one in shown), 260) + 28
    right = RIGHT - max(board.wide(phrasing.well(one.share), bold=True) for one in shown) - 28
    pitch = min((board.bottom - 130 - board.top - 10) / (len(shown) + bool(rest)), 190)
    tall = 0.72 * pitch
    for index, one in enumerate(shown):
        _service(board, one, board.top + 10 + index * pitch, tall, (left, right))

    below = board.top + 10 + (len(shown) - 1) * pitch + tall
    if rest:
        below += pitch
        _others(board, rest, below - 20)

    _scale(board, value, shown[0].steps, below + 28, (left, right))
    _legend(board)


def _others(board: Board, rest: Sequence[ServiceUptime], y: float) -> None:
    worst = min((one.share for one in rest if one.share is not None), default=None)
    words = phrasing.well(worst) if worst in (None, 1.0) else f"at least {phrasing.well(worst)}"
    board.text(LEFT, y, f"{len(rest)} others", color="mute")
    board.text(RIGHT, y, words, color="mute", ha="right")


def _scale(board: Board, value: Uptime, steps: Sequence[Step], y: float, across: tuple[float, float]) -> None:
    """The first and the last step's time."""
    left, right = across
    first, last = _moment(value, steps[0]), _moment(value, steps[-1])
    board.text(left, y, first, color="mute")
    if len(steps) > 1 and right - left > board.wide(first) + board.wide(last) + 24:
        board.text(right, y, last, color="mute", ha="right")


def _service(board: Board, one: ServiceUptime, top: float, tall: float, across: tuple[float, float]) -> None:
    left, right = across
    middle = top + tall / 2
    board.text(LEFT, middle, board.cut(wording.name(one.name), left - LEFT - 24, bold=True), bold=True)
    board.text(RIGHT, middle, phrasing.well(one.share), bold=True, ha="right")
    wide = (right - left) / len(one.steps)
    slit = min(wide * 0.12, 4)
    for index, step in enumerate(one.steps):
        _bar(board, step.health, left + index * wide + slit, top + tall, wide - 2 * slit, tall)


def _bar(board: Board, health: Health, x: float, bottom: float, width: float, tall: float) -> None:
    height = tall * _HEIGHTS[health]
    # What is well stands back, so that the rest is seen.
    alpha = {"dark": 0.55, "light": 0.7}[board.t.name] if health is Health.HEALTHY else 1.0
    board.bar(x, bottom - height, max(width, 2), height, HEALTH_STATES[health], alpha=alpha)


def _legend(board: Board) -> None:
    x, y = float(LEFT), board.bottom - 12
    for health, words in (
        (Health.HEALTHY, "healthy"),
        (Health.DEGRADED, "degraded"),
        (Health.UNHEALTHY, "unhealthy"),
        (Health.UNKNOWN, "no data"),
    ):
        _bar(board, health, x, y + 14, 18, tall=34)
        board.text(x + 30, y, words, color="soft")
        x += 30 + board.wide(words) + 48


def _slow(one: ServiceUptime) -> bool:
    """Whether it was slow for more than a moment."""
    return any(step.health is Health.DEGRADED for step in one.steps)


def _steps(value: Uptime) -> str:
    if value.width == DAY:
        return "day"

    return "hour" if value.width == HOUR else phrasing.duration(value.width / 1000)


def _moment(value: Uptime, step: Step) -> str:
    zone = value.window.zone
    if value.window.length > 2 * DAY:
        return phrasing.day(max(step.start, value.window.start), zone)

    return phrasing.clock(max(step.start, value.window.start), zone)
