"""When people are there: an hour of the week a cell, a dot in the three busiest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring import phrasing
from monitoring.analysis.users import Activity
from monitoring.charts import wording
from monitoring.charts.theme import RIGHT, blend, ink

if TYPE_CHECKING:
    from monitoring.charts.board import Board

HEIGHT = 800
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CELLS_LEFT = 134


def title(value: Activity) -> str:
    """The busiest hours."""
    if not value.n or not value.busiest:
        return f"No messages in {wording.these(value.window)}"

    days = sorted({day for day, _ in value.busiest})
    hours = sorted({hour for _, hour in value.busiest})
    if len(days) <= 2 and hours[-1] - hours[0] <= 2:
        end = (hours[-1] + 1) % 24
        return f"Busiest: {' and '.join(_DAYS[day] for day in days)}, {hours[0]:02}:00 to {end:02}:00"

    return f"Busiest: {', '.join(_hour(day, hour) + ':00' for day, hour in value.busiest)}"


def subtitle(value: Activity) -> tuple[str, ...]:
    """What, window and sample; what grey means where there is any."""
    grey = "grey: not monitored" if any(cell is None for row in value.cells for cell in row) else ""
    return "Messages of users", wording.span(value.window), wording.n(value.n), grey


def alt(value: Activity) -> str:
    """Busiest and quietest hours with the highest mean."""
    head = f"Heat map, messages of users by hour of the week, mean over {wording.period(value.window)}"
    unknown = sum(cell is None for row in value.cells for cell in row)
    return wording.alt_text(
        f"{head}, {wording.plural(value.n, 'message')}.",
        f"Busiest: {_hours(value.busiest)}, up to {_mean(value)} per hour."
        if value.n and value.busiest
        else "No messages.",
        f"Quietest: {_hours(value.quietest)}." if value.n and value.quietest else "",
        f"{wording.plural(unknown, 'hour')} of the week never monitored." if unknown else "",
    )


def draw(board: Board, value: Activity) -> None:
    """Cells, their scale, and the hours in words."""
    across, down = (RIGHT - _CELLS_LEFT) / 24, (board.height - 194 - board.top) / 7
    bottom = board.top + 7 * down
    peak = value.peak or 0
    if any(cell is None for row in value.cells for cell in row):
        board.hatched(_CELLS_LEFT, board.top, RIGHT - _CELLS_LEFT - 5, 7 * down - 5)

    for day, row in enumerate(value.cells):
        y = board.top + day * down
        board.text(_CELLS_LEFT - 14, y + down / 2 - 2, _DAYS[day][:3], color="mute", ha="right")
        for hour, cell in enumerate(row):
            if cell is not None:
                fill = blend(board.t.sequential, cell / peak) if peak else board.t.panel
                board.bar(_CELLS_LEFT + hour * across, y, across - 5, down - 5, fill)

    for hour in range(0, 24, 3):
        board.text(_CELLS_LEFT + (hour + 0.44) * across, bottom + 34, f"{hour:02}", color="mute", ha="center")

    if value.n and peak:
        _dots(board, value, across, down)
        _words(board, value, bottom + 82)


def _dots(board: Board, value: Activity, across: float, down: float) -> None:
    for day, hour in value.busiest:
        cell = value.cells[day][hour] or 0
        fill = blend(board.t.sequential, cell / (value.peak or 1))
        x, y = _CELLS_LEFT + hour * across + (across - 5) / 2, board.top + day * down + (down - 5) / 2
        board.mark(x, y, "o", ink(fill), 18)


def _words(board: Board, value: Activity, y: float) -> None:
    board.ramp(_CELLS_LEFT, y - 13, 330, 26, board.t.sequential)
    board.text(_CELLS_LEFT, y + 48, "0", color="mute")
    board.text(_CELLS_LEFT + 330, y + 48, f"{_mean(value)} per hour", color="mute", ha="right")
    x = 560
    board.mark(x + 14, y, "o", "soft", 22)
    room = RIGHT + 20 - x - 38
    board.text(x + 38, y, board.cut(f"Busiest: {_hours(value.busiest)}", room), color="soft")
    if value.quietest:
        board.text(x + 38, y + 48, board.cut(f"Quietest: {_hours(value.quietest)}", room), color="mute")


def _hour(day: int, hour: int) -> str:
    return f"{_DAYS[day][:3]} {hour:02}"


def _hours(hours: tuple[tuple[int, int], ...]) -> str:
    return ", ".join(_hour(day, hour) for day, hour in hours)


def _mean(value: Activity) -> str:
    peak = value.peak or 0
    return phrasing.count(peak) if peak >= 9.95 else f"{peak:.1f}"
