"""Users a day with the new ones among them, and how many of the new came back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring import phrasing
from monitoring.analysis.audience import LINE, Audience
from monitoring.analysis.figure import Gap
from monitoring.analysis.retention import AFTER, AudienceDay, Cohort, Return
from monitoring.charts import wording
from monitoring.charts.axes import step_ticks, value_ticks
from monitoring.charts.theme import LEFT, RIGHT, blend, ink
from monitoring.model import DAY
from monitoring.phrasing import NB
from monitoring.window import Window, next_step

if TYPE_CHECKING:
    from monitoring.charts.board import Board
    from monitoring.charts.plot import Plot

HEIGHT = 900
LEAST = 3
"""People of a cohort below which a share says nothing."""
_TABLE, _ROWS = 600, 7
_NEW, _CELLS, _CELL = 815, 838, 108
"""Where the column of the new ends, where the cells begin, and how far one is from the next."""


def title(value: Audience) -> str:
    """Users of a week, and how many of the new come back the next day."""
    weekly = value.active[1]
    if not weekly:
        return "Nobody was here in the last 7 days"

    back = value.returns[0] if value.returns else Return(1, 0, 0)
    words = wording.plural(weekly, "weekly user")
    return f"{words}; {phrasing.share(_share(back))} return next day" if _share(back) is not None else words


def subtitle(value: Audience) -> tuple[str, ...]:
    """What, the days of the line, what grey means."""
    return "Users and weekly cohorts", wording.span(_line(value)), wording.grey(value.gaps)


def alt(value: Audience) -> str:
    """Active users, the line's range and end, and retention by cohort."""
    known = [day.users for day in _complete(value) if day.users is not None]
    returns = [
        f"{phrasing.share(_share(one))} after {wording.plural(one.after, 'day')}"
        for one in value.returns
        if _share(one) is not None
    ]
    weeks = [_told(cohort, value) for cohort in value.cohorts[-_ROWS:]]
    day, week, month = value.active
    return wording.alt_text(
        f"Line chart, distinct users a day over {wording.period(_line(value))}, with a table of weekly cohorts.",
        f"Active: {phrasing.count(day)} in 24 hours, {phrasing.count(week)} in 7 days, {phrasing.count(month)} in 30.",
        f"Between {min(known)} and {max(known)} a day, last {known[-1]}." if known else "No day with users yet.",
        f"Of the new came back: {wording.listed(returns)}." if returns else "",
        f"By week: {'; '.join(weeks)}." if weeks else "",
        wording.unmonitored(_gaps(value), value.window.zone),
    )


def draw(board: Board, value: Audience) -> None:
    """The line at the left, the table at the right."""
    _days(board, value)
    _table(board, value)


def _days(board: Board, value: Audience) -> None:
    import numpy as np

    from monitoring.charts.plot import Plot, room

    board.text(LEFT, board.top + 12, "Users a day", bold=True)
    days = _complete(value)
    counts = np.array([np.nan if day.users is None else day.users for day in days], float)
    fresh = np.array([np.nan if day.new is None else day.new for day in days], float)
    ticks = value_ticks(float(np.nanmax(counts, initial=0)) * 1.08 or 4, 5, whole=True)
    left = LEFT + room(board, [phrasing.count(tick) for tick in ticks]) + 14
    top = board.top + 64
    over = _line(value)
    across = (days[0].at, days[-1].at) if len(days) > 1 else (over.start, over.end)
    plot = Plot(board, left, top, 500 - left, board.bottom - 56 - top, across=across, up=(0, ticks[-1]))
    plot.grid(ticks, phrasing.count)
    plot.gaps(_gaps(value))
    ats = np.array([day.at for day in days], float)
    step = [int(at) for at in ats]
    labels = step_ticks(step, DAY, value.window.zone, most=2 if left > 160 else 3)
    plot.times(((step[index], label) for index, label in labels), within=False)
    if not np.nansum(counts):
        board.text((left + 500) / 2, top + plot.height / 2, "nobody yet", color="mute", ha="center", halo=True)
        return

    plot.band(ats, counts * 0, counts, alpha=0.22)
    plot.line(ats, counts, color="accent", width=6, dot=18)
    if np.nansum(fresh):
        plot.line(ats, fresh, color=board.t.personas[1], width=5, dot=16)

    _named(plot, days, "new", fresh, board.t.personas[1])
    _named(plot, days, "active", counts, "accent")


