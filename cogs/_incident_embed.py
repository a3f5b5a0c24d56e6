"""An incident's one message: what, since when, value against limit, likely cause, what to do."""

from __future__ import annotations

import discord

from monitoring.alerting.calmer import calmer
from monitoring.alerting.rule_units import STATE
from monitoring.analysis.incident_card import Card
from monitoring.incident import Stage
from monitoring.model import Severity
from monitoring.phrasing import NB, count, duration, in_unit
from monitoring.safe_text import safe_text

from ._embeds import OF_SEVERITY, Field, embed
from ._format import cut, dots, title_name
from ._incident_lines import FIRST, broken, follow, measured, others

WORDS = {
    "open": "🔶 Open",
    "critical": "🟥 Open, critical",
    "acknowledged": "👤 Acknowledged",
    "silenced": "🔕 Silenced",
    "suppressed": "🔕 Silenced",
    "quiet": "🔕 Silenced",
    "recovering": "⏳ Recovering",
    "resolved": "🟢 Resolved",
    "flapping": "🔁 Flapping",
    "no data": "⚪ Open, no data",
}
STRIPES = {
    "critical": "critical",
    "acknowledged": "acknowledged",
    "silenced": "unknown",
    "suppressed": "unknown",
    "quiet": "unknown",
    "resolved": "good",
    "flapping": "warning",
    "no data": "unknown",
}


def incident_embed(card: Card) -> discord.Embed:
    """The message of an incident as it stands."""
    face = _face(card)
    return embed(
        f"{WORDS[face]}: {_about(card)}",
        FIRST.get(card.face, broken)(card),
        state=STRIPES.get(face, OF_SEVERITY[_severity(card)]),
        fields=_fields(card),
        footer=_footer(card),
        at=card.at,
    )


def subject(card: Card) -> str:
    """What it is about, as it stands in a title: the rule's figure, and of whom; or how many in one message."""
    if card.members:
        return f"{len(card.members)} incidents at once"

    return title_name(card.incident.title or card.rule.title or card.rule.name, 80)


def value_words(card: Card) -> str:
    """The value in the rule's unit; "" where the rule has none to show, or many are told together."""
    value = card.incident.value
    shown = value is not None and measured(card) and not card.members
    return in_unit(value, card.rule.unit) if shown else ""


def ping_text(card: Card) -> str:
    """Six words for a lock screen."""
    if card.members:
        return f"{subject(card)}, the worst critical."

    value = value_words(card)
    return f"{subject(card)} is critical{f': {value}' if value else ''}."


def standing_text(card: Card) -> str:
    """What stands above an edited message: the words of the ping while it is critical, else nothing."""
    return ping_text(card) if _face(card) == "critical" else ""


def recovery_text(card: Card) -> str:
    """The brief reply when it is over."""
    incident = card.incident
    ends = [one.until or card.at for one in card.members] or [incident.resolved_at or card.at]
    began = min([incident.since, *(one.since for one in card.members)])
    lasted = duration((max(ends) - began) / 1000)
    if incident.reason and not card.members:
        return f"🟢 **Resolved after {lasted}.** {safe_text(incident.reason, 200)}"

    value = value_words(card)
    words = f"{subject(card)} is back to {value}" if value else _ended(card)
    return f"🟢 **Resolved after {lasted}.** {words[:1].upper() + words[1:]}."


def silence_choice_embed(number: int) -> discord.Embed:
    """The question for how long."""
    return embed(
        f"Silence incident {number} for how long?",
        "Notices stop, recording goes on. If it is still broken at the end, you hear it once.",
    )


def over_text(card: Card) -> str:
    """What is said to one who presses a button of an incident that is over."""
    at = card.incident.resolved_at or card.at
    return f"Incident {card.incident.number} is over since <t:{at // 1000}:t>. There is nothing to do."


def _severity(card: Card) -> Severity:
    """How bad it is, or the worst of several that are not over."""
    living = [one.severity for one in card.members if one.face != "resolved"]
    return max(living or [card.incident.severity], key=list(Severity).index)


def _face(card: Card) -> str:
    """Of several in one message, what they have in common; else how bad the worst is."""
    if card.face != "grouped":
        return card.face if card.face in WORDS else "open"

    living = {one.face for one in card.members if one.face != "resolved"}
    if living <= {"silenced", "suppressed", "quiet"}:
        return "silenced"

    shared = living.pop() if len(living) == 1 else ""
    if shared in ("acknowledged", "recovering"):
        return shared

    return "critical" if _severity(card) is Severity.CRITICAL else "open"


def _about(card: Card) -> str:
    if card.face == "resolved":
        return _ended(card)

    if card.face == "flapping":
        limit = f" crossed {in_unit(card.limit, card.rule.unit)}" if measured(card) else ","
        return f"{subject(card)}{limit} {card.crossings} times in an hour"

    value = value_words(card)
    return subject(card) if card.face == "no data" or not value else f"{subject(card)} {value}"


def _ended(card: Card) -> str:
    """How it ended, for a title: the value it came back to, or that the service is well again."""
    if card.members:
        return f"all {len(card.members)} incidents are over"

    value = value_words(card)
    if value:
        return f"{subject(card)} back to {value}"

    if card.incident.reason or card.rule.unit != STATE:
        return subject(card)

    return f"{title_name(card.incident.group or 'the service', 60)} is well again"


def _fields(card: Card) -> list[Field]:
    over = card.face == "resolved"
    living = [one for one in card.members if one.face != "resolved"]
    return [
        ("Not over yet", others(living)),
        ("Over", others([one for one in card.members if one.face == "resolved"])),
        ("Cause" if over else "Likely cause", cut(card.cause, 1000) if not card.members else ""),
        ("Why it is back" if over else "Why it is better", cut(card.better, 1000)),
        ("Quiet because of it" if follow(card) else "", others(card.symptoms)),
        ("So that it stays away" if over else "What to do", _advice(card)),
    ]


def _advice(card: Card) -> str:
    if card.face == "recovering":
        return ""

    if card.members:
        return "" if card.face == "resolved" else "Look for one cause first. The buttons count for all of them."

    better = calmer(card) if card.face == "flapping" else None
    limit = ""
    if better is not None:
        shown = in_unit(better, card.rule.unit)
        now = in_unit(card.limit, card.rule.unit)
        limit = f"The limit of {now} lies within its ups and downs; at **{shown}** it would have kept still. "

    link = card.rule.runbook
    runbook = f"[Runbook]({link})" if link.startswith(("http://", "https://")) and len(link) <= 400 else ""
    parts = (limit + cut(card.rule.advice, 500), runbook.replace(" ", "%20"))
    return " ".join(part.strip() for part in parts if part.strip())


def _footer(card: Card) -> str:
    incident = card.incident
    number = f"Incident {incident.number}"
    if card.members:
        last = max(one.number for one in card.members)
        return f"Incidents {incident.number} to {last}" if last > incident.number else number

    if incident.stage is Stage.RESOLVED or card.face == "resolved":
        if incident.acknowledged_at is None or incident.opened_at is None:
            return dots(number, "nobody had to acknowledge")

        return dots(number, f"acknowledged after {duration((incident.acknowledged_at - incident.opened_at) / 1000)}")

    return dots(number, f"n{NB}{count(card.n)} in {duration(card.rule.window)}" if card.n else "")
