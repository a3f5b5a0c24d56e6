"""Whether an incident is told of just now, why not, and what is owed once that ends. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from monitoring.alerting.escalation import paused
from monitoring.alerting.judge import REJOIN, noted
from monitoring.alerting.silences import QuietHours, Silence
from monitoring.incident import Incident, Rule, Stage
from monitoring.model import SECOND, Instant

MAJOR = frozenset(
    {"opened", "reopened", "escalated", "unheeded", "flapping", "flapping_ended", "resolved", "closed"}
    | {"silence_ended", "cause_ended", "quiet_over"}
)
"""Changes that must be told, each; all others are only edits of what was told."""
SILENCES = frozenset({"silenced", "silence", "maintenance"})
OWED = {"cause": "cause_ended", "quiet hours": "quiet_over"} | dict.fromkeys(SILENCES, "silence_ended")


@dataclass(frozen=True, slots=True)
class Mute:
    """Why nothing is told of an incident: the kind as in `Incident.muted`, until when if known, and why in words."""

    kind: str
    until: Instant | None = None
    why: str = ""


def mute_of(
    incident: Incident,
    rule: Rule,
    now: Instant,
    *,
    silences: Iterable[Silence] = (),
    cause: Incident | None = None,
    quiet: QuietHours | None = None,
) -> Mute | None:
    """What keeps this incident quiet now; None: nothing."""
    if incident.silenced_until is not None and now < incident.silenced_until:
        return Mute("silenced", incident.silenced_until, f"silenced by {incident.silenced_by}")

    found = [silence for silence in silences if silence.active(now) and silence.matches(incident, rule)]
    if found:
        longest = max(found, key=lambda s: (s.until(now) is None, s.until(now) or 0, s.id))
        return Mute(longest.kind, longest.until(now), longest.words)

    if cause is not None:
        return Mute("cause", None, f"follows from incident {cause.number}, {cause.title}")

    if quiet is not None and quiet.holds(incident.severity, now):
        span = quiet.hours.span(now)
        return Mute("quiet hours", span[1] if span else None, "quiet hours")

    return None


def hushed(incident: Incident) -> bool:
    """Whether nothing may be told of it now."""
    return bool(incident.muted or incident.owed)


def settled(
    incident: Incident, changes: Sequence[str], rule: Rule, mute: Mute | None, cause: Incident | None, now: Instant
) -> tuple[Incident, tuple[str, ...]]:
    """The incident with what its circumstances make of it, and all that changed; what is owed is told when it may."""
    found = list(changes)
    incident = _causes(incident, cause, now)
    expired = incident.silenced_until is not None and now >= incident.silenced_until
    if expired:
        incident = replace(incident, silenced_by="", silenced_until=None, muted=incident.muted or "silenced")

    kind = "" if mute is None else mute.kind
    if mute is not None and (kind != incident.muted or mute.why != incident.muted_why):
        incident = _muted(incident, mute, now)
        found.append("muted")
    elif mute is None and incident.muted:
        incident = _unmuted(incident, now)
        found.append("unmuted")
    elif mute is not None:
        incident = replace(incident, muted_until=mute.until)

    if hushed(incident) and MAJOR & set(found):
        incident = replace(incident, missed=True)

    if incident.owed and not incident.muted and _may_tell(incident, rule, now):
        found = [*(word for word in found if word != "unmuted"), incident.owed]
        incident = replace(incident, owed="", missed=False, freed_at=None)

    return incident, tuple(found)


def released(incident: Incident, now: Instant) -> Incident:
    """The incident after somebody ended its silence: what was missed meanwhile is still to be told."""
    incident = replace(incident, silenced_by="", silenced_until=None)
    if incident.muted != "silenced":
        return incident

    owed = "silence_ended" if incident.missed else ""
    incident = paused(incident, incident.muted_since or now, now)
    return replace(incident, muted="", muted_since=None, muted_until=None, muted_why="", owed=owed)


def _causes(incident: Incident, cause: Incident | None, now: Instant) -> Incident:
    """With the number of what explains it, or when that was over."""
    if cause is not None:
        return replace(incident, suppressed_by=cause.number, freed_at=None)

    if incident.suppressed_by:
        back = f"incident {incident.suppressed_by} is over, and this is still broken"
        return replace(incident, suppressed_by=0, freed_at=now, back=back)

    return incident


def _muted(incident: Incident, mute: Mute, now: Instant) -> Incident:
    """From now on, or for another reason, quiet."""
    if mute.kind != "silenced":
        incident = noted(incident, now, "quiet", mute.why)

    return replace(
        incident,
        muted=mute.kind,
        muted_since=incident.muted_since if incident.muted else now,
        muted_until=mute.until,
        muted_why=mute.why,
        # What ended while another reason takes over is said when that ends too.
        missed=incident.missed or bool(incident.owed) or incident.muted in {*SILENCES, "cause"},
    )


def _unmuted(incident: Incident, now: Instant) -> Incident:
    """Quiet no more: what is to be told stays owed until it may be told."""
    kind = incident.muted
    owed = OWED[kind] if kind != "quiet hours" or incident.missed or incident.owed else ""
    words = {"cause": "cause over", "quiet hours": "quiet hours over"}.get(kind, "silence ended")
    incident = paused(noted(incident, now, words), incident.muted_since or now, now)
    back = incident.back if kind == "cause" else f"{words}, and this is still broken"
    if kind == "cause":
        incident = replace(incident, freed_at=incident.freed_at if incident.freed_at is not None else now)

    return replace(
        incident, muted="", muted_since=None, muted_until=None, muted_why="", owed=owed, back=back if owed else ""
    )


def _may_tell(incident: Incident, rule: Rule, now: Instant) -> bool:
    """Still broken, and after a cause for as long as the rule holds; without data, half an hour is waited for it."""
    if incident.stage is not Stage.OPEN:
        return False

    if incident.owed != "cause_ended" or incident.freed_at is None:
        return True

    if incident.no_data_since is not None:
        return now - incident.freed_at >= REJOIN

    return now - incident.freed_at >= rule.hold * SECOND
