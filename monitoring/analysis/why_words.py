"""The cause of a change as a sentence, for notices, embeds and the terminal."""

from __future__ import annotations

from collections.abc import Mapping

from monitoring.analysis.why_values import AMOUNTS, ERRORS, MORE, Cause, Why
from monitoring.phrasing import NB, count, money, seconds, share
from monitoring.safe_text import code_text, safe_text

CODE = ("component", "model", "service", "kind", "source")
"""Dimensions whose names are shown as code; personas and guilds are names of people's own."""


def amount_text(figure: str, value: float | None) -> str:
    """A value of a figure in its unit: "4.2 s", "2.2 %", "9,860", "$2.63"."""
    if figure == ERRORS:
        return share(value)

    if figure == "cost":
        return money(value)

    return count(value) if figure in AMOUNTS else seconds(value)


def change_text(figure: str, value: float | None) -> str:
    """A difference with its sign: "+2.9 s", "−0.2 s"; of rates in points, "+4.1 points"."""
    if value is None:
        return "n/a"

    sign = "+" if value > 0 else "−" if value < 0 else ""
    if figure == ERRORS:
        return f"{sign}{abs(value) * 100:.1f}{NB}points"

    if figure not in AMOUNTS:
        return f"{sign}{abs(value):.1f}{NB}s" if abs(value) >= 0.095 else f"{sign}{abs(value):.2f}{NB}s"

    return sign + amount_text(figure, abs(value))


def where_text(cause: Cause, guilds: Mapping[str, str] | None = None) -> str:
    """What is named: "`llm_inference` with `llama3.1:8b`", "**Mira** in guild **Tavern**"."""
    names = dict(cause.where)
    words: list[str] = []
    for dimension in (*CODE, "author", "persona", "guild"):
        name = names.get(dimension)
        if name is None:
            continue

        if dimension == "guild":
            words.append(f"{'in ' if words else ''}guild **{safe_text((guilds or {}).get(name, name))}**")
        elif dimension == "model" and words:
            words.append(f"with `{code_text(name)}`")
        elif dimension == "persona":
            words.append(f"{'of ' if words else ''}**{safe_text(name)}**")
        elif dimension in CODE:
            words.append(f"{'in ' if words else ''}`{code_text(name)}`")
        else:
            words.append(f"{safe_text(name)}s")

    return " ".join(words)


def cause_sentence(why: Why, guilds: Mapping[str, str] | None = None) -> str:
    """The named cause in a sentence or two; "" where none is. `guilds`: names by id."""
    cause = why.top
    if cause is None:
        return ""

    who = where_text(cause, guilds)
    part = f"That is {share(min(cause.share, 1.0))} of the change."
    if cause.how == MORE:
        return f"More goes to {who}: **{share(cause.now)}**, before {share(cause.before)}. {part}"

    if why.figure == ERRORS:
        kind = f" with `{code_text(cause.kind)}`" if cause.kind and dict(cause.where).get("kind") != cause.kind else ""
        return f"{who} fails{kind}: **{share(cause.now)}**, before {share(cause.before)}. {part}"

    if why.figure in AMOUNTS:
        now, before = amount_text(why.figure, cause.now), amount_text(why.figure, cause.before)
        return f"{who}: **{now}**, before {before}. {part}"

    return f"{who} takes **{seconds(cause.now)}**, before {seconds(cause.before)}. {part}"
