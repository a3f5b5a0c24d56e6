"""What an incident's message says below its title: by what it is measured, who has it, why it is quiet or back."""

from __future__ import annotations

from collections.abc import Sequence

from monitoring.alerting.calmer import span_of
from monitoring.alerting.flapping import CALM, STEADY
from monitoring.alerting.rule_units import STATE
from monitoring.analysis.incident_card import Card, Line
from monitoring.model import Severity
from monitoring.phrasing import duration, in_unit
from monitoring.safe_text import safe_text

from ._embeds import EMOJI, OF_SEVERITY
from ._format import bold, lines, since, stamp

MOST = 12
"""Lines of other incidents; the rest is counted."""
FACES = {"acknowledged": "👤", "silenced": "🔕", "suppressed": "🔕", "quiet": "🔕"} | {
    "recovering": "⏳",
    "resolved": "🟢",
    "flapping": "🔁",
    "no data": "⚪",
}


def measured(card: Card) -> bool:
    """Whether the rule has figures to show, not only well or unwell."""
    return card.limit is not None and card.rule.unit != STATE


def broken(card: Card) -> str:
    """Open and told: limit, usual, since when; who is hit; who has not acknowledged; why it is told again."""
    critical = card.incident.critical_since if card.face == "critical" else None
    later = f"; critical since {stamp(critical)}" if critical is not None else ""
    return lines(
        f"{limits(card)} Since {since(card.incident.since)}{later}.".strip(),
        " ".join(part for part in (card.detail, unheeded(card)) if part),
        escalation(card),
        follow(card),
        again(card),
    )


def acknowledged(card: Card) -> str:
    """Who has it."""
    return lines(f"{holder(card)} No more pings for this.", _since(card), follow(card), again(card))


def silenced(card: Card) -> str:
    """By whom and until when nothing is told, or why."""
    incident = card.incident
    if incident.silenced_until is not None and incident.muted in ("silenced", ""):
        by = f"By {bold(incident.silenced_by)} until" if incident.silenced_by else "Until"
        first = f"{by} {since(incident.silenced_until)}."
    else:
        first = f"{_sentence(card.quiet or 'silence')}{_until(card)}. `/alerts unsilence` ends it."

    return lines(f"{first} Recording goes on; if it is still broken then, you hear it once.", _since(card))


def suppressed(card: Card) -> str:
    """Which incident explains it."""
    return lines(f"It {safe_text(card.quiet, 200)}, and stays quiet until that is over.", _since(card))


def quiet(card: Card) -> str:
    """Quiet hours, or it waits to be told."""
    if card.incident.muted == "quiet hours":
        first = f"Quiet hours{_until(card)}. If it is still broken then, you hear it once."
    else:
        first = "What kept it quiet is over. If it stays broken, you hear it in a moment."

    return lines(first, _since(card))


def recovering(card: Card) -> str:
    """Back within its limit since when, and when that counts as over."""
    rule, incident = card.rule, card.incident
    recovery = rule.recovery if rule.recovery is not None else card.limit
    side = "Above" if rule.below is not None else "Below"
    within = f"{side} {in_unit(recovery, rule.unit)}" if recovery is not None and measured(card) else "Well again"
    began = f" since {stamp(incident.clear_since)}" if incident.clear_since is not None else ""
    then = f" Resolves {stamp(card.resolves_at, 'R')} if it stays there." if card.resolves_at is not None else ""
    return lines(f"{within}{began}.{then}", holder(card), _hushed(card))


def resolved(card: Card) -> str:
    """How long it lasted and how bad it was."""
    incident, unit = card.incident, card.rule.unit
    ends = [incident.resolved_at or card.at, *(one.until or card.at for one in card.members)]
    began = min([incident.since, *(one.since for one in card.members)])
    lasted = f"Lasted **{duration((max(ends) - began) / 1000)}**, {stamp(began)} to {stamp(max(ends))}."
    peak = ""
    if incident.peak is not None and measured(card) and not card.members:
        word = "Lowest" if card.rule.below is not None else "Highest"
        when = f" at {stamp(incident.peak_at)}" if incident.peak_at is not None else ""
        peak = f" {word} {in_unit(incident.peak, unit)}{when}."

    return lines(lasted + peak, safe_text(incident.reason, 200) if incident.reason else "")


