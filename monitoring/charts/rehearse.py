"""What a rule would have told: its figure over thirty days, the limit, and each time that it would have opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring import phrasing
from monitoring.analysis.rehearsal import Firing, Rehearsal
from monitoring.charts import wording
from monitoring.charts.axes import tick_label, time_ticks, value_ticks
from monitoring.charts.theme import LEFT, RIGHT, STATE_SHAPES
from monitoring.model import DAY
from monitoring.phrasing import NB

if TYPE_CHECKING:
    from monitoring.charts.board import Board, Spot
    from monitoring.charts.plot import Plot

HEIGHT = 800
STATE = "state"
"""The unit of rules that know only well (0) or not (1)."""
_NAMED = 4
"""Openings that are labelled, the longest first."""
_MARKED = 60


def title(value: Rehearsal) -> str:
    """How often it would have fired."""
    if value.why_not:
        return "This rule cannot be rehearsed"

    if not any(point.value is not None for point in value.points):
        return "Nothing is on record to try this rule on"

    days = max(1, round(min(value.days, value.window.length / DAY)))
    span = f"{days} days" if days > 1 else "a day"
    if not value.times:
        return f"This rule would not have fired in {span}"

    often = {1: "once", 2: "twice"}.get(value.times, f"{phrasing.count(value.times)} times")
    return f"This rule would have fired {often} in {span}"


def subtitle(value: Rehearsal) -> tuple[str, ...]:
    """The figure, by hours, over which window."""
    return f"{_name(value)}, hourly", wording.span(value.window), wording.grey(value.gaps)


def alt(value: Rehearsal) -> str:
    """The course, the limit and each opening in sentences."""
    if value.why_not:
        return wording.alt_text(f"{title(value)}: {_name(value)}.", value.why_not)

    known = sorted(point.value for point in value.points if point.value is not None)
    side = "Above" if value.rule.above is not None else "Below"
    low, high = (
        (_shown(value, known[len(known) // 10]), _shown(value, known[-1 - len(known) // 10])) if known else ("", "")
    )
    limit = "" if value.limit is None or value.rule.unit == STATE else f", limit {_shown(value, value.limit)}"
    longest = sorted(sorted(value.openings, key=lambda one: -one.seconds)[:12], key=lambda one: one.start)
    times = "; ".join(_opening(value, one) for one in longest)
    more = f" and {value.times - len(longest)} shorter ones" if value.times > len(longest) else ""
    return wording.alt_text(
        f"Line chart, {_name(value)} by hour, {wording.period(value.window)}{limit}: {title(value)}.",
        f"Usually {low} to {high}." if len(known) > 9 and value.rule.unit != STATE else "",
        f"{side} the limit: {times}{more}." if times and value.rule.unit != STATE else "",
        f"Unwell: {times}{more}." if times and value.rule.unit == STATE else "",
        wording.unmonitored(value.gaps, value.window.zone),
    )


def draw(board: Board, value: Rehearsal) -> None:
    """The line, the limit, and a mark at each opening's peak."""
    from monitoring.charts.plot import Plot, broken, room

    points = value.points
    known = [point.value for point in points if point.value is not None]
    known += [one.peak for one in value.openings if one.peak is not None]
    ticks = _ticks(value, known)
    left = LEFT + room(board, [_tick(value, tick) for tick in ticks]) + 14
    height = board.bottom - 44 - board.top
    across, up = (value.window.start, value.window.end), (ticks[0], ticks[-1])
    plot = Plot(board, left, board.top, RIGHT - 20 - left, height, across=across, up=up)
    plot.grid(ticks, lambda tick: _tick(value, tick))
    plot.times(time_ticks(*across, value.window.zone))
    plot.gaps(value.gaps)
    if value.why_not:
        plot.verdict("It is made of several figures", "Arm it and see; it can be silenced")
        return

    if not known:
        plot.verdict("No value in this time", "Try again once something was recorded")
        return

    xs, ys = broken([point.at for point in points], [point.value for point in points], value.gaps)
    plot.line(xs, ys, color="accent", width=5, dot=20)
    _openings(plot, value)
    if value.limit is not None and value.rule.unit != STATE:
        plot.limit(value.limit, f"limit {_shown(value, value.limit)}")


