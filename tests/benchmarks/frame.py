"""Rows of the table: what is measured, against whom, and whether it holds its gate and its goal."""

from __future__ import annotations

import asyncio
import os
import platform
import statistics
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import psutil

GATE, GOAL, MISSED, SEEN = "gate", "goal", "MISSED", ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line: ours against a peer. `gate` and `goal` are the largest ratio, or without a peer the largest figure.

    Without a gate it is shown for information and judged by nobody.
    """

    what: str
    ours: float
    unit: str
    peer: float | None = None
    peer_name: str = ""
    gate: float | None = None
    goal: float | None = None

    @property
    def ratio(self) -> float | None:
        """Ours ÷ peer; None without a peer."""
        return None if self.peer is None else self.ours / self.peer if self.peer else float("inf")

    @property
    def verdict(self) -> str:
        """`goal`, `gate` or `MISSED`; nothing where there is no gate."""
        if self.gate is None:
            return SEEN

        figure = self.ours if self.ratio is None else self.ratio
        if self.goal is not None and figure <= self.goal:
            return GOAL

        return GATE if figure <= self.gate else MISSED


@dataclass(frozen=True, slots=True)
class Bench:
    """How large and how often: `scale` 1 is the full size, `folder` is thrown away in the end."""

    folder: Path
    scale: float = 1.0
    rounds: int = 5

    def size(self, full: int, least: int = 1) -> int:
        """A number of things, scaled."""
        return max(round(full * self.scale), least)


Rows: TypeAlias = Callable[[Bench], AsyncIterator[Row]]
Once: TypeAlias = Callable[[], float | Awaitable[float]]


async def medians(rounds: int, *contestants: Once) -> list[float]:
    """The median of what each measured, all of them taking turns; a turn before the first is for warming."""
    found: list[list[float]] = [[] for _ in contestants]
    for turn in range(rounds + 1):
        for figures, measure in zip(found, contestants, strict=True):
            figure = measure()
            if not isinstance(figure, int | float):
                figure = await figure

            if turn:
                figures.append(figure)

    return [statistics.median(figures) for figures in found]


def machine() -> str:
    """The machine and what runs on it, in one line."""
    load = "/".join(f"{one:.1f}" for one in os.getloadavg())
    memory = psutil.virtual_memory().total / 2**30
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{python}, {platform.system()}, {os.cpu_count()} cores, {memory:.0f} GB, load {load}"


def lines(rows: Iterable[Row]) -> Iterator[str]:
    """The table in Markdown, aligned so that it is read in a terminal too."""
    head = ("what", "ours", "peer", "ratio", "gate", "goal", "verdict")
    cells = [head, *map(_cells, rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    for number, row in enumerate(cells):
        yield "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        if number == 0:
            yield "|" + "|".join("-" * (width + 2) for width in widths) + "|"


def _cells(row: Row) -> tuple[str, ...]:
    ratio, suffix = row.ratio, "×" if row.peer is not None else f" {row.unit}"
    peer = "" if row.peer is None else f"{_number(row.peer)} {row.unit} {row.peer_name}".rstrip()
    limits = ("" if limit is None else f"{_limit(limit)}{suffix}" for limit in (row.gate, row.goal))
    shown = "" if ratio is None else f"{_number(ratio)}×"
    return (row.what, f"{_number(row.ours)} {row.unit}", peer, shown, *limits, row.verdict)


def _number(value: float) -> str:
    """Three digits that count."""
    if value == 0 or value >= 100:
        return f"{value:,.0f}"

    return f"{value:.3g}" if value >= 0.001 else f"{value:.1e}"


def _limit(value: float) -> str:
    return f"1/{1 / value:.0f}" if 0 < value < 0.01 else f"{value:g}"


async def table(bench: Bench, topics: dict[str, Rows]) -> list[Row]:
    """Every row of these topics, each said as it is found."""
    rows: list[Row] = []
    for name, measure in topics.items():
        print(f"{name} …", file=sys.stderr, flush=True)
        async for row in measure(bench):
            rows.append(row)
            print("   ".join(cell for cell in _cells(row) if cell), file=sys.stderr, flush=True)
            await asyncio.sleep(0)

    return rows
