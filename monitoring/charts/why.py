"""Why a figure changed: a waterfall from before to now, and below it who explains most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring import phrasing
from monitoring.analysis.why_findings import (
    FIGURES,
    Row,
    explains,
    moved,
    part_text,
    rows,
    share_text,
    telling,
    waterfall,
)
from monitoring.analysis.why_values import Ranking, Why
from monitoring.analysis.why_words import amount_text
from monitoring.charts import wording
from monitoring.charts.theme import LEFT, RIGHT
from monitoring.model import DAY
from monitoring.phrasing import NB
from monitoring.window import Window

if TYPE_CHECKING:
    from monitoring.charts.board import Board

HEIGHT = 900
_BARS, _END, _STEP, _THICK = 360, 980, 64, 40
"""Where the bars begin and end across, and how far apart and thick they are."""
_COLUMN = 528
_REST = "the rest"


def title(value: Why) -> str:
    """Who explains how much of the change."""
    return explains(value, wording.title_name)


def subtitle(value: Why) -> tuple[str, ...]:
    """Which figure, which windows, of how many."""
    n = f"n{NB}{phrasing.count(value.n)}, {phrasing.count(value.n_before)}"
    figure, window = FIGURES[value.figure], value.window
    if window.length <= DAY // 2:
        return f"{figure}, {_clocks(window)} against {_clocks(value.against)}", n

    return f"{figure}, {wording.span(window)}", n


def alt(value: Why) -> str:
    """The waterfall and the rankings in sentences."""
    head = f"Waterfall, {FIGURES[value.figure].lower()}, {_told(value.window)} against {_told(value.against)}"
    count = f"{phrasing.count(value.n)} and {phrasing.count(value.n_before)}"
    if value.change is None or not value.parts:
        return wording.alt_text(f"{head}, n {count}: {title(value)}.", f"{moved(value)}." if value.change else "")

    parts = [f"{_part(name)} {part_text(value.figure, change)}" for name, change in waterfall(value)]
    return wording.alt_text(
        f"{head}, n {count}: {title(value)}.",
        f"{amount_text(value.figure, value.before)} before, {', '.join(parts)}, "
        f"{amount_text(value.figure, value.now)} during.",
        *(f"By {one.dimension}: {wording.listed(_listed(value.figure, one))}." for one in telling(value)),
    )


def draw(board: Board, value: Why) -> None:
    """Bars from before to now, each where the one above it ends."""
    if value.change is None or value.now is None or value.before is None or not value.parts:
        _nothing(board, value)
        return

    parts = waterfall(value)
    reached = [value.before]
    for _, change in parts:
        reached.append(reached[-1] + change)

    scale = (_END - _BARS) / (max(*reached, value.now) or 1.0)
    top = board.top + 26
    _total(board, top, "before", amount_text(value.figure, value.before), value.before * scale)
    for index, (name, change) in enumerate(parts):
        low, high = sorted((reached[index] * scale, reached[index + 1] * scale))
        first = index == 0 and value.sure and bool(name)
        y = top + (index + 1) * _STEP
        _connector(board, reached[index] * scale, y)
        board.bar(_BARS + low, y - _THICK / 2, max(high - low, 3), _THICK, "accent" if first else "other")
        label = board.cut(_part(name), _BARS - LEFT - 30, bold=first)
        board.text(_BARS - 22, y, label, color="text" if first else "soft", bold=first, ha="right")
        board.text(_BARS + max(high, low + 3) + 16, y, part_text(value.figure, change), bold=first)

    y = top + (len(parts) + 1) * _STEP
    _connector(board, value.now * scale, y)
    _total(board, y, "during", amount_text(value.figure, value.now), value.now * scale)
    for index, ranking in enumerate(telling(value)):
        _ranked(board, value, ranking, LEFT + index * (_COLUMN + 48))


def _total(board: Board, y: float, name: str, figure: str, width: float) -> None:
    board.text(_BARS - 22, y, name, ha="right")
    board.bar(_BARS, y - _THICK / 2, max(width, 3), _THICK, "rule")
    board.text(_BARS + max(width, 3) + 16, y, figure, bold=True)


def _connector(board: Board, x: float, y: float) -> None:
    """From the end of the bar above to this one."""
    board.line([_BARS + x] * 2, [y - _STEP + _THICK / 2, y + _THICK / 2], color="rule", width=2, z=2)


def _ranked(board: Board, value: Why, ranking: Ranking, x: float) -> None:
    y = board.bottom - 246
    board.text(x, y, f"By {ranking.dimension}", color="mute")
    for index, row in enumerate(rows(ranking)):
        top = y + 54 + index * 78
        change = part_text(value.figure, row.change).removesuffix(f"{NB}points")
        figure = f"{change} · {share_text(row.share)}"
        first = index == 0 and value.sure and row.change != 0
        board.text(x + _COLUMN, top, figure, ha="right", color="text" if first else "soft")
        room = _COLUMN - board.wide(figure) - 24
        board.text(x, top, board.cut(_who(row), room, bold=first), bold=first)
        board.bar(x, top + 26, _COLUMN, 12, "panel")
        width = _COLUMN * min(max(row.share or 0.0, 0.0), 1.0)
        board.bar(x, top + 26, max(width, 3), 12, "accent" if first else "other")


def _nothing(board: Board, value: Why) -> None:
    middle, y = (LEFT + RIGHT) / 2, board.top + 260
    known = [f"{amount_text(value.figure, one)} {word}" for one, word in ((value.before, "before"), (value.now, "now"))]
    bold = ", ".join(known) if value.n or value.n_before else "Nothing was counted in either window"
    board.text(middle, y, bold, bold=True, ha="center")
    quiet = "There is no change to share out" if value.change is not None else "A change needs both"
    board.text(middle, y + 60, quiet, color="mute", ha="center")


def _part(name: str) -> str:
    return wording.name(name) if name else _REST


def _who(row: Row) -> str:
    return f"{row.others} others" if row.others else wording.name(row.name)


def _listed(figure: str, ranking: Ranking) -> list[str]:
    return [f"{_who(row)} {part_text(figure, row.change)} ({share_text(row.share)})" for row in rows(ranking)]


def _clocks(window: Window) -> str:
    return f"{phrasing.clock(window.start, window.zone)}–{phrasing.clock(window.end, window.zone)}"


def _told(window: Window) -> str:
    if window.length > 2 * DAY:
        return f"{phrasing.day(window.start, window.zone)} to {phrasing.day(window.end, window.zone)}"

    return (
        f"{phrasing.day(window.start, window.zone)} {phrasing.clock(window.start, window.zone)}"
        f" to {phrasing.clock(window.end, window.zone)}"
    )