def _middle(one: Firing) -> int:
    return (one.start + one.end) // 2


def _ticks(value: Rehearsal, known: list[float]) -> list[float]:
    if value.rule.unit == STATE:
        return [0.0, 1.0]

    highest = max([*known, value.limit or 0.0], default=1.0)
    whole = {"rate": 1.0, "%": 100.0}.get(value.rule.unit)
    if whole is not None and 0.6 * whole < highest <= whole:
        return [whole * quarter / 4 for quarter in range(5)]

    size = 1 if value.rule.unit != "span" else 3600 if highest > 2 * 3600 else 60
    ticks = [tick * size for tick in value_ticks(highest * 1.1 / size, 5, whole=value.rule.unit in ("", "span"))]
    lowest = min([*known, value.limit or 0.0], default=0.0)
    return [-tick for tick in ticks[:0:-1]] + ticks if lowest < 0 else ticks


def _openings(plot: Plot, value: Rehearsal) -> None:
    """A diamond at each peak; how long the longest lasted."""
    from monitoring.charts.board import Spot

    by_length = sorted(value.openings, key=lambda one: -one.seconds)
    for one in by_length[:_MARKED]:
        if one.peak is not None:
            x, y = _place(plot, one)
            hour = next((p.value for p in reversed(value.points) if p.at <= _middle(one)), None)
            if hour is not None:
                # No whole hour shows how high the worst minutes were.
                plot.board.line([x, x], [float(plot.py(hour)), y], color="accent", width=5, z=4)

            plot.board.mark(x, y, STATE_SHAPES["warning"], "warning", 22, edge=3, z=7)

    for one in by_length[:_NAMED]:
        if one.peak is None:
            continue

        x, y = _place(plot, one)
        over = 40 if value.rule.above is None else -40
        spots = [Spot(x - 26, y - 2, "right"), Spot(x + 26, y - 2), Spot(x, y + over, "center")]
        wide = plot.board.wide(phrasing.duration(one.seconds), bold=True)
        inside = [spot for spot in spots if _fits(plot, spot, wide)]
        plot.board.place(phrasing.duration(one.seconds), inside, color="text", bold=True)


def _fits(plot: Plot, spot: Spot, wide: float) -> bool:
    start = spot.x - wide if spot.ha == "right" else spot.x - wide / 2 if spot.ha == "center" else spot.x
    return bool(plot.x <= start and start + wide <= RIGHT)


def _place(plot: Plot, one: Firing) -> tuple[float, float]:
    x = min(max(float(plot.px(_middle(one))), plot.x + 4), plot.right)
    return x, max(float(plot.py(one.peak)), plot.y)


def _opening(value: Rehearsal, one: Firing) -> str:
    peak = "" if one.peak is None or value.rule.unit == STATE else f" ({_shown(value, one.peak)})"
    who = f" {wording.name(one.group)}" if one.group else ""
    return f"{phrasing.day(one.start, value.window.zone)}{who} {phrasing.duration(one.seconds)}{peak}"


def _name(value: Rehearsal) -> str:
    text = "State by its probes" if value.rule.unit == STATE else value.rule.title.replace("{group}", "each").strip()
    return wording.title_name(text or value.rule.name, 34)


def _shown(value: Rehearsal, number: float) -> str:
    return phrasing.in_unit(number, value.rule.unit)


def _tick(value: Rehearsal, number: float) -> str:
    unit = value.rule.unit
    if unit == STATE:
        return "unwell" if number else "well"

    if unit == "times":
        return f"{number:g}{NB}×" if number else "0"

    if unit in ("span", "$") and number:
        return phrasing.in_unit(number, unit)

    return tick_label(number, unit if unit in {"s", "ms", "%", "rate", "bytes"} else "")
