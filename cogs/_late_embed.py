"""What opened and closed while Discord could not be reached, in one message (F6)."""

from __future__ import annotations

from collections.abc import Mapping

import discord

from monitoring.phrasing import duration
from monitoring.safe_text import safe_text

from ._embeds import embed
from ._format import lines, stamp

MOST = 25


def late_embed(body: Mapping[str, object]) -> discord.Embed:
    """The outage's message from the body of a `late` notice (its fields: `alerting.notices`)."""
    start, end = _at(body.get("from")), _at(body.get("until"))
    over, still = _lines(body)
    missing = f"\nand {body['more']} more" if body.get("more") else ""
    if body.get("reason"):
        return embed(
            f"🌙 {safe_text(str(body['reason']), 40).capitalize()} are over",
            "This came and went meanwhile; what is still open has a message of its own.",
            state="unknown",
            fields=_fields("Opened and over meanwhile", over, missing),
            at=end,
        )

    lost = f" for {duration((end - start) / 1000)}" if start is not None and end is not None else ""
    between = (
        f"Nothing could be posted from {stamp(start)} to {stamp(end)}. "
        if start is not None and end is not None
        else "Nothing could be posted for a while. "
    )
    return embed(
        f"🔌 Back after {lost.removeprefix(' for ')} without Discord" if lost else "🔌 Back with Discord",
        f"{between}Recording went on; nothing is lost.",
        state="unknown",
        fields=[
            *_fields("Opened and over meanwhile", over, missing),
            *_fields("Still open", still, ""),
        ],
        at=end,
    )


def _lines(body: Mapping[str, object]) -> tuple[list[str], list[str]]:
    over: list[str] = []
    still: list[str] = []
    rows = body.get("lines")
    for row in rows[:MOST] if isinstance(rows, (list, tuple)) else ():
        since, until = _at(row.get("since")), _at(row.get("until"))
        text = safe_text(str(row.get("text", "")), 90)
        if until is None:
            still.append(f"🔶 {text}{f', since {stamp(since)}' if since is not None else ''}")
        else:
            span = f", {stamp(since)} to {stamp(until)}" if since is not None else ""
            over.append(f"🟢 {text}{span}")

    return over, still


def _fields(name: str, rows: list[str], more: str) -> list[tuple[str, str]]:
    """As many fields as the rows need: one holds 1,024 characters."""
    fields: list[tuple[str, str]] = []
    value = ""
    for row in rows:
        if len(value) + len(row) > 950:
            fields.append((name if not fields else "…", value))
            value = ""

        value = lines(value, row)

    if value:
        fields.append((name if not fields else "…", value + more))

    return fields


def _at(value: object) -> int | None:
    return int(value) if isinstance(value, (int, float)) else None


def late_numbers(body: Mapping[str, object]) -> list[int]:
    """The incidents that a late notice tells of."""
    found = body.get("lines")
    numbers = [line.get("number") for line in found if isinstance(line, dict)] if isinstance(found, list) else []
    return [number for number in numbers if isinstance(number, int)]
