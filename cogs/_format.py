"""Text as Discord wants it: timestamps, tables, names in titles, and every payload within Discord's limits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from hashlib import blake2b

import discord

from monitoring.analysis.figure import Gap
from monitoring.model import DAY, Band, Instant
from monitoring.phrasing import FEW, NB, NONE, clock, day, seconds
from monitoring.safe_text import code_text, safe_text
from monitoring.window import Window

TITLE, DESCRIPTION, FIELDS, NAME, VALUE, FOOTER, TOTAL = 256, 4096, 25, 256, 1024, 2048, 6000
"""Discord's limits of an embed."""
TABLE_WIDTH, TABLE_ROWS = 34, 10
BAND = {Band.GOOD: "🟢 good", Band.WARNING: "🔶 warning", Band.CRITICAL: "🟥 critical", Band.UNKNOWN: ""}
LONGEST_NAME = 100
"""Characters of a name that are kept (recording.names)."""
_INNER_UNDERSCORE = re.compile(r"(?<=[^\W_])\\_(?=[^\W_])")


def stamp(at: Instant, style: str = "t") -> str:
    """A time that Discord draws in the reader's zone; style t (clock), f (date and clock) or R (relative)."""
    return f"<t:{at // 1000}:{style}>"


def since(at: Instant) -> str:
    """A beginning: its clock time and how long ago it is."""
    return f"{stamp(at)}, {stamp(at, 'R')}"


def bold(name: str, limit: int = 32) -> str:
    """A name in bold, inert."""
    return f"**{safe_text(name, limit)}**"


def code(name: str, limit: int = 32) -> str:
    """A name of a service, model or setting in backticks, inert."""
    return f"`{code_text(name, limit)}`"


def title_name(name: str, limit: int = 24) -> str:
    """A name for a title. One underscore inside a word is no markup there, so it is left as it is."""
    return _INNER_UNDERSCORE.sub("_", safe_text(name, limit))


def cut(text: str, limit: int) -> str:
    """The text within `limit` characters, cut with an ellipsis, never inside an escape or a half-closed code block."""
    if len(text) <= limit:
        return text

    fenced = text.endswith("```")
    kept = text[: limit - (5 if fenced else 1)].rstrip("\\")
    return f"{kept}…\n```" if fenced else f"{kept}…"


def width(text: str) -> int:
    """Columns the text takes in a code block; CJK and emoji take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )


def _fit(text: str, columns: int) -> str:
    if width(text) <= columns:
        return text

    kept = text
    while kept and width(kept) > columns - 1:
        kept = kept[:-1]

    return kept.rstrip() + "…"


def fitted(line: str) -> str:
    """A line of a code block, cut to its width."""
    return _fit(line, TABLE_WIDTH)


def table(rows: Iterable[Sequence[str]], header: Sequence[str] = ()) -> str:
    """A code block of at most 34 columns and 10 rows: figures right-aligned, the name last and cut where needed."""
    lines = [list(header), *map(list, rows)] if header else [list(row) for row in rows]
    lines = [[cell.replace(NB, " ") for cell in row[:-1]] + [code_text(row[-1], 64)] for row in lines]
    lines = lines[: TABLE_ROWS + bool(header)]
    widths = [max(width(row[i]) for row in lines) for i in range(len(lines[0]) - 1)] if lines else []
    left = max(TABLE_WIDTH - sum(widths) - 2 * len(widths), 4)
    text = [
        "  ".join(
            [" " * (w - width(cell)) + cell for w, cell in zip(widths, row, strict=False)] + [_fit(row[-1], left)]
        )
        for row in lines
    ]
    return "```\n" + "\n".join(text) + "\n```"


def window_words(window: Window) -> str:
    """How long a window is, as footers and menus say it: "24 h", "30 d"."""
    found = re.fullmatch(r"(\d+)([hd])", window.name)
    if found:
        return f"{found[1]}{NB}{found[2]}"

    return f"{round(window.length / DAY)}{NB}d" if window.length >= 2 * DAY else f"{round(window.length / 3.6e6)}{NB}h"


def span(window: Window) -> str:
    """Which window it is: "24 h to 18:00 Europe/Berlin", "30 d to 11 Mar Europe/Berlin"."""
    end = clock(window.end, window.zone) if window.length <= 2 * DAY else day(window.end - 1, window.zone)
    return f"{window_words(window)} to {end} {window.zone}"


def against(window: Window) -> str:
    """What the arrows compare with."""
    return f"▲▼ against the {window_words(window)} before"


def unmonitored(gaps: Sequence[Gap], zone: str) -> str:
    """Where monitoring was off, in words; "" where nowhere."""
    if not gaps:
        return ""

    if len(gaps) > 1:
        return f"not monitored {len(gaps)} times"

    gap = gaps[0]
    if gap.end - gap.start >= DAY:
        return f"not monitored {day(gap.start, zone)} to {day(gap.end, zone)}"

    return f"not monitored {clock(gap.start, zone)} to {clock(gap.end, zone)}"


def graded(text: str, band: Band) -> str:
    """A figure in bold with its band as word and emoji."""
    return f"**{text}** {BAND[band]}".rstrip()


def lines(*parts: str) -> str:
    """The parts that hold something, one a line."""
    return "\n".join(part for part in parts if part)


def dots(*parts: str) -> str:
    """The parts that hold something, between dots."""
    return " · ".join(part for part in parts if part)


def quantile(value: float | None, n: int) -> str:
    """A time, or "too few" where answers exist but not enough for this quantile, or "n/a" without any."""
    if value is not None:
        return seconds(value)

    return FEW if n else NONE


def name_key(name: str) -> str:
    """A name as a value of menus and ids: at most 20 characters, the same for the same name."""
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def named_by(key: str, names: Iterable[str]) -> str | None:
    """The name that this key or text stands for, in any case; None where there is none."""
    typed = _folded(key)
    return next((name for name in names if name_key(name) == key or _folded(name) == typed), None)


def _folded(name: str) -> str:
    """A name as it is compared: composed, in one case, as long as names are kept."""
    return unicodedata.normalize("NFC", name.strip())[:LONGEST_NAME].casefold()


def within_limits(embed: discord.Embed) -> discord.Embed:
    """The embed, cut with a mark where Discord would refuse it; empty fields are left out."""
    if embed.title:
        embed.title = cut(embed.title, TITLE)

    if embed.description:
        embed.description = cut(embed.description, DESCRIPTION)

    if embed.footer.text:
        embed.set_footer(text=cut(embed.footer.text, FOOTER))

    fields = [field for field in embed.fields if field.name and field.value][:FIELDS]
    embed.clear_fields()
    for field in fields:
        embed.add_field(name=cut(field.name or "", NAME), value=cut(field.value or "", VALUE), inline=field.inline)

    while len(embed) > TOTAL and embed.fields:
        embed.remove_field(len(embed.fields) - 1)

    if len(embed) > TOTAL and embed.description:
        embed.description = cut(embed.description, len(embed.description) - (len(embed) - TOTAL))

    return embed
