"""How the six pairs moved that moved most, each from 0 to 100."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from monitoring.analysis.figure import Gap
from monitoring.analysis.relationships import REPORTED, Pair, Relationships
from monitoring.charts import wording
from monitoring.charts.theme import LEFT, RIGHT

if TYPE_CHECKING:
    from monitoring.charts.board import Board, Box

HEIGHT = 900
_MOST = 6
_WIDE = 528.0


def title(value: Relationships) -> str:
    """The biggest move."""
    if not value.movers:
        return "No pair moved by a point or more" if value.pairs else "No two personas have met yet"

    pair = value.movers[0]
    who = f"{wording.title_name(pair.a)} and {wording.title_name(pair.b)}"
    verb = "gained" if pair.affinity > pair.before else "lost"
    move = round(abs(pair.affinity - pair.before))
    return f"{who} {verb} {wording.plural(move, 'point')} in {_span(value)}"


def _stands(pair: Pair) -> str:
    """Its stage, and whether the host said so."""
    return f"{wording.name(pair.stage)}{', reported' if pair.source == REPORTED else ''}"


def _span(value: Relationships) -> str:
    words = wording.spelled(value.window)
    return f"an {words}" if words == "hour" else words


def subtitle(value: Relationships) -> tuple[str, ...]:
    """What is shown, window, what grey means."""
    return "Biggest moves", wording.span(value.window), wording.grey(value.gaps)


def alt(value: Relationships) -> str:
    """Each move with where it began and ended."""
    moves = [
        f"{wording.name(p.a)} and {wording.name(p.b)} from {p.before:.0f} to {p.affinity:.0f} ({_stands(p)})"
        for p in value.movers[:_MOST]
    ]
    return wording.alt_text(
        f"Line charts of the affinity, 0 to 100, of the pairs that moved most over {wording.period(value.window)}.",
        f"{'; '.join(moves)}." if moves else f"{title(value)}.",
        wording.unmonitored(value.gaps, value.window.zone),
    )


def draw(board: Board, value: Relationships) -> None:
    """Six fields in two columns, fewer and larger ones for fewer pairs."""
    from monitoring.charts.board import Box

    movers = value.movers[:_MOST] or value.pairs[:_MOST]
    rows = (len(movers) + 1) // 2
    step = (board.bottom + 10 - board.top) / max(rows, 1)
    wide = _WIDE if len(movers) > 1 else RIGHT - LEFT
    for index, pair in enumerate(movers):
        left, top = LEFT + (index % 2) * 576, board.top + (index // 2) * step
        _pair(board, value, pair, Box(left, top, left + wide, top + step - 28))

    if not movers:
        board.text(600, board.top + 260, "No exchange between personas so far", bold=True, ha="center")


def _pair(board: Board, value: Relationships, pair: Pair, field: Box) -> None:
    from monitoring.charts.plot import Plot

    x, y, wide = field.left, field.top, field.right - field.left
    move = pair.affinity - pair.before
    color = "mute" if abs(move) < 0.5 else board.t.accent if move > 0 else board.t.diverging[0]
    change = f"{'▲' if move > 0 else '▼'} {abs(move):.0f}" if abs(move) >= 0.5 else "= 0"
    room = wide - board.wide(change, bold=True) - 24
    board.text(x, y + 16, _names(board, pair, room), bold=True)
    board.text(field.right, y + 16, change, color=color, bold=True, ha="right")
    told = ", reported" if pair.source == REPORTED else ""
    stands = board.cut(wording.name(pair.stage), wide - board.wide(f"00 to 00, {told}"))
    board.text(x, y + 62, f"{pair.before:.0f} to {pair.affinity:.0f}, {stands}{told}", color="mute")

    window = (value.window.start, value.window.end)
    plot = Plot(board, x, y + 94, wide - 12, field.bottom - y - 94, across=window, up=(0, 100))
    for level in (20, 40, 60, 80):
        line = float(plot.py(level))
        board.line([plot.x, plot.right], [line, line], color="grid", width=2, z=2)

    plot.gaps(value.gaps)
    xs, ys = course(pair, value)
    plot.line(xs, ys, color=color, width=7, dot=20)
    if pair.history:
        board.mark(plot.right, float(plot.py(pair.affinity)), "o", color, 20)


def course(pair: Pair, value: Relationships) -> tuple[Any, Any]:
    """The line of a pair: slopes from day to day, or steps where the host told it; cut out where nothing was seen."""
    import numpy as np

    points = [(point.at, np.nan if point.value is None else point.value) for point in pair.history]
    if pair.source == REPORTED:
        last = [value.window.end, *(at for at, _ in points[1:])]
        points = (
            [
                end
                for (at, known), until in zip(points, [*last[1:], last[0]], strict=True)
                for end in ((at, known), (until, known))
            ]
            if points
            else []
        )
    elif points and np.isfinite(points[0][1]):
        points.insert(0, (value.window.start, pair.before))

    xs, ys = np.array([at for at, _ in points], float), np.array([known for _, known in points], float)
    return _without(xs, ys, value.gaps)


def _without(xs: Any, ys: Any, gaps: Sequence[Gap]) -> tuple[Any, Any]:
    """The line without the parts of it that lie in gaps: it ends where one begins, and goes on where it ends."""
    import numpy as np

    for gap in gaps if len(xs) else ():
        edges = np.array([gap.start, gap.end], float)
        first, last = np.interp(edges, xs, ys)
        before, after = xs < gap.start, xs > gap.end
        inner = [(gap.start, first), (gap.start, np.nan), (gap.end, last)]
        inner = [one for one in inner if xs[0] <= one[0] <= xs[-1]]
        xs = np.concatenate([xs[before], [at for at, _ in inner], xs[after]])
        ys = np.concatenate([ys[before], [known for _, known in inner], ys[after]])

    return xs, ys


def _names(board: Board, pair: Pair, room: float) -> str:
    a, b = wording.name(pair.a), wording.name(pair.b)
    free = room - board.wide(" · ", bold=True)
    wide_a, wide_b = board.wide(a, bold=True), board.wide(b, bold=True)
    if wide_a + wide_b <= free:
        return f"{a} · {b}"

    first = min(wide_a, max(free / 2, free - wide_b))
    return f"{board.cut(a, first, bold=True)} · {board.cut(b, free - first, bold=True)}"
