"""The busiest channels, and how much of each the personas wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring import phrasing
from monitoring.analysis.channels import OTHER, ChannelRow, Channels
from monitoring.analysis.figure import Figure
from monitoring.charts import wording
from monitoring.charts.ranked import ROWS, Rank, legend, ranked
from monitoring.charts.theme import LEFT, RIGHT

if TYPE_CHECKING:
    from monitoring.charts.board import Board

HEIGHT = 800
_COLORS = (("accent", "personas"), ("accent_dim", "users"))


def title(value: Channels) -> str:
    """Which channel is the busiest, and by how much."""
    if not value.rows:
        return f"No messages in {wording.these(value.window)}"

    first = value.rows[0]
    if len(value.rows) == 1:
        return f"All {phrasing.count(first.messages.value)} messages in {_title_name(first)}"

    return f"{phrasing.share(first.share)} of all messages in {_title_name(first)}"


def subtitle(value: Channels) -> tuple[str, ...]:
    """What, window and sample."""
    return "Messages by channel", wording.span(value.window), wording.n(value.messages.n), wording.grey(value.gaps)


def alt(value: Channels) -> str:
    """The busiest channels with count, share and the personas' part."""
    listed = [
        f"{called(row)} {phrasing.count(row.messages.value)}, {phrasing.share(row.share)}, "
        f"{phrasing.share(row.personas)} by personas"
        for row in value.rows[:ROWS]
    ]
    return wording.alt_text(
        f"Bars, messages by channel over {wording.period(value.window)}, {wording.plural(value.messages.n, 'message')} "
        f"in {wording.plural(len(value.rows), 'channel')}.",
        f"{'; '.join(listed)}." if listed else "",
        wording.unmonitored(value.gaps, value.window.zone),
    )


def draw(board: Board, value: Channels) -> None:
    """A bar for each channel, the rest as one."""
    if not value.rows:
        middle = (board.top + board.bottom) / 2
        board.text((LEFT + RIGHT) / 2, middle, "Nobody wrote anything", bold=True, ha="center")
        return

    legend(board, board.top + 14, _COLORS)
    ranked(board, board.top + 56, [_rank(row) for row in shortened(value.rows)])


def shortened(rows: tuple[ChannelRow, ...], most: int = ROWS) -> list[ChannelRow]:
    """The busiest rows, all others together as the last one."""
    if len(rows) <= most:
        return list(rows)

    rest = rows[most - 1 :]
    count = sum(row.messages.n for row in rest)
    personas = sum(row.personas * row.messages.n for row in rest) / (count or 1)
    figure = Figure(float(count), None, count)
    return [
        *rows[: most - 1],
        ChannelRow(OTHER, figure, sum(row.share for row in rest), personas, f"{len(rest)} others"),
    ]


def called(row: ChannelRow) -> str:
    """A channel's name; what Discord tells no name of goes by the end of its id."""
    if row.name:
        return wording.name(row.name)

    return "other channels" if row.channel == OTHER else f"channel …{row.channel[-4:]}"


def _title_name(row: ChannelRow) -> str:
    return wording.title_name(called(row))


def _rank(row: ChannelRow) -> Rank:
    n = row.messages.n
    mine = row.personas * n
    change = phrasing.more(row.messages.value, row.messages.before)
    figure = f"{phrasing.count(n)} · {phrasing.share(row.share)}"
    return Rank(called(row), figure, ((mine, "accent"), (n - mine, "accent_dim")), change)
