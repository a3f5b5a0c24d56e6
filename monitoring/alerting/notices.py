"""Which notices a change of state makes, and what their bodies hold.

Bodies of `incident` and `recovery`: `number`, `rule`, `changes` (as in a verdict, or acknowledged, silenced,
unsilenced, closed, muted, unmuted, unheeded, silence_ended, cause_ended, quiet_over), `minor` (only an edit: a newer
notice makes it needless), `quiet` (an edit and nothing else: no reply, no new message), `ping` (tell the configured
roles), `severity`, `text` (a line for places without embeds), `subject` (the incident's title), `peak` (in words),
`since`, `until`, `lasted` (seconds), `why` (it is quiet, or back), `symptoms` (titles of what is quiet because of it);
and for places that have nothing but the notice: `value` and `limit` (in words), `advice`, `runbook`, `reason`. Of
several incidents in one message also `members` and `about` (`alerting.grouping`).
Of `late`: `from`, `until`, `lines` (each `number`, `text`, `since`, `until`), `more`, and `reason` where it was not an
outage. Of `digest`: `date`, `scope`, `late`. Of `message`: `text`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

from monitoring.alerting.documents import DIGEST, insertion
from monitoring.alerting.judge import value_words
from monitoring.alerting.late import LINES
from monitoring.alerting.muting import MAJOR, SILENCES, hushed
from monitoring.incident import Incident, Notice, Rule, Stage
from monitoring.model import Instant, Severity
from monitoring.phrasing import duration
from monitoring.rows import Change, Document


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
    symptoms: Sequence[str] = (),
) -> tuple[Incident, list[Notice]]:
    """The incident with who was told, and the notices to write in the transaction that saves it.

    `symptoms`: what is quiet because of it, a line each.
    """
    quiet, over = hushed(incident) or silent(incident, now), incident.stage is Stage.RESOLVED
    wanted = incident.targets if over or quiet else tuple(dict.fromkeys((*incident.targets, *targets)))
    ping = pings(incident, changes) and not quiet
    incident = replace(incident, edits=incident.edits + 1)
    body = _body(incident, changes, rule) | {"quiet": quiet, "ping": ping, "symptoms": list(symptoms)}
    bodies = [(target, _of_target(target, incident, body, now)) for target in wanted]
    # The number of edits grows with every notice, so that keys of one subject sort in the order of events.
    key = f"incident {incident.number:010}/{incident.edits:08}"
    notices = [
        Notice(f"{key}/{target}", kind, now, str(incident.number), target, nonce(), of_target)
        for target, (kind, of_target) in bodies
    ]
    news = not quiet and bool(MAJOR & set(changes))
    new = set() if quiet else set(wanted) - set(incident.targets)
    known = () if over else tuple(t for t in wanted if news or t in incident.known or t in new)
    pinged = incident.pinged or (ping and bool(wanted))
    return replace(incident, targets=wanted, known=known, told_at=now, pinged=pinged), notices


def pings(incident: Incident, changes: Sequence[str]) -> bool:
    """Whether this is the moment at which a critical incident calls people."""
    first = incident.severity is Severity.CRITICAL and not (incident.pinged or incident.acknowledged_by)
    return first and incident.stage is Stage.OPEN and bool(MAJOR & set(changes))


def quiet_end(incident: Incident, now: Instant) -> bool:
    """Whether its end is only an edit: somebody did not want to hear of it. Other reasons keep back no recovery."""
    return silent(incident, now) or incident.muted in SILENCES


def edit_only(body: dict[str, object]) -> dict[str, object]:
    """The body for one who is told nothing new: what is shown there already is brought up to date."""
    minor = [word for word in cast("list[str]", body["changes"]) if word not in MAJOR] or ["value"]
    return body | {"changes": minor, "minor": True, "quiet": True, "ping": False}


def _of_target(target: str, incident: Incident, body: dict[str, object], now: Instant) -> tuple[str, dict[str, object]]:
    """The kind of notice for one target, and its body."""
    if incident.stage is Stage.RESOLVED:
        if target not in incident.known:
            return "incident", edit_only(body)

        return "recovery", body | {"quiet": quiet_end(incident, now)}

    if body["quiet"]:
        return "incident", edit_only(body)

    if target not in incident.targets:
        return "incident", body | {"changes": ["opened"], "minor": False}

    words = cast("list[str]", body["changes"])
    if target in incident.known or {"opened", "reopened"} & set(words):
        return "incident", body

    # It was told of the end, and missed that it opened again.
    return "incident", body | {"changes": ["reopened", *words]} if MAJOR & set(words) else edit_only(body)


def _body(incident: Incident, changes: Sequence[str], rule: Rule) -> dict[str, object]:
    until = incident.resolved_at
    return {
        "number": incident.number,
        "rule": incident.rule,
        "changes": list(changes),
        "minor": not MAJOR & set(changes),
        "severity": incident.severity.value,
        "subject": incident.title,
        "text": line(incident, rule),
        "value": value_words(incident.value, incident.unit),
        "limit": limit_words(incident, rule),
        "advice": rule.advice,
        "runbook": rule.runbook,
        "reason": incident.reason,
        "peak": peak_words(incident, rule),
        "since": incident.since,
        "until": until,
        "lasted": None if until is None else (until - incident.since) / 1000,
        "why": why(incident),
    }


def why(incident: Incident) -> str:
    """Why it is quiet, or why it is told again; "" where neither is so."""
    return incident.muted_why if incident.muted else incident.back


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

    limit = limit_words(incident, rule)
    if incident.flapping_since is not None:
        return f"Flapping: {incident.title} crossed {limit or 'its limit'} {len(incident.openings)} times in an hour"

    state = "Open, critical" if incident.severity is Severity.CRITICAL else "Open"
    state = "Recovering" if incident.stage is Stage.RECOVERING else state
    blind = ", no data" if incident.no_data_since is not None else ""
    return f"{state}: {subject}" + (f", limit {limit}" if limit else "") + blind


def limit_words(incident: Incident, rule: Rule) -> str:
    """The limit as it is shown; "" for rules that know only well or not."""
    return value_words(rule.above if rule.above is not None else rule.below, incident.unit)


def quiet_news(
    incidents: Sequence[Incident], rules: Callable[[Incident], Rule], now: Instant, target: str, nonce: str
) -> Notice:
    """One message for all that came and went in quiet hours, a line each."""
    lines = [
        {
            "number": incident.number,
            "text": ", ".join(words for words in (incident.title, peak_words(incident, rules(incident))) if words),
            "severity": incident.severity.value,
            "since": incident.since,
            "until": incident.resolved_at,
        }
        for incident in sorted(incidents, key=lambda i: (i.since, i.number))
    ]
    first = min((incident.since for incident in incidents), default=now)
    body = {"from": first, "until": now, "lines": lines[:LINES], "more": len(lines[LINES:]), "reason": "quiet hours"}
    return Notice(f"late {now:015}/{target}/{nonce}", "late", now, f"quiet {now:015}", target, nonce, body)


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
