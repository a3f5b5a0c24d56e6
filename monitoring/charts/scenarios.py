"""The scenarios begun most, and what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring import phrasing
from monitoring.analysis.scenarios import ScenarioRow, Scenarios
from monitoring.charts import wording
from monitoring.charts.ranked import ROWS, Rank, legend, ranked
from monitoring.charts.theme import LEFT, RIGHT

if TYPE_CHECKING:
    from monitoring.charts.board import Board

HEIGHT = 800


def title(value: Scenarios) -> str:
    """How many are finished."""
    if not value.rows:
        return f"No scenario in {wording.these(value.window)}"

    begun = wording.plural(int(value.starts.value or 0), "scenario")
    share = value.completion.value
    return f"{begun} begun, {phrasing.share(share)} finished" if share is not None else f"{begun} begun"


def subtitle(value: Scenarios) -> tuple[str, ...]:
    """What, window and sample."""
    return "Scenarios by starts", wording.span(value.window), wording.n(value.completion.n), wording.grey(value.gaps)


def alt(value: Scenarios) -> str:
    """The most popular ones with starts, ends and length."""
    listed = [
        f"{wording.name(row.name)} {row.starts} begun, {row.completed} completed, {row.abandoned} abandoned"
        for row in value.rows[:ROWS]
    ]
    length = value.length.value
    return wording.alt_text(
        f"Stacked bars, scenarios over {wording.period(value.window)}: {title(value)}.",
        f"{'; '.join(listed)}." if listed else "",
        f"A completed one takes {phrasing.duration(length)} in the mean." if length is not None else "",
        wording.unmonitored(value.gaps, value.window.zone),
    )


def draw(board: Board, value: Scenarios) -> None:
    """A bar for each scenario: completed, abandoned, going on."""
    if not value.rows:
        middle = (board.top + board.bottom) / 2
        board.text((LEFT + RIGHT) / 2, middle, "Nobody began a scenario", bold=True, ha="center")
        return

    legend(board, board.top + 14, (("accent", "completed"), ("accent_dim", "abandoned"), ("other", "no end yet")))
    ranked(board, board.top + 56, [_rank(row) for row in value.rows])


def _rank(row: ScenarioRow) -> Rank:
    rest = max(row.starts - row.completed - row.abandoned, 0)
    parts = ((float(row.completed), "accent"), (float(row.abandoned), "accent_dim"), (float(rest), "other"))
    note = phrasing.duration(row.length) if row.length is not None else ""
    figure = f"{phrasing.count(row.starts)} · {phrasing.share(row.completion)}"
    return Rank(wording.name(row.name), figure, parts, note)
