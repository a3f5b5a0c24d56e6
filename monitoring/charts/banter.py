"""Exchanges between personas by step, how many a user joined, and who starts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from monitoring import phrasing
from monitoring.analysis.banter import Banter
from monitoring.analysis.figure import Named
from monitoring.charts import wording
from monitoring.charts.axes import step_ticks, step_width, value_ticks
from monitoring.charts.theme import LEFT, RIGHT

if TYPE_CHECKING:
    from monitoring.charts.board import Board
    from monitoring.charts.plot import Plot

HEIGHT = 800
_LIST = 770
_ROWS = 5


def title(value: Banter) -> str:
    """How many exchanges, and how many of them users joined."""
    count = int(value.exchanges.value or 0)
    if not count:
        return f"No exchanges in {wording.these(value.window)}"

    words = wording.plural(count, "exchange")
    if value.joined.value is None:
        return words

    return f"{words}; users joined {phrasing.share(value.joined.value)} of them"


def subtitle(value: Banter) -> tuple[str, ...]:
    """What, window, what grey means."""
    return "Between personas", wording.span(value.window), wording.grey(value.gaps)


def alt(value: Banter) -> str:
    """Exchanges, length, who starts and who is ignored."""
    known = [day for day in value.days if day.exchanges is not None]
    most = max(known, key=lambda day: day.exchanges or 0, default=None)
    starters = [f"{wording.name(who.name)} {phrasing.count(who.count)}" for who in value.starters[:_ROWS]]
    ignored = [f"{wording.name(who.name)} {who.ignored} of {who.openings}" for who in value.ignored[:2]]
    return wording.alt_text(
        f"Stacked bars, exchanges between personas over {wording.period(value.window)}: {title(value)}.",
        f"Most: {most.exchanges} on {_moment(value, most.at)}." if most is not None and most.exchanges else "",
        f"Mean length {value.mean_turns:.1f} turns, longest {value.longest}."
        if value.mean_turns and value.longest
        else "",
        f"Who starts: {wording.listed(starters)}." if starters else "",
        f"Ignored openings: {wording.listed(ignored)}." if ignored else "",
        wording.unmonitored(value.gaps, value.window.zone),
    )


def draw(board: Board, value: Banter) -> None:
    """Bars at the left, who starts at the right."""
    from monitoring.charts.plot import Plot, room

    starts = [day.at for day in value.days]
    step = step_width(starts, value.window.length)
    counts = np.array([np.nan if day.exchanges is None else day.exchanges for day in value.days], float)
    ticks = value_ticks(float(np.nanmax(counts, initial=0)) or 4, 4, whole=True)
    left = LEFT + room(board, [phrasing.count(tick) for tick in ticks]) + 14
    top = board.top + 60
    right = _LIST - 56 if value.starters else RIGHT
    across = (starts[0], starts[-1] + step) if starts else (value.window.start, value.window.end)
    plot = Plot(board, left, top, right - left, board.bottom - 44 - top, across=across, up=(0, ticks[-1] * 1.06))
    plot.grid(ticks, phrasing.count)
    plot.gaps(value.gaps)
    labels = step_ticks(starts, step, value.window.zone, most=3)
    plot.times((starts[index] + step / 2, label) for index, label in labels)
    if not value.exchanges.value:
        plot.verdict("The personas did not talk to each other", "")
        return

    joined = np.array([min(day.joined, day.exchanges or 0) for day in value.days], float)
    plot.bars(starts, step, joined, counts, "accent_dim")
    plot.bars(starts, step, joined * 0, joined, "accent")
    _last(plot, starts, step, counts)
    _legend(board, board.top + 14)
    if value.starters:
        _starters(board, value.starters)


def _legend(board: Board, y: float) -> None:
    for x, color, words in ((LEFT, "accent", "user joined"), (LEFT + 292, "accent_dim", "nobody did")):
        board.bar(x, y - 14, 28, 28, color)
        board.text(x + 40, y, words, color="soft")


def _last(plot: Plot, starts: list[int], step: int, counts: np.ndarray) -> None:
    """The figure above the last bar, unless it would stand on a higher one."""
    from monitoring.charts.board import Spot

    words = phrasing.count(float(counts[-1])) if np.isfinite(counts[-1]) else ""
    reach = plot.board.wide(words, bold=True) / 2
    x = min(float(plot.px(starts[-1] + step / 2)), _LIST - 24 - reach)
    near = plot.px(np.array(starts, float) + step) > x - reach
    if words and np.nanmax(counts[near]) <= counts[-1]:
        y = float(plot.py(counts[-1])) - 26
        plot.board.place(words, [Spot(x, y, "center")], color="text", bold=True)


def _starters(board: Board, starters: tuple[Named, ...]) -> None:
    board.text(_LIST, board.top + 14, "Who starts", bold=True)
    rows = list(starters[:_ROWS])
    if len(starters) > _ROWS:
        rest = starters[_ROWS - 1 :]
        count = sum(who.count for who in rest)
        rows = [*starters[: _ROWS - 1], Named(f"{len(rest)} others", count)]

    most = max(who.count for who in rows) or 1
    step = (board.bottom - 20 - board.top - 70) / _ROWS
    for index, who in enumerate(rows):
        y = board.top + 76 + index * step
        figure = phrasing.count(who.count)
        room = RIGHT - _LIST - board.wide(figure, bold=True) - 24
        board.text(_LIST, y, board.cut(wording.name(who.name), room), color="soft")
        board.text(RIGHT, y, figure, bold=True, ha="right")
        board.bar(_LIST, y + 28, max((RIGHT - _LIST) * who.count / most, 3), 18, board.t.persona(who.slot))


def _moment(value: Banter, at: int) -> str:
    day, clock = phrasing.day(at, value.window.zone), phrasing.clock(at, value.window.zone)
    return f"{day} at {clock}" if step_width([d.at for d in value.days], value.window.length) < 86_400_000 else day
