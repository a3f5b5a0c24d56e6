"""The first page of a full report: what each page found, the one that needs attention first on top."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitoring.charts import wording
from monitoring.charts.theme import LEAST, LEFT, RIGHT
from monitoring.window import Window

if TYPE_CHECKING:
    from monitoring.charts.board import Board

HEIGHT = 900
_STEP = 43.0
_NUMBER = 60.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What one page says, in its own words, and which page it is."""

    page: int
    words: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A whole report in a page."""

    window: Window
    headline: str
    findings: tuple[Finding, ...]
    of: str
    """Whose report it is: a guild's name, or the bot's."""
    pages: int
    """Of the whole report, this one included."""


def title(value: Summary) -> str:
    """The headline."""
    return value.headline


def subtitle(value: Summary) -> tuple[str, ...]:
    """Whose report, and its window."""
    return value.of, wording.span(value.window), wording.plural(value.pages, "page")


def alt(value: Summary) -> str:
    """Every finding with its page."""
    found = [f"Page {one.page}: {one.words}." for one in value.findings]
    return wording.alt_text(f"Summary of a report over {wording.period(value.window)}.", value.headline + ".", *found)


def draw(board: Board, value: Summary) -> None:
    """A line for each page."""
    y = board.top + _STEP / 2
    room = int((board.bottom - board.top) // _STEP)
    shown = value.findings if len(value.findings) <= room else value.findings[: room - 1]
    for one in shown:
        board.text(LEFT + _NUMBER - 22, y, str(one.page), size=LEAST, color="mute", ha="right")
        board.text(LEFT + _NUMBER, y, board.cut(one.words, RIGHT - LEFT - _NUMBER, LEAST), size=LEAST)
        y += _STEP

    if len(shown) < len(value.findings):
        more = len(value.findings) - len(shown)
        board.text(LEFT + _NUMBER, y, f"and {wording.plural(more, 'page')} more", size=LEAST, color="mute")
