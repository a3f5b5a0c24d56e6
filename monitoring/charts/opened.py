"""Incidents in charts of something else: a line where each opened, with a word where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from monitoring import phrasing
from monitoring.charts import wording
from monitoring.model import Instant
from monitoring.window import Window

if TYPE_CHECKING:
    from monitoring.charts.plot import Plot

_LABELS, _LINES = 3, 12
"""With more incidents than these there are no words, and no lines either."""
_WORD = "opened"
_DOWN = (22, 78, 134)
"""How far below the top a word may stand."""


def opened(plot: Plot, incidents: Sequence[Instant], over: Window) -> None:
    """Mark when incidents opened; nothing where there are so many that lines would hide the rest."""
    if len(incidents) > _LINES:
        return

    named = len(incidents) <= _LABELS
    color, width = ("text", 3) if named else ("mute", 2)
    lines = [float(plot.px(at)) for at in incidents]
    for x in lines:
        plot.board.line([x, x], [plot.y, plot.bottom], color=color, width=width, alpha=0.8, z=3)

    for x, at in zip(lines, incidents, strict=True) if named else ():
        _say(plot, x, wording.moment(at, over), lines)


def _say(plot: Plot, x: float, moment: str, lines: Sequence[float]) -> None:
    """Write "opened" with the moment below it beside a line, where both meet nothing."""
    from monitoring.charts.board import Spot

    wide = max(plot.board.wide(_WORD), plot.board.wide(moment)) + 14
    right, left = Spot(x + 12, 0), Spot(x - 12, 0, "right")
    for spot, low, high in ((right, x, x + wide), (left, x - wide, x)):
        if low < plot.x or high > plot.right or any(low < line < high for line in lines):
            continue

        for down in _DOWN:
            first, second = (Spot(spot.x, plot.y + y, spot.ha) for y in (down, down + 42))
            if plot.board.free(_WORD, first) and plot.board.free(moment, second):
                plot.board.place(_WORD, [first], color="text")
                plot.board.place(moment, [second], color="text")
                return


def told_opened(incidents: Sequence[Instant], over: Window) -> str:
    """The same as a sentence for an alt text."""
    if not incidents:
        return ""

    moments = [_moment(at, over) for at in incidents]
    if len(moments) > _LABELS:
        return f"{len(moments)} incidents opened, the first {moments[0]}, the last {moments[-1]}."

    return f"{'Incidents' if len(moments) > 1 else 'An incident'} opened {wording.listed(moments)}."


def _moment(at: Instant, over: Window) -> str:
    clock = phrasing.clock(at, over.zone)
    return clock if over.length <= 90_000_000 else f"{phrasing.day(at, over.zone)} {clock}"
