"""Promises: what is promised and kept, what is left of the budget and its course, and how fast it burns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from monitoring import phrasing
from monitoring.analysis.kept import Kept
from monitoring.analysis.slo import RULES, Slo
from monitoring.charts import wording
from monitoring.charts.theme import LEAST, LEFT, RIGHT, STATE_SHAPES
from monitoring.model import DAY, HOUR
from monitoring.phrasing import NB
from monitoring.window import Window

if TYPE_CHECKING:
    from monitoring.charts.board import Board

HEIGHT = 900
_MOST = 4
_MIDDLE, _RIGHT_COLUMN = 640, 712
_BURNS = ((HOUR, "1 h", 860), (6 * HOUR, "6 h", 1006), (3 * DAY, "3 d", RIGHT))
_STILL = {"dark": 0.55, "light": 0.7}
"""How much of its colour a bar has that is well: it stands back."""
_LIMITS = {rule.long: rule.rate for rule in RULES}


def title(value: Kept) -> str:
    """Which promise is broken or burning, or that all are kept."""
    if not value.known:
        return "Nothing to hold promises against yet"

    troubled = value.troubled
    if not troubled:
        return _calm([one for one in value.known if not one.few])

    first = troubled[0]
    if first.budget is not None and first.budget <= 0:
        return f"The promise is broken: {_subject(first)}"

    burning = f"{_subject(first)} uses up its budget {_pace(first)}"
    return burning if len(troubled) == 1 else f"{len(troubled)} promises burn; {burning}"


def _calm(judged: Sequence[Slo]) -> str:
    if not judged:
        return "Too few so far to judge promises"

    least = left(min(judged, key=lambda one: 1.0 if one.budget is None else one.budget))
    if len(judged) == 1:
        return f"The promise is kept, {least} of its budget left"

    return f"{'Both' if len(judged) == 2 else f'All {len(judged)}'} promises are kept; least budget left {least}"


def subtitle(value: Kept) -> tuple[str, ...]:
    """Over which time, until when."""
    zone = phrasing.zone_name(value.window.end, value.window.zone)
    day, clock = phrasing.day(value.window.end, value.window.zone), phrasing.clock(value.window.end, value.window.zone)
    return "Promises over 30 days", f"to {day}, {clock} {zone}"


def alt(value: Kept) -> str:
    """Each promise with target, value, budget and burn."""
    rows = [
        f"{_subject(one)}: {phrasing.well(one.value)} of {_target(one)} promised, {left(one)} of the budget left, "
        f"burn {', '.join(f'{_rate(one, width)} in {words}' for width, words, _ in _BURNS)}, {one.state.value}"
        for one in value.known
    ]
    return wording.alt_text(
        f"Bars, promises over 30 days: {title(value)}.",
        f"{'. '.join(rows)}." if rows else "No answer, no probe so far.",
    )


def draw(board: Board, value: Kept) -> None:
    """A row for each promise, those in trouble first."""
    shown = value.known[:_MOST]
    if not shown:
        middle = (LEFT + RIGHT) / 2
        board.text(middle, board.top + 280, "Nothing was counted in 30 days", bold=True, ha="center")
        board.text(middle, board.top + 336, "Promises are settings; see the guide", color="mute", ha="center")
        return

    board.text(_RIGHT_COLUMN, board.top + 10, "burn", color="mute", size=LEAST)
    for _, words, x in _BURNS:
        board.text(x, board.top + 10, words.replace(" ", NB), color="mute", size=LEAST, ha="right")

    hidden = len(value.known) - len(shown)
    room = board.bottom - board.top - 56 - (40 if hidden else 0)
    pitch = min(room / max(len(shown), 3), 220)
    for index, one in enumerate(shown):
        _promise(board, one, board.top + 70 + index * pitch, pitch, value.window)

    if hidden:
        board.text(LEFT, board.bottom, f"{hidden} more, none of them worse", color="mute", size=LEAST)


def _promise(board: Board, one: Slo, y: float, pitch: float, over: Window) -> None:
    state = "unknown" if one.few else one.state.value
    board.mark(LEFT + 13, y, STATE_SHAPES[state], state, 26)
    figure = phrasing.well(one.value)
    board.text(_MIDDLE, y, figure, bold=True, ha="right")
    room = _MIDDLE - board.wide(figure, bold=True) - 20 - LEFT - 42
    board.text(LEFT + 42, y, board.cut(_capital(_subject(one)), room, bold=True), bold=True)
    board.bar(LEFT, y + 30, _MIDDLE - LEFT, 18, "panel")
    share = min(max(one.budget or 0.0, 0.0), 1.0)
    board.bar(
        LEFT,
        y + 30,
        max((_MIDDLE - LEFT) * share, 3),
        18,
        state,
        alpha=_STILL[board.t.name] if state == "good" else 1.0,
    )
    board.text(LEFT, y + 80, _state_words(one), color="soft", size=LEAST)
    board.text(_MIDDLE, y + 80, f"of {_target(one)}", color="mute", size=LEAST, ha="right")
    for width, _, x in _BURNS:
        rate = one.burn(width)
        hot = rate is not None and rate >= _LIMITS[width]
        board.text(x, y, _rate(one, width), bold=hot, color="text" if hot else "soft", ha="right")

    _course(board, one, y + 32, min(pitch - 100, 66), over)


def _course(board: Board, one: Slo, y: float, height: float, over: Window) -> None:
    """What was left of the budget, day by day; the line at the bottom is nothing left."""
    from monitoring.charts.plot import Plot, broken

    known = [point for point in one.course if point.value is not None]
    if len(known) < 2:
        return

    low = min(0.0, *(point.value or 0.0 for point in known))
    across = (known[0].at, max(over.end, known[-1].at))
    plot = Plot(board, _RIGHT_COLUMN, y, RIGHT - _RIGHT_COLUMN, height, across=across, up=(max(low, -1.0), 1.0))
    level = float(plot.py(0))
    board.line([plot.x, plot.right], [level, level], color="rule", width=2, z=2)
    xs, ys = broken([point.at for point in one.course], [point.value for point in one.course], ())
    plot.line(xs, ys, color="accent", width=5)


def left(one: Slo) -> str:
    """What is left of the budget: "58 %", "nothing"."""
    if one.budget is None:
        return phrasing.NONE

    return "nothing" if one.budget <= 0 else phrasing.share(one.budget)


def _subject(one: Slo) -> str:
    if one.what == "fast":
        return f"answers within {phrasing.in_unit(one.limit, 's').replace('.0', '')}"

    return f"{wording.title_name(one.subject)} is up" if one.subject else "answers succeed"


def _capital(words: str) -> str:
    return words[0].upper() + words[1:] if words.startswith("answers") else words


def _state_words(one: Slo) -> str:
    if one.few:
        return f"{phrasing.FEW}, n{NB}{phrasing.count(one.n)}"

    used_up = one.budget is not None and one.budget <= 0
    return f"{one.state.value}, budget used up" if used_up else f"{one.state.value}, {left(one)} left"


def _target(one: Slo) -> str:
    return phrasing.well(one.target)


def _rate(one: Slo, width: int) -> str:
    """A burn rate: 1 uses up the budget in exactly the span."""
    rate = one.burn(width)
    if rate is None:
        return phrasing.NONE

    return f"{rate:.1f}" if rate < 9.95 else phrasing.count(rate)


def _pace(one: Slo) -> str:
    rule = one.rule
    if rule is None:
        return "fast"

    return f"{_rate(one, rule.long)} times too fast"
