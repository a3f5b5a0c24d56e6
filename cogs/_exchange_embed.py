"""One exchange as an embed: who replied to whom, names and times only."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import discord

from monitoring.analysis.exchange_tree import LONGEST, ExchangeTree, Turn
from monitoring.model import Instant
from monitoring.phrasing import count, duration
from monitoring.safe_text import code_text
from monitoring.window import Window

from ._embeds import embed
from ._format import TABLE_ROWS, dots, fitted, lines, span, stamp, title_name

DEEPEST = 4
"""Branches that are drawn; deeper ones stay at this step."""
HEAD = 4
"""Turns that are shown of a long exchange before its end."""


def exchange_embed(value: ExchangeTree | None, window: Window, raw_days: int) -> discord.Embed:
    """The last or the longest exchange of a window."""
    if value is None:
        return embed(
            "No exchange to look at",
            f"Single exchanges are kept for {raw_days} days; none of them began in this window.",
            footer=span(window),
        )

    return embed(
        _title(value),
        lines(
            f"{'The longest' if value.which == LONGEST else 'The last'} one, {stamp(value.at, 'f')}, {_took(value)}.",
            _joined(value.joined),
        ),
        fields=[("Who replied to whom", _tree(value.turns, window.zone) if value.turns else "")],
        footer=dots(span(window), f"{count(value.length)} turns"),
    )


def _title(value: ExchangeTree) -> str:
    names = [title_name(name, 16) for name in value.personas]
    if len(names) > 2:
        return f"{count(value.length)} turns by {names[0]} and {len(names) - 1} others"

    return f"{count(value.length)} turns by {' and '.join(names)}"


def _took(value: ExchangeTree) -> str:
    seconds = (value.until - value.at) / 1000
    return f"{seconds:.0f} s long" if seconds < 90 else f"{duration(seconds)} long"


def _joined(joined: bool | None) -> str:
    if joined is None:
        return ""

    return "A user spoke within 10 minutes after it." if joined else "No user spoke within 10 minutes after it."


def _tree(turns: tuple[Turn, ...], zone: str) -> str:
    """One line a turn, a step in for each branch; of a long exchange its begin and its end."""
    rows = [_line(turn, turns, zone) for turn in turns]
    if len(rows) > TABLE_ROWS:
        tail = TABLE_ROWS - HEAD - 1
        rows = [*rows[:HEAD], f"  … {len(rows) - HEAD - tail} more turns", *rows[-tail:]]

    return "```\n" + "\n".join(rows) + "\n```"


def _line(turn: Turn, turns: tuple[Turn, ...], zone: str) -> str:
    """Its time, its name, and whom it replies to where that is not the turn right before."""
    other = turns[turn.parent].persona if turn.parent is not None else ""
    to = f" → {code_text(other, 12)}" if other and turn.replies else ""
    who = f"{'  ' * min(turn.depth, DEEPEST)}{code_text(turn.persona, 20)}{to}"
    return fitted(f"{_clock(turn.at, zone)}  {who}")


def _clock(at: Instant, zone: str) -> str:
    return datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).strftime("%H:%M:%S")
