"""Several incidents that opened at once, told in one message: a line each, one end for all. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from monitoring.alerting.judge import last_opening
from monitoring.alerting.muting import MAJOR, hushed
from monitoring.alerting.notices import line, peak_words, pings, quiet_end, told
from monitoring.incident import Incident, Notice, Rule, Stage
from monitoring.model import SECOND, Instant, Severity

TOGETHER = 30 * SECOND
"""What opens within so long belongs together."""
LEAST = 3
"""Fewer than these are told one by one."""


@dataclass(frozen=True, slots=True)
class Told:
    """One incident of a message after this round, what changed, its rule, and who is to be told of it."""

    incident: Incident
    changes: tuple[str, ...]
    rule: Rule
    targets: tuple[str, ...]


def batches(fresh: Mapping[int, tuple[str, ...]], known: Sequence[Incident], now: Instant) -> dict[int, int]:
    """The number of the message's incident for each that is told in another's message, itself included.

    `fresh`: numbers of those to be told for the first time now, with who is to be told. `known`: the open ones that
    were told before, of which one that opened just now, or its message, may take the new ones in.
    """
    found: dict[int, int] = {}
    for targets in set(fresh.values()):
        new = sorted(number for number, who in fresh.items() if who == targets)
        near = [one for one in known if set(one.known) == set(targets) and _just_opened(one, now)]
        alive = next((one.batch for one in near if one.batch), 0)
        near = [one for one in near if not one.batch]
        if not alive and len(new) + len(near) < LEAST:
            continue

        head = alive or (min(one.number for one in near) if near else new[0])
        found |= dict.fromkeys(new, head)
        if not alive:
            found[head] = head

    return found


def told_together(
    members: Sequence[Told], now: Instant, nonce: Callable[[], str]
) -> tuple[dict[int, Incident], list[Notice]]:
    """All incidents of one message with who was told, and the message's notices.

    `members`: all of it, in order of their numbers, the first one giving it its number; those of which nothing is told
    now have no changes.
    """
    over = all(one.incident.stage is Stage.RESOLVED for one in members)
    loud = [one for one in members if _is_loud(one, over=over)]
    head = _whole(members, loud, over=over)
    changes = tuple(dict.fromkeys(word for one in loud for word in one.changes)) or ("value",)
    if over:
        changes = ("resolved",)

    targets = tuple(dict.fromkeys(target for one in members for target in one.targets))
    shown, notices = told(replace(head, edits=head.edits - 1), changes, members[0].rule, now, targets, nonce)
    calls = bool(loud) and any(pings(one.incident, one.changes) for one in loud)
    quiet = over and all(quiet_end(one.incident, now) for one in members)
    extra: dict[str, object] = {
        "members": [_line(one) for one in members],
        "text": _text(members, over=over),
        "peak": "",
    }
    extra["about"] = [one.incident.number for one in loud]
    notices = [replace(n, body=n.body | extra | _of_target(n, members, calls=calls, quiet=quiet)) for n in notices]
    return {one.incident.number: _after(one, shown, now, over=over, called=calls) for one in members}, notices


def ordered(members: Sequence[Told], touched: Sequence[int]) -> list[Told]:
    """The members, those that changed and the first with as many edits as the message then had: that orders notices."""
    edits = max(one.incident.edits for one in members) + 1
    chosen = {*touched, members[0].incident.number}
    return [
        replace(one, incident=replace(one.incident, edits=edits)) if one.incident.number in chosen else one
        for one in members
    ]


def _just_opened(incident: Incident, now: Instant) -> bool:
    opened = last_opening(incident)
    return opened is not None and 0 <= now - opened <= TOGETHER and bool(incident.known) and not hushed(incident)


def _is_loud(one: Told, *, over: bool) -> bool:
    """Whether it says something that must be told; one end among others is only a line."""
    if one.incident.stage is Stage.RESOLVED:
        return over and bool(one.changes)

    return bool(MAJOR & set(one.changes)) and not hushed(one.incident)


def _whole(members: Sequence[Told], loud: Sequence[Told], *, over: bool) -> Incident:
    """An incident that stands for the message: open as long as one of them is, as bad as the worst."""
    head = members[0].incident
    living = [one.incident for one in members if one.incident.stage is not Stage.RESOLVED] or [head]
    critical = any(incident.severity is Severity.CRITICAL for incident in living)
    stands = head if over or head.stage is not Stage.RESOLVED else living[0]
    ends = [one.incident.resolved_at or 0 for one in members]
    quiet = not loud and all(hushed(incident) for incident in living)
    return replace(
        head,
        stage=Stage.RESOLVED if over else stands.stage,
        severity=Severity.CRITICAL if critical else stands.severity,
        resolved_at=max(ends) if over else None,
        targets=tuple(dict.fromkeys(target for one in members for target in one.incident.targets)),
        known=tuple(dict.fromkeys(target for one in members for target in one.incident.known)),
        muted=(head.muted or "cause") if quiet else "",
        owed="",
        silenced_until=None,
        pinged=True,
    )


def _after(one: Told, shown: Incident, now: Instant, *, over: bool, called: bool) -> Incident:
    """A member after the message was told: who knows of it, and until when."""
    incident = one.incident
    if incident.stage is Stage.RESOLVED or hushed(incident):
        known = () if over else incident.known
        return replace(incident, targets=shown.targets, known=known, told_at=now)

    pinged = incident.pinged or (called and pings(incident, one.changes))
    return replace(incident, targets=shown.targets, known=shown.known, told_at=now, pinged=pinged)


def _of_target(notice: Notice, members: Sequence[Told], *, calls: bool, quiet: bool) -> dict[str, object]:
    """What is its own in the body for one target: which of them are new to it, and whether people are called."""
    if notice.kind == "recovery":
        heard = [one.incident.number for one in members if notice.target in one.incident.known]
        return {"ping": False, "quiet": quiet, "about": heard}

    if notice.body["quiet"]:
        return {"ping": False}

    told_of = [one.incident for one in members if one.incident.stage is not Stage.RESOLVED]
    new = [i.number for i in told_of if not hushed(i) and notice.target not in i.known]
    if not new:
        return {"ping": calls}

    words = [word for word in cast("list[str]", notice.body["changes"]) if word not in {"opened", "value"}]
    loud = [one.incident.number for one in members if _is_loud(one, over=False)]
    return {"ping": calls, "minor": False, "changes": ["opened", *words], "about": sorted({*loud, *new})}


def _line(one: Told) -> dict[str, object]:
    incident = one.incident
    return {
        "number": incident.number,
        "text": line(incident, one.rule),
        "subject": incident.title,
        "peak": peak_words(incident, one.rule),
        "severity": incident.severity.value,
        "stage": incident.stage.value,
        "since": incident.since,
        "until": incident.resolved_at,
        "why": incident.muted_why,
    }


def _text(members: Sequence[Told], *, over: bool) -> str:
    head = f"All {len(members)} are over" if over else f"{len(members)} incidents at once"
    return f"{head}: {'; '.join(line(one.incident, one.rule) for one in members)}"
