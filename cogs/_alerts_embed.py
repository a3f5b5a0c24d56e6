"""`/alerts active` as an embed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import discord

from monitoring.alerting.judge import value_words
from monitoring.incident import Incident, Stage
from monitoring.model import Instant, Severity

from ._embeds import EMOJI, OF_SEVERITY, embed
from ._format import bold, dots, lines, since

MOST = 10


def active_embed(incidents: Sequence[Incident], links: Mapping[int, str], now: Instant) -> discord.Embed:
    """Open incidents, critical ones first; `links` are the addresses of their messages by number."""
    told = [one for one in incidents if one.stage in (Stage.OPEN, Stage.RECOVERING)]
    told.sort(key=lambda one: (one.severity is not Severity.CRITICAL, one.since))
    if not told:
        return embed("🟢 Nothing is open", "No incident needs anybody.", state="good", at=now)

    rows = [_row(one, links.get(one.number, ""), now) for one in told[:MOST]]
    if len(told) > MOST:
        rows.append(f"and {len(told) - MOST} more")

    return embed(
        f"{EMOJI[OF_SEVERITY[told[0].severity]]} {len(told)} incident{'s are' if len(told) > 1 else ' is'} open",
        lines(*rows),
        state=OF_SEVERITY[told[0].severity],
        at=now,
    )


def _row(incident: Incident, link: str, now: Instant) -> str:
    if incident.silenced_until is not None and incident.silenced_until > now:
        emoji = "🔕"
    elif incident.stage is Stage.RECOVERING:
        emoji = "⏳"
    else:
        emoji = "👤" if incident.acknowledged_by else EMOJI[OF_SEVERITY[incident.severity]]

    number = f"[incident {incident.number}]({link})" if link else f"incident {incident.number}"
    holder = f"{bold(incident.acknowledged_by, 24)} has it" if incident.acknowledged_by else ""
    value = value_words(incident.value, incident.unit)
    return dots(
        f"{emoji} {bold(incident.title or incident.rule, 48)} {value}".rstrip(),
        f"since {since(incident.since)}",
        holder,
        number,
    )