def flapping(card: Card) -> str:
    """Between what it goes up and down, and what ends the quiet."""
    span, unit = span_of(card), card.rule.unit
    began = min([*card.incident.openings, card.incident.flapping_since or card.at])
    between = (
        f"Between {in_unit(span[0], unit)} and {in_unit(span[1], unit)}" if span and measured(card) else "On and off"
    )
    until = f"well for {duration(CALM / 1000)}, broken for {duration(STEADY / 1000)}, or worse"
    return lines(f"{between} since {stamp(began)}. I stay quiet until it is {until}.", holder(card), _hushed(card))


def no_data(card: Card) -> str:
    """Since when nothing is known, and that it stays open."""
    gone = card.no_data_since if card.no_data_since is not None else card.at
    last = ""
    if card.incident.value is not None and measured(card):
        last = f" The last value was {in_unit(card.incident.value, card.rule.unit)}."

    return lines(
        f"No figures since {since(gone)}.{last} It stays open until there are some.",
        f"{_since(card)} {unheeded(card)}".strip(),
        again(card),
    )


def grouped(card: Card) -> str:
    """How many opened together, and how many of them are over."""
    living = [one for one in card.members if one.face != "resolved"]
    over = len(card.members) - len(living)
    first = f"They opened within moments of each other, since {since(min(one.since for one in card.members))}."
    told = f"{len(living)} still broken, {over} over." if over else ""
    return lines(first, " ".join(part for part in (told, holder(card) or unheeded(card)) if part), follow(card))


FIRST = {
    "acknowledged": acknowledged,
    "silenced": silenced,
    "suppressed": suppressed,
    "quiet": quiet,
    "recovering": recovering,
    "resolved": resolved,
    "flapping": flapping,
    "no data": no_data,
    "grouped": grouped,
}


def limits(card: Card) -> str:
    """What the value is measured by: while open the limit that counts now, later both."""
    if not measured(card):
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


def _since(card: Card) -> str:
    return f"{limits(card)} Since {since(card.incident.since)}.".strip()


def holder(card: Card) -> str:
    """Who has it, since when; "" for nobody."""
    incident = card.incident
    if not incident.acknowledged_by:
        return ""

    began = f" since {stamp(incident.acknowledged_at)}" if incident.acknowledged_at is not None else ""
    return f"{bold(incident.acknowledged_by)} has it{began}."


def unheeded(card: Card) -> str:
    """That nobody took it, where that matters."""
    if card.incident.acknowledged_by:
        return ""

    return "Nobody has acknowledged yet." if card.face == "critical" or card.steps else ""


def escalation(card: Card) -> str:
    """What happens next if nobody takes it."""
    if card.next_step is None or card.incident.acknowledged_by:
        return ""

    at, more = card.next_step
    named = ", ".join(bold(name, 24) for name in more[:3])
    effects = [] if card.incident.severity is Severity.CRITICAL else ["it becomes critical"]
    effects += [f"{named} {'are' if len(more) > 1 else 'is'} told"] if named else []
    return f"Without an acknowledgement by {stamp(at)} {' and '.join(effects)}." if effects else ""


def follow(card: Card) -> str:
    """That others follow from it."""
    n = len(card.symptoms)
    if not n:
        return ""

    return (
        "One alert follows from this one; it is quiet and listed below."
        if n == 1
        else f"{_number(n)} alerts follow from this one; they are quiet and listed below."
    )


def again(card: Card) -> str:
    """Why it is told again."""
    return f"Told again: {safe_text(card.back, 200)}." if card.back else ""


def others(found: Sequence[Line]) -> str:
    """Other incidents, a line each: state, name and value."""
    rows = [_other(one) for one in found[:MOST]]
    return lines(*rows, f"and {len(found) - MOST} more" if len(found) > MOST else "")


def _other(one: Line) -> str:
    emoji = FACES.get(one.face, EMOJI[OF_SEVERITY[one.severity]])
    if one.face in ("suppressed", "quiet", "silenced"):
        # In a list of what is quiet, that it is quiet says nothing; how bad it is does.
        emoji = EMOJI[OF_SEVERITY[one.severity]]

    over = f", over {stamp(one.until)}" if one.until is not None and one.face == "resolved" else ""
    value = f" {one.value}" if one.value else ""
    return f"{emoji} {safe_text(one.title, 48)}{value}{over}"


def _hushed(card: Card) -> str:
    """Why nothing would be told of it just now, where its face says something else."""
    return f"{_sentence(card.quiet)}{_until(card)}." if card.quiet else ""


def _until(card: Card) -> str:
    return f" until {since(card.quiet_until)}" if card.quiet_until is not None else ""


def _sentence(text: str) -> str:
    words = safe_text(text, 200)
    return words[:1].upper() + words[1:]


def _number(n: int) -> str:
    words = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
    return words[n] if n < len(words) else str(n)
