"""A digest in plain words, for places without embeds: e-mail, a terminal, a webhook."""

from __future__ import annotations

import re
from collections.abc import Sequence

from monitoring.analysis.figure import Figure
from monitoring.analysis.overview import Overview
from monitoring.digest.day import Digest
from monitoring.digest.incidents import DayIncidents
from monitoring.digest.week import Week
from monitoring.phrasing import count, duration, money, more, points, seconds, share, slower
from monitoring.safe_text import plain_text

MOST_TOLD = 5
_ESCAPED = re.compile(r"\\([\\*_~`|>\[\]()#])")
_MARKS = re.compile(r"(?<!\\)(\*\*|`)")
_LINK = re.compile(r"(?<!\\)\[([^\]]+)\]\([^)]*\)")


def digest_text(value: Digest | Week) -> str:
    """The whole digest as lines of plain text: title, what changed, figures, incidents, what is worth doing."""
    late = " (sent late)" if value.late else ""
    if isinstance(value, Digest) and value.quiet:
        return f"{value.title}{late}\n{without_marks(value.line)}"

    parts = [
        value.title + late,
        *(without_marks(words) for words in _first(value)),
        "",
        f"Against {value.against}:",
        *figure_lines(value.shown),
        *_section("Personas", _personas(value.overview)),
        *_section("Incidents", _incidents(value.incidents)),
    ]
    if isinstance(value, Week):
        parts += _section("Alerts", _alerts(value))
        parts += _section("Less noise", [without_marks(words) for words in value.noise])

    parts += _section("Worth doing", [without_marks(words) for words in value.worth_doing])
    return "\n".join(parts)


def without_marks(text: str) -> str:
    """Words made for Discord, as plain ones: without bold, code, links, and the signs that make names inert."""
    text = _MARKS.sub("", _LINK.sub(r"\1", text)).replace("\u2060", "")
    return _ESCAPED.sub(r"\1", text)


def _first(value: Digest | Week) -> Sequence[str]:
    if isinstance(value, Week):
        return (value.line, *value.changes)

    return value.changes or (value.line,)


def figure_lines(value: Overview) -> list[str]:
    """The figures, a line each; what is not known is left out."""
    timed = ("P95 response", value.p95) if value.p95.value is not None else ("Mean response", value.mean)
    rows: list[tuple[str, Figure, str, str]] = [
        ("Messages", value.messages, count(value.messages.value), more(value.messages.value, value.messages.before)),
        ("Users", value.users, count(value.users.value), more(value.users.value, value.users.before)),
        (timed[0], timed[1], seconds(timed[1].value), slower(timed[1].value, timed[1].before)),
        ("Errors", value.errors, share(value.errors.value), points(value.errors.value, value.errors.before)),
        ("Banter", value.exchanges, count(value.exchanges.value), more(value.exchanges.value, value.exchanges.before)),
        ("Tokens", value.tokens, count(value.tokens.value), more(value.tokens.value, value.tokens.before)),
        ("Spend", value.cost, money(value.cost.value), more(value.cost.value, value.cost.before)),
    ]
    known = [(name, text, change) for name, figure, text, change in rows if figure.value is not None]
    return [f"  {name} {text}{f', {change}' if change else ''}" for name, text, change in known]


def _section(title: str, rows: Sequence[str]) -> list[str]:
    return ["", f"{title}:", *(f"  {row}" for row in rows)] if rows else []


def _personas(value: Overview) -> list[str]:
    return [f"{plain_text(one.name)} {share(one.share)}" for one in value.personas[:MOST_TOLD]]


def _incidents(value: DayIncidents) -> list[str]:
    rows = [
        f"{one.number} {plain_text(one.title, 80)}, "
        + (duration(one.lasted) if one.lasted is not None else "still open")
        + (f", {one.peak}" if one.peak else "")
        for one in value.told[:MOST_TOLD]
    ]
    rest = len(value.told) - len(rows)
    return [*rows, f"and {rest} more"] if rest > 0 else rows


def _alerts(value: Week) -> list[str]:
    """Rules that fired: how often, how soon somebody had it and it was over, how much was noise."""
    return [
        f"{plain_text(row.rule)}: fired {row.fired}, acknowledged {row.acknowledged}"
        + (f" after {duration(row.to_acknowledge)}" if row.to_acknowledge is not None else "")
        + (f", over after {duration(row.to_recover)}" if row.to_recover is not None else "")
        + (f", flapped {row.flapped}" if row.flapped else "")
        + f", noise {share(row.noise)}"
        for row in value.rules
    ]
