"""The month's cost added up, where it is heading with its range, and the budget."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from monitoring import phrasing
from monitoring.analysis.spending import Cost
from monitoring.charts import wording
from monitoring.charts.axes import value_ticks
from monitoring.charts.theme import LEFT, RIGHT
from monitoring.model import DAY
from monitoring.window import next_step, step_start

if TYPE_CHECKING:
    from monitoring.charts.board import Board
    from monitoring.charts.plot import Plot

HEIGHT = 800
_END = 840


def title(value: Cost) -> str:
    """Where the month is heading, against its budget; else what it cost so far."""
    month = datetime.fromtimestamp(value.month_start / 1000, ZoneInfo(value.window.zone)).strftime("%B")
    spent = value.month.cost
    if spent is None:
        return f"No price is known of what {month} used"

    if not value.month.total and not spent:
        return f"Nothing was spent in {month}"

    if value.month.local:
        return f"{month} cost $0: all models are local"

    if value.budget and spent > value.budget:
        return f"{month} is over its {dollars(value.budget)} budget: {phrasing.money(spent)} so far"

    if value.forecast is not None:
        ahead, limit = value.forecast.value, value.budget
        above = limit is not None and ahead > limit
        budget = f"{', above the' if above else ' of the'} {dollars(limit)} budget" if limit else ""
        return f"{month} is heading for {phrasing.money(ahead)}{budget}"

    budget = f" of its {dollars(value.budget)} budget" if value.budget else ""
    return f"{month} cost {dollars(spent)}{budget} so far"


def dollars(micro: float) -> str:
    """Money, whole dollars from twenty on; a round budget without cents."""
    whole = micro / 1e6
    return f"${whole:,.0f}" if whole == round(whole) else phrasing.money(micro)


def subtitle(value: Cost) -> tuple[str, ...]:
    """What, which month, what it leaves out."""
    local = datetime.fromtimestamp(value.month_start / 1000, ZoneInfo(value.window.zone))
    zone = phrasing.zone_name(value.window.end, value.window.zone)
    unpriced = f"{phrasing.count(value.month.unpriced)} without a price" if value.month.unpriced else ""
    rest = unpriced or wording.grey(value.gaps) or "local models cost 0"
    return "Spend, added up", f"{local:%B}, {zone}", rest


def alt(value: Cost) -> str:
    """The sum so far, the range of what is to come, the budget, and what cost most."""
    spent, zone = value.month.cost, value.window.zone
    first, last = phrasing.day(value.month_start, zone), phrasing.day(value.window.end - 1, zone)
    models = [f"{wording.name(row.name)} {phrasing.money(row.used.cost)}" for row in value.models[:4] if row.used.cost]
    ahead = value.forecast if spent else None
    return wording.alt_text(
        f"Running sum, cost of the models from {first} to {last}, {zone}: {title(value)}.",
        f"{phrasing.money(spent)} so far." if spent is not None else "",
        f"Heading for {phrasing.money(ahead.value)} by the month's end, 80 % range {phrasing.money(ahead.low)} to "
        f"{phrasing.money(ahead.high)}, from {ahead.n} days."
        if ahead
        else "",
        f"Budget {dollars(value.budget)}." if value.budget else "",
        f"{phrasing.count(value.month.unpriced)} operations have no known price." if value.month.unpriced else "",
        f"In {wording.these(value.window)}: {wording.listed(models)}." if models else "",
        wording.unmonitored(value.gaps, zone),
    )


def draw(board: Board, value: Cost) -> None:
    """The line so far, the dashed one in its fan, the budget across."""
    from monitoring.charts.plot import Plot, room

    ahead = value.forecast if value.month.cost else None
    highest = max(value.month.cost or 0, ahead.high if ahead else 0)
    near = value.budget if value.budget and value.budget <= 4 * highest else 0
    ticks = value_ticks(max(highest, near or 0) / 1e6 or 4, 4)
    labels = [_tick(tick, ticks[-1]) for tick in ticks]
    left = LEFT + room(board, labels) + 14
    # The budget's words stand above its line.
    top = board.top + (56 if near and near / 1e6 > 0.85 * ticks[-1] else 0)
    right = _END if ahead else RIGHT - 20
    across = (value.month_start, value.month_end)
    plot = Plot(board, left, top, right - left, board.bottom - 54 - top, across=across, up=(0, ticks[-1] * 1e6))
    plot.grid([tick * 1e6 for tick in ticks], lambda micro: _tick(micro / 1e6, ticks[-1]))
    plot.gaps([gap for gap in value.gaps if gap.end - gap.start >= DAY / 4])
    plot.times(_days(value))
    if near:
        _budget(plot, near, over=(value.month.cost or 0) > near)

    if value.month.cost is None or (not value.month.total and not value.month.cost):
        quiet = "Own prices are a setting" if value.month.cost is None else "No model was asked this month"
        plot.verdict(title(value), quiet)
        return

    _so_far(plot, value, own=ahead is None)
    if ahead:
        _ahead(plot, value)


def _budget(plot: Plot, budget: float, *, over: bool) -> None:
    """The line across; its words stand at the right where the sum has passed it."""
    from monitoring.charts.board import Spot

    words, y = f"budget {dollars(budget)}", float(plot.py(budget)) + (28 if over else -28)
    plot.limit(budget)
    right = Spot(plot.right - 10, y, "right")
    plot.board.place(words, [right] if over else [Spot(plot.x + 10, y), right])


def _tick(value: float, highest: float) -> str:
    if not value:
        return "0"

    return f"${value:,.0f}" if highest >= 4 else f"${value:.2f}" if highest >= 0.04 else f"${value:.4f}"


def _days(value: Cost) -> list[tuple[float, str]]:
    """The 1st, 11th and 21st, and the last day with the month's name, each in its middle."""
    found: list[tuple[float, str]] = []
    at, zone = value.month_start, value.window.zone
    while at < value.month_end:
        following = next_step(at, DAY, zone)
        day = datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).day
        last = following >= value.month_end
        if last or day in (1, 11, 21):
            found.append(((at + following) / 2, phrasing.day(at, zone) if last else str(day)))

        at = following

    return found


