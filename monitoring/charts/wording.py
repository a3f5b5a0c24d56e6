"""The words that titles, subtitles and alt texts share. Pure; no matplotlib."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from monitoring import phrasing
from monitoring.analysis.figure import Gap
from monitoring.model import DAY, Instant
from monitoring.phrasing import NB
from monitoring.safe_text import plain_text
from monitoring.window import SPANS, Window, next_step, step_start

ALT_LIMIT = 1024
_UNITS = {"h": "hours", "d": "days"}


def name(text: str, limit: int = 32) -> str:
    """A name made inert, for titles and alt texts."""
    return plain_text(text, limit)


def title_name(text: str, columns: int = 20) -> str:
    """A name cut to what a title has room for, wide characters counted twice."""
    kept, used = "", 0
    text = name(text)
    for character in text:
        used += 2 if unicodedata.east_asian_width(character) in "WF" or character in "WM@" else 1
        if used > columns:
            return kept.rstrip() + "…"

        kept += character

    return text


def length(window: Window) -> str:
    """The length of a window: "24 h", "30 d"."""
    if window.name in SPANS:
        return f"{window.name[:-1]}{NB}{window.name[-1]}"

    return phrasing.duration(window.length / 1000)


def whole_day(window: Window) -> bool:
    """Whether the window is one local day from midnight to midnight."""
    start = step_start(window.start, DAY, window.zone)
    return start == window.start and next_step(start, DAY, window.zone) == window.end


def span(window: Window) -> str:
    """The window in a subtitle: "24 h to 18:00 CET", "30 d to 11 Mar, CET", "Wed 11 Mar, CET"."""
    zone = phrasing.zone_name(window.end, window.zone)
    if whole_day(window):
        return f"{phrasing.weekday(window.start, window.zone)}, {zone}"

    if window.length <= 2 * DAY:
        return f"{length(window)} to {phrasing.clock(window.end, window.zone)} {zone}"

    return f"{length(window)} to {phrasing.day(window.end - 1, window.zone)}, {zone}"


def these(window: Window) -> str:
    """The window within a sentence: "these 24 h", "this day"."""
    return "this day" if whole_day(window) else f"these {length(window)}"


def period(window: Window) -> str:
    """The window in an alt text: "13:10 to 14:12 Europe/Berlin" with dates where it is longer than a day."""
    if whole_day(window):
        return f"{phrasing.weekday(window.start, window.zone)}, {window.zone}"

    if window.length > 2 * DAY:
        first, last = phrasing.day(window.start, window.zone), phrasing.day(window.end - 1, window.zone)
        return f"the last {spelled(window)}, {first} to {last}, {window.zone}"

    first, last = phrasing.clock(window.start, window.zone), phrasing.clock(window.end, window.zone)
    return f"the last {spelled(window)}, {first} to {last} {window.zone}"


def spelled(window: Window) -> str:
    """The length of a window in full: "24 hours", "30 days"."""
    if window.name not in SPANS:
        return phrasing.duration(window.length / 1000)

    number = window.name[:-1]
    return "hour" if window.name == "1h" else f"{number} {_UNITS[window.name[-1]]}"


def moment(at: Instant, window: Window) -> str:
    """A moment of the window: the time of day within two days, else the date."""
    clock = phrasing.clock(at, window.zone)
    return clock if window.length <= 2 * DAY else phrasing.day(at, window.zone)


def n(count: float) -> str:
    """The size of a sample: "n 9,860"."""
    return f"n{NB}{phrasing.count(count)}"


def partial(dropped: bool) -> str:
    """What a picture says of quantiles where facts were dropped."""
    return "partial" if dropped else ""


def told_partial(dropped: bool) -> str:
    """The same as a sentence for an alt text."""
    return "Percentiles are partial: some facts were dropped." if dropped else ""


def grey(gaps: Sequence[Gap]) -> str:
    """What grey means, where there is any."""
    return "grey: not monitored" if gaps else ""


def unmonitored(gaps: Sequence[Gap], zone: str) -> str:
    """The gaps as a sentence for an alt text, "" for none."""
    if not gaps:
        return ""

    if len(gaps) > 3:
        total = sum(gap.end - gap.start for gap in gaps)
        return f"Not monitored: {len(gaps)} times, {phrasing.duration(total / 1000)} together."

    return f"Not monitored: {', '.join(_gap(gap, zone) for gap in gaps)}."


def _gap(gap: Gap, zone: str) -> str:
    first, last = phrasing.clock(gap.start, zone), phrasing.clock(gap.end, zone)
    if gap.end - gap.start < DAY:
        return f"{phrasing.day(gap.start, zone)} {first} to {last}"

    return f"{phrasing.day(gap.start, zone)} {first} to {phrasing.day(gap.end, zone)} {last}"


def listed(items: Sequence[str]) -> str:
    """Items in a sentence: "a", "a and b", "a, b and c"."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


def plural(count: int, one: str, many: str = "") -> str:
    """A count with its word: "1 pair", "3 pairs"."""
    return f"{phrasing.count(count)} {one if count == 1 else many or one + 's'}"


def alt_text(*sentences: str) -> str:
    """Sentences as one alt text within Discord's limit; empty ones are left out."""
    text = " ".join(sentence for sentence in sentences if sentence)
    return text if len(text) <= ALT_LIMIT else text[: ALT_LIMIT - 1].rstrip() + "…"
