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


def opened(plot: Plot, incidents: Sequence[Instant], over: Window) -> None:
    """Mark when incidents opened; nothing where there are so many that lines would hide the rest."""
    from monitoring.charts.board import Spot

    if len(incidents) > _LINES:
        return

    for at in incidents:
        x = float(plot.px(at))
        plot.board.line([x, x], [plot.y, plot.bottom], color="text", width=3, alpha=0.8, z=3)
        if len(incidents) <= _LABELS:
            words = f"opened {_moment(at, over)}"
            wide = plot.board.wide(words) + 12
            spots = [Spot(x + 12, plot.y + down) for down in (22, 66) if x + wide < plot.right]
            spots += [Spot(x - 12, plot.y + down, "right") for down in (22, 66) if x - wide > plot.x]
            plot.board.place(words, spots, color="text")


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
