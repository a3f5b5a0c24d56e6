"""Errors by time as bars, and their kinds beside them, most first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from monitoring import phrasing
from monitoring.analysis.errors import Errors, Kind, Worst
from monitoring.charts import wording
from monitoring.charts.axes import step_ticks, value_ticks
from monitoring.charts.opened import opened, told_opened
from monitoring.charts.theme import LEAST, LEFT, RIGHT
from monitoring.model import DAY

if TYPE_CHECKING:
    from monitoring.charts.board import Board
    from monitoring.charts.plot import Plot

HEIGHT = 800
_LIST = 760
_TELLING = 5
"""Errors from which the share of a kind is worth a title."""
_ROWS, _STEP = 6, 100
_SHARES = ((0.95, 1.0, "Nearly all"), (0.46, 0.54, "Half"), (0.31, 0.36, "A third"), (0.24, 0.27, "A quarter"))
"""Shares that are said in a word: from, to, and the word."""
_PLURALS = {
    "timeout": "timeouts",
    "rate_limit": "rate limits",
    "memory": "out of memory",
    "network": "network failures",
    "validation": "invalid input",
    "permission": "missing permissions",
    "not_found": "things not found",
    "interrupted": "interruptions",
    "unknown": "of unknown kind",
}


def title(value: Errors) -> str:
    """How many, of which kind, and when most of them came."""
    count = int(value.total.value or 0)
    whose = f" of {wording.title_name(value.service)}" if value.service else ""
    if not count:
        return f"No errors{whose} in {wording.these(value.window)}"

    top, worst = value.kinds[0], value.worst
    if worst is not None and worst.stands_out:
        if worst.of_kind >= 0.6 * worst.count:
            return f"{_part(worst.of_kind, count)}{whose} are {_plural(worst.kind)} {_around(value, worst)}"

        return f"{_part(worst.count, count)}{whose} came {_around(value, worst)}"

    errors = f"{wording.plural(count, 'error')}{whose}"
    if count == 1:
        return f"{errors}: {wording.title_name(top.name)}"

    if len(value.kinds) == 1:
        return f"{errors}, all {_plural(top.name)}"

    share = phrasing.share(top.share)
    return f"{errors}, {share} {_plural(top.name)}" if count >= _TELLING else f"{errors} of {len(value.kinds)} kinds"


def subtitle(value: Errors) -> tuple[str, ...]:
    """Window, how many were tried, what grey means."""
    return wording.span(value.window), wording.n(value.rate.n), wording.grey(value.gaps)


def alt(value: Errors) -> str:
    """Total, rate, kinds with severity, the worst step, gaps."""
    count, worst = int(value.total.value or 0), value.worst
    kinds = [f"{wording.name(k.name)} {phrasing.count(k.count)} ({k.severity} severity)" for k in value.kinds[:_ROWS]]
    tried = wording.plural(value.rate.n, "operation or command", "operations and commands")
    return wording.alt_text(
        f"Bars, failed operations and commands over {wording.period(value.window)}: {title(value)}.",
        f"{phrasing.count(count)} of {tried} failed, {phrasing.share(value.rate.value)}." if value.rate.n else "",
        f"Kinds: {wording.listed(kinds)}." if kinds else "",
        f"Most in a step: {phrasing.count(worst.count)} {_moment(value, worst)}." if worst else "",
        told_opened(value.incidents, value.window),
        wording.unmonitored(value.gaps, value.window.zone),
    )


def draw(board: Board, value: Errors) -> None:
    """Bars at the left, kinds at the right."""
    from monitoring.charts.plot import Plot, room

    starts = [step.at for step in value.steps]
    counts = np.array([np.nan if step.failures is None else step.failures for step in value.steps], float)
    ticks = value_ticks(float(np.nanmax(counts, initial=0)) or 4, 4, whole=True)
    left = LEFT + room(board, [phrasing.count(tick) for tick in ticks]) + 14
    right = _LIST - 56 if value.kinds else RIGHT
    across = (starts[0], value.steps[-1].end) if starts else (value.window.start, value.window.end)
    height = board.bottom - 44 - board.top
    plot = Plot(board, left, board.top, right - left, height, across=across, up=(0, ticks[-1] * 1.1))
    plot.grid(ticks, phrasing.count)
    plot.gaps(value.gaps)
    if starts:
        step = value.steps[0].end - value.steps[0].at
        labels = step_ticks(starts, step, value.window.zone, most=3 if step < DAY or value.kinds else 4)
        plot.times((starts[index] + step / 2, label) for index, label in labels)

    if not value.total.value:
        plot.verdict("Nothing failed", "" if value.rate.n else "nothing was tried either")
        return

    _bars(plot, value, counts)
    opened(plot, value.incidents, value.window)
    _kinds(board, value.kinds)


def _bars(plot: Plot, value: Errors, counts: np.ndarray) -> None:
    """All bars, the worst one marked with its figure."""
    worst = value.worst
    for index, step in enumerate(value.steps):
        marked = worst is not None and worst.stands_out and step.at == worst.at
        one = counts[index : index + 1]
        plot.bars([step.at], step.end - step.at, one * 0, one, "critical" if marked else "accent")

    if worst is not None:
        _figure(plot, value, worst)


def _figure(plot: Plot, value: Errors, worst: Worst) -> None:
    """The worst step's figure beside the top of its bar, where it meets no other bar."""
    from monitoring.charts.board import Spot

    words = f"{phrasing.count(worst.count)} {_moment(value, worst)}"
    left, right = float(plot.px(worst.at)), float(plot.px(worst.end))
    top, wide = float(plot.py(worst.count)), plot.board.wide(words, bold=True)
    above = min(max((left + right) / 2, plot.x + wide / 2), plot.right - wide / 2)
    spots = [
        spot
        for spot, low, high in (
            (Spot(left - 10, top + 20, "right"), left - 10 - wide, left - 1),
            (Spot(right + 10, top + 20), right + 1, right + 10 + wide),
        )
        if low > plot.x and high < plot.right and not _meets(plot, value, low, high, top + 44)
    ]
    plot.board.place(words, [*spots, Spot(above, top - 26, "center")], color="text", bold=True)


