"""Incidents over a window: bars on a line for each rule, and how soon somebody had them and they were over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring import phrasing
from monitoring.analysis.incidents import Course, IncidentLog, RuleIncidents
from monitoring.charts import wording
from monitoring.charts.axes import time_ticks
from monitoring.charts.theme import LEAST, LEFT, RIGHT
from monitoring.charts.tiles import tile
from monitoring.model import Severity
from monitoring.phrasing import duration

if TYPE_CHECKING:
    from monitoring.charts.board import Board
    from monitoring.charts.plot import Plot

HEIGHT = 900
_MOST = 4
_BAR = 30
_COLORS = {Severity.CRITICAL: "critical", Severity.WARNING: "warning", Severity.INFO: "other"}


def title(value: IncidentLog) -> str:
    """How many, what of, and what is still open."""
    count = len(value.courses)
    if not count:
        return f"No incidents in {wording.these(value.window)}"

    words = f"{wording.plural(count, 'incident')}, {value.still_open} still open" if value.still_open else ""
    first = value.rules[0]
    return words or (
        f"{wording.plural(count, 'incident')}, "
        f"{'all' if len(value.rules) == 1 and count > 1 else 'longest:'} {wording.title_name(first.title, 24)}"
        if count > 1
        else f"One incident: {wording.title_name(first.title, 24)}, {duration(first.seconds)}"
    )


def subtitle(value: IncidentLog) -> tuple[str, ...]:
    """What, window, how many were critical."""
    return "Incidents by rule", wording.span(value.window), f"{value.critical} critical" if value.critical else ""


def alt(value: IncidentLog) -> str:
    """Counts, means, and each rule with its incidents."""
    rows = [
        f"{wording.name(rule.title)} {wording.plural(len(rule.courses), 'time')}, {duration(rule.seconds)} together"
        for rule in value.rules[:8]
    ]
    known = [
        f"{words} {duration(figure.value)}"
        for words, figure in (("acknowledged after", value.to_acknowledge), ("over after", value.to_resolve))
        if figure.value is not None
    ]
    return wording.alt_text(
        f"Timeline, incidents by rule over {wording.period(value.window)}: {title(value)}.",
        f"{wording.plural(value.critical, 'was', 'were')} critical." if value.critical else "",
        f"On average {' and '.join(known)}." if known else "",
        f"{'. '.join(rows)}." if rows else "",
    )


def draw(board: Board, value: IncidentLog) -> None:
    """Three figures above, a line for each rule below."""
    from monitoring.charts.plot import Plot

    _figures(board, value)
    top = board.top + 186
    shown = list(value.rules[:_MOST])
    hidden = value.rules[_MOST:]
    across = (value.window.start, value.window.end)
    bottom = board.bottom - 96
    plot = Plot(board, LEFT, top, RIGHT - LEFT, bottom - top, across=across, up=(0, 1))
    plot.base()
    plot.times(time_ticks(*across, value.window.zone), 40)
    if not shown:
        plot.verdict("All quiet", "")
        return

    pitch = min((bottom - top) / max(len(shown), 3), 110)
    for index, rule in enumerate(shown):
        _line(plot, rule, top + index * pitch)

    _legend(board, len(hidden))


def _figures(board: Board, value: IncidentLog) -> None:
    opened, known = value.opened, value.to_acknowledge
    change = phrasing.more(opened.value, opened.before)
    words = (
        ("Opened", phrasing.count(opened.value), change),
        ("Acknowledged after", duration(known.value), _of(known.n, opened.n)),
        ("Over after", duration(value.to_resolve.value), _of(value.to_resolve.n, opened.n)),
    )
    for index, one in enumerate(words):
        tile(board, LEFT + index * 376, board.top - 4, 350, one)


def _of(n: int, whole: int) -> str:
    return f"mean of {n}" if n and n == whole else f"mean of {n} of {int(whole)}" if n else ""


def _line(plot: Plot, rule: RuleIncidents, y: float) -> None:
    """The rule's name, and a bar for each incident below it; a notch where somebody took it."""
    board = plot.board
    times = len(rule.courses)
    figure = duration(rule.seconds) if times == 1 else f"{times} · {duration(rule.seconds)}"
    board.text(RIGHT, y + 18, figure, color="soft", ha="right")
    room = RIGHT - LEFT - board.wide(figure) - 30
    board.text(LEFT, y + 18, board.cut(wording.name(rule.title, 64), room, bold=True), bold=True)
    board.bar(plot.x, y + 44, plot.width, _BAR, "panel", z=1)
    for course in rule.courses:
        _incident(plot, course, y + 44)


def _incident(plot: Plot, course: Course, y: float) -> None:
    left = max(float(plot.px(course.opened_at)), plot.x)
    end = plot.right if course.ended_at is None else min(float(plot.px(course.ended_at)), plot.right)
    left = min(left, plot.right - 6)
    height = _BAR if course.severity is Severity.CRITICAL else _BAR * 0.66
    plot.board.bar(left, y + _BAR - height, max(end - left, 6), height, _COLORS[course.severity])
    if course.acknowledged_at is not None:
        x = max(float(plot.px(course.acknowledged_at)), plot.x)
        plot.board.mark(min(max(x, left), plot.right), y + _BAR + 9, "^", "acknowledged", 22)


def _legend(board: Board, hidden: int) -> None:
    x, y = float(LEFT), board.bottom - 6
    for color, words, height in (("critical", "critical", 30.0), ("warning", "warning", 20.0)):
        board.bar(x, y + 14 - height, 26, height, color)
        board.text(x + 40, y, words, color="soft")
        x += 40 + board.wide(words) + 44

    board.mark(x + 12, y, "^", "acknowledged", 24)
    board.text(x + 36, y, "acknowledged", color="soft")
    if hidden:
        board.text(RIGHT, y, f"{wording.plural(hidden, 'rule')} more", color="mute", size=LEAST, ha="right")
