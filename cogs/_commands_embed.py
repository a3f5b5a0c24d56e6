"""`/stats commands` as an embed: what is used, what fails, what nobody uses."""

from __future__ import annotations

import discord

from monitoring.analysis.commands import CommandRow, Commands
from monitoring.charts.commands import called, called_by
from monitoring.phrasing import NB, count, more, points, seconds, share

from ._embeds import embed, no_data_embed
from ._format import against, code, dots, lines, span, table, unmonitored

MOST_UNUSED = 12
ENOUGH, OFTEN = 20, 0.05
"""Uses from which a share of failures is judged, and the share from which it is too high."""
KINDS = {
    "slash": "slash",
    "prefix": "prefix",
    "context_menu": "context menus",
    "component": "buttons and menus",
    "modal": "forms",
}


def commands_embed(value: Commands) -> discord.Embed:
    """Uses, failures and speed by command; by kind; never used."""
    if not value.rows and not value.unused:
        return no_data_embed(value.window, value.first_at)

    return embed(
        _title(value),
        lines(_used(value), _failed(value)),
        fields=[
            ("Uses, failed, time, command", _table(value.rows)),
            ("By kind", dots(*(f"{KINDS.get(kind, kind)} **{count(n)}**" for kind, n in value.kinds))),
            (f"Never used in this window: {count(len(value.unused))}", _unused(value)),
        ],
        footer=dots(
            span(value.window),
            f"n {count(value.used.n)}",
            unmonitored(value.gaps, value.window.zone) or against(value.window),
        ),
    )


def _title(value: Commands) -> str:
    failing = [row for row in value.rows if row.timing.n >= ENOUGH and (row.timing.rate or 0) > OFTEN]
    if failing:
        return f"{count(len(failing))} command{'s fail' if len(failing) > 1 else ' fails'} too often"

    if not value.rows:
        return "No command was used in this window"

    if value.unused:
        idle = len(value.unused)
        return f"Commands work; {count(idle)} {'are' if idle > 1 else 'is'} never used"

    return "Every command is used, and all of them work"


def _used(value: Commands) -> str:
    change = more(value.used.value, value.used.before)
    return dots(f"**{count(value.used.value)}** uses", change) if value.rows else ""


def _failed(value: Commands) -> str:
    if not value.rows:
        return ""

    rate = value.failures
    return dots(f"**{share(rate.value)}** failed", points(rate.value, rate.before))


def _table(rows: tuple[CommandRow, ...]) -> str:
    if len(rows) < 3:
        return lines(
            *(
                dots(f"{code(called(row))} **{count(row.timing.n)}**", f"failed {share(row.timing.rate)}", _time(row))
                for row in rows
            )
        )

    return table([(count(row.timing.n), _percent(row), _time(row), called(row)) for row in rows])


def _time(row: CommandRow) -> str:
    timing = row.timing
    return seconds(timing.p95 if timing.p95 is not None else timing.mean)


def _percent(row: CommandRow) -> str:
    return f"{(row.timing.rate or 0) * 100:.0f}{NB}%"


def _unused(value: Commands) -> str:
    shown = [code(called_by(kind, name)) for kind, name in value.unused[:MOST_UNUSED]]
    more_of_them = len(value.unused) - len(shown)
    return dots(*shown, f"and {count(more_of_them)} more" if more_of_them else "")