def _meets(plot: Plot, value: Errors, low: float, high: float, y: float) -> bool:
    """Whether any bar between these pixels across reaches above a pixel down."""
    return any(
        float(plot.py(step.failures)) < y
        for step in value.steps
        if step.failures and float(plot.px(step.end)) > low and float(plot.px(step.at)) < high
    )


def _kinds(board: Board, kinds: tuple[Kind, ...]) -> None:
    room = min(int((board.bottom - board.top + 40) // _STEP), _ROWS)
    rows = [(kind.name, kind.severity, kind.count) for kind in kinds[:room]]
    if len(kinds) > room:
        rest = kinds[room - 1 :]
        rows = [*rows[: room - 1], (f"{len(rest)} others", "", sum(kind.count for kind in rest))]

    most = max(count for _, _, count in rows)
    numbers = max(board.wide(phrasing.count(count), bold=True) for _, _, count in rows)
    for index, (name, severity, count) in enumerate(rows):
        y = board.top + 18 + index * _STEP
        board.text(RIGHT, y, phrasing.count(count), bold=True, ha="right")
        end = RIGHT - numbers - 24
        board.text(end, y, severity, size=LEAST, color="mute", ha="right")
        wide = end - board.wide(severity, LEAST) - 16 - _LIST
        board.text(_LIST, y, board.cut(wording.name(name), wide, bold=True), bold=True)
        board.bar(_LIST, y + 26, max((RIGHT - _LIST) * count / most, 3), 16, "accent")


def _part(part: int, whole: int) -> str:
    """A part in words: "Half of the 310 errors"."""
    if part == whole:
        return f"All {wording.plural(whole, 'error')}"

    share = part / whole
    words = next((words for low, high, words in _SHARES if low <= share <= high), phrasing.share(share))
    return f"{words} of the {phrasing.count(whole)} errors"


def _plural(kind: str) -> str:
    return _PLURALS.get(kind, wording.title_name(kind))


def _moment(value: Errors, worst: Worst) -> str:
    moment = wording.moment(worst.at, value.window)
    return f"at {moment}" if ":" in moment else f"on {moment}"


def _around(value: Errors, worst: Worst) -> str:
    """When the worst step was: around an hour, or on a day."""
    if worst.end - worst.at >= DAY - 3_600_000:
        return f"on {phrasing.day(worst.at, value.window.zone)}"

    if value.window.length > 2 * DAY:
        clock = phrasing.clock(worst.at, value.window.zone)
        return f"from {phrasing.day(worst.at, value.window.zone)} {clock} on"

    return f"around {phrasing.clock(worst.at, value.window.zone)}"
