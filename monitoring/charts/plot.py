"""A field of a picture with two scales, and what is drawn in it: grid, gaps, limits, lines, labels at their ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from monitoring.analysis.figure import Gap
from monitoring.charts.board import Box, Spot
from monitoring.charts.theme import LABEL, LEFT, RIGHT
from monitoring.model import Instant

if TYPE_CHECKING:
    from monitoring.charts.board import Board

_END_STEP = 44
_GAP_LEAST = 6
"""A gap is at least this many pixels wide, so that it is seen."""


@dataclass(frozen=True, slots=True)
class End:
    """What stands at the right end of a line: its value on the scale, and the label."""

    value: float
    text: str
    color: str = "soft"
    bold: bool = False


class Plot:
    """Maps instants (or any number) and values to pixels of a field at (x, y), `width` by `height`."""

    def __init__(
        self,
        board: Board,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        across: tuple[float, float],
        up: tuple[float, float],
    ) -> None:
        self.board, self.x, self.y, self.width, self.height = board, x, y, width, height
        self._across, self._up = across, up
        self.field = Box(x, y - 4, x + width, y + height + 4)

    @property
    def right(self) -> float:
        """The right edge in pixels."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The lower edge in pixels."""
        return self.y + self.height

    def px(self, at: Any) -> Any:
        """The pixel across of an instant or an array of them."""
        low, high = self._across
        return self.x + (np.asarray(at, float) - low) / (high - low or 1) * self.width

    def py(self, value: Any) -> Any:
        """The pixel down of a value or an array of them."""
        low, high = self._up
        return self.bottom - (np.asarray(value, float) - low) / (high - low or 1) * self.height

    # --- scales

    def grid(self, ticks: Sequence[float], label: Callable[[float], str]) -> None:
        """Lines across with their labels at the left."""
        for value in ticks:
            y = float(self.py(value))
            self.board.line([self.x, self.right], [y, y], color="grid", width=2, z=2)
            self.board.text(self.x - 14, y, label(value), color="mute", ha="right")

    def base(self) -> None:
        """Only the line at the bottom."""
        self.board.line([self.x, self.right], [self.bottom] * 2, color="grid", width=3, z=2)

    def times(self, ticks: Iterable[tuple[float, str]], drop: float = 48, *, within: bool = False) -> None:
        """Labels along the bottom, kept in the picture or the field; one that would meet the last is left out."""
        taken = -1e9
        low, high = (self.x, self.right) if within else (LEFT - 30, RIGHT + 30)
        for at, label in ticks:
            half = self.board.wide(label) / 2
            x = min(max(float(self.px(at)), low + half), high - half)
            if x - half > taken:
                self.board.text(x, self.bottom + drop, label, color="mute", ha="center")
                taken = x + half + 20

    # --- marks

    def gaps(self, gaps: Iterable[Gap], label: str = "") -> None:
        """Hatch what was not monitored; the label stands beside the first gap where there is room."""
        for gap in gaps:
            left = max(float(self.px(gap.start)), self.x)
            right = min(float(self.px(gap.end)), self.right)
            if right <= left:
                continue

            if right - left < _GAP_LEAST:
                left = max(min((left + right - _GAP_LEAST) / 2, self.right - _GAP_LEAST), self.x)
                right = left + _GAP_LEAST

            self.board.hatched(left, self.y, right - left, self.height)
            if label and self._beside(left, right, label):
                label = ""

    def _beside(self, left: float, right: float, label: str) -> bool:
        wide = self.board.wide(label)
        spots = []
        for y in (self.y + 30, self.y + 0.35 * self.height, self.bottom - 30):
            if right - left > wide + 24:
                spots.append(Spot((left + right) / 2, y, "center"))

            if right + wide + 12 < self.right:
                spots.append(Spot(right + 12, y))

            if left - wide - 12 > self.x:
                spots.append(Spot(left - 12, y, "right"))

        return self.board.place(label, spots, color="mute")

    def limit(self, value: float, label: str = "") -> None:
        """A dashed line with its label at the left end, above the line."""
        y = float(self.py(value))
        self.board.line([self.x, self.right], [y, y], color="soft", width=3, dashes=(4, 3), z=5)
        if label:
            right = Spot(self.right - 10, y - 28, "right")
            self.board.place(label, [Spot(self.x + 10, y - 28), right, Spot(self.x + 10, y + 28)])

    def above(self, xs: Any, ys: Any, limit: float, *, below: bool = False) -> None:
        """Fill between a limit and the line where it is beyond: above it, or below it."""
        corners = [self._corners(a, b) for a, b in _beyond(xs, ys, limit, below)]
        self.board.shapes(corners, "warning", alpha=0.3, clip=self.field, z=3)

    def band(self, xs: Any, low: Any, high: Any, *, alpha: float, color: str = "accent") -> None:
        """Fill between two lines wherever both are known; a single point becomes a bar of its own."""
        both = np.isfinite(np.asarray(low, float)) & np.isfinite(np.asarray(high, float))
        corners = []
        for start, stop in _runs(both):
            lower = np.column_stack([xs[start:stop], low[start:stop]])
            upper = np.column_stack([xs[start:stop], high[start:stop]])
            if stop - start == 1:
                x = float(self.px(lower[0, 0]))
                ends = self.py([lower[0, 1], upper[0, 1]])
                self.board.line([x, x], ends, color=color, width=6, alpha=0.5, clip=self.field, z=3)
            else:
                corners.append(self._corners(lower, upper))

        self.board.shapes(corners, color, alpha=alpha, clip=self.field, z=3)

    def line(
        self,
        xs: Any,
        ys: Any,
        *,
        color: str,
        width: float,
        dot: float = 0,
        dashes: tuple[float, ...] = (),
        z: float = 4,
    ) -> None:
        """A line that unknown values break; a value without neighbours becomes a dot."""
        known = np.isfinite(np.asarray(ys, float))
        runs = _runs(known)
        self.board.line(self.px(xs), self.py(ys), color=color, width=width, dashes=dashes, clip=self.field, z=z)
        alone = [start for start, stop in runs if stop - start == 1]
        size = (dot or width * 2.2) if len(runs) == 1 else width * 1.6
        for index in alone:
            self.board.mark(float(self.px(xs[index])), float(self.py(ys[index])), "o", color, size, z=z + 1)

    def bars(self, starts: Any, step: float, low: Any, high: Any, color: str, *, alpha: float = 1) -> None:
        """Bars from `low` to `high`, each as wide as its step but for a slit; unknown ones are left out."""
        left, right = self.px(np.asarray(starts, float)), self.px(np.asarray(starts, float) + step)
        slit = np.minimum((right - left) * 0.13, 8) * ((right - left) > 6)
        bottom, top = self.py(low), self.py(high)
        corners = [
            [(a + s, d), (b - s, d), (b - s, u), (a + s, u)]
            for a, b, s, d, u in zip(left, right, slit, bottom, top, strict=True)
            if np.isfinite(u) and d - u > 0
        ]
        self.board.shapes(corners, color, alpha=alpha, clip=self.field, z=3)

    # --- words

    def ends(self, ends: Sequence[End], gap: float = 16) -> None:
        """Labels at the right end of lines, pushed apart so that none overlap."""
        order = sorted(ends, key=lambda end: end.value)
        ys = [float(self.py(end.value)) for end in order]
        for _ in range(60):
            for index in range(len(ys) - 1):
                short = _END_STEP - (ys[index] - ys[index + 1])
                if short > 0:
                    ys[index] += short / 2
                    ys[index + 1] -= short / 2

        if ys:
            shift = max(0.0, self.y + 12 - min(ys)) - max(0.0, max(ys) - self.bottom)
            for end, y in zip(order, ys, strict=True):
                self.board.text(self.right + gap, y + shift, end.text, color=end.color, bold=end.bold, halo=True)

    def verdict(self, bold: str, quiet: str) -> None:
        """One bold and one grey line in the middle of a field that holds nothing else."""
        middle, y = self.x + self.width / 2, self.y + self.height * 0.62
        width = min(2 * (middle - LEFT), 2 * (RIGHT - middle))
        self.board.text(middle, y, self.board.cut(bold, width, bold=True), bold=True, ha="center", halo=True)
        if quiet:
            self.board.text(middle, y + 56, self.board.cut(quiet, width), color="mute", ha="center", halo=True)

    def _corners(self, lower: Any, upper: Any) -> Any:
        both = np.vstack([lower, upper[::-1]])
        return np.column_stack([self.px(both[:, 0]), self.py(both[:, 1])])


