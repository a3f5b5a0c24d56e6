"""Who stands how to whom, as a graph: width = interactions, colour = affinity."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from monitoring import phrasing
from monitoring.analysis.relationships import REPORTED, Pair, Relationships
from monitoring.charts import wording
from monitoring.charts.theme import LEAST, LEFT, RIGHT, shape

if TYPE_CHECKING:
    from monitoring.charts.board import Board, Spot

HEIGHT = 900
_PAIRS, _NODES = 14, 10
_SIDE = 900
_CENTRE, _ACROSS = 455.0, 202.0
_GOLDEN = math.pi * (3 - math.sqrt(5))
_ROOM = math.radians(25)
"""Between two neighbours on a crowded ring."""


def title(value: Relationships) -> str:
    """The pair that stands best."""
    if not value.pairs:
        return "No two personas have met yet"

    best = max(value.pairs, key=lambda pair: pair.affinity)
    who = f"{wording.title_name(best.a)} and {wording.title_name(best.b)}"
    return f"{who} are {wording.title_name(best.stage)} at {best.affinity:.0f}"


def subtitle(value: Relationships) -> tuple[str, ...]:
    """How many pairs of how many, window, sample."""
    shown, total = len(_shown(value)), len(value.pairs)
    pairs = f"{shown} most active pairs of {total}" if shown < total else wording.plural(total, "pair")
    return pairs, wording.span(value.window), wording.n(value.interactions)


def alt(value: Relationships) -> str:
    """The best and the worst pair, and the biggest moves."""
    if not value.pairs:
        return wording.alt_text("Relationship graph.", "No two personas have met yet.")

    ranked = sorted(value.pairs, key=lambda pair: -pair.affinity)
    best = [_words(pair) for pair in ranked[:3]]
    moves = [
        f"{_pair(p)} {'up' if p.affinity > p.before else 'down'} {abs(p.affinity - p.before):.0f}"
        for p in value.movers[:3]
    ]
    return wording.alt_text(
        f"Relationship graph of {wording.plural(len(value.personas), 'persona')},"
        f" the {wording.plural(len(_shown(value)), 'most active pair')} of {len(value.pairs)}.",
        f"Highest affinity: {'; '.join(best)}.",
        f"Lowest: {_words(ranked[-1])}." if len(ranked) > 3 else "",
        f"Biggest moves over {wording.period(value.window)}: {'; '.join(moves)}."
        if moves
        else "No pair moved by a point.",
        f"All together over 30 days: {value.trend}.",
        f"{wording.plural(value.told, 'affinity is', 'affinities are')} reported by the host." if value.told else "",
        wording.unmonitored(value.gaps, value.window.zone),
    )


def draw(board: Board, value: Relationships) -> None:
    """Nodes around a ring, each in a place of its own, so that tomorrow's picture is alike; the key at the right."""
    shown = _shown(value)
    if not shown:
        board.text(600, board.top + 260, "No exchange between personas so far", bold=True, ha="center")
        board.text(600, board.top + 316, "The first one draws the first line", color="mute", ha="center")
        return

    slots = dict(value.personas)
    places = nodes(value, (board.top + board.bottom) / 2 + 6, (board.bottom - board.top) / 2 - 80)
    _lines(board, shown, places)
    met = {name: sum(p.interactions for p in shown if name in (p.a, p.b)) for name in places}
    most = max(met.values()) or 1
    for name, place in sorted(places.items(), key=lambda one: (abs(one[1][0] - _CENTRE) > 40, one[1])):
        _node(board, name, slots[name], place, 30 + 34 * math.sqrt(met[name] / most))

    _key(board, value, shown)


def nodes(value: Relationships, middle: float = 0.0, down: float = 1.0) -> dict[str, tuple[float, float]]:
    """Where each persona stands on the ring: by colour slots and names alone, never by how often it met whom.

    Up to ten personas share the ring in the order of their slots. Of more, those of the most active pairs are shown,
    each where its rank among all puts it, so that one who comes or goes moves none but its neighbours.
    """
    known = [name for name, _ in value.personas]
    if len(known) <= _NODES:
        turns = {name: 2 * math.pi * k / len(known) for k, name in enumerate(known)}
    else:
        shown = {name for pair in _shown(value) for name in (pair.a, pair.b)}
        # Steps of the golden angle: however many there are, those who came first are spread evenly.
        turns = _apart({name: k * _GOLDEN % (2 * math.pi) for k, name in enumerate(known) if name in shown})

    return {name: (_CENTRE + _ACROSS * math.sin(a), middle - down * math.cos(a)) for name, a in turns.items()}


def _apart(angles: dict[str, float]) -> dict[str, float]:
    """The angles, neighbours pushed apart until each has its room."""
    order = sorted(angles, key=lambda name: (angles[name], name))
    at = [angles[name] for name in order]
    for _ in range(400):
        for k in range(len(at)):
            after = (k + 1) % len(at)
            turn = 2 * math.pi if after == 0 else 0.0
            short = _ROOM - (at[after] + turn - at[k])
            if short > 0 and len(at) > 1:
                at[k] -= short / 2
                at[after] += short / 2

    return dict(zip(order, at, strict=True))


