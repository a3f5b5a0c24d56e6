"""What the host has left: four gauges as strips, each with its last reading and its limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from monitoring import phrasing
from monitoring.analysis.health import GaugeLine, Resources
from monitoring.charts import wording
from monitoring.charts.axes import time_ticks
from monitoring.charts.theme import LEAST, LEFT, RIGHT, STATE_SHAPES
from monitoring.model import DAY

if TYPE_CHECKING:
    from monitoring.charts.board import Board
    from monitoring.charts.plot import Plot

HEIGHT = 900
_STRIPS = 4
_FIELD, _WORDS = 300, 916
_NAMES = {
    "cpu_percent": "CPU",
    "memory_percent": "Memory",
    "disk_percent": "Disk",
    "loop_lag": "Event-loop lag",
    "gateway_latency": "Gateway",
    "process_memory": "Bot's memory",
    "load_1m": "Load",
}
_SHORT = {"loop_lag", "gateway_latency"}
"""Gauges that are always below a second and shown in milliseconds."""
_CLIMB, _SURE = 3.0, 0.8
"""A climb is worth a title from so many points a day, if a straight line explains this share of it."""


def title(value: Resources) -> str:
    """What is above its limit, else what climbs, else that all is well."""
    known = [line for line in value.lines if line.now is not None or line.peak is not None]
    if not known:
        return f"No readings in {wording.these(value.window)}"

    above = [line for line in known if line.limit is not None and line.now is not None and line.now > line.limit]
    if above:
        line = above[0]
        return f"{_name(line)} is {_words(line, line.now)}, above its limit of {_words(line, line.limit)}"

    passed = [line for line in known if line.limit is not None and line.peak is not None and line.peak > line.limit]
    if passed and passed[0].peak_at is not None:
        line = passed[0]
        when = wording.moment(passed[0].peak_at, value.window)
        return f"{_name(line)} peaked at {_words(line, line.peak)} {'at' if ':' in when else 'on'} {when}"

    climbing = [(line, climb) for line in known if (climb := _climb(line)) >= _CLIMB]
    if climbing:
        line, climb = climbing[0]
        return f"{_name(line)} climbs {climb:.0f} points a day; all within limits"

    return "All within limits"


def subtitle(value: Resources) -> tuple[str, ...]:
    """Window and what grey means."""
    return wording.span(value.window), wording.grey(value.gaps)


def alt(value: Resources) -> str:
    """Each gauge with its last and highest reading and its limit."""
    lines = []
    for line in value.lines[:_STRIPS]:
        words = f"{_name(line)} {_words(line, line.now)}"
        if line.peak is not None and line.peak_at is not None:
            words += f", highest {_words(line, line.peak)} at {wording.moment(line.peak_at, value.window)}"

        lines.append(words + (f", limit {_words(line, line.limit)}" if line.limit is not None else ""))

    return wording.alt_text(
        f"Line charts of the host over {wording.period(value.window)}. {title(value)}.",
        *(f"{line}." for line in lines),
        wording.unmonitored(value.gaps, value.window.zone),
    )


def draw(board: Board, value: Resources) -> None:
    """A strip for each of the first four gauges."""
    from monitoring.charts.plot import Plot

    lines = value.lines[:_STRIPS]
    step = (board.bottom - 34 - board.top) / max(len(lines), 1)
    window = (value.window.start, value.window.end)
    for index, line in enumerate(lines):
        y, height = board.top + index * step, step - 34
        plot = Plot(board, _FIELD, y, 590, height, across=window, up=(0, _top(line)))
        plot.base()
        plot.gaps(value.gaps)
        _line(plot, line, value)
        name = board.cut(_name(line), _FIELD - LEFT - 6, bold=True)
        board.text(LEFT, y + height / 2, name, bold=True)
        _reading(board, line, y + height / 2)
        if index == len(lines) - 1:
            plot.times(time_ticks(*window, value.window.zone))


def _line(plot: Plot, line: GaugeLine, value: Resources) -> None:
    from monitoring.charts.plot import broken

    if line.limit is not None and line.limit <= _top(line):
        plot.limit(line.limit)

    xs, ys = broken([point.at for point in line.points], [point.value for point in line.points], value.gaps)
    if not len(xs) or not np.isfinite(ys).any():
        middle = plot.y + plot.height / 2 + 18
        plot.board.text(
            plot.x + plot.width / 2, middle, "no readings", color="mute", size=LEAST, ha="center", halo=True
        )
        return

    plot.band(xs, ys * 0, ys, alpha=0.22)
    plot.line(xs, ys, color="accent", width=5, dot=18)
    if line.limit is not None:
        plot.above(xs, ys, line.limit)


def _reading(board: Board, line: GaugeLine, y: float) -> None:
    figure = _words(line, line.now)
    above = line.limit is not None and line.now is not None and line.now > line.limit
    x = float(_WORDS)
    if above:
        board.mark(x + 14, y - 22, STATE_SHAPES["warning"], "warning", 24)
        x += 42

    board.text(x, y - 22, figure, size=44, bold=True)
    if line.limit is not None:
        note = f"limit {_words(line, line.limit)}"
    else:
        note = f"peak {_words(line, line.peak)}" if line.peak is not None else ""

    if note:
        board.text(_WORDS, y + 30, board.cut(note, RIGHT + 24 - _WORDS, LEAST), size=LEAST, color="mute")


def _top(line: GaugeLine) -> float:
    if line.unit == "%":
        return 100.0

    highest = max((point.value for point in line.points if point.value is not None), default=0.0)
    limit = line.limit or 0.0
    # A limit far above all readings would flatten them to a line.
    return max(highest * 1.2, limit * 1.2 if limit < 8 * highest or not highest else 0.0) or 1.0


def _climb(line: GaugeLine) -> float:
    """Points a day that a percentage climbs; 0 where it does not climb steadily or was watched for under half a day."""
    known = [(point.at, point.value) for point in line.points if point.value is not None]
    if line.unit != "%" or len(known) < 12 or known[-1][0] - known[0][0] < DAY / 2:
        return 0.0

    days = np.array([at for at, _ in known], float) / DAY
    values = np.array([value for _, value in known], float)
    if values.std() == 0:
        return 0.0

    slope = float(np.polyfit(days - days[0], values, 1)[0])
    sure = float(np.corrcoef(days, values)[0, 1]) ** 2
    return slope if sure >= _SURE else 0.0


def _name(line: GaugeLine) -> str:
    return _NAMES.get(line.name) or wording.name(line.name.replace("_", " ").capitalize())


def _words(line: GaugeLine, value: float | None) -> str:
    return phrasing.in_unit(value, "ms" if line.name in _SHORT else line.unit)
