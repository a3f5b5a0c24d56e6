"""One incident as it stood: the value, its limits, what is usual, and what happened when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring import phrasing
from monitoring.analysis.incident_card import Card
from monitoring.charts.axes import time_ticks, value_ticks
from monitoring.charts.incident_words import (
    STATE,
    UNITS,
    alt,
    events_of,
    is_below,
    limits_of,
    shown_window,
    subtitle,
    tick_text,
    title,
    usual_text,
    value_text,
)
from monitoring.charts.theme import LEFT, RIGHT, STATE_SHAPES
from monitoring.model import Severity

if TYPE_CHECKING:
    from monitoring.charts.board import Board, Side, Spot
    from monitoring.charts.plot import Plot

__all__ = ["HEIGHT", "alt", "draw", "subtitle", "title"]

HEIGHT = 800
_DROPS = (22, 118, 214)
"""How far below the top an event's label may stand."""
_ROOM = 190
"""What is kept free at the right for the last value."""


def draw(board: Board, card: Card) -> None:
    """The line over its limits, with what happened."""
    from monitoring.charts.plot import Plot, broken, room

    window = shown_window(card)
    values = [point.value for point in card.points if point.value is not None]
    ticks = _ticks(card, values)
    left = LEFT + room(board, [tick_text(card, tick) for tick in ticks]) + 14
    width = RIGHT - _ROOM - left
    height = board.bottom - 44 - board.top
    plot = Plot(board, left, board.top, width, height, across=(window.start, window.end), up=(0, ticks[-1]))
    plot.grid(ticks, lambda tick: tick_text(card, tick))
    plot.times(time_ticks(window.start, window.end, card.zone))
    _band(plot, card)
    plot.gaps(card.gaps)
    _moments(plot, card)
    for word, limit in limits_of(card):
        if limit <= ticks[-1]:
            plot.limit(limit, f"{word} {tick_text(card, limit)}")

    if not values:
        plot.verdict("No value in this time", "Nothing was counted; it may not answer")
    else:
        xs, ys = broken([point.at for point in card.points], [point.value for point in card.points], card.gaps)
        if card.limit is not None:
            plot.above(xs, ys, card.limit, below=is_below(card))

        plot.line(xs, ys, color="accent", width=7, dot=24, z=5)
        _values(plot, card)

    _usual_label(plot, card)


def _ticks(card: Card, values: list[float]) -> list[float]:
    if card.rule.unit == STATE:
        return [0.0, 1.0]

    highest = max([*values, card.incident.peak or 0, card.incident.value or 0])
    # Above the line there is room for what happened when.
    highest = max(highest * 1.25, (card.limit or 0) * 1.3, card.usual[1] * 1.2 if card.usual else 0)
    whole = {"rate": 1.0, "%": 100.0}.get(card.rule.unit)
    if whole is not None and 0.6 * whole < highest and max(values, default=0) <= whole:
        return [whole * quarter / 4 for quarter in range(5)]

    return value_ticks(highest, 4, whole=card.rule.unit not in UNITS)


def _band(plot: Plot, card: Card) -> None:
    if card.usual:
        low, high = float(plot.py(card.usual[0])), float(plot.py(card.usual[1]))
        plot.board.bar(plot.x, high, plot.width, max(low - high, 4), "soft", alpha=0.10, z=1.5)


def _usual_label(plot: Plot, card: Card) -> None:
    from monitoring.charts.board import Spot

    if not card.usual:
        return

    low, high = float(plot.py(card.usual[0])), float(plot.py(card.usual[1]))
    spots = []
    for y in (low + 34, high - 30):
        spots += [Spot(plot.x + 10, y), Spot(plot.right - 10, y, "right")] if y < plot.bottom - 16 else []

    plot.board.place(f"usual {usual_text(card)}", spots, color="mute")


def _moments(plot: Plot, card: Card) -> None:
    """Vertical lines with a word and the time below it, at whichever side there is room."""
    from monitoring.charts.board import Spot

    events = [(float(plot.px(at)), at, word) for at, word in events_of(card)]
    lines = [x for x, _, _ in events]
    for index, (x, at, word) in enumerate(events):
        if not plot.x <= x <= plot.right + 1:
            continue

        plot.board.line([x, x], [plot.y, plot.bottom], color="text", width=3, alpha=0.8, z=3)
        wide = max(plot.board.wide(word), plot.board.wide("00:00")) + 12
        sides: list[tuple[float, Side]] = (
            [(-12.0, "right"), (12.0, "left")] if index == 0 else [(12.0, "left"), (-12.0, "right")]
        )
        reaches = [(dx, ha, (x - wide, x) if ha == "right" else (x, x + wide)) for dx, ha in sides]
        inside = [(dx, ha, r) for dx, ha, r in reaches if r[0] > plot.x and r[1] < RIGHT + 30]
        # A label that lies across another event's line is the last resort.
        clean = [(dx, ha) for dx, ha, (a, b) in inside if not any(a < line < b for line in lines)]
        tries = [(side, drop) for drop in _DROPS for side in clean]
        tries += [((dx, ha), drop) for drop in _DROPS for dx, ha, _ in inside]
        for (dx, ha), drop in tries:
            if _stacked(plot, Spot(x + dx, plot.y + drop, ha), word, phrasing.clock(at, card.zone)):
                break


def _stacked(plot: Plot, spot: Spot, word: str, clock: str) -> bool:
    """Write a word with the time below it, if both have room."""
    from monitoring.charts.board import Spot

    under = Spot(spot.x, spot.y + 44, spot.ha)
    if not (plot.board.free(word, spot) and plot.board.free(clock, under)):
        return False

    return plot.board.place(word, [spot], color="text") and plot.board.place(clock, [under], color="text")


def _values(plot: Plot, card: Card) -> None:
    """The peak and the last value, each with the mark of its state and a bold figure."""
    from monitoring.charts.board import Spot

    incident, board = card.incident, plot.board
    last = next((point for point in reversed(card.points) if point.value is not None), None)
    if last is None or last.value is None:
        return

    now = last.value if incident.value is None else incident.value
    x, y = float(plot.px(last.at)), float(plot.py(now))
    _mark(board, x, y, _state(card, now))
    peak_shown = incident.peak is not None and incident.peak_at is not None and incident.peak_at < last.at - 60_000
    if card.rule.unit != STATE:
        spots = [Spot(x + 28, y + shift) for shift in (0, 24, -24, 46, -46)]
        board.place(value_text(card, now), spots, color="text", bold=True)

    if peak_shown and card.face != "open" and incident.peak is not None and incident.peak_at is not None:
        x, y = float(plot.px(incident.peak_at)), float(plot.py(incident.peak))
        _mark(board, x, y, _state(card, incident.peak))
        sides = [
            Spot(x + 28, y - 14),
            Spot(x - 28, y - 14, "right"),
            Spot(x + 28, y - 44),
            Spot(x - 28, y - 44, "right"),
        ]
        board.place(value_text(card, incident.peak), sides, color="text", bold=True)


def _mark(board: Board, x: float, y: float, state: str) -> None:
    board.mark(x, y, STATE_SHAPES[state], state, 26, edge=4, z=7)


def _state(card: Card, value: float) -> str:
    critical, limit = card.rule.critical_above, card.limit
    if critical is not None and value > critical:
        return "critical"

    if limit is not None and (value < limit if is_below(card) else value > limit):
        return "critical" if card.rule.severity is Severity.CRITICAL else "warning"

    return "good"
