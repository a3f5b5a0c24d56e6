"""How much is done in a minute or an hour: successes and failures as a stack, messages as a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from monitoring import phrasing
from monitoring.analysis.throughput import Throughput
from monitoring.charts import wording
from monitoring.charts.axes import time_ticks, value_ticks
from monitoring.charts.theme import LEFT, RIGHT
from monitoring.model import MINUTE

if TYPE_CHECKING:
    from monitoring.charts.board import Board
    from monitoring.charts.plot import Plot

HEIGHT = 800


def title(value: Throughput) -> str:
    """How many at the busiest moment."""
    what = _what(value)
    whose = f" of {wording.title_name(value.service)}" if value.service else ""
    if value.peak is None or value.peak_at is None:
        return f"No {what}{whose} in {wording.these(value.window)}"

    return f"Up to {phrasing.pace(value.peak)} {what}{whose} {_per(value)}, {_when(value, value.peak_at)}"


def subtitle(value: Throughput) -> tuple[str, ...]:
    """Window, sample, what grey means."""
    return (
        wording.span(value.window),
        wording.n(value.per_hour.n),
        wording.grey(value.gaps),
        wording.partial(value.partial),
    )


def alt(value: Throughput) -> str:
    """The mean by minute and hour, the busiest step, failures, messages, gaps."""
    what, n = _what(value), value.per_hour.n
    written = value.messages_per_hour
    return wording.alt_text(
        f"Stacked bars, {what} {_per(value)} over {wording.period(value.window)}: {title(value)}.",
        f"In the mean {phrasing.pace(value.per_minute.value)} a minute, {phrasing.pace(value.per_hour.value)} an hour; "
        f"{phrasing.count(value.failures)} of {phrasing.count(n)} failed."
        if n and value.per_hour.value is not None
        else "",
        f"Messages: {phrasing.pace(written)} an hour." if written is not None and value.messages else "",
        wording.unmonitored(value.gaps, value.window.zone),
    )


def draw(board: Board, value: Throughput) -> None:
    """Bars of successes with failures on top, and a line of messages."""
    from monitoring.charts.plot import Plot, room

    good, bad = ([getattr(point, name) for point in value.points] for name in ("good", "failed"))
    lower = np.array([np.nan if rate is None else rate for rate in good], float)
    upper = lower + np.array([np.nan if rate is None else rate for rate in bad], float)
    written = [point.value for point in value.messages if point.value is not None]
    ticks = value_ticks(max([float(np.nanmax(upper, initial=0)), *written]) or 4, 4)
    left = LEFT + room(board, [_tick(tick) for tick in ticks]) + 14
    top, end = board.top + 60, RIGHT
    plot = Plot(
        board, left, top, end - left, board.bottom - 44 - top, across=_across(value), up=(0, ticks[-1] * 1.08)
    )  # fmt: skip
    plot.grid(ticks, _tick)
    plot.gaps(value.gaps)
    plot.times(time_ticks(int(_across(value)[0]), int(_across(value)[1]), value.window.zone))
    _legend(board, value)
    if value.peak is None and not any(written):
        plot.verdict(f"No {_what(value)}", "")
        return

    for index, point in enumerate(value.points):
        one = slice(index, index + 1)
        plot.bars([point.at], point.end - point.at, lower[one] * 0, lower[one], "accent")
        plot.bars([point.at], point.end - point.at, lower[one], upper[one], "critical")

    _messages(plot, value)


def _across(value: Throughput) -> tuple[float, float]:
    """From the first step to the end of the window."""
    first = min((point.at for point in value.points), default=value.window.start)
    return min(first, value.window.start), value.window.end


def _messages(plot: Plot, value: Throughput) -> None:
    from monitoring.charts.plot import broken

    if not value.messages:
        return

    step = value.messages[0].at
    half = (value.messages[1].at - step) / 2 if len(value.messages) > 1 else 0
    xs, ys = broken([point.at for point in value.messages], [point.value for point in value.messages], value.gaps)
    plot.line(xs + half, ys, color="soft", width=5, dot=14, z=5)


def _legend(board: Board, value: Throughput) -> None:
    x = float(LEFT)
    rows = [("accent", f"{_what(value)} {_per(value)}"), ("critical", "failed")]
    for color, words in [*rows, ("soft", "messages")] if value.messages else rows:
        board.bar(x, board.top, 28, 28, color)
        board.text(x + 40, board.top + 14, words, color="soft")
        x += 40 + board.wide(words) + 48


def _what(value: Throughput) -> str:
    return "operations" if value.service else "answers"


def _per(value: Throughput) -> str:
    return "a minute" if value.unit == MINUTE else "an hour"


def _tick(value: float) -> str:
    return f"{value:g}" if value < 10 else phrasing.count(value)


def _when(value: Throughput, at: int) -> str:
    moment = wording.moment(at, value.window)
    return f"at {moment}" if ":" in moment else f"on {moment}"
