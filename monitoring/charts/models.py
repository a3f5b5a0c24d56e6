"""Models side by side: mean to P95 as a span, speed of writing, price, errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring import phrasing
from monitoring.analysis.models import Model, Models
from monitoring.charts import wording
from monitoring.charts.theme import LEAST, LEFT, RIGHT, STATE_SHAPES
from monitoring.model import Band
from monitoring.phrasing import FEW, NB, NONE, seconds

if TYPE_CHECKING:
    from monitoring.charts.board import Board

HEIGHT = 900
_ROWS = 5
_USE, _SPAN, _FIGURE, _SPEED, _PRICE, _BAND = 420, 512, 532, 740, 970, 812
_STATES = {Band.GOOD: "good", Band.WARNING: "warning", Band.CRITICAL: "critical"}


def title(value: Models) -> str:
    """How the fastest compares with the slowest."""
    if not value.rows:
        return f"No model was used in {wording.these(value.window)}"

    fastest = value.fastest
    if fastest is None or fastest.timing.mean is None:
        only = value.rows[0]
        if len(value.rows) == 1 and only.timing.mean is not None:
            return f"{wording.title_name(only.name)} takes {seconds(only.timing.mean)} in the mean"

        return "Too few answers to compare models"

    slowest = value.compared[-1]
    ratio = (slowest.timing.mean or 0) / (fastest.timing.mean or 1)
    if ratio < 1.1:
        return "All models are about as fast"

    if ratio < 1.75:
        return f"{wording.title_name(fastest.name)} is fastest: {seconds(fastest.timing.mean)} mean"

    times = "twice" if ratio < 2.5 else f"{ratio:,.0f} times"
    return f"{wording.title_name(fastest.name, 16)} is {times} as fast as {wording.title_name(slowest.name, 16)}"


def subtitle(value: Models) -> tuple[str, ...]:
    """What, window, sample, how many are not shown."""
    hidden = len(value.rows) - _ROWS
    more = f"{hidden} not shown" if hidden > 0 else ""
    return "Model operations", wording.span(value.window), wording.n(value.n), wording.partial(value.partial), more


def alt(value: Models) -> str:
    """Every model with its figures."""
    columns = ["mean to P95", "tokens per second", *(["cost per 1k tokens"] if value.money else []), "errors"]
    rows = [
        ", ".join(
            [
                f"{wording.name(row.name)} {span(row)}",
                speed(row),
                *([price(row)] if value.money else []),
                phrasing.share(row.timing.rate),
            ]
        )
        for row in _shown(value)
    ]
    slow = [wording.name(row.name) for row in value.rows if row.band in (Band.WARNING, Band.CRITICAL)]
    return wording.alt_text(
        f"Models side by side over {wording.period(value.window)}, {phrasing.count(value.n)} operations; "
        f"{'; '.join(columns)}.",
        f"{'. '.join(rows)}." if rows else "No model was used.",
        f"Not in the good band: {wording.listed(slow[:_ROWS])}." if slow else "",
        wording.told_partial(value.partial),
        wording.unmonitored(value.gaps, value.window.zone),
    )


def _shown(value: Models) -> list[Model]:
    """All that there is room for: the two that the title compares, and the most used ones, in order of speed."""
    first = [value.compared[0], value.compared[-1]] if value.compared else []
    ordered = sorted(value.rows, key=lambda row: (row not in first, -row.timing.n))[:_ROWS]
    return [row for row in value.rows if row in ordered]


def span(row: Model) -> str:
    """Its mean to its P95: "1.1 to 1.9 s"."""
    if row.timing.mean is None:
        return NONE

    if row.timing.p95 is None:
        return seconds(row.timing.mean)

    low, high = seconds(row.timing.mean).split(NB), seconds(row.timing.p95).split(NB)
    return f"{low[0]} to {NB.join(high)}"


def speed(row: Model) -> str:
    """Tokens a second as a plain number."""
    if row.per_second is None:
        return NONE

    return f"{row.per_second:.0f}" if row.per_second >= 9.95 else f"{row.per_second:.1f}"


def price(row: Model) -> str:
    """Cost of a thousand tokens, or "local" on an own machine, or "n/a"."""
    return "local" if row.used.local else phrasing.money(row.used.per_1k)


def draw(board: Board, value: Models) -> None:
    """A row of two lines for each model."""
    y = board.top + 8
    _header(board, y, money=value.money)
    rows = _shown(value)
    if not rows:
        _nothing(board)
        return

    highest = max([row.timing.p95 or row.timing.mean or 0 for row in rows]) * 1.08 or 1
    step = min((board.bottom - y - 30) / len(rows), 167.0)
    for index, row in enumerate(rows):
        top = y + 30 + index * step
        board.line([LEFT, RIGHT], [top, top], color="grid", width=2)
        _first_line(board, row, top + 38, money=value.money)
        _second_line(board, row, top + 90, highest)


def _header(board: Board, y: float, *, money: bool) -> None:
    board.text(LEFT, y, "mean", color="mute", size=LEAST)
    x = LEFT + board.wide("mean", LEAST) + 26
    board.mark(x, y + 2, "o", "mute", 28)
    board.text(x + 26, y, "to P95", color="mute", size=LEAST)
    x += 26 + board.wide("to P95", LEAST) + 20
    board.line([x, x], [y - 18, y + 20], color="mute", width=6)
    board.text(_SPEED, y, "tokens/s", color="mute", size=LEAST, ha="right")
    board.text(_PRICE, y, "per 1k tokens" if money else "first token", color="mute", size=LEAST, ha="right")
    board.text(RIGHT, y, "errors", color="mute", size=LEAST, ha="right")


def _nothing(board: Board) -> None:
    y = (board.top + board.bottom) / 2
    board.line([LEFT, RIGHT], [board.top + 38] * 2, color="grid", width=2)
    board.text((LEFT + RIGHT) / 2, y, "No operation of a model", bold=True, ha="center")
    board.text((LEFT + RIGHT) / 2, y + 56, "The host reports them; see the guide", color="mute", ha="center")


def _first_line(board: Board, row: Model, y: float, *, money: bool) -> None:
    board.text(LEFT, y, board.cut(wording.name(row.name, 40), _USE - LEFT - 20, bold=True), bold=True)
    board.text(_USE, y, f"{_use(row.share)} of use", color="mute", size=LEAST)
    board.text(_SPEED, y, speed(row), color="mute" if row.per_second is None else "text", ha="right")
    third = price(row) if money else seconds(row.first_token.mean)
    board.text(_PRICE, y, third, color="mute" if third in (NONE, "local") else "text", ha="right")
    board.text(
        RIGHT, y, phrasing.share(row.timing.rate), bold=row.error_band in (Band.WARNING, Band.CRITICAL), ha="right"
    )


def _use(share: float) -> str:
    """A share in whole percent from one on."""
    return f"{share * 100:.0f}{NB}%" if share >= 0.0095 else phrasing.share(share)


def _second_line(board: Board, row: Model, y: float, highest: float) -> None:
    board.line([LEFT, _SPAN], [y, y], color="grid", width=3)
    mean, p95 = row.timing.mean, row.timing.p95
    if mean is not None:
        here = LEFT + (_SPAN - LEFT) * mean / highest
        if p95 is not None:
            there = LEFT + (_SPAN - LEFT) * p95 / highest
            board.line([here, there], [y, y], color="accent_dim", width=10)
            board.bar(there - 4, y - 18, 8, 36, "accent", z=6)

        board.mark(here, y, "o", "accent", 26)

    board.text(_FIGURE, y, span(row), bold=True)
    board.text(RIGHT, y, wording.n(row.timing.n), color="mute", size=LEAST, ha="right")
    state = _STATES.get(row.band)
    if p95 is None:
        board.text(_BAND - 14, y, FEW, color="mute", size=LEAST)
    elif state:
        board.mark(_BAND, y + 2, STATE_SHAPES[state], state, 24 if state != "good" else 28)
        board.text(_BAND + 30, y, state, color="soft")
