"""An incident's one message: what, since when, value against limit, likely cause, what to do."""

from __future__ import annotations

import discord

from monitoring.alerting.rules import STATE
from monitoring.analysis.incident_card import Card
from monitoring.phrasing import NB, count, duration, in_unit
from monitoring.safe_text import safe_text

from ._embeds import OF_SEVERITY, embed
from ._format import bold, cut, dots, lines, since, stamp, title_name

WORDS = {
    "open": "🔶 Open",
    "critical": "🟥 Open, critical",
    "acknowledged": "👤 Acknowledged",
    "silenced": "🔕 Silenced",
    "recovering": "⏳ Recovering",
    "resolved": "🟢 Resolved",
    "flapping": "🔁 Flapping",
}
STRIPES = {
    "critical": "critical",
    "acknowledged": "acknowledged",
    "silenced": "unknown",
    "resolved": "good",
    "flapping": "warning",
}


def incident_embed(card: Card) -> discord.Embed:
    """The message of an incident as it stands."""
    face = card.face if card.face in WORDS else "open"
    resolved = face == "resolved"
    return embed(
        f"{WORDS[face]}: {_ended(card) if resolved else subject(card) + _value(card)}",
        _FIRST.get(face, _broken)(card),
        state=STRIPES.get(face, OF_SEVERITY[card.incident.severity]),
        fields=[
            ("Cause" if resolved else "Likely cause", cut(card.cause, 1000)),
            ("So that it stays away" if resolved else "What to do", _advice(card)),
        ],
        footer=_footer(card),
        at=card.at,
    )


def subject(card: Card) -> str:
    """What it is about, as it stands in a title: the rule's figure, and of whom."""
    return title_name(card.incident.title or card.rule.title or card.rule.name, 80)


def value_words(card: Card) -> str:
    """The value in the rule's unit; "" where the rule has none to show."""
    value = card.incident.value
    return in_unit(value, card.rule.unit) if value is not None and _measured(card) else ""


def ping_text(card: Card) -> str:
    """Six words for a lock screen."""
    value = value_words(card)
    return f"{subject(card)} is critical{f': {value}' if value else ''}."


def recovery_text(card: Card) -> str:
    """The brief reply when it is over."""
    incident = card.incident
    lasted = duration(((incident.resolved_at or card.at) - incident.since) / 1000)
    if incident.reason:
        return f"🟢 **Resolved after {lasted}.** {safe_text(incident.reason, 200)}"

    value = value_words(card)
    words = f"{subject(card)} is back to {value}" if value else _ended(card)
    return f"🟢 **Resolved after {lasted}.** {words}."


def silence_choice_embed(number: int) -> discord.Embed:
    """The question for how long."""
    return embed(
        f"Silence incident {number} for how long?",
        "Notices stop, recording goes on. If it is still broken at the end, you hear it once.",
    )


def _measured(card: Card) -> bool:
    """Whether the rule has figures to show, not only well or unwell."""
    return card.limit is not None and card.rule.unit != STATE


def _value(card: Card) -> str:
    value = value_words(card)
    return f" {value}" if value else ""


def _ended(card: Card) -> str:
    """How it ended, for a title: the value it came back to, or that the service is well again."""
    value = value_words(card)
    if value:
        return f"{subject(card)} back to {value}"

    if card.incident.reason:
        return subject(card)

    return f"{title_name(card.incident.group or 'the service', 60)} is well again"


def _limits(card: Card) -> str:
    """What the value is measured by: while open the limit that counts now, later both."""
    if not _measured(card):
        return ""

    unit, critical = card.rule.unit, card.rule.critical_above
    parts = [f"Limit {in_unit(card.limit, unit)}"]
    if critical is not None and card.face == "critical":
        parts = [f"Critical limit {in_unit(critical, unit)}"]
    elif critical is not None and card.face != "open":
        parts.append(f"critical {in_unit(critical, unit)}")

    usual = _usual(card)
    return f"{', '.join([*parts, f'usual {usual}'] if usual else parts)}."


