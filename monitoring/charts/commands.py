"""The commands most used, and how many of their uses failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring import phrasing
from monitoring.analysis.commands import CommandRow, Commands
from monitoring.charts import wording
from monitoring.charts.ranked import ROWS, Rank, legend, ranked
from monitoring.charts.theme import LEFT, RIGHT

if TYPE_CHECKING:
    from monitoring.charts.board import Board

HEIGHT = 800
_FAILING = 0.05


def title(value: Commands) -> str:
    """Which command is used most, or which one fails."""
    if not value.rows:
        return f"No command used in {wording.these(value.window)}"

    bad = [row for row in value.rows if row.timing.n >= 20 and (row.timing.rate or 0) > _FAILING]
    if bad:
        worst = max(bad, key=lambda row: row.timing.rate or 0)
        return f"{_title_name(worst)} fails {phrasing.share(worst.timing.rate)} of the time"

    return f"{_title_name(value.rows[0])} leads {wording.plural(value.used.n, 'use')} of commands"


def subtitle(value: Commands) -> tuple[str, ...]:
    """What, window and sample."""
    return "Commands and components", wording.span(value.window), wording.n(value.used.n), wording.grey(value.gaps)


def alt(value: Commands) -> str:
    """The most used ones with count, failures and speed, and which are never used."""
    listed = [
        f"{called(row)} {phrasing.count(row.timing.n)}, {row.timing.failures} failed, "
        f"mean {phrasing.seconds(row.timing.mean)}"
        for row in value.rows[:ROWS]
    ]
    unused = [called_by(kind, name) for kind, name in value.unused[:ROWS]]
    return wording.alt_text(
        f"Bars, commands and components by use over {wording.period(value.window)}, "
        f"{wording.plural(value.used.n, 'use')}.",
        f"{'; '.join(listed)}." if listed else "",
        f"Never used: {wording.plural(len(value.unused), 'command')}, among them {wording.listed(unused)}."
        if unused
        else "",
        wording.unmonitored(value.gaps, value.window.zone),
    )


def draw(board: Board, value: Commands) -> None:
    """A bar for each command."""
    if not value.rows:
        middle = (board.top + board.bottom) / 2
        board.text((LEFT + RIGHT) / 2, middle, "Nobody used a command", bold=True, ha="center")
        return

    legend(board, board.top + 14, (("accent", "worked"), ("critical", "failed")))
    ranked(board, board.top + 56, [_rank(row) for row in value.rows])


def called(row: CommandRow) -> str:
    """A command as it is typed: "/weather", "!weather"; the others by their kind."""
    return called_by(row.kind, row.name)


def called_by(kind: str, name: str) -> str:
    """The same of a kind and a name."""
    text = wording.name(name)
    return f"/{text}" if kind == "slash" else text if kind in {"prefix", "context_menu"} else f"{text} ({kind})"


def _title_name(row: CommandRow) -> str:
    return wording.title_name(called(row))


def _rank(row: CommandRow) -> Rank:
    timing = row.timing
    quick = f"P95 {phrasing.seconds(timing.p95)}" if timing.p95 is not None else f"mean {phrasing.seconds(timing.mean)}"
    failed = f"{phrasing.count(timing.failures)} failed" if timing.failures else ""
    note = " · ".join(part for part in (failed, quick if timing.mean is not None else "") if part)
    parts = ((float(timing.n - timing.failures), "accent"), (float(timing.failures), "critical"))
    return Rank(called(row), phrasing.count(timing.n), parts, note)
