"""A picture measured in pixels from the top left, with the title as its message.

Drawn without matplotlib's axes: their ticks and layout cost more than all that the charts draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox, IdentityTransform

from monitoring.charts.fonts import drawable, font, scale, width_of
from monitoring.charts.png import encode
from monitoring.charts.theme import LABEL, LEAST, LEFT, MARGIN_TOP, RIGHT, TITLE, WIDTH, Theme, blend

if TYPE_CHECKING:
    from matplotlib.backends.backend_pdf import PdfPages

Side: TypeAlias = Literal["left", "center", "right"]

_DPI = 72
"""One point is one pixel, so that every measure of the charts is in pixels."""
_EDGE = 8
_FIRST_PART = 420
"""So much of the first part of a subtitle is kept, if it is as wide."""
_SUBTITLE_STEP, _TITLE_STEP, _PICTURE_STEP = 56, 60, 46


@dataclass(frozen=True, slots=True)
class Box:
    """Where a text is, in pixels from the top left."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether two boxes share any area."""
        across = min(self.right, other.right) - max(self.left, other.left)
        return across > 0 and min(self.bottom, other.bottom) - max(self.top, other.top) > 0


@dataclass(frozen=True, slots=True)
class Spot:
    """A place for a text: its vertical middle and, by `ha`, its left, centre or right."""

    x: float
    y: float
    ha: Side = "left"


