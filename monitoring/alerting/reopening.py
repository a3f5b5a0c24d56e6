"""An incident that opens again soon after its end: the same one, with a life of its own. Pure."""

from __future__ import annotations

from dataclasses import replace

from monitoring.incident import Incident, Rule, Stage
from monitoring.model import Instant
from monitoring.phrasing import duration


def reopened(rule: Rule, last: Incident, pending: Incident, now: Instant) -> Incident:
    """The resolved incident, open again with the figures of the pending one; what somebody did to it before is over."""
    over = last.resolved_at if last.resolved_at is not None else now
    silenced = last.silenced_until is not None and now < last.silenced_until
    anew = replace(
        last,
        stage=Stage.OPEN,
        severity=pending.severity,
        base=rule.severity,
        reopened_at=now,
        resolved_at=None,
        clear_since=None,
        critical_since=pending.critical_since,
        value=pending.value,
        count=pending.count,
        reason="",
        back=f"broken again {duration((now - over) / 1000)} after it was over",
        acknowledged_by="",
        acknowledged_at=None,
        pinged=False,
        steps=0,
        unheeded_since=now,
        no_data_since=None,
        late=False,
    )
    return replace(
        anew,
        muted="",
        muted_since=None,
        muted_until=None,
        muted_why="",
        suppressed_by=0,
        freed_at=None,
        missed=False,
        owed="",
        silenced_by=last.silenced_by if silenced else "",
        silenced_until=last.silenced_until if silenced else None,
    )
