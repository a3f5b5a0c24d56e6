"""What views are made of: names made harmless, figures with their change, states, lines of small bars.

Everything that somebody else chose comes as `Text`, which is never read as markup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from monitoring.analysis.figure import Figure, Point
from monitoring.model import DAY, Band, Health, Instant, Severity
from monitoring.phrasing import FEW, NONE, clock, day
from monitoring.safe_text import plain_text
from monitoring.window import SPAN_WORDS, Window

Say = Callable[[float | None], str]
Change = Callable[[float | None, float | None], str]
_BAND = {
    Band.GOOD: ("●", "good", "green"),
    Band.WARNING: ("▲", "warning", "yellow"),
    Band.CRITICAL: ("■", "critical", "bold red"),
    Band.UNKNOWN: ("○", "unknown", "dim"),
}
_OF_HEALTH = {
    Health.HEALTHY: Band.GOOD,
    Health.DEGRADED: Band.WARNING,
    Health.UNHEALTHY: Band.CRITICAL,
    Health.UNKNOWN: Band.UNKNOWN,
}
_OF_SEVERITY = {Severity.INFO: Band.GOOD, Severity.WARNING: Band.WARNING, Severity.CRITICAL: Band.CRITICAL}
_BARS = "▁▂▃▄▅▆▇█"
NAME = 24
"""Characters of a name in a table."""


def named(name: str, limit: int = NAME, style: str = "") -> Text:
    """A name that somebody else chose: one line, no control characters, no markup."""
    return Text(plain_text(name, limit), style=style, no_wrap=True)


def maybe(name: str, limit: int = NAME) -> Text:
    """As `named`, but nothing for no name."""
    return named(name, limit) if name else Text("")


def sentence(text: str, style: str = "") -> Text:
    """A sentence with names of others in it."""
    return Text(plain_text(text, 400), style=style)


def state(health: Health, words: str = "") -> Text:
    """How something is: a sign, a word and a colour, each of which tells it alone."""
    return band(_OF_HEALTH[health], words or health.value)


def severity(value: Severity) -> Text:
    """How bad an incident is."""
    return band(_OF_SEVERITY[value], value.value)


def band(value: Band, words: str = "") -> Text:
    """How a figure stands: a sign, a word and a colour."""
    sign, word, colour = _BAND[value]
    return Text(f"{sign} {words or word}", style=colour, no_wrap=True)


def beyond(value: Band) -> Text:
    """As `band` where a figure is beyond a limit, else nothing."""
    return band(value) if value in (Band.WARNING, Band.CRITICAL) else Text("")


def figures(rows: Iterable[tuple[str, Figure, Say, Change | None]]) -> Table:
    """Figures with their change and how they stand, a line each; what there are too few of says so."""
    found = grid(4)
    for name, one, say, change in rows:
        value = Text(
            FEW if one.value is None and one.n else say(one.value), style="bold" if one.value is not None else "dim"
        )
        told = change(one.value, one.before) if change is not None else ""
        found.add_row(Text(name), value, Text(told, style="dim"), beyond(one.band))

    return found


def grid(columns: int) -> Table:
    """Columns without lines or heads; the second holds figures."""
    found = Table.grid(padding=(0, 2))
    for number in range(columns):
        found.add_column(justify="right" if number == 1 else "left", no_wrap=number < 2, overflow="ellipsis")

    return found


def under(head: str, *parts: RenderableType, note: str = "") -> RenderableType:
    """Something under a heading, with an empty line above it."""
    title = Text(head, style="bold")
    if note:
        title.append(f"  {note}", style="not bold dim")

    return Group(Text(""), title, *parts)


def spark(points: Sequence[Point], width: int = 48) -> Text:
    """Values as small bars from zero to the highest, put together where there are more of them than columns.

    A step of which nothing is known is a dot; few steps are wide ones.
    """
    size, wide = -(-len(points) // width) or 1, min(max(width // max(len(points), 1), 1), 4)
    found: list[float | None] = []
    for start in range(0, len(points), size):
        known = [one.value for one in points[start : start + size] if one.value is not None]
        found.append(sum(known) / len(known) if known else None)

    highest = max((value for value in found if value is not None), default=0.0)
    text = Text(no_wrap=True)
    for value in found:
        if value is None:
            text.append("·" * wide, style="dim")
        else:
            place = round(value / highest * (len(_BARS) - 1)) if highest > 0 else 0
            text.append(_BARS[min(max(place, 0), len(_BARS) - 1)] * wide, style="cyan")

    return text


class Listed:
    """Short texts between dots; a line ends between two of them only."""

    def __init__(self, parts: Iterable[str], style: str = "") -> None:
        self._parts = [part for part in parts if part]
        self._style = style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        line = ""
        for part in self._parts:
            longer = f"{line} · {part}" if line else part
            if line and len(longer) > options.max_width:
                yield Text(line, style=self._style)
                longer = part

            line = longer

        if line:
            yield Text(line, style=self._style)


def bar(share: float | None, width: int = 12) -> Text:
    """A share 0..1 as a bar of up to so many columns, to an eighth of one; what is not nothing is seen."""
    eighths = round(min(max(share or 0.0, 0.0), 1.0) * width * 8) or (1 if share else 0)
    whole, rest = divmod(eighths, 8)
    drawn = "█" * whole + ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")[rest]
    return Text(drawn.ljust(width), style="cyan", no_wrap=True)


def moment(at: Instant | None, zone: str, now: Instant) -> str:
    """A time: only that of the day where it is less than a day away."""
    if at is None:
        return NONE

    if abs(now - at) < DAY:
        return clock(at, zone)

    return f"{day(at, zone)} {clock(at, zone)}"


def precise(at: Instant, zone: str) -> str:
    """A time of the day with its seconds."""
    return datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).strftime("%H:%M:%S")


def window_words(window: Window) -> str:
    """Which window it is: "24 hours to 18:00 Europe/Berlin"."""
    words = SPAN_WORDS.get(window.name, "")
    end = clock(window.end, window.zone) if window.length <= 2 * DAY else day(window.end - 1, window.zone)
    return f"{words} to {end} {window.zone}".strip()
