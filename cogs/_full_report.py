"""`/report full`: every chart in one PDF, and what its pages found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import discord

from monitoring.analysis.channels import Channels
from monitoring.errors import ChartError
from monitoring.monitor import Monitor
from monitoring.questions.full_report import FullReport, full_report, pdf
from monitoring.safe_text import plain_text, safe_text
from monitoring.window import Window

from ._answer import Reply, drawn, log
from ._audience_pages import channel_names
from ._embeds import embed
from ._format import dots, lines, span
from ._permissions import scope_of, sees_host

MOST_FINDINGS = 10
FULL_WITHIN = 180.0
"""Seconds for all questions and all pages; Discord takes the answer for fifteen minutes."""
TOO_LARGE = "The PDF is larger than this server takes; `monitoring report` in a terminal writes it."


async def full(
    monitor: Monitor, interaction: discord.Interaction[Any], window: str, over: Window | None = None
) -> Reply:
    """The report as a file, with its first findings beside it; `over`: a window that has no name of its own."""
    scope, host = scope_of(interaction, monitor), sees_host(interaction, monitor)
    guild = interaction.guild.name if interaction.guild is not None else "This server"
    of = "Whole bot" if scope.guild_id is None else plain_text(guild, 60)

    def named(value: Channels) -> Channels:
        return value.named(channel_names(interaction, value, everything=scope.guild_id is None))

    report = await full_report(monitor, over or monitor.window(window), scope, of=of, host=host, named=named)
    picture = await drawn(monitor, *report.pages[1])
    try:
        content = await pdf(report, monitor.settings.chart_theme)
    except ChartError as error:
        log.warning("The full report could not be drawn: %s", error)
        return Reply(_embed(report, "The PDF could not be drawn; the log says why."), picture)

    if len(content) > interaction.filesize_limit:
        return Reply(_embed(report, TOO_LARGE), picture)

    date = datetime.fromtimestamp(report.made_at / 1000, report.window.info).strftime("%Y-%m-%d")
    return Reply(_embed(report, ""), picture, document=(f"report-{window}-{date}.pdf", content))


def _embed(report: FullReport, trouble: str) -> discord.Embed:
    found = [f"{one.page}. {safe_text(one.words, 100)}" for one in report.findings[:MOST_FINDINGS]]
    return embed(
        plain_text(report.findings[0].words, 56),
        lines(trouble, *found),
        footer=dots(span(report.window), f"{len(report.pages)} pages", report.of),
    )
