"""Features by requests, with their time, success and use of a cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring import phrasing
from monitoring.analysis.features import Feature, Features
from monitoring.charts import wording
from monitoring.charts.theme import LEAST, LEFT, RIGHT, STATE_SHAPES
from monitoring.model import Band
from monitoring.phrasing import FEW, NONE, seconds

if TYPE_CHECKING:
    from monitoring.charts.board import Board

HEIGHT = 900
_ROWS = 5
_BAR, _TIME, _WELL, _BAND = 520, 720, 940, 770
_STATES = {Band.GOOD: "good", Band.WARNING: "warning", Band.CRITICAL: "critical"}
LEAST_SHOWN, LEAST_FAILURES = 20, 3
"""Requests and failures below which no feature is said to fail most."""


def title(value: Features) -> str:
    """Which one fails notably, or which one is used most."""
    if not value.rows:
        return f"No feature was used in {wording.these(value.window)}"

    worst = failing(value)
    if worst is not None:
        return f"{wording.title_name(worst.name)} fails in {phrasing.share(worst.timing.rate)} of its requests"

    first = value.rows[0]
    if len(value.rows) == 1:
        return f"{wording.title_name(first.name)} is the only feature in use"

    return f"{wording.title_name(first.name)} takes {phrasing.share(first.share)} of all requests"


def failing(value: Features) -> Feature | None:
    """The feature that fails most, if it is out of the good band; of those with twenty requests."""
    rows = [
        row
        for row in value.rows
        if row.timing.n >= LEAST_SHOWN
        and row.timing.failures >= LEAST_FAILURES
        and row.error_band in (Band.WARNING, Band.CRITICAL)
    ]
    return max(rows, key=lambda row: row.timing.rate or 0, default=None)


def subtitle(value: Features) -> tuple[str, ...]:
    """What, window, sample, how many are not shown."""
    hidden = len(value.rows) - _ROWS
    return (
        "Features by requests",
        wording.span(value.window),
        wording.n(value.n),
        f"{hidden} not shown" if hidden > 0 else "",
    )


def alt(value: Features) -> str:
    """Every feature with its figures."""
    rows = [
        f"{wording.name(row.name)} {phrasing.count(row.timing.n)} ({phrasing.share(row.share)}), "
        f"mean {seconds(row.timing.mean)}, P95 {_p95(row)}, success {well(row)}, cache {phrasing.share(row.hits)}"
        for row in _shown(value)
    ]
    return wording.alt_text(
        f"Bars, requests of each feature over {wording.period(value.window)}, {phrasing.count(value.n)} requests.",
        f"{'. '.join(rows)}." if rows else "No feature was used.",
        wording.unmonitored(value.gaps, value.window.zone),
    )


def well(row: Feature) -> str:
    """The share of requests that succeeded; never rounded up to all of them."""
    if row.timing.rate is None:
        return NONE

    good = 1 - row.timing.rate
    return phrasing.share(good) if not 0.995 <= good < 1 else f"{min(good * 100, 99.9):.1f}{phrasing.NB}%"


def draw(board: Board, value: Features) -> None:
    """A row of two lines for each feature."""
    y = board.top + 8
    for x, words in ((_BAR, "requests"), (_TIME, "mean"), (_WELL, "success"), (RIGHT, "cache hits")):
        board.text(x, y, words, color="mute", size=LEAST, ha="right")

    rows = _shown(value)
    if not rows:
        board.line([LEFT, RIGHT], [y + 30] * 2, color="grid", width=2)
        middle = (LEFT + RIGHT) / 2
        board.text(middle, board.top + 300, "No operation names a feature", bold=True, ha="center")
        board.text(middle, board.top + 356, "The host names them; see the guide", color="mute", ha="center")
        return

    step = min((board.bottom - y - 30) / len(rows), 167.0)
    most = max(row.timing.n for row in rows)
    for index, row in enumerate(rows):
        top = y + 30 + index * step
        board.line([LEFT, RIGHT], [top, top], color="grid", width=2)
        _first_line(board, row, top + 38)
        _second_line(board, row, top + 90, most)


def _shown(value: Features) -> list[Feature]:
    """The most used, and the one that the title is about."""
    rows, worst = list(value.rows[:_ROWS]), failing(value)
    return rows if worst is None or worst in rows else [*rows[:-1], worst]


def _first_line(board: Board, row: Feature, y: float) -> None:
    count = phrasing.count(row.timing.n)
    room = _BAR - LEFT - board.wide(count, bold=True) - 20
    board.text(LEFT, y, board.cut(wording.name(row.name, 40), room, bold=True), bold=True)
    board.text(_BAR, y, count, bold=True, ha="right")
    board.text(_TIME, y, seconds(row.timing.mean), ha="right")
    board.text(_WELL, y, well(row), bold=row.error_band in (Band.WARNING, Band.CRITICAL), ha="right")
    board.text(RIGHT, y, phrasing.share(row.hits), color="mute" if row.hits is None else "text", ha="right")


def _second_line(board: Board, row: Feature, y: float, most: int) -> None:
    board.bar(LEFT, y - 8, _BAR - LEFT, 16, "panel")
    board.bar(LEFT, y - 8, max((_BAR - LEFT) * row.timing.n / most, 3), 16, "accent")
    few = row.timing.p95 is None
    words = FEW if few else f"P95 {seconds(row.timing.p95)}"
    board.text(_TIME, y, words, color="mute" if few else "soft", size=LEAST, ha="right")
    state = "" if few else _STATES.get(row.band, "")
    if state:
        board.mark(_BAND, y + 2, STATE_SHAPES[state], state, 24 if state != "good" else 28)
        board.text(_BAND + 30, y, state, color="soft")

    if row.used.total:
        board.text(RIGHT, y, f"{_short(row.used.total)} tok", color="mute", size=LEAST, ha="right")


def _short(tokens: int) -> str:
    """Tokens in as few signs as there is room for: "3,120", "24 k", "1.8 M"."""
    return f"{tokens / 1000:.0f}{phrasing.NB}k" if 10_000 <= tokens < 100_000 else phrasing.count(tokens)


def _p95(row: Feature) -> str:
    return FEW if row.timing.p95 is None else seconds(row.timing.p95)
