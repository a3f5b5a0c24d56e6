"""Affinity of every pair: the lower triangle, names on the diagonal, so that no text is turned."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from monitoring import phrasing
from monitoring.analysis.relationships import REPORTED, STAGES, Pair, Relationships
from monitoring.charts import wording
from monitoring.charts.theme import LEAST, LEFT, ink, shape

if TYPE_CHECKING:
    from monitoring.charts.board import Board

HEIGHT = 900
_MOST, _ENOUGH = 10, 20
_SIDE = 796
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def title(value: Relationships) -> str:
    """How many pairs stand well."""
    if not value.pairs:
        return "No two personas have met yet"

    first, *rest = _stages(value)[:2]
    words = f"{_number(first[0])} pair{'s' if first[0] > 1 else ''} of {first[1]}"
    return (words + "".join(f", {_number(count)} of {name}" for count, name in rest)).capitalize()


def subtitle(value: Relationships) -> tuple[str, ...]:
    """Scale, pairs, the moment it is true of."""
    hidden = len(value.personas) - _MOST
    at, zone = value.window.end, value.window.zone
    moment = f"{phrasing.day(at, zone)} {phrasing.clock(at, zone)} {phrasing.zone_name(at, zone)}"
    pairs = wording.plural(len(value.pairs), "pair")
    return "Affinity 0 to 100", pairs, moment, f"{hidden} not shown" if hidden > 0 else ""


def alt(value: Relationships) -> str:
    """How many pairs are at which stage, and the extremes."""
    counts = [f"{wording.plural(n, 'pair')} of {name}" for n, name in _stages(value)[:6]]
    ranked = sorted(value.pairs, key=lambda pair: -pair.affinity)
    return wording.alt_text(
        f"Matrix of the affinity, 0 to 100, of {wording.plural(len(value.personas), 'persona')}.",
        f"{wording.listed(counts)}." if counts else "No two personas have met yet.",
        f"Highest: {_words(ranked[0])}; lowest: {_words(ranked[-1])}." if ranked else "",
        f"Mean {value.mean:.0f}, {value.trend} over 30 days." if value.mean is not None else "",
    )


def draw(board: Board, value: Relationships) -> None:
    """The triangle, then its scale."""
    names = _names(value)
    if len(names) < 2:
        board.text(600, board.top + 260, "No exchange between personas so far", bold=True, ha="center")
        board.text(600, board.top + 316, "A relationship needs two personas", color="mute", ha="center")
        return

    pairs = {frozenset((pair.a, pair.b)): pair for pair in value.pairs}
    cell = _side(board, names)
    for row, (name, slot) in enumerate(names):
        y = board.top + row * cell
        for column in range(row):
            _cell(board, LEFT + column * cell, y, cell, pairs.get(frozenset((name, names[column][0]))))

        x = LEFT + row * cell
        board.mark(x + 26, y + cell / 2, shape(slot), board.t.persona(slot), 26)
        board.text(x + 48, y + cell / 2, board.cut(wording.name(name), _SIDE - 24 - x - 48))

    _key(board, value)


def _side(board: Board, names: list[tuple[str, int]]) -> float:
    """How large a cell may be: all rows have to fit, and beside each its name."""
    tall = (board.bottom - board.top) / len(names)
    rooms = [
        (_SIDE - 24 - LEFT - 48 - min(board.wide(wording.name(name)), 150)) / row
        for row, (name, _) in enumerate(names)
        if row
    ]
    return min(tall, max(min(rooms), 60.0), 180.0)


def _cell(board: Board, x: float, y: float, cell: float, pair: Pair | None) -> None:
    few = pair is None or (pair.interactions < _ENOUGH and pair.source != REPORTED)
    fill = board.t.panel if pair is None or few else board.t.affinity(pair.affinity)
    board.bar(x, y, cell - 4, cell - 4, fill)
    figure = "–" if pair is None or few else f"{pair.affinity:.0f}"
    board.text(x + cell / 2 - 2, y + cell / 2 - 2, figure, size=LEAST, color="mute" if few else ink(fill), ha="center")


def _key(board: Board, value: Relationships) -> None:
    y, tall = board.top + 70, 440.0
    board.text(_SIDE, y - 44, "Affinity", bold=True)
    board.ramp(_SIDE, y, 34, tall, board.t.diverging, upwards=True)
    for low, stage in STAGES:
        middle = y + tall * (1 - (low + 10) / 100)
        board.text(_SIDE + 52, middle, f"{stage} {low:.0f}+" if low else stage, color="soft", size=LEAST)
        if low:
            board.bar(_SIDE, y + tall * (1 - low / 100) - 2, 34, 5, "bg")

    if value.mean is not None:
        board.text(_SIDE, y + tall + 46, f"Mean {value.mean:.0f}", color="mute")

    board.text(_SIDE, y + tall + 94, f"–  too few (n < {_ENOUGH})", color="mute", size=LEAST)


def _names(value: Relationships) -> list[tuple[str, int]]:
    """At most ten personas, those who meet most, in the order of their slots."""
    met: Counter[str] = Counter()
    for pair in value.pairs:
        met[pair.a] += pair.interactions
        met[pair.b] += pair.interactions

    kept = {name for name, _ in sorted(value.personas, key=lambda persona: -met[persona[0]])[:_MOST]}
    return [persona for persona in value.personas if persona[0] in kept]


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def _stages(value: Relationships) -> list[tuple[int, str]]:
    """How many pairs are at which stage, the closest first; then those that only the host knows."""
    found = Counter(pair.stage for pair in value.pairs)
    known = [name for _, name in STAGES if name in found]
    other = sorted(found.keys() - set(known), key=lambda name: (-found[name], name))
    return [(found[name], wording.title_name(name)) for name in (*known, *other)]


def _words(pair: Pair) -> str:
    return f"{wording.name(pair.a)} and {wording.name(pair.b)} {pair.affinity:.0f}"
