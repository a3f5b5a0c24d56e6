"""The digest of a week: held against the week before, and whether its alerts were worth their noise."""

from __future__ import annotations

import discord

from monitoring.digest.hygiene import RuleHygiene
from monitoring.digest.week import Week
from monitoring.phrasing import seconds, share, slower, weekday
from monitoring.safe_text import plain_text

from ._digest_embed import Link, amounts, health, incidents, nowhere, people
from ._embeds import Field, embed
from ._format import code, cut, dots, graded, lines, quantile, table

NOTHING = "–"
MOST_RULES, MOST_NAMED = 8, 3


def weekly_embed(week: Week, *, late: bool = False, link: Link = nowhere) -> discord.Embed:
    """The whole message. Words of the digest are already safe; it has no stripe, since a week is no state."""
    return embed(
        plain_text(week.title, 120),
        lines(week.line, *week.changes),
        inline=_figures(week),
        fields=[
            ("Health", health(week.overview, timed=False)),
            ("Alerts fired, with median minutes", _alerts(week.rules)),
            ("Less noise", cut(lines(*week.noise), 1000)),
            ("Users", _users(week)),
            *people(week),
            ("Still open", incidents(week.incidents, link) if week.incidents.open else ""),
            ("Worth doing", cut(lines(*week.worth_doing), 1000)),
        ],
        footer=dots(_days(week), f"▲▼ against {week.against}", "sent late" if late or week.late else ""),
    )


def _figures(week: Week) -> list[Field]:
    """Speed, messages, and what it cost."""
    timed, name = week.overview.p95, "P95 response"
    if timed.value is None and week.overview.mean.value is not None:
        timed, name = week.overview.mean, "Mean response"

    messages, _, spend = amounts(week)
    value = graded(quantile(timed.value, timed.n), timed.band)
    return [(name, lines(value, slower(timed.value, timed.before))), messages, spend]


def _users(week: Week) -> str:
    return amounts(week)[1][1].replace("\n", " · ")


def _alerts(rules: tuple[RuleHygiene, ...]) -> str:
    """A table of what fired; the median times are whole minutes, below one in seconds."""
    rows = [
        (str(row.fired), str(row.acknowledged), _minutes(row.to_acknowledge), _minutes(row.to_recover), row.rule)
        for row in rules[:MOST_RULES]
    ]
    if not rows:
        return ""

    noise = [f"{code(row.rule)} {share(row.noise)}" for row in rules if row.noise][:MOST_NAMED]
    flaps = [f"{code(row.rule)} {row.flapped}" for row in rules if row.flapped][:MOST_NAMED]
    return lines(
        table(rows, ("n", "ack", "wait", "over", "rule")),
        f"Over before anybody acted: {', '.join(noise)}" if noise else "",
        f"Flapped: {', '.join(flaps)}" if flaps else "",
    )


def _minutes(value: float | None) -> str:
    if value is None:
        return NOTHING

    return seconds(value) if value < 30 else f"{value / 60:.0f}"


def _days(week: Week) -> str:
    zone = week.zone
    return f"{weekday(week.window.start, zone)} to {weekday(week.window.end - 1, zone)}, {zone}"
