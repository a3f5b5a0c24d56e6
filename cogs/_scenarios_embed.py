"""`/stats scenarios` as an embed: which scripted activities are begun, and which are finished."""

from __future__ import annotations

import discord

from monitoring.analysis.figure import Figure
from monitoring.analysis.scenarios import ScenarioRow, Scenarios
from monitoring.phrasing import count, duration, more, points, share

from ._embeds import embed
from ._format import against, bold, dots, lines, span, table, title_name, unmonitored


def scenarios_embed(value: Scenarios) -> discord.Embed:
    """Starts, completion and length, and each scenario."""
    if not value.rows:
        return embed(
            "No scenario in this window",
            "Scenarios are told by the bot's own code; `docs/instrument.md` says how.",
            footer=span(value.window),
        )

    completion = value.completion
    return embed(
        _title(value),
        _abandoned(value),
        inline=[
            ("Begun", lines(f"**{count(value.starts.value)}**", more(value.starts.value, value.starts.before))),
            ("Completed", lines(f"**{share(completion.value)}**", _moved(completion))),
            ("Mean length", f"**{duration(value.length.value)}**\nof those completed"),
        ],
        fields=[("Begun, completed, scenario", _table(value.rows))],
        footer=dots(
            span(value.window),
            f"n {count(completion.n)}",
            unmonitored(value.gaps, value.window.zone) or against(value.window),
        ),
    )


def _title(value: Scenarios) -> str:
    return f"{title_name(value.rows[0].name, 32)} is begun most"


def _abandoned(value: Scenarios) -> str:
    return f"{count(value.abandoned)} given up." if value.abandoned else "None was given up."


def _table(rows: tuple[ScenarioRow, ...]) -> str:
    if len(rows) < 3:
        return lines(
            *(dots(f"{bold(row.name)} **{count(row.starts)}**", f"completed {share(row.completion)}") for row in rows)
        )

    return table([(count(row.starts), share(row.completion), row.name) for row in rows])


def _moved(completion: Figure) -> str:
    return points(completion.value, completion.before, up="more", down="fewer")
