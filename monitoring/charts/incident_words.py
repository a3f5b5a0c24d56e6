"""What the chart of an incident says in words: title, subtitle, alt text, and the names of its figures."""

from __future__ import annotations

from monitoring import phrasing
from monitoring.analysis.incident_card import Card
from monitoring.charts import wording
from monitoring.charts.axes import tick_label
from monitoring.model import DAY, HOUR, Instant, Severity
from monitoring.phrasing import NB
from monitoring.window import Window

STATE = "state"
"""The unit of rules that know only well (0) or not (1)."""
UNITS = {"s", "ms", "%", "rate", "bytes"}


def title(card: Card) -> str:
    """What the value does, since when."""
    incident, rule = card.incident, card.rule
    name, value = name_of(card), value_text(card, incident.value)
    since = phrasing.clock(incident.since, card.zone)
    if rule.unit == STATE or incident.value is None:
        return _state_title(card, name, since)

    if card.face == "resolved":
        lasted = phrasing.duration(((incident.resolved_at or card.at) - incident.since) / 1000)
        return f"{name} is back to {value} after {lasted}"

    if card.face == "recovering":
        clear = phrasing.clock(incident.clear_since or card.at, card.zone)
        return f"{name} {'rose' if is_below(card) else 'fell'} to {value} at {clear}"

    if card.face == "acknowledged" and incident.peak_at is not None and incident.peak != incident.value:
        peak, when = value_text(card, incident.peak), phrasing.clock(incident.peak_at, card.zone)
        return f"{name} is {value}, after {peak} at {when}"

    if card.face == "flapping":
        limit = value_text(card, card.limit) if card.limit is not None else "its limit"
        return f"{name} crossed {limit} {card.crossings} times in an hour"

    if card.face == "no data" and card.no_data_since is not None:
        return f"{name} was {value}; no data since {_clock(card, card.no_data_since)}"

    if card.face == "suppressed":
        return f"{name} is {value}; it follows from incident {incident.suppressed_by}"

    if card.face == "silenced" and incident.silenced_until is not None:
        return f"{name} is {value}; silenced until {_clock(card, incident.silenced_until)}"

    rose = f"{name} {'fell' if is_below(card) else 'rose'} to {value}"
    if incident.severity is Severity.CRITICAL and incident.critical_since is not None:
        return f"{rose}, critical since {_clock(card, incident.critical_since)}"

    return f"{rose} since {since}"


def subtitle(card: Card) -> tuple[str, ...]:
    """What is measured over how long, the span shown, the sample."""
    window = shown_window(card)
    zone = phrasing.zone_name(window.end, card.zone)
    span = f"{_clock(card, window.start)} to {_clock(card, window.end)} {zone}"
    if card.rule.unit == STATE:
        return "State by its probes", span, wording.n(card.n)

    return f"{name_of(card)}, last {phrasing.duration(card.rule.window)}", span, wording.n(card.n)


def alt(card: Card) -> str:
    """The course of the value in sentences."""
    incident, known = card.incident, [p.value for p in card.points if p.value is not None]
    window = shown_window(card)
    head = f"Line chart, {name_of(card)} over the last {phrasing.duration(card.rule.window)}"
    events = [f"{word} at {_clock(card, at)}" for at, word in events_of(card)]
    return wording.alt_text(
        f"{head}, {_clock(card, window.start)} to {_clock(card, window.end)} {card.zone}, {wording.n(card.n)}.",
        f"{title(card)}.",
        f"Between {value_text(card, min(known))} and {value_text(card, max(known))}."
        if known
        else "No value is known.",
        f"Last value {value_text(card, incident.value)}."
        if incident.value is not None and card.rule.unit != STATE
        else "",
        *(f"{word.capitalize()} {value_text(card, value)}." for word, value in limits_of(card)),
        f"Usual: {usual_text(card)}." if card.usual else "",
        f"Incident {incident.number}: {wording.listed(events)}." if events else "",
        wording.unmonitored(card.gaps, card.zone),
    )


def tick_text(card: Card, value: float) -> str:
    if card.rule.unit == STATE:
        return "unwell" if value else "well"

    return tick_label(value, card.rule.unit if card.rule.unit in UNITS else "")


def limits_of(card: Card) -> list[tuple[str, float]]:
    limits = [("limit", card.limit)] if card.rule.unit != STATE else []
    shown = [incident for incident in (card.incident.peak, card.incident.value) if incident is not None]
    critical = card.rule.critical_above
    near = critical is not None and shown and max(shown) > 0.85 * critical
    limits += [("critical", critical)] if near else []
    return [(word, limit) for word, limit in limits if limit is not None]


def events_of(card: Card) -> list[tuple[Instant, str]]:
    incident = card.incident
    found = [
        (incident.opened_at, "opened"),
        (incident.acknowledged_at, "acknowledged"),
        (incident.resolved_at, "resolved"),
    ]
    return [(at, word) for at, word in found if at is not None and at <= card.at]


def shown_window(card: Card) -> Window:
    """What is shown: from the first point to now."""
    first = min([point.at for point in card.points] + [gap.start for gap in card.gaps], default=card.at - HOUR)
    first = min(first, (card.incident.opened_at or card.incident.since) - 60_000)
    return Window(first, max(card.at, first + 60_000), card.zone)


def _clock(card: Card, at: Instant) -> str:
    """The time of day, with the date where the incident is not of one day."""
    clock = phrasing.clock(at, card.zone)
    far = abs(at - card.at) > DAY
    return f"{phrasing.day(at, card.zone)} {clock}" if far else clock


def name_of(card: Card) -> str:
    """What the rule calls its figure; a group is named in it or after it."""
    group = wording.title_name(card.incident.group) if card.incident.group else ""
    title = card.rule.title
    if "{group}" in title:
        return title.replace("{group}", group or "a service")

    return f"{title} of {group}" if group else title


def _state_title(card: Card, name: str, since: str) -> str:
    if card.face == "resolved":
        lasted = phrasing.duration(((card.incident.resolved_at or card.at) - card.incident.since) / 1000)
        return f"{wording.title_name(card.incident.group or 'The service')} is well again after {lasted}"

    return f"{name} since {since}"


def value_text(card: Card, value: float | None) -> str:
    return phrasing.in_unit(value, card.rule.unit)


def usual_text(card: Card) -> str:
    assert card.usual is not None
    low, high = (value_text(card, value) for value in card.usual)
    number, _, unit = low.rpartition(NB)
    same = number and high.endswith(f"{NB}{unit}")
    return f"{number if same else low} to {high}"


def is_below(card: Card) -> bool:
    return card.rule.below is not None and card.rule.above is None
