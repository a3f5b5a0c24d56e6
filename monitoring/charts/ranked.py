"""A ranking as bars: the name above, the figure at the right, the parts of the whole inside. No matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitoring.charts.theme import LEFT, RIGHT

if TYPE_CHECKING:
    from monitoring.charts.board import Board

ROWS = 6
_BAR = 22


@dataclass(frozen=True, slots=True)
class Rank:
    """One row: what it is called, its figures in words, and the parts of its bar with their colours, left to right."""

    name: str
    figure: str
    parts: tuple[tuple[float, str], ...]
    note: str = ""
    """In grey beside the figure, where there is room."""

    @property
    def value(self) -> float:
        """How long the bar is."""
        return sum(part for part, _ in self.parts)


def ranked(board: Board, top: float, rows: Sequence[Rank]) -> None:
    """Draw up to six rows below `top`, as long as the longest of them."""
    shown = rows[:ROWS]
    most = max((row.value for row in shown), default=0) or 1
    step = (board.bottom - top) / ROWS
    for index, row in enumerate(shown):
        y = top + step * index + 24
        board.text(RIGHT, y, row.figure, bold=True, ha="right")
        room = RIGHT - LEFT - board.wide(row.figure, bold=True) - 24
        note = row.note if row.note and board.wide(row.note) + board.wide(row.name) + 48 <= room else ""
        if note:
            board.text(LEFT + room, y, note, color="mute", ha="right")
            room -= board.wide(note) + 24

        board.text(LEFT, y, board.cut(row.name, room), color="soft")
        x = float(LEFT)
        for part, color in row.parts:
            width = (RIGHT - LEFT) * part / most
            if part:
                board.bar(x, y + 30, max(width, 3), _BAR, color)

            x += width


def legend(board: Board, y: float, words: Sequence[tuple[str, str]]) -> None:
    """One row of squares with what their colours mean."""
    x = float(LEFT)
    for color, text in words:
        board.bar(x, y - 14, 28, 28, color)
        board.text(x + 40, y, text, color="soft")
        x += 40 + board.wide(text) + 48