class Board:
    """One picture: title and subtitle are on it from the start, charts draw below `top`."""

    def __init__(self, title: str, subtitle: Sequence[str], *, height: int, theme: Theme) -> None:
        self.t, self.height = theme, height
        self._figure = Figure(figsize=(WIDTH / _DPI, height / _DPI), dpi=_DPI, facecolor=theme.bg)
        self._canvas = FigureCanvasAgg(self._figure)
        self._renderer: Any = self._canvas.get_renderer()  # type: ignore[no-untyped-call]  # matplotlib's
        self._flip = Affine2D().scale(1, -1).translate(0, height)
        self._scale = scale()
        self._boxes: list[Box] = []

        y = MARGIN_TOP + TITLE * 0.72
        for line in self._wrap(title, RIGHT - LEFT):
            self.text(LEFT, y, line, size=TITLE, bold=True)
            y += _TITLE_STEP

        self.text(LEFT, y - 6, self._subtitle(subtitle), color="mute")
        self.top = y + _SUBTITLE_STEP - 6
        self.bottom = float(height - MARGIN_TOP)

    # --- words

    def wide(self, text: str, size: float = LABEL, *, bold: bool = False) -> float:
        """The width of a text in pixels."""
        return width_of(drawable(text), size, self._renderer, bold=bold)

    def cut(self, text: str, width: float, size: float = LABEL, *, bold: bool = False) -> str:
        """The text, or as much of it as is at most `width` wide, with an ellipsis."""
        text = drawable(text)
        if self.wide(text, size, bold=bold) <= width:
            return text

        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            fits = self.wide(text[:middle].rstrip() + "…", size, bold=bold) <= width
            low, high = (middle, high) if fits else (low, middle - 1)

        return text[:low].rstrip() + "…"

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = LABEL,
        color: str = "text",
        bold: bool = False,
        ha: Side = "left",
        halo: bool = False,
        z: float = 8,
    ) -> None:
        """Write a text whose capitals have their middle at `y`."""
        text = drawable(text)
        artist = Text(x, self.height - y - size * self._scale * 0.36, text, color=self.t.colour(color), zorder=z)
        artist.set_fontproperties(font(text, size, bold=bold))
        artist.set_horizontalalignment(ha)
        artist.set_verticalalignment("baseline")
        artist.set_transform(IdentityTransform())
        if halo:
            artist.set_path_effects([withStroke(linewidth=8, foreground=self.t.bg)])

        self._figure.add_artist(artist)
        self._boxes.append(self._box(Spot(x, y, ha), text, size, bold))

    def place(
        self, text: str, spots: Sequence[Spot], *, size: float = LABEL, color: str = "soft", bold: bool = False
    ) -> bool:
        """Write a text with a halo at the first spot where it meets no other text; False if there is none."""
        for spot in spots:
            if self.free(text, spot, size=size, bold=bold):
                self.text(spot.x, spot.y, text, size=size, color=color, bold=bold, ha=spot.ha, halo=True)
                return True

        return False

    def free(self, text: str, spot: Spot, *, size: float = LABEL, bold: bool = False) -> bool:
        """Whether a text at this spot would be within the picture and meet no other."""
        box = self._box(spot, drawable(text), size, bold)
        inside = box.left >= _EDGE and box.right <= WIDTH - _EDGE and box.bottom <= self.height - _EDGE
        return inside and not any(box.meets(other) for other in self._boxes)

    # --- shapes

    def line(
        self,
        xs: Any,
        ys: Any,
        *,
        color: str,
        width: float,
        dashes: tuple[float, ...] = (),
        alpha: float = 1,
        clip: Box | None = None,
        z: float = 4,
    ) -> None:
        """Draw a line through points in pixels; NaN breaks it."""
        line = Line2D(xs, ys, color=self.t.colour(color), lw=width, alpha=alpha, zorder=z, transform=self._flip)
        line.set_solid_capstyle("round")
        line.set_solid_joinstyle("round")
        if dashes:
            line.set_linestyle((0, dashes))
            line.set_dash_capstyle("butt")

        self._add(line, clip)

    def mark(self, x: float, y: float, shape: str, color: str, size: float, *, edge: float = 0, z: float = 6) -> None:
        """Draw a marker of matplotlib's `shape`, `size` pixels wide, with an edge in the ground's colour."""
        line = Line2D([x], [y], marker=shape, ms=size, color=self.t.colour(color), mew=edge, mec=self.t.bg, zorder=z)
        line.set_transform(self._flip)
        self._add(line, None)

    def shapes(
        self, corners: Sequence[Any], color: str, *, alpha: float = 1, clip: Box | None = None, z: float = 3
    ) -> None:
        """Fill polygons, each an array of points in pixels, all with one colour."""
        if len(corners):
            shapes = PolyCollection(corners, facecolors=self.t.colour(color), edgecolors="none", lw=0, alpha=alpha)
            shapes.set_zorder(z)
            shapes.set_transform(self._flip)
            self._add(shapes, clip)

    def bar(
        self, x: float, y: float, width: float, height: float, color: str, *, alpha: float = 1, z: float = 3
    ) -> None:
        """Fill a rectangle given by its top left corner."""
        self._add(self._rectangle(x, y, width, height, self.t.colour(color), alpha=alpha, z=z), None)

    def hatched(self, x: float, y: float, width: float, height: float) -> None:
        """Fill a rectangle as a time without monitoring."""
        patch = self._rectangle(x, y, width, height, self.t.gap, z=1)
        patch.set_edgecolor(self.t.hatch)
        patch.set_hatch("/")
        self._add(patch, None)

    def ramp(
        self, x: float, y: float, width: float, height: float, stops: Sequence[str], *, upwards: bool = False
    ) -> None:
        """Fill a rectangle with a map from low to high: rightwards, or upwards."""
        steps = int(height if upwards else width) // 2
        colors = [blend(stops, index / (steps - 1)) for index in range(steps)]
        edges = np.linspace(0, 1, steps + 1)
        pairs = list(pairwise(edges))
        if upwards:
            ends = [((x, y + height * (1 - a)), (x + width, y + height * (1 - b))) for a, b in pairs]
        else:
            ends = [((x + width * a, y), (x + width * b, y + height)) for a, b in pairs]

        corners = [[(x0, y0), (x1, y0), (x1, y1), (x0, y1)] for (x0, y0), (x1, y1) in ends]
        # Smoothed edges would let the ground shine through between neighbours.
        slices = PolyCollection(corners, facecolors=colors, edgecolors="none", lw=0, antialiaseds=False, zorder=3)
        slices.set_transform(self._flip)
        self._add(slices, None)

    # --- the result

    def faults(self) -> list[str]:
        """Words that leave the picture, overlap or are too small: there must be none."""
        self._figure.draw(self._renderer)
        found = [t for t in self._figure.findobj(Text) if isinstance(t, Text) and t.get_text().strip()]
        boxes = [(t.get_text(), t.get_window_extent(self._renderer)) for t in found]
        faults = [f"small: {t.get_text()!r}" for t in found if float(t.get_fontsize()) < LEAST * self._scale]
        faults += [f"cut: {text!r}" for text, box in boxes if not self._holds(box)]
        for index, (text, a) in enumerate(boxes):
            faults += [f"overlap: {text!r} and {other!r}" for other, b in boxes[index + 1 :] if _overlap(a, b)]

        return faults

    def png(self) -> bytes:
        """The picture as PNG bytes."""
        self._canvas.draw()  # type: ignore[no-untyped-call]  # matplotlib's
        pixels: Any = self._canvas.buffer_rgba()  # type: ignore[no-untyped-call]  # matplotlib's
        return encode(np.asarray(pixels))

    def page(self, pages: PdfPages) -> None:
        """Add the picture to a PDF as lines and words, a point a pixel."""
        pages.savefig(self._figure, facecolor=self.t.bg)  # type: ignore[no-untyped-call]  # matplotlib's

    # --- inside

    def _add(self, artist: Any, clip: Box | None) -> None:
        if clip is not None:
            bounds = Bbox([[clip.left, self.height - clip.bottom], [clip.right, self.height - clip.top]])
            artist.set_clip_box(bounds)

        self._figure.add_artist(artist, clip=clip is not None)

    def _rectangle(
        self, x: float, y: float, width: float, height: float, color: str, *, alpha: float = 1, z: float = 3
    ) -> Rectangle:
        patch = Rectangle((x, y), width, height, facecolor=color, lw=0, alpha=alpha, zorder=z)
        patch.set_transform(self._flip)
        patch.set_antialiased(False)
        return patch

    def _box(self, spot: Spot, text: str, size: float, bold: bool) -> Box:
        width = self.wide(text, size, bold=bold)
        left = spot.x - (0 if spot.ha == "left" else width / 2 if spot.ha == "center" else width)
        return Box(left, spot.y - size * 0.52, left + width, spot.y + size * 0.52)

    def _wrap(self, title: str, width: float) -> list[str]:
        lines = [""]
        for word in title.split(" "):
            trial = f"{lines[-1]} {word}".strip()
            if not lines[-1] or self.wide(trial, TITLE, bold=True) <= width:
                lines[-1] = trial
            else:
                lines.append(word)

        if len(lines) > 2:
            lines = [lines[0], " ".join(lines[1:])]

        return [self.cut(line, width, TITLE, bold=True) for line in lines]

    def _subtitle(self, parts: Sequence[str]) -> str:
        """The parts in one line. Without room the first, which may hold a name, gives way a little, then the last."""
        kept = [part for part in parts if part]
        while kept:
            rest = "".join(f" · {part}" for part in kept[1:])
            room = RIGHT - LEFT - self.wide(rest)
            if len(kept) == 1 or room >= min(self.wide(kept[0]), _FIRST_PART):
                return self.cut(kept[0], room) + rest

            kept.pop()

        return ""

    def _holds(self, box: Bbox) -> bool:
        return bool(box.x0 >= _EDGE <= box.y0 and box.x1 <= WIDTH - _EDGE and box.y1 <= self.height - _EDGE)


def _overlap(a: Bbox, b: Bbox) -> bool:
    across = min(a.x1, b.x1) - max(a.x0, b.x0)
    down = min(a.y1, b.y1) - max(a.y0, b.y0)
    return bool(across > 2 and down > 0.25 * min(a.height, b.height))
