"""Parts of pages: a key figure with its yardstick, a small picture below it, a row of bars. No matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from monitoring.analysis.figure import Gap, Point
from monitoring.charts.theme import FIGURE, LEAST
from monitoring.window import Window

if TYPE_CHECKING:
    from monitoring.charts.board import Board


def tile(board: Board, x: float, y: float, width: float, words: tuple[str, str, str], *, tone: str = "mute") -> None:
    """A label, a key figure and a note, one below the other; the note is cut to the width."""
    label, figure, note = words
    board.text(x, y + 18, board.cut(label, width), color="mute")
    size = FIGURE if board.wide(figure, FIGURE, bold=True) <= width else 46
    board.text(x, y + 80, board.cut(figure, width, size, bold=True), size=size, bold=True)
    if note:
        board.text(x, y + 138, board.cut(note, width, LEAST), size=LEAST, color=tone)


def spark(
    board: Board,
    x: float,
    y: float,
    size: tuple[float, float],
    points: Sequence[Point],
    gaps: Sequence[Gap],
    over: Window,
) -> None:
    """A small line over a filled area, its scale from 0 to its highest value."""
    from monitoring.charts.plot import Plot, broken

    width, height = size
    highest = max((point.value for point in points if point.value is not None), default=0) or 1
    plot = Plot(board, x, y, width, height, across=(over.start, over.end), up=(0, highest * 1.12))
    plot.base()
    plot.gaps(gaps)
    xs, ys = broken([point.at for point in points], [point.value for point in points], gaps)
    if len(xs):
        plot.band(xs, ys * 0, ys, alpha=0.22)
        plot.line(xs, ys, color="accent", width=5, dot=16)
