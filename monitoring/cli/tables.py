"""Tables without lines that fit: figures are never cut, names are, and what matters least is left out first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

Cell: TypeAlias = str | Text
BETWEEN = 2
"""Empty columns between two columns."""
LEAST_NAME = 16
"""Columns that a name has before anything is left out for it."""


class Column(NamedTuple):
    """One column as its head says: ">done" of figures, "*what" may be cut, "since?" is left out where it is tight."""

    head: str
    right: bool
    cut: bool
    spare: bool


class Fitted:
    """A table that is laid out when it is known how wide it may be."""

    def __init__(self, columns: Sequence[Column], rows: Sequence[Sequence[Text]]) -> None:
        self._columns = columns
        self._rows = rows
        cells = [max((row[place].cell_len for row in rows), default=0) for place in range(len(columns))]
        self._widths = [max(cell, len(column.head)) for cell, column in zip(cells, columns, strict=True)]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widths = self._fitting(options.max_width)
        found = Table(box=None, pad_edge=False, header_style="dim", padding=(0, BETWEEN, 0, 0))
        found.show_header = any(self._columns[place].head for place in widths)
        for place, width in widths.items():
            one = self._columns[place]
            found.add_column(
                one.head, justify="right" if one.right else "left", no_wrap=True, overflow="ellipsis", width=width
            )

        for row in self._rows:
            found.add_row(*(row[place] for place in widths))

        yield found

    def _fitting(self, width: int) -> dict[int, int]:
        """The columns that have room, with their widths; those that can be spared go from left to right."""
        places = list(range(len(self._columns)))
        for spare in [place for place in places if self._columns[place].spare]:
            if self._left(places, width) >= sum(min(LEAST_NAME, self._widths[place]) for place in self._cut(places)):
                break

            places.remove(spare)

        left, found = self._left(places, width), {}
        names = self._cut(places)
        for number, place in enumerate(names):
            # What one name does not need, the next ones have.
            found[place] = max(min(self._widths[place], left // (len(names) - number)), 1)
            left -= found[place]

        return {place: found.get(place, self._widths[place]) for place in places}

    def _cut(self, places: Sequence[int]) -> list[int]:
        """Those that may be cut, the shortest first."""
        return sorted((place for place in places if self._columns[place].cut), key=lambda place: self._widths[place])

    def _left(self, places: Sequence[int], width: int) -> int:
        """What is left for names."""
        rest = sum(self._widths[place] for place in places if not self._columns[place].cut)
        return width - rest - BETWEEN * (len(places) - 1)


def table(heads: Sequence[str], rows: Iterable[Sequence[Cell]], nothing: str) -> RenderableType:
    """A table with such heads (see Column); without a row: the sentence `nothing`. Unmarked, the first may be cut."""
    columns = [
        Column(head.strip(">*?"), head.startswith(">"), head.startswith("*"), head.endswith("?")) for head in heads
    ]
    if not any(one.cut for one in columns):
        columns[0] = columns[0]._replace(cut=True)

    cells = [[Text(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    return Fitted(columns, cells) if cells else Text(nothing, style="dim")
