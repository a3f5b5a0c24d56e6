"""Where the time of a mean response goes: its components by step as stacked bars, listed at the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from monitoring import phrasing
from monitoring.analysis.performance import Component, Performance
from monitoring.charts import wording
from monitoring.charts.axes import step_ticks, step_width, tick_label, value_ticks
from monitoring.charts.theme import LEFT, RIGHT
from monitoring.phrasing import seconds

if TYPE_CHECKING:
    from monitoring.charts.board import Board
    from monitoring.charts.plot import Plot

HEIGHT = 800
_SHOWN = 5
_LIST = 770
_WORDS = {
    "llm_inference": "The model",
    "tts_generation": "Speech",
    "context_building": "Building the context",
    "discord_send": "Sending",
    "response_processing": "Processing the answer",
}


def title(value: Performance) -> str:
    """Which component takes most of a mean response."""
    if not value.components:
        return f"No components in {wording.these(value.window)}"

    first = value.components[0]
    who = _WORDS.get(first.name) or wording.name(first.name)
    return f"{who} takes {phrasing.share(first.share)} of a mean response"


def subtitle(value: Performance) -> tuple[str, ...]:
    """Window, sample and what grey means."""
    whose = wording.name(value.subject) if value.subject else ""
    return whose, wording.span(value.window), wording.n(value.now.n), wording.grey(value.gaps)


def alt(value: Performance) -> str:
    """The components with mean and share, and the highest step."""
    head = f"Stacked bars, mean seconds of each component of a response over {wording.period(value.window)}"
    if not value.components:
        return wording.alt_text(
            f"{head}.", "No component was recorded.", wording.unmonitored(value.gaps, value.window.zone)
        )

    parts = [f"{wording.name(c.name)} {seconds(c.mean)} ({phrasing.share(c.share)})" for c in value.components]
    sums = [(sum(mean for _, mean in parts), at) for at, parts in value.component_points]
    highest = max(sums, default=None)
    return wording.alt_text(
        f"{head}, {wording.n(value.now.n)}.",
        f"{wording.listed(parts)}.",
        f"Highest step: {seconds(highest[0])} at {wording.moment(highest[1], value.window)}." if highest else "",
        wording.unmonitored(value.gaps, value.window.zone),
    )


def draw(board: Board, value: Performance) -> None:
    """Bars at the left, the list at the right."""
    from monitoring.charts.plot import Plot, room

    shown = _shown(value)
    starts = [at for at, _ in value.component_points]
    step = step_width(starts, value.window.length)
    stacks = _stacks(value, [part.name for part in shown])
    sums = stacks.sum(axis=0) if stacks.size else np.zeros(1)
    ticks = value_ticks(float(np.nanmax(sums, initial=0)) * 1.12 or 2.0)
    left = LEFT + room(board, [tick_label(tick, "s") for tick in ticks]) + 14
    right = _LIST - 44 if shown else RIGHT
    height = board.bottom - 44 - board.top
    across = (value.window.start, max(value.window.end, starts[-1] + step) if starts else value.window.end)
    plot = Plot(board, left, board.top, right - left, height, across=across, up=(0, ticks[-1]))
    plot.grid(ticks, lambda tick: tick_label(tick, "s"))
    plot.gaps(value.gaps)
    labels = step_ticks(starts, step, value.window.zone)
    plot.times((starts[index] + step / 2, label) for index, label in labels)
    if not shown:
        plot.verdict("No component was recorded", "The host reports them; see the guide")
        return

    base = np.zeros(len(starts))
    for index, row in enumerate(stacks):
        plot.bars(starts, step, base, base + row, board.t.part(index))
        base = base + row

    _highest(plot, starts, base, step, value)
    _list(board, shown)


def _shown(value: Performance) -> list[Component]:
    """The largest components; the rest as one."""
    parts = list(value.components)
    if len(parts) <= _SHOWN:
        return parts

    rest = parts[_SHOWN - 1 :]
    name = f"{len(rest)} others"
    return [*parts[: _SHOWN - 1], Component(name, sum(p.mean for p in rest), sum(p.share for p in rest), 0)]


def _stacks(value: Performance, names: list[str]) -> np.ndarray:
    """Seconds of shape (components shown, steps); what is not shown by name is in the last row."""
    stacks = np.zeros((len(names), len(value.component_points)))
    for column, (_, parts) in enumerate(value.component_points):
        for name, mean in parts:
            stacks[names.index(name) if name in names else len(names) - 1, column] += mean

    return stacks


def _highest(plot: Plot, starts: list[int], sums: np.ndarray, step: int, value: Performance) -> None:
    """Name the moment of the highest bar where it stands out."""
    from monitoring.charts.board import Spot

    if len(starts) < 3 or sums.max() < 1.4 * float(np.median(sums)):
        return

    index = int(sums.argmax())
    x, y = float(plot.px(starts[index])), float(plot.py(sums[index])) + 6
    after = float(plot.px(starts[index] + step)) + 12
    moment = wording.moment(starts[index], value.window)
    plot.board.place(moment, [Spot(x - 12, y, "right"), Spot(after, y)], color="text", bold=True)


def _list(board: Board, parts: list[Component]) -> None:
    step = min(108.0, (board.bottom - 44 - board.top) / _SHOWN)
    for index, part in enumerate(parts):
        y = board.top + 20 + index * step
        board.bar(_LIST, y - 16, 26, 32, board.t.part(index))
        board.text(_LIST + 42, y, board.cut(wording.name(part.name, 40), RIGHT + 28 - _LIST - 42), color="soft")
        board.text(_LIST + 42, y + 44, seconds(part.mean), bold=True)
        board.text(RIGHT, y + 44, phrasing.share(part.share), color="mute", ha="right")