def _lines(board: Board, shown: list[Pair], places: dict[str, tuple[float, float]]) -> None:
    most = max(pair.interactions for pair in shown) or 1
    for pair in reversed(shown):
        (x0, y0), (x1, y1) = places[pair.a], places[pair.b]
        width = 4 + 22 * pair.interactions / most
        board.line([x0, x1], [y0, y1], color=board.t.affinity(pair.affinity), width=width, z=3)


def _node(board: Board, name: str, slot: int, place: tuple[float, float], size: float) -> None:
    from monitoring.charts.board import Spot

    x, y = place
    board.mark(x, y, "o", board.t.bg, size + 22, z=5)
    board.mark(x, y, shape(slot), board.t.persona(slot), size, z=6)
    label, off = wording.name(name), size / 2 + 22
    below, above = Spot(x, y + off + 12, "center"), Spot(x, y - off - 12, "center")
    outside = [above, below] if y < (board.top + board.bottom) / 2 else [below, above]
    side = Spot(x + off, y) if x > _CENTRE else Spot(x - off, y, "right")
    if abs(x - _CENTRE) < 40:
        tries = [(205, outside), (120, outside)]
    else:
        tries = [*((room, [side]) for room in (205, 190, 175, 150, 110)), (205, outside), (90, [side, *outside])]

    for room, spots in tries:
        words = board.cut(label, room)
        wide = board.wide(words)
        if board.place(words, [spot for spot in spots if _beside_key(spot, wide)], color="text"):
            return


def _beside_key(spot: Spot, wide: float) -> bool:
    """Whether a label stays between the left margin and the key."""
    left = spot.x - {"left": 0.0, "center": wide / 2, "right": wide}[spot.ha]
    return left >= LEFT - 20 and left + wide <= _SIDE - 20


def _key(board: Board, value: Relationships, shown: list[Pair]) -> None:
    y = board.top + 16
    board.text(_SIDE, y, "Affinity", bold=True)
    board.ramp(_SIDE, y + 30, RIGHT - _SIDE, 26, board.t.diverging)
    board.text(_SIDE, y + 86, "0", color="mute")
    board.text(RIGHT, y + 86, "100", color="mute", ha="right")
    board.text(_SIDE, y + 152, "Line width", bold=True)
    low, high = phrasing.count(shown[-1].interactions), phrasing.count(shown[0].interactions)
    most = f"{low} to {high}" if low != high else high
    board.text(_SIDE, y + 198, board.cut(most, RIGHT + 24 - _SIDE), color="mute")
    board.text(_SIDE, y + 242, "interaction" if most == "1" else "interactions", color="mute")
    moves = value.movers[: min(int((board.bottom - y - 416) // 98) + 1, 3)]
    board.text(_SIDE, y + 322, "Biggest moves" if moves else "No moves", bold=True)
    for index, pair in enumerate(moves):
        arrow = "▲" if pair.affinity > pair.before else "▼"
        move = f"{arrow} {abs(pair.affinity - pair.before):.0f}"
        board.text(_SIDE, y + 372 + index * 98, move, bold=True)
        first, second = _fitted(board, pair, RIGHT + 24 - _SIDE)
        board.text(_SIDE, y + 416 + index * 98, second, color="mute", size=LEAST)
        if first:
            left = _SIDE + board.wide(move, bold=True) + 16
            words = board.cut(first, RIGHT + 24 - left, LEAST)
            board.text(left, y + 372 + index * 98, words, color="mute", size=LEAST)


def _fitted(board: Board, pair: Pair, room: float) -> tuple[str, str]:
    """Both names for one line, or the first for the line of the move and the second for the one below."""
    a, b = wording.name(pair.a), wording.name(pair.b)
    both = f"{a} · {b}"
    return ("", both) if board.wide(both, LEAST) <= room else (a, board.cut(b, room, LEAST))


def _shown(value: Relationships) -> list[Pair]:
    """The most active pairs among at most ten personas, most active first."""
    names: list[str] = []
    shown: list[Pair] = []
    for pair in sorted(value.pairs, key=lambda pair: -pair.interactions):
        new = [name for name in (pair.a, pair.b) if name not in names]
        if len(shown) < _PAIRS and len(names) + len(new) <= _NODES:
            names.extend(new)
            shown.append(pair)

    return shown


def _pair(pair: Pair) -> str:
    return f"{wording.name(pair.a)} and {wording.name(pair.b)}"


def _words(pair: Pair) -> str:
    told = ", reported" if pair.source == REPORTED else ""
    return f"{_pair(pair)} {pair.affinity:.0f}, {wording.name(pair.stage)}{told}"
