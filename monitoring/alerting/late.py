"""What need not be told any more, and what is told together: decided from the waiting notices of one target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from monitoring.incident import Notice
from monitoring.model import Instant

LINES = 25
"""As many incidents get a line of their own in a late message; the rest is counted."""
OPENINGS = frozenset({"opened", "reopened"})


@dataclass(frozen=True, slots=True)
class Tidied:
    """Notices that a newer one makes needless, and those that become one late message."""

    needless: tuple[Notice, ...] = ()
    late: tuple[Notice, ...] = ()


def tidy(waiting: Iterable[Notice]) -> Tidied:
    """Sort out the waiting notices of one target.

    An edit is needless when a newer notice of its subject waits too. An incident that opened and ended while nothing
    could be sent goes into the late message, and so does a late message that still waits.
    """
    needless: list[Notice] = []
    together: list[Notice] = []
    waiting_late: list[Notice] = []
    for notices in by_subject(waiting).values():
        if notices[0].kind == "late":
            waiting_late += notices
            continue

        first = next((i for i, n in enumerate(notices) if OPENINGS & set(changes(n))), None)
        # What was told before must end before it is told that it came and went once more.
        older = any(not n.body.get("minor") for n in notices[:first])
        if first is not None and notices[-1].kind == "recovery" and not older:
            together += notices[first:]
            notices = notices[:first]

        needless += [n for n in notices[:-1] if n.body.get("minor")]

    together += waiting_late if together or len(waiting_late) > 1 else []
    return Tidied(tuple(needless), tuple(together))


def by_subject(notices: Iterable[Notice]) -> Mapping[str, list[Notice]]:
    """Notices of each subject in their order, subjects in the order of their first event, late news first."""
    found: dict[str, list[Notice]] = {}
    for notice in sorted(notices, key=lambda n: n.key):
        found.setdefault(notice.subject, []).append(notice)

    return dict(sorted(found.items(), key=lambda item: (item[1][0].kind != "late", item[1][0].at, item[0])))


def changes(notice: Notice) -> Sequence[str]:
    """What changed, as the notice says."""
    return cast("Sequence[str]", notice.body.get("changes", ()))


def numbers(notice: Notice) -> list[int]:
    """The incidents that a notice is about: one, or all that share its message."""
    members = cast("Sequence[dict[str, Any]]", notice.body.get("members") or ())
    return [member["number"] for member in members] or [int(notice.subject)]


def late_notice(notices: Sequence[Notice], target: str, now: Instant, nonce: str) -> Notice:
    """One message for all incidents that came and went meanwhile, a line each."""
    lines: dict[int, dict[str, Any]] = {}
    more = 0
    for notice in notices:
        body = cast("dict[str, Any]", notice.body)
        if notice.kind == "late":
            more += body["more"]
            lines.update({line["number"]: line for line in body["lines"]})
        elif notice.kind == "recovery":
            for one in body.get("members") or [body]:
                lines[one["number"]] = {
                    "number": one["number"],
                    "text": ", ".join(words for words in (one["subject"], one["peak"]) if words),
                    "severity": one["severity"],
                    "since": one["since"],
                    "until": one["until"],
                }

    ordered = sorted(lines.values(), key=lambda line: (line["since"], line["number"]))
    began = min((cast("Instant", n.body.get("from", n.at)) for n in notices), default=now)
    body = {"from": began, "until": now, "lines": ordered[:LINES], "more": more + len(ordered[LINES:])}
    reasons = {notice.body.get("reason") if notice.kind == "late" else None for notice in notices}
    if len(reasons) == 1 and None not in reasons:
        body["reason"] = reasons.pop()

    return Notice(f"late {now:015}/{target}/{nonce}", "late", now, "late", target, nonce, body)