def _so_far(plot: Plot, value: Cost, *, own: bool) -> None:
    """The sum of each day, and its last value."""
    from monitoring.charts.board import Spot

    xs = np.array([point.at for point in value.running], float)
    ys = np.array([point.value for point in value.running], float)
    plot.line(xs, ys, color="accent", width=7)
    x, y = float(plot.px(xs[-1])), float(plot.py(ys[-1]))
    plot.board.mark(x, y, "o", "accent", 26, edge=4)
    words = f"{phrasing.money(value.month.cost)} so far"
    spots = [Spot(x - 8, y - 44, "right"), Spot(x + 8, y - 44), Spot(x + 28, y + 30), Spot(plot.x + 10, y - 64)]
    plot.board.place(words, spots[::-1] if own and x < plot.x + 60 else spots, color="text", bold=True)


def _ahead(plot: Plot, value: Cost) -> None:
    """The dashed line in its fan, and at its end the figure with its range."""
    ahead = value.forecast
    assert ahead is not None, "asked only where there is one"
    at = step_start(value.window.end, DAY, value.window.zone)
    xs, rows = [float(value.window.end)], [(float(value.month.cost or 0),) * 3]
    for day in ahead.days:
        at = next_step(at, DAY, value.window.zone)
        xs.append(float(at))
        rows.append(day)

    middle, low, high = np.array(rows).T
    plot.band(np.array(xs), low, high, alpha=0.25)
    plot.line(np.array(xs), middle, color="accent", width=6, dashes=(2.2, 1.4))
    lines = (
        (phrasing.money(ahead.value), "text", True),
        (f"{phrasing.money(ahead.low)} to {phrasing.money(ahead.high)}", "soft", False),
        ("80 % range".replace(" %", f"{phrasing.NB}%"), "mute", False),
    )
    board = plot.board
    y = min(max(float(plot.py(ahead.value)) - 22, plot.y + 10), plot.bottom - 96)
    for words, color, bold in lines:
        board.text(plot.right + 22, y, board.cut(words, RIGHT + 36 - plot.right - 22), color=color, bold=bold)
        y += 46
