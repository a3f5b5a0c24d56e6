"""Rules, what they mean, and what is told about it: rule → verdict → incident → notice."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from enum import StrEnum

from monitoring.model import Instant, Severity


@dataclass(frozen=True, slots=True)
class Escalation:
    """After so many seconds without an acknowledgement: critical from then on, and these notifiers are told too."""

    after: int
    notifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """What must hold, as data. `window`, `hold` (Prometheus' `for`) and `cooldown` in seconds."""

    name: str
    title: str
    """What the figure is called in a title: "P95 response"."""
    metric: str
    statistic: str
    """mean, p50, p95, p99, rate (failures ÷ attempts), success (1 − rate), count, sum, high, last; absence (seconds
    since the last sample), change (the mean ÷ that of `against` seconds before, 1.5 is half as much again), anomaly
    (robust distance from the usual of this hour of the week, in sigmas)."""
    above: float | None = None
    below: float | None = None
    where: tuple[tuple[str, str], ...] = ()
    by: str = ""
    """A label: one incident for each of its values."""
    window: int = 300
    hold: int = 60
    recovery: float | None = None
    """The limit that must be passed back before it counts as recovering; the same limit by default."""
    recovery_hold: int = 60
    minimum: int = 1
    """Fewer samples than these are no data."""
    failures: int = 0
    """Fewer failures than these break no rate, however few the samples: one of one is no incident."""
    severity: Severity = Severity.WARNING
    critical_above: float | None = None
    """Beyond this the incident is critical."""
    critical_hold: int = 0
    """For how many seconds it must be beyond that."""
    cooldown: int = 300
    unit: str = "s"
    advice: str = ""
    """What to do, in words."""
    runbook: str = ""
    enabled: bool = True
    against: int = 3600
    """For `change`: how many seconds before the window the figure is compared with."""
    depends_on: tuple[str, ...] = ()
    """Rules whose open incident explains this one, as "rule" or "rule:group": it then is quiet and listed there."""
    escalation: tuple[Escalation, ...] = ()
    """What happens while nobody acknowledges, in order of time."""
    notifiers: tuple[str, ...] = ()
    """Names of those to be told; empty: all that are always told."""
    source: str = "built in"
    """Where it is from: built in, file, or discord."""

    def with_limit(self, limit: float) -> Rule:
        """The rule with another limit; the one it must pass back moves along. ValueError for what can be no limit."""
        now = self.above if self.above is not None else self.below
        if now is None or not math.isfinite(limit):
            raise ValueError(f"The rule {self.name} takes no such limit.")

        # Where the limit changes its side of zero no proportion is left: then it is the same limit.
        back = None if self.recovery is None or now * limit <= 0 else self.recovery * limit / now
        if self.above is not None:
            return replace(self, above=limit, recovery=back)

        return replace(self, below=limit, recovery=back)


class Stage(StrEnum):
    """Where an incident is in its life."""

    PENDING = "pending"
    OPEN = "open"
    RECOVERING = "recovering"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Incident:
    """One time a rule was broken, from opening to resolution. Instants in ms; values in the rule's unit."""

    number: int
    rule: str
    group: str
    """The value of the rule's `by` label, or ""."""
    stage: Stage
    severity: Severity
    since: Instant
    """When the limit was first passed."""
    title: str = ""
    """The rule's title as it was at the opening, with the group in it."""
    unit: str = ""
    opened_at: Instant | None = None
    reopened_at: Instant | None = None
    """When it last opened again after it had been resolved."""
    critical_since: Instant | None = None
    """Since when it is beyond the critical limit without a break."""
    clear_since: Instant | None = None
    """Since when it is back within the recovery limit."""
    resolved_at: Instant | None = None
    value: float | None = None
    peak: float | None = None
    peak_at: Instant | None = None
    count: int = 0
    """Samples behind `value`."""
    acknowledged_by: str = ""
    acknowledged_at: Instant | None = None
    silenced_by: str = ""
    silenced_until: Instant | None = None
    channel_id: int | None = None
    message_id: int | None = None
    edits: int = 0
    reason: str = ""
    """Why it ended, where it was not by recovery."""
    usual: float | None = None
    history: tuple[tuple[Instant, str], ...] = ()
    """What happened when: "opened", "acknowledged, olivia", …"""
    pinged: bool = False
    """That it is critical was told with a ping."""
    targets: tuple[str, ...] = ()
    """Who was told that it opened: these are told that it is over."""
    told_at: Instant | None = None
    """When the last notice about it was written."""
    told: tuple[tuple[str, float], ...] = ()
    """(target, seconds from the opening until it was told there)."""
    version: int = 0
    known: tuple[str, ...] = ()
    """Of `targets`, those who take it for open now: each of them is told of the end, once."""
    base: Severity | None = None
    """The rule's severity when last judged, by which an edit of the rule is noticed."""
    openings: tuple[Instant, ...] = ()
    """When it opened, and opened again, within the last hour; while it flaps, each crossing."""
    flapping_since: Instant | None = None
    no_data_since: Instant | None = None
    """Since when nothing is known of its figure, while it is open."""
    muted: str = ""
    """Why nothing is told of it just now: silenced, silence, maintenance, cause, quiet hours; "": it is told."""
    muted_since: Instant | None = None
    muted_until: Instant | None = None
    """When that ends, where it is known."""
    muted_why: str = ""
    """The same in words."""
    suppressed_by: int = 0
    """The number of the open incident that explains this one."""
    freed_at: Instant | None = None
    """When that one ended; it is told if it is still broken for its rule's `hold` after."""
    missed: bool = False
    """Something that must be told happened while nothing was told."""
    owed: str = ""
    """What is to be told as soon as it may: silence_ended, cause_ended, quiet_over."""
    back: str = ""
    """Why it is told again, in words."""
    steps: int = 0
    """Steps of its rule's escalation that were taken."""
    unheeded_since: Instant | None = None
    """From when on the time without an acknowledgement counts; quiet times are left out."""
    late: bool = False
    """It came and went in quiet hours, and still waits for its line in a late message."""
    batch: int = 0
    """The number of the incident in whose message this one is told, with others that opened at once; 0: its own."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule means right now: the incident as it should be (None: quiet), and what changed in words."""

    incident: Incident | None
    changes: tuple[str, ...] = ()
    """Of: pending, dropped, opened, reopened, escalated, eased, flapping, flapping_ended, recovering, broken_again,
    resolved, value."""
    no_data: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to people, as it lies in the outbox."""

    key: str
    kind: str
    """incident, recovery, digest, late, message. What their bodies hold: `alerting.notices`."""
    at: Instant
    """The time of the event it tells of."""
    subject: str
    """The incident's number, the digest's date, …: notices of one subject are told in order."""
    target: str
    nonce: str
    body: dict[str, object] = field(default_factory=dict)
    attempts: int = 0
    version: int = 0