def _usual(card: Card) -> str:
    if card.incident.usual is not None:
        return in_unit(card.incident.usual, card.rule.unit)

    if card.usual is None:
        return ""

    low, high = (in_unit(value, card.rule.unit) for value in card.usual)
    return low if low == high else f"{low} to {high}"


def _broken(card: Card) -> str:
    nobody = "Nobody has acknowledged yet." if card.face == "critical" else ""
    second = " ".join(part for part in (card.detail, nobody) if part)
    later = card.incident.critical_since if card.face == "critical" else None
    critical = f"; critical since {stamp(later)}" if later is not None else ""
    return lines(f"{_limits(card)} Since {since(card.incident.since)}{critical}.".strip(), second)


def _acknowledged(card: Card) -> str:
    return lines(
        f"{_holder(card)} No more pings for this.", f"{_limits(card)} Since {since(card.incident.since)}.".strip()
    )


def _silenced(card: Card) -> str:
    incident = card.incident
    by = f"By {bold(incident.silenced_by)} until" if incident.silenced_by else "Until"
    until = since(incident.silenced_until) if incident.silenced_until is not None else "further notice"
    return lines(
        f"{by} {until}. Recording goes on; if it is still broken then, you hear it once.",
        f"{_limits(card)} Since {stamp(incident.since)}.".strip(),
    )


def _recovering(card: Card) -> str:
    rule, incident = card.rule, card.incident
    recovery = rule.recovery if rule.recovery is not None else card.limit
    side = "Above" if rule.below is not None else "Below"
    within = f"{side} {in_unit(recovery, rule.unit)}" if recovery is not None and _measured(card) else "Well again"
    began = f" since {stamp(incident.clear_since)}" if incident.clear_since is not None else ""
    then = f" Resolves {stamp(card.resolves_at, 'R')} if it stays there." if card.resolves_at is not None else ""
    return lines(f"{within}{began}.{then}", _holder(card))


def _resolved(card: Card) -> str:
    incident, unit = card.incident, card.rule.unit
    end = incident.resolved_at or card.at
    lasted = f"Lasted **{duration((end - incident.since) / 1000)}**, {stamp(incident.since)} to {stamp(end)}."
    peak = ""
    if incident.peak is not None and _measured(card):
        word = "Lowest" if card.rule.below is not None else "Highest"
        when = f" at {stamp(incident.peak_at)}" if incident.peak_at is not None else ""
        peak = f" {word} {in_unit(incident.peak, unit)}{when}."

    return lines(lasted + peak, safe_text(incident.reason, 200) if incident.reason else "")


def _holder(card: Card) -> str:
    incident = card.incident
    if not incident.acknowledged_by:
        return ""

    began = f" since {stamp(incident.acknowledged_at)}" if incident.acknowledged_at is not None else ""
    return f"{bold(incident.acknowledged_by)} has it{began}."


_FIRST = {
    "acknowledged": _acknowledged,
    "silenced": _silenced,
    "recovering": _recovering,
    "resolved": _resolved,
}


def _advice(card: Card) -> str:
    if card.face == "recovering":
        return ""

    link = card.rule.runbook
    runbook = f"[Runbook]({link})" if link.startswith(("http://", "https://")) and len(link) <= 400 else ""
    return " ".join(part for part in (cut(card.rule.advice, 500), runbook.replace(" ", "%20")) if part)


def _footer(card: Card) -> str:
    incident = card.incident
    number = f"Incident {incident.number}"
    if card.face == "resolved":
        if incident.acknowledged_at is None or incident.opened_at is None:
            return dots(number, "nobody had to acknowledge")

        return dots(number, f"acknowledged after {duration((incident.acknowledged_at - incident.opened_at) / 1000)}")

    return dots(number, f"n{NB}{count(card.n)} in {duration(card.rule.window)}" if card.n else "")
