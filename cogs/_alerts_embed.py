"""`/alerts active` as an embed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import discord

from monitoring.alerting.judge import value_words
from monitoring.alerting.silences import Silence
from monitoring.incident import Incident, Stage
from monitoring.model import Instant, Severity
from monitoring.safe_text import safe_text

from ._embeds import EMOJI, OF_SEVERITY, embed
from ._format import bold, dots, lines, since, stamp

MOST = 10


def active_embed(
    incidents: Sequence[Incident], links: Mapping[int, str], now: Instant, silences: Sequence[Silence] = ()
) -> discord.Embed:
    """Open incidents, critical ones first, quiet ones with why; `links` are the addresses of their messages."""
    found = [one for one in incidents if one.stage in (Stage.OPEN, Stage.RECOVERING)]
    found.sort(key=lambda one: (one.severity is not Severity.CRITICAL, one.since))
    told = [one for one in found if not _is_quiet(one)]
    quiet = [one for one in found if _is_quiet(one)]
    fields = [("Quiet", _rows(quiet, links, now)), ("Silences", _silences(silences, now))]
    if not told:
        words = f"{len(found)} broken, all quiet; see why below." if quiet else "No incident needs anybody."
        return embed("🟢 Nothing is open" if not quiet else "🔕 Nothing that is told is open", words, fields=fields,
            state="unknown" if quiet else "good", at=now)  # fmt: skip

    n = len(told)
    return embed(
        f"{EMOJI[OF_SEVERITY[told[0].severity]]} {n} incident{'s are' if n > 1 else ' is'} open",
        _rows(told, links, now),
        state=OF_SEVERITY[told[0].severity],
        fields=fields,
        at=now,
    )


def silence_line(silence: Silence, now: Instant) -> str:
    """What it keeps quiet, until when, who made it and why."""
    until = silence.until(now) if silence.recurring is None or silence.active(now) else None
    end = f"until {stamp(until, 'f')}" if until is not None else "" if silence.recurring else "until it is ended"
    return dots(
        f"🔕 {about(silence)}",
        times(silence),
        end,
        bold(silence.by, 24) if silence.by else "",
        safe_text(silence.reason, 80) if silence.reason else "",
    )


def about(silence: Silence) -> str:
    """What a silence is about."""
    return ", ".join(f"{label} {bold(value, 40)}" for label, value in silence.matchers) or "everything"


def times(silence: Silence) -> str:
    """When a maintenance window is: "Mon, Wed 02:00 to 04:00"; "" for a plain silence."""
    again = silence.recurring
    if again is None:
        return ""

    named = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    days = ", ".join(named[day] for day in sorted(again.days)) if again.days else "every day"
    return f"{days} {again.start} to {again.end} {again.zone}"


def emoji_of(incident: Incident, now: Instant) -> str:
    """The sign of its state."""
    if incident.stage is Stage.RESOLVED:
        return "🟢"

    if _is_quiet(incident) or (incident.silenced_until is not None and incident.silenced_until > now):
        return "🔕"

    if incident.flapping_since is not None:
        return "🔁"

    if incident.stage is Stage.RECOVERING:
        return "⏳"

    return "👤" if incident.acknowledged_by else EMOJI[OF_SEVERITY[incident.severity]]


def _is_quiet(incident: Incident) -> bool:
    return bool(incident.muted)


def _silences(silences: Sequence[Silence], now: Instant) -> str:
    shown = [silence_line(one, now) for one in silences[:5]]
    return lines(*shown, f"and {len(silences) - 5} more" if len(silences) > 5 else "")


def _rows(incidents: Sequence[Incident], links: Mapping[int, str], now: Instant) -> str:
    most = MOST if incidents and not _is_quiet(incidents[0]) else 4
    rows = [_row(one, links.get(one.number, ""), now) for one in incidents[:most]]
    return lines(*rows, f"and {len(incidents) - most} more" if len(incidents) > most else "")


def _row(incident: Incident, link: str, now: Instant) -> str:
    number = f"[incident {incident.number}]({link})" if link else f"incident {incident.number}"
    holder = f"{bold(incident.acknowledged_by, 24)} has it" if incident.acknowledged_by else ""
    until = f" until {stamp(incident.muted_until)}" if incident.muted_until is not None else ""
    value = value_words(incident.value, incident.unit)
    return dots(
        f"{emoji_of(incident, now)} {bold(incident.title or incident.rule, 48)} {value}".rstrip(),
        f"since {since(incident.since)}",
        f"{safe_text(incident.muted_why, 80)}{until}" if incident.muted else "",
        "no data" if incident.no_data_since is not None else "",
        holder,
        number,
    )
