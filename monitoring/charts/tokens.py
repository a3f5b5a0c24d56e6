"""Tokens by day or hour as stacked bars: new prompt tokens, cached ones, completion; and what is usual."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from monitoring import phrasing
from monitoring.analysis.spending import Used
from monitoring.analysis.tokens import Tokens
from monitoring.charts import wording
from monitoring.charts.axes import step_ticks, value_ticks
from monitoring.charts.theme import LEFT, RIGHT
from monitoring.model import DAY, HOUR
from monitoring.window import step_start

if TYPE_CHECKING:
    from monitoring.charts.board import Board
    from monitoring.charts.plot import Plot

HEIGHT = 800
_LIST = 886
_INDENT = 40


def title(value: Tokens) -> str:
    """How many in the last day or the window, against what is usual."""
    if not value.used.total:
        return f"No tokens in {wording.these(value.window)}"

    words = f"{phrasing.count(value.latest.total)} tokens {when(value)}"
    return f"{words}, {unusual(value)}" if value.usual else words


def when(value: Tokens) -> str:
    """What `latest` is of: "today", or all of a short window."""
    if by_day(value):
        return "today"

    return "this day" if wording.whole_day(value.window) else f"in {wording.length(value.window)}"


def by_day(value: Tokens) -> bool:
    """Whether the steps are days."""
    return value.latest_from != value.window.start


def unusual(value: Tokens) -> str:
    """The latest tokens against the usual ones: "9 % above usual"; "" where nothing is known to be usual."""
    if not value.usual:
        return ""

    change = value.latest.total / value.usual - 1
    if abs(change) < 0.02:
        return "as usual"

    if change > 9.995:
        return f"{value.latest.total / value.usual:,.0f} times the usual"

    return f"{abs(change) * 100:.0f}{phrasing.NB}% {'above' if change > 0 else 'below'} usual"


def subtitle(value: Tokens) -> tuple[str, ...]:
    """What, window, what grey means."""
    what = "Tokens per day" if by_day(value) else "Tokens per hour"
    return what, wording.span(value.window), wording.grey(value.gaps)


def alt(value: Tokens) -> str:
    """The total, its parts, the range, and who used most."""
    known = [(step.used.total, step.at) for step in value.steps if step.used is not None and step.used.total]
    low, high = min(known, default=None), max(known, default=None)
    models = [f"{wording.name(row.name)} {phrasing.count(row.used.total)}" for row in value.models[:4]]
    parts = (
        f"Prompt {phrasing.count(value.latest.fresh)}, cached {phrasing.count(value.latest.cached)}, "
        f"completion {phrasing.count(value.latest.completion)} {when(value)}."
    )
    kind, each = ("day", "a day") if by_day(value) else ("hour", "an hour")
    return wording.alt_text(
        f"Stacked bars, tokens per {kind} over {wording.period(value.window)}: {title(value)}.",
        parts if value.used.total else "",
        f"{_by(value).capitalize()}: {phrasing.count(value.usual)}." if value.usual and value.used.total else "",
        f"Range {phrasing.count(low[0])} to {phrasing.count(high[0])} {each}, most on {_moment(value, high[1])}."
        if low and high and len(known) > 1
        else "",
        f"By model: {wording.listed(models)}." if models else "",
        wording.unmonitored(value.gaps, value.window.zone),
    )


def draw(board: Board, value: Tokens) -> None:
    """Bars at the left, the parts of the latest one at the right."""
    from monitoring.charts.plot import Plot, room

    starts = [step.at for step in value.steps]
    step = DAY if by_day(value) else HOUR
    parts = [_column(value, name) for name in ("fresh", "cached", "completion")]
    highest = max(float(np.nanmax(sum(parts), initial=0)), value.usual or 0 if by_day(value) else 0)
    ticks = value_ticks(highest or 4, 3, whole=True)
    left = LEFT + room(board, [_tick(tick) for tick in ticks]) + 14
    begin, end = value.window.start, value.window.end
    across = (min(starts[0], begin), max(starts[-1] + step, end)) if starts else (begin, end)
    right = _LIST - 28 if value.used.total else RIGHT
    height = board.bottom - 54 - board.top
    plot = Plot(board, left, board.top, right - left, height, across=across, up=(0, ticks[-1]))
    plot.grid(ticks, _tick)
    plot.gaps(value.gaps)
    plot.times((starts[i] + step / 2, label) for i, label in step_ticks(starts, step, value.window.zone, most=3))
    if not value.used.total:
        plot.verdict("No model was asked", "Tokens are told by the host; see the guide")
        return

    base = parts[0] * 0
    for color, part in zip(_colours(board), parts, strict=True):
        plot.bars(starts, step, base, base + part, color)
        base = base + part

    if value.usual and by_day(value):
        _usual(plot, starts[-1], step, value.usual)

    _list(board, value)


def _colours(board: Board) -> tuple[str, str, str]:
    return board.t.accent, board.t.accent_dim, board.t.part(1)


def _column(value: Tokens, name: str) -> np.ndarray:
    """One part of every step; NaN where it was not monitored."""
    return np.array([np.nan if step.used is None else getattr(step.used, name) for step in value.steps], float)


def _tick(value: float) -> str:
    """Tokens at an axis: "20 M", "1.5 M", "250 k"."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{phrasing.NB}{letter}"

    return f"{value:g}"


def _usual(plot: Plot, start: int, step: int, usual: float) -> None:
    """A line across the last bar, a little wider than it."""
    y = float(plot.py(usual))
    ends = [float(plot.px(start)) - 6, min(float(plot.px(start + step)) + 6, plot.right)]
    plot.board.line(ends, [y, y], color="bg", width=12, z=5)
    plot.board.line(ends, [y, y], color="text", width=6, z=6)


def _list(board: Board, value: Tokens) -> None:
    """What the latest bar is made of, in its order; without bars of days, what the window is made of."""
    y = board.top + 40
    if value.usual:
        if by_day(value):
            board.line([_LIST - 2, _LIST + 22], [y, y], color="text", width=6)

        board.text(_LIST + _INDENT, y, _by(value), color="mute")
        board.text(_LIST + _INDENT, y + 47, phrasing.count(value.usual), color="soft")
        y += 128

    for color, (name, amount) in zip(reversed(_colours(board)), _parts(value.latest), strict=True):
        board.bar(_LIST, y - 15, 30, 30, color)
        board.text(_LIST + _INDENT, y, name, color="soft")
        board.text(_LIST + _INDENT, y + 47, phrasing.count(amount), bold=True)
        y += 112


def _by(value: Tokens) -> str:
    """What is usual: of a day that goes on, by the same time."""
    end, zone = value.window.end, value.window.zone
    whole = not by_day(value) or step_start(end, DAY, zone) == end
    return "usual" if whole else f"usual by {phrasing.clock(end, zone)}"


def _parts(used: Used) -> list[tuple[str, int]]:
    return [("completion", used.completion), ("cached", used.cached), ("prompt", used.fresh)]


def _moment(value: Tokens, at: int) -> str:
    day, clock = phrasing.day(at, value.window.zone), phrasing.clock(at, value.window.zone)
    return day if by_day(value) else f"{day} at {clock}"
