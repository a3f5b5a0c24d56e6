"""Incidents and notices as documents of state, and back."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, cast

from monitoring.incident import Incident, Notice, Stage
from monitoring.model import Severity
from monitoring.rows import Change, Document

INCIDENT, PENDING, NOTICE, DEAD, DIGEST = "incident", "pending", "notice", "dead_notice", "digest"

LISTS = ("targets", "known", "openings")


def incident_key(number: int) -> str:
    """Sorts as the numbers do."""
    return f"{number:010}"


def incident_document(incident: Incident) -> Document:
    """The incident as it is kept: pending ones apart, since they have no number yet."""
    body: dict[str, object] = {f.name: getattr(incident, f.name) for f in fields(incident) if f.name != "version"}
    body["history"] = [list(step) for step in incident.history]
    body["told"] = [list(step) for step in incident.told]
    for name in LISTS:
        body[name] = list(getattr(incident, name))

    if incident.stage is Stage.PENDING:
        return Document(PENDING, f"{incident.rule}/{incident.group}", incident.version, body)

    return Document(INCIDENT, incident_key(incident.number), incident.version, body)


def incident_of(document: Document) -> Incident:
    """The incident that a document holds; fields of other versions of this program are left out."""
    known = {f.name for f in fields(Incident)}
    body = cast("dict[str, Any]", {name: value for name, value in document.body.items() if name in known})
    body["stage"], body["severity"] = Stage(body["stage"]), Severity(body["severity"])
    body["history"] = tuple((int(at), str(words)) for at, words in body.get("history", ()))
    body["told"] = tuple((str(target), float(after)) for target, after in body.get("told", ()))
    body["base"] = Severity(body["base"]) if body.get("base") else None
    for name in LISTS:
        body[name] = tuple(body.get(name, ()))

    if "known" not in document.body and body["stage"] in {Stage.OPEN, Stage.RECOVERING}:
        # From a version that told everybody at once.
        body["known"] = body["targets"]

    return Incident(**(body | {"version": document.version}))


def notice_document(notice: Notice) -> Document:
    """A notice as it lies in the outbox, due at once."""
    body: dict[str, object] = {
        "kind": notice.kind,
        "at": notice.at,
        "subject": notice.subject,
        "target": notice.target,
        "nonce": notice.nonce,
        "body": notice.body,
        "attempts": notice.attempts,
    }
    return Document(NOTICE, notice.key, notice.version, body, due=notice.at)


def notice_of(document: Document) -> Notice:
    """The notice that a document holds."""
    body = cast("dict[str, Any]", document.body)
    return Notice(
        document.key,
        body["kind"],
        body["at"],
        body["subject"],
        body["target"],
        body["nonce"],
        body["body"],
        body["attempts"],
        document.version,
    )


def insertion(notice: Notice) -> Change:
    """The change that puts a new notice into the outbox."""
    return Change(notice_document(notice))
