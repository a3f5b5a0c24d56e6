"""Which notices a change of state makes, and what their bodies hold.

Bodies of `incident` and `recovery`: `number`, `rule`, `changes` (as in a verdict, or acknowledged, silenced,
unsilenced, closed), `minor` (only an edit: a newer notice makes it needless), `quiet` (an edit and nothing else: no
reply, no new message), `ping` (tell the configured roles), `severity`, `text` (a line for places without embeds),
`subject` (the incident's title), `peak` (in words), `since`, `until`, `lasted` (seconds).
Of `late`: `from`, `until`, `lines` (each `number`, `text`, `since`, `until`), `more`. Of `digest`: `date`, `scope`,
`late`. Of `message`: `text`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace

from monitoring.alerting.documents import DIGEST, insertion
from monitoring.alerting.judge import value_words
from monitoring.incident import Incident, Notice, Rule, Stage
from monitoring.model import Instant, Severity
from monitoring.phrasing import duration
from monitoring.rows import Change, Document

MAJOR = frozenset({"opened", "reopened", "escalated", "resolved", "silence_ended", "closed"})
"""Changes that must be told, each; all others are only edits of what was told."""


def new_nonce() -> str:
    """A random text of 16 characters; Discord takes up to 25."""
    return secrets.token_urlsafe(12)


def silent(incident: Incident, now: Instant) -> bool:
    """Whether it is silenced now."""
    return incident.silenced_until is not None and now < incident.silenced_until


def told(
    incident: Incident,
    changes: Sequence[str],
    rule: Rule,
    now: Instant,
    targets: Sequence[str],
    nonce: Callable[[], str] = new_nonce,
) -> tuple[Incident, list[Notice]]:
    """The incident with who was told, and the notices to write in the transaction that saves it."""
    quiet = silent(incident, now)
    ping = incident.severity is Severity.CRITICAL and not (incident.pinged or incident.acknowledged_by or quiet)
    ping = ping and incident.stage is Stage.OPEN and bool(MAJOR & set(changes))
    over = incident.stage is Stage.RESOLVED
    opened = incident.targets
    # What is over goes to those who heard of it: whoever came since knows nothing that needs taking back.
    wanted = list(opened) if over or quiet else list(dict.fromkeys((*opened, *targets)))
    incident = replace(incident, edits=incident.edits + 1)
    body = _body(incident, changes, rule, now, quiet=quiet, ping=ping)
    notices = [
        Notice(
            # The number of edits grows with every notice, so that keys of one subject sort in the order of events.
            f"incident {incident.number:010}/{incident.edits:08}/{target}",
            "recovery" if over else "incident",
            now,
            str(incident.number),
            target,
            nonce(),
            body if target in opened or over else body | {"changes": ["opened"], "minor": False},
        )
        for target in wanted
    ]
    pinged = incident.pinged or (ping and bool(wanted))
    return replace(incident, targets=tuple(wanted), told_at=now, pinged=pinged), notices


def _body(
    incident: Incident, changes: Sequence[str], rule: Rule, now: Instant, *, quiet: bool, ping: bool
) -> dict[str, object]:
    until = incident.resolved_at
    return {
        "number": incident.number,
        "rule": incident.rule,
        "changes": list(changes),
        "minor": not MAJOR & set(changes),
        "quiet": quiet,
        "ping": ping,
        "severity": incident.severity.value,
        "subject": incident.title,
        "text": line(incident, rule),
        "peak": peak_words(incident, rule),
        "since": incident.since,
        "until": until,
        "lasted": None if until is None else (until - incident.since) / 1000,
    }


def peak_words(incident: Incident, rule: Rule) -> str:
    """How bad it was: "up to 6.1 s", "down to 41 %"; "" for rules that know only well or not."""
    peak = value_words(incident.peak, incident.unit)
    return f"{'down' if rule.above is None and rule.below is not None else 'up'} to {peak}" if peak else ""


def line(incident: Incident, rule: Rule) -> str:
    """The incident in one plain line."""
    value = value_words(incident.value, incident.unit)
    subject = f"{incident.title} {value}".strip()
    if incident.stage is Stage.RESOLVED:
        lasted = duration(((incident.resolved_at or incident.since) - incident.since) / 1000)
        return f"Closed: {incident.title}, {incident.reason}" if incident.reason else f"Resolved: {subject}, {lasted}"

    limit = value_words(rule.above if rule.above is not None else rule.below, incident.unit)
    state = "Open, critical" if incident.severity is Severity.CRITICAL else "Open"
    state = "Recovering" if incident.stage is Stage.RECOVERING else state
    return f"{state}: {subject}" + (f", limit {limit}" if limit else "")


def announcement(
    scope: str,
    date: str,
    now: Instant,
    targets: Sequence[str],
    *,
    late: bool = False,
    stale: Sequence[Document] = (),
    nonce: Callable[[], str] = new_nonce,
) -> list[Change]:
    """The digest of a local date as one transaction: its mark, which can be set only once, and its notices.

    `stale`: marks of days that have not been yet, to be dropped along with it.
    """
    mark = Document(DIGEST, f"{scope}/{date}", 0, {"at": now, "late": late, "scope": scope, "date": date})
    notices = [digest_notice(scope, date, now, target, late=late, nonce=nonce) for target in targets]
    dropped = [Change(document, delete=True) for document in stale]
    return [*dropped, Change(mark), *(insertion(notice) for notice in notices)]


def digest_notice(
    scope: str, date: str, now: Instant, target: str, *, late: bool = False, nonce: Callable[[], str] = new_nonce
) -> Notice:
    """The notice of a digest for one target; for `/digest now` too, which leaves no mark."""
    body: dict[str, object] = {"date": date, "scope": scope, "late": late}
    code = nonce()
    return Notice(f"digest {scope}/{date}/{target}/{code}", "digest", now, f"digest {scope}/{date}", target, code, body)