def _named(plot: Plot, days: list[AudienceDay], word: str, values: object, color: str) -> None:
    """The last known figure of a line, above it or wherever else there is room."""
    import numpy as np

    from monitoring.charts.board import Spot

    line = np.asarray(values, float)
    known = np.flatnonzero(np.isfinite(line))
    if not len(known):
        return

    last = int(known[-1])
    text = f"{word} {phrasing.count(float(line[last]))}"
    wide = plot.board.wide(text, bold=True)
    right = min(max(float(plot.px(days[last].at)) - 16, plot.x + wide + 8), plot.right - 8)
    under = line[[i for i in known if float(plot.px(days[i].at)) >= right - wide - 8]]
    above, below = float(plot.py(under.max())) - 34, float(plot.py(under.min())) + 38
    spots = [Spot(right, y, "right") for y in (above, above - 44, below, below + 44) if plot.y < y < plot.bottom - 16]
    plot.board.place(text, spots, color=color, bold=True)


def _table(board: Board, value: Audience) -> None:
    head = board.top + 12
    board.text(_TABLE, head, board.cut("Came back after, % of the new", RIGHT - _TABLE, bold=True), bold=True)
    cohorts = value.cohorts[-_ROWS:]
    if not cohorts:
        middle = (board.top + board.bottom) / 2
        board.text(_TABLE, middle, "Nobody new so far;", color="mute")
        board.text(_TABLE, middle + 52, "the first visit begins a cohort.", color="mute")
        return

    y = head + 52
    board.text(_TABLE, y, "week", color="mute")
    board.text(_NEW, y, "new", color="mute", ha="right")
    for index, after in enumerate(AFTER):
        board.text(_CELLS + _CELL * index + 50, y, f"{after} d", color="mute", ha="center")

    step = min((board.bottom - y - 34) / len(cohorts), 85)
    peak = max((share for cohort in cohorts for one in cohort.returns if (share := _share(one))), default=0)
    for row, cohort in enumerate(cohorts):
        _row(board, value, cohort, y + 34 + step * row, step - 8, peak)


def _row(board: Board, value: Audience, cohort: Cohort, y: float, height: float, peak: float) -> None:
    middle = y + height / 2
    board.text(_TABLE, middle, phrasing.day(cohort.week, value.window.zone), color="soft")
    new = phrasing.count(cohort.new) if cohort.new < 10_000 else f"{cohort.new / 1000:.0f}{NB}k"
    board.text(_NEW, middle, new, color="mute", ha="right")
    for index, one in enumerate(cohort.returns):
        x, share = _CELLS + _CELL * index, _share(one)
        fill = board.t.panel if share is None else blend(board.t.sequential, share / peak * 0.85 if peak else 0)
        board.bar(x, y, 100, height, fill)
        words = "–" if share is None else f"{share * 100:.0f}"
        board.text(x + 50, middle, words, color="mute" if share is None else ink(fill), ha="center")


def _share(one: Return) -> float | None:
    return one.share if one.people >= LEAST else None


def _told(cohort: Cohort, value: Audience) -> str:
    shares = [f"{phrasing.share(_share(one))} after {one.after}" for one in cohort.returns if _share(one) is not None]
    return f"{phrasing.day(cohort.week, value.window.zone)} {wording.listed([f'{cohort.new} new', *shares])}"


def _complete(value: Audience) -> list[AudienceDay]:
    """The days that are over: the one going on would look like a fall. It stands alone where there is no other."""
    over = [day for day in value.days if next_step(day.at, DAY, value.window.zone) <= value.window.end]
    return over or list(value.days)


def _line(value: Audience) -> Window:
    """The span that the line is of."""
    start = value.days[0].at if value.days else value.window.end - LINE
    name = value.window.name if value.window.length > LINE + DAY else "30d"
    return Window(start, value.window.end, value.window.zone, name)


def _gaps(value: Audience) -> tuple[Gap, ...]:
    start = _line(value).start
    return tuple(Gap(max(gap.start, start), gap.end) for gap in value.gaps if gap.end > start)
