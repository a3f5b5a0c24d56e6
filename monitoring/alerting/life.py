"""What people do to an incident, and what a clock or a restart does to it: from one frozen value to the next."""

from __future__ import annotations

from dataclasses import replace

from monitoring.alerting.judge import PATIENCE, noted
from monitoring.alerting.muting import released
from monitoring.incident import Incident, Stage
from monitoring.model import SECOND, Instant
from monitoring.phrasing import duration

LIVE = frozenset({Stage.PENDING, Stage.OPEN, Stage.RECOVERING})


def acknowledged(incident: Incident, who: str, now: Instant) -> Incident:
    """Somebody has it. The first one stands; what is over stays as it is."""
    if incident.acknowledged_by or incident.stage not in LIVE:
        return incident

    return noted(replace(incident, acknowledged_by=who, acknowledged_at=now), now, "acknowledged", who)


def silenced(incident: Incident, who: str, seconds: int, now: Instant) -> Incident:
    """No notices for so long; recording and judging go on."""
    if incident.stage not in LIVE:
        return incident

    until = now + max(seconds, 1) * SECOND
    since = incident.muted_since if incident.muted else now
    changed = replace(incident, silenced_by=who, silenced_until=until, muted="silenced", muted_since=since)
    changed = replace(changed, muted_until=until, muted_why=f"silenced by {who}")
    return noted(changed, now, f"silenced for {duration(seconds)}", who)


def unsilenced(incident: Incident, who: str, now: Instant) -> Incident:
    """Notices again."""
    if incident.silenced_until is None:
        return incident

    return noted(released(incident, now), now, "silence ended", who)


def closed(incident: Incident, reason: str, now: Instant) -> Incident:
    """Over without a recovery, because its rule is gone or switched off."""
    return noted(replace(incident, stage=Stage.RESOLVED, resolved_at=now, reason=reason), now, "closed", reason)


def awoken(incident: Incident, down: int, now: Instant) -> Incident:
    """The incident after the bot was gone for `down` ms: its timers go on, or begin anew after more than an hour."""
    if down <= PATIENCE:
        return incident

    if incident.stage is Stage.PENDING:
        return replace(incident, since=now, critical_since=None)

    incident = replace(incident, unheeded_since=now, freed_at=None if incident.freed_at is None else now)

    stage = Stage.OPEN if incident.stage is Stage.RECOVERING else incident.stage
    return replace(incident, stage=stage, clear_since=None, critical_since=None)


def shifted(incident: Incident, jump: int) -> Incident:
    """The incident with its running timers moved along with a clock that jumped, so that they last as long as meant."""

    def moved(at: Instant | None) -> Instant | None:
        return None if at is None else at + jump

    return replace(
        incident,
        since=incident.since + jump if incident.stage is Stage.PENDING else incident.since,
        clear_since=moved(incident.clear_since),
        critical_since=moved(incident.critical_since),
        silenced_until=moved(incident.silenced_until),
        told_at=moved(incident.told_at),
        openings=tuple(at + jump for at in incident.openings),
        flapping_since=moved(incident.flapping_since),
        no_data_since=moved(incident.no_data_since),
        muted_since=moved(incident.muted_since),
        muted_until=moved(incident.muted_until) if incident.muted == "silenced" else incident.muted_until,
        freed_at=moved(incident.freed_at),
        unheeded_since=moved(incident.unheeded_since),
    )


def placed(incident: Incident, channel_id: int, message_id: int) -> Incident:
    """The incident with the place of its message."""
    return replace(incident, channel_id=channel_id, message_id=message_id)


def heard(incident: Incident, target: str, at: Instant) -> Incident:
    """The incident with the time after which a target knew of it; the first time stands."""
    if any(name == target for name, _ in incident.told):
        return incident

    after = max(at - (incident.opened_at or incident.since), 0) / SECOND
    return replace(incident, told=(*incident.told, (target, after)))
