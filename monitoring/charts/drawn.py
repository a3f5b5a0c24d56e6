"""A chart put on its board, with matplotlib's settings changed only while it is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

import matplotlib as mpl

from monitoring.assets import asset
from monitoring.charts.board import Board
from monitoring.charts.fonts import families
from monitoring.charts.theme import THEMES
from monitoring.errors import ChartError

if TYPE_CHECKING:
    from matplotlib.backends.backend_pdf import PdfPages


class Drawn:
    """A finished chart."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def png(self) -> bytes:
        """The picture as PNG bytes."""
        with _style():
            return self._board.png()

    def page(self, pages: PdfPages) -> None:
        """Add it to a PDF."""
        with _style():
            self._board.page(pages)

    def faults(self) -> list[str]:
        """Words that leave the picture, overlap or are too small."""
        with _style():
            return self._board.faults()


def board_of(chart: ModuleType, value: object, theme: str = "dark") -> Drawn:
    """Draw a value with its chart. Raises ChartError for a theme that does not exist."""
    if theme not in THEMES:
        raise ChartError(f"There is no theme called {theme!r}; there are {' and '.join(THEMES)}.")

    with _style():
        board = Board(chart.title(value), chart.subtitle(value), height=chart.HEIGHT, theme=THEMES[theme])
        chart.draw(board, value)

    return Drawn(board)


@contextmanager
def _style() -> Iterator[None]:
    with mpl.rc_context(_settings()):
        yield


@lru_cache(maxsize=1)
def _settings() -> dict[Any, Any]:
    settings = dict(mpl.rc_params_from_file(asset("charts.mplstyle"), use_default_template=False))
    return settings | {"font.family": list(families())}


def warm(charts: Iterable[ModuleType]) -> None:
    """Import all charts, load the fonts and draw one small picture, so that the next one takes as long as any other."""
    list(charts)
    with _style():
        board = Board("Aa 0", ("µ",), height=800, theme=THEMES["dark"])
        board.text(0, 0, "0", bold=True, halo=True)
        board.png()