def room(board: Board, labels: Iterable[str], *, bold: bool = False, size: float = LABEL) -> float:
    """How wide the widest of these labels is."""
    return max((board.wide(label, size, bold=bold) for label in labels), default=0.0)


def broken(ats: Sequence[Instant], values: Sequence[float | None], gaps: Sequence[Gap]) -> tuple[Any, Any]:
    """Instants and values as arrays in which unknown values, gaps and missing steps are NaN."""
    known = sorted(zip(ats, values, strict=True))
    steps = [b[0] - a[0] for a, b in pairwise(known) if b[0] > a[0]]
    longest = 1.6 * min(steps) if steps else 0
    xs: list[float] = []
    ys: list[float] = []
    for index, (at, value) in enumerate(known):
        if index and (at - known[index - 1][0] > longest or _parted(known[index - 1][0], at, gaps)):
            xs.append((known[index - 1][0] + at) / 2)
            ys.append(np.nan)

        xs.append(at)
        ys.append(np.nan if value is None else value)

    return np.array(xs, float), np.array(ys, float)


def _parted(a: Instant, b: Instant, gaps: Sequence[Gap]) -> bool:
    """Whether a gap lies between two points, or at least half of the time between them was not monitored."""
    held = any(a <= gap.start and gap.end <= b for gap in gaps)
    return held or any(min(gap.end, b) - max(gap.start, a) >= 0.5 * (b - a) for gap in gaps)


def _runs(known: Any) -> list[tuple[int, int]]:
    """Where values are known without a break, as [start, stop)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(known, int), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _beyond(xs: Any, ys: Any, limit: float, below: bool) -> list[tuple[Any, Any]]:
    """Pieces (limit line, value line) of the line that lie beyond the limit, cut where it crosses."""
    sign = -1 if below else 1
    pieces = []
    for start, stop in _runs(np.isfinite(ys)):
        x, y = _with_crossings(xs[start:stop], ys[start:stop], limit)
        beyond = sign * (y - limit) >= 0
        for a, b in _runs(beyond):
            if b - a > 1:
                pieces.append((np.column_stack([x[a:b], np.full(b - a, limit)]), np.column_stack([x[a:b], y[a:b]])))

    return pieces


def _with_crossings(xs: Any, ys: Any, limit: float) -> tuple[Any, Any]:
    """The line with a point of its own wherever it crosses the limit."""
    x, y = [xs[0]], [ys[0]]
    for index in range(1, len(xs)):
        a, b = ys[index - 1] - limit, ys[index] - limit
        if a * b < 0:
            x.append(xs[index - 1] + (xs[index] - xs[index - 1]) * a / (a - b))
            y.append(limit)

        x.append(xs[index])
        y.append(ys[index])

    return np.array(x), np.array(y)
