"""Conversations by step, and how they are: length, duration, questions that follow, people who come again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring import phrasing
from monitoring.analysis.conversations import Conversations
from monitoring.charts import wording
from monitoring.charts.axes import step_ticks, step_width, value_ticks
from monitoring.charts.theme import LEFT, RIGHT
from monitoring.charts.tiles import tile
from monitoring.phrasing import NB, NONE

if TYPE_CHECKING:
    from monitoring.charts.board import Board

HEIGHT = 800
_LIST = 800


def title(value: Conversations) -> str:
    """How many, and how long."""
    if not value.count.value:
        return f"No conversation in {wording.these(value.window)}"

    words = wording.plural(int(value.count.value), "conversation")
    mean = value.length.value
    return f"{words}, {mean:.{int(mean < 10)}f} messages each" if mean is not None else words


def subtitle(value: Conversations) -> tuple[str, ...]:
    """What, window, what grey means."""
    return "Users with personas", wording.span(value.window), wording.grey(value.gaps)


def alt(value: Conversations) -> str:
    """Number, length, duration, questions that follow, repeat rate."""
    known = [point for point in value.days if point.value is not None]
    most = max(known, key=lambda point: point.value or 0, default=None)
    return wording.alt_text(
        f"Bars, conversations of users and personas over {wording.period(value.window)}: {title(value)}.",
        f"Most: {phrasing.count(most.value)} at {wording.moment(most.at, value.window)}." if most and most.n else "",
        f"Mean duration {phrasing.duration(value.duration.value)}." if value.duration.value is not None else "",
        f"A user asked on in {phrasing.share(value.follow_up.value)}." if value.follow_up.value is not None else "",
        f"{phrasing.share(value.repeat_rate)} of the users had two or more." if value.repeat_rate is not None else "",
        wording.unmonitored(value.gaps, value.window.zone),
    )


def draw(board: Board, value: Conversations) -> None:
    """Bars at the left, figures at the right."""
    import numpy as np

    from monitoring.charts.plot import Plot, room

    starts = [point.at for point in value.days]
    step = step_width(starts, value.window.length)
    counts = np.array([np.nan if point.value is None else point.value for point in value.days], float)
    ticks = value_ticks(float(np.nanmax(counts, initial=0)) or 4, 4, whole=True)
    left = LEFT + room(board, [phrasing.count(tick) for tick in ticks]) + 14
    right = _LIST - 56 if value.count.value else RIGHT
    top = board.top + 24
    across = (starts[0], starts[-1] + step) if starts else (value.window.start, value.window.end)
    plot = Plot(board, left, top, right - left, board.bottom - 44 - top, across=across, up=(0, ticks[-1] * 1.06))
    plot.grid(ticks, phrasing.count)
    plot.gaps(value.gaps)
    labels = step_ticks(starts, step, value.window.zone, most=3)
    plot.times((starts[index] + step / 2, label) for index, label in labels)
    if not value.count.value:
        plot.verdict("Nobody talked with a persona", "")
        return

    plot.bars(starts, step, counts * 0, counts, "accent")
    _figures(board, value)


def _figures(board: Board, value: Conversations) -> None:
    length = f"longest {phrasing.count(value.longest)}" if value.longest is not None else ""
    mean = f"{value.length.value:.1f}" if value.length.value is not None else NONE
    repeat = f"{phrasing.share(value.repeat_rate)} talk again" if value.repeat_rate is not None else ""
    step = (board.bottom + 20 - board.top) / 3
    for index, words in enumerate(
        (
            ("Messages each", mean, length),
            ("Lasting", phrasing.duration(value.duration.value), f"{phrasing.count(value.per_day.value)}{NB}a day"),
            ("A question follows", phrasing.share(value.follow_up.value), repeat),
        )
    ):
        tile(board, _LIST, board.top + step * index, RIGHT - _LIST, words)
