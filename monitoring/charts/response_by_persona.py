"""P95 by persona, slowest first, with the limit across."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring import phrasing
from monitoring.analysis.performance import Performance, PersonaTiming
from monitoring.charts import wording
from monitoring.charts.axes import tick_label, value_ticks
from monitoring.charts.theme import LEAST, RIGHT, shape
from monitoring.phrasing import FEW, seconds

if TYPE_CHECKING:
    from monitoring.charts.board import Board
    from monitoring.charts.plot import Plot

HEIGHT = 900
_ROWS = 9
_NAMES, _LEFT, _FIELD = 320, 410, 440


def title(value: Performance) -> str:
    """Who is slowest, and how slow."""
    rows = _ordered(value)
    if not rows:
        return f"No responses in {wording.these(value.window)}"

    first = rows[0]
    if first.timing.p95 is None:
        return "Too few answers for a P95 of any persona"

    name = wording.title_name(first.persona)
    if len(rows) == 1:
        return f"{name} answers in {seconds(first.timing.p95)} at P95"

    return f"{name} is slowest: {seconds(first.timing.p95)} at P95"


def subtitle(value: Performance) -> tuple[str, ...]:
    """What, window and sample; how many are not shown."""
    hidden = len(value.personas) - _ROWS
    more = f"{hidden} not shown" if hidden > 0 else ""
    partial = wording.partial(value.partial)
    return "P95 by persona", wording.span(value.window), wording.n(value.now.n), partial, more


def alt(value: Performance) -> str:
    """Every persona with its P95 and sample."""
    limit = seconds(value.bands.p95.warning)
    rows = [f"{wording.name(row.persona)} {_figure(row)} ({wording.n(row.timing.n)})" for row in _ordered(value)]
    return wording.alt_text(
        f"Response time P95 by persona over {wording.period(value.window)}, slowest first.",
        f"{wording.listed(rows)}." if rows else "No responses.",
        f"Warning above {limit}.",
        wording.told_partial(value.partial),
    )


def draw(board: Board, value: Performance) -> None:
    """A line and a marker for each persona."""
    from monitoring.charts.plot import Plot

    rows = _ordered(value)[:_ROWS]
    limit = value.bands.p95.warning
    highest = max([row.timing.p95 or row.timing.mean or 0 for row in rows], default=0)
    ticks = value_ticks(max(highest * 1.04, limit * 1.2), 5)
    height = board.bottom - 56 - board.top
    plot = Plot(board, _LEFT, board.top, _FIELD, height, across=(0, ticks[-1]), up=(0, 1))
    for tick in ticks:
        x = float(plot.px(tick))
        board.line([x, x], [plot.y, plot.bottom], color="grid", width=2, z=2)

    plot.times((tick, tick_label(tick, "s")) for tick in ticks)
    x = float(plot.px(limit))
    board.line([x, x], [plot.y, plot.bottom], color="soft", width=3, dashes=(4, 3), z=3)
    if not rows:
        plot.verdict("No responses", "")

    step = (height - 50) / max(len(rows), 4)
    for index, row in enumerate(rows):
        _row(plot, row, board.top + step * (index + 0.5))

    _limit_label(plot, x, limit)


def _limit_label(plot: Plot, x: float, limit: float) -> None:
    from monitoring.charts.board import Spot

    y = plot.bottom - 24
    plot.board.place(f"limit {tick_label(limit, 's')}", [Spot(x + 12, y), Spot(x - 12, y, "right")])


def _row(plot: Plot, row: PersonaTiming, y: float) -> None:
    board, few = plot.board, row.timing.p95 is None
    color = board.t.other if few else board.t.persona(row.slot)
    x = float(plot.px(row.timing.p95 or row.timing.mean or 0))
    dashes = (1.0, 2.0) if few else ()
    board.line([plot.x, x], [y, y], color=color, width=8, dashes=dashes, alpha=0.5)
    board.mark(x, y, shape(row.slot), color, 24)
    board.text(_LEFT - 24, y, board.cut(wording.name(row.persona), _NAMES), ha="right")
    figure = FEW if few else seconds(row.timing.p95)
    board.text(plot.right + 20, y, figure, color="mute" if few else "text", bold=not few)
    board.text(RIGHT, y, wording.n(row.timing.n), color="mute", size=LEAST, ha="right")


def _ordered(value: Performance) -> list[PersonaTiming]:
    """Slowest P95 first, those with too few last."""
    met = [row for row in value.personas if row.timing.n]
    return sorted(met, key=lambda row: (row.timing.p95 is None, -(row.timing.p95 or 0), -row.timing.n))


def _figure(row: PersonaTiming) -> str:
    return FEW if row.timing.p95 is None else phrasing.seconds(row.timing.p95)
