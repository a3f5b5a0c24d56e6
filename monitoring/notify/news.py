"""What a notice says in plain words: the same for mail, Slack, webhooks and the console."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from monitoring.incident import Notice
from monitoring.model import Instant, Severity
from monitoring.phrasing import clock, day, duration, zone_name
from monitoring.safe_text import plain_text

LONGEST = 300
"""Characters of one line."""
MOST = 25
"""Lines of a late message."""
_MARKS = re.compile(r"\\(?P<literal>.)|<t:(?P<at>\d+)(?::\w)?>|\*\*|`|\u2060", re.DOTALL)
_OPENINGS = {
    "flapping": ("🔁", "Flapping"),
    "reopened": ("", "Open again"),
    "silence_ended": ("", "Still open after its silence"),
    "cause_ended": ("", "Still open though its cause is over"),
    "quiet_over": ("", "Still open after quiet hours"),
    "flapping_ended": ("", "Steadily broken now"),
    "escalated": ("", "Critical now"),
    "unheeded": ("", "Nobody has acknowledged"),
    "opened": ("", "Open"),
}


@dataclass(frozen=True, slots=True)
class News:
    """What is told, in plain text without markup: each place puts it into its own form."""

    kind: str
    """As the notice's."""
    about: str
    """The rule's name; for what is about none, the kind."""
    title: str
    """What: with emoji, one line."""
    lines: tuple[str, ...]
    """So what."""
    at: Instant
    """When it happened."""
    zone: str
    state: str = "unknown"
    """good, warning, critical or unknown: the colour it has everywhere."""
    severity: Severity = Severity.INFO
    status: str = ""
    """open or resolved, where it is about an incident."""
    fields: tuple[tuple[str, str], ...] = ()
    """Short names and values."""
    advice: str = ""
    """What to do."""
    runbook: str = ""
    link: str = ""
    """Where its message is in Discord."""
    footer: str = ""
    details: Mapping[str, object] = field(default_factory=dict)
    """The same as data, for programs."""

    @property
    def when(self) -> str:
        """The time of the event in words: "11 Mar, 12:00 CET"."""
        return f"{day(self.at, self.zone)}, {clock(self.at, self.zone)} {zone_name(self.at, self.zone)}"


def plain(words: str, zone: str) -> str:
    """Text that was made for Discord, without its markup; times as times of day."""

    def bare(found: re.Match[str]) -> str:
        if found["at"]:
            return clock(int(found["at"]) * 1000, zone)

        return found["literal"] or ""

    return plain_text(_MARKS.sub(bare, words), LONGEST)


def is_told(notice: Notice) -> bool:
    """Whether places that cannot edit a message hear of it: mere edits are left out, every recovery is told."""
    return notice.kind == "recovery" or not (notice.body.get("minor") or notice.body.get("quiet"))


def news_of(notice: Notice, zone: str) -> News:
    """The news of a notice from its body alone, so that it can be told while the store is down."""
    make: Mapping[str, Callable[[Notice, str], News]] = {
        "incident": _incident,
        "recovery": _recovery,
        "late": _late,
        "message": _message,
        "digest": _digest,
    }
    return make.get(notice.kind, _incident if "number" in notice.body else _other)(notice, zone)


def test_news(name: str, at: Instant, zone: str) -> News:
    """What a trial of a notifier says."""
    line = "If you read this, notices of the monitoring arrive here. There is nothing to do."
    return News("test", "test", f"🟢 Test of {name}", (line,), at, zone, "good", details={"test": True})


def _incident(notice: Notice, zone: str) -> News:
    body = cast("dict[str, Any]", notice.body)
    critical = _severity(body) is Severity.CRITICAL
    changes: Sequence[str] = body.get("changes", ())
    sign, word = next((found for change, found in _OPENINGS.items() if change in changes), ("", "Open"))
    sign = sign or ("🟥" if critical else "🔶")
    word = "Open, critical" if critical and word == "Open" else word
    since = _time(body.get("since", notice.at), zone)
    limit, value = _text(body.get("limit")), _text(body.get("value"))
    first = f"Limit {limit}. Since {since}." if limit else f"Since {since}."
    lines = [first, *_members(body), _text(body.get("why")).capitalize(), _symptoms(body)]
    if body.get("members"):
        return _several(notice, zone, f"{sign} {len(body['members'])} incidents at once", lines[1:], critical=critical)

    return _about_incident(
        notice,
        zone,
        title=f"{sign} {word}: {_subject(body)} {value}".strip(),
        lines=lines,
        state="critical" if critical else "warning",
        status="open",
        fields=_fields(("Now", value), ("Limit", limit), ("Since", since), ("Worst", _text(body.get("peak")))),
    )


def _several(notice: Notice, zone: str, title: str, lines: Sequence[str], *, critical: bool) -> News:
    """Several incidents in one message."""
    state = "critical" if critical else "warning"
    return _about_incident(notice, zone, title=title, lines=lines, state=state, status="open", fields=())


def _members(body: Mapping[str, Any]) -> list[str]:
    """A line for each of several incidents."""
    rows = [_text(row.get("text")) for row in body.get("members") or ()]
    return [*rows[:MOST], f"and {len(rows) - MOST} more"] if len(rows) > MOST else rows


def _symptoms(body: Mapping[str, Any]) -> str:
    """What is quiet because of it."""
    found = [_text(title) for title in body.get("symptoms") or ()]
    return f"Quiet because of it: {', '.join(found)}." if found else ""


def _recovery(notice: Notice, zone: str) -> News:
    body = cast("dict[str, Any]", notice.body)
    since, until = _time(body.get("since"), zone), _time(body.get("until") or notice.at, zone)
    lasted = duration(body["lasted"]) if isinstance(body.get("lasted"), int | float) else ""
    peak = _text(body.get("peak"))
    closed = "closed" in body.get("changes", ())
    span = f"{since} to {until}" if since else f"over at {until}"
    first = f"Lasted {lasted}, {span}{f', {peak}' if peak else ''}." if lasted else f"{span[0].upper()}{span[1:]}."
    word = "Closed" if closed else "Resolved"
    members = body.get("members")
    subject = f"all {len(members)} incidents" if members else _subject(body)
    return _about_incident(
        notice,
        zone,
        title=f"{'⚪' if closed else '🟢'} {word}: {subject}",
        lines=[first, *_members(body), _text(body.get("reason"))],
        state="unknown" if closed else "good",
        status="resolved",
        fields=_fields(("Lasted", lasted), ("From", since), ("To", until), ("Worst", peak)),
        advise=False,
    )


def _about_incident(
    notice: Notice,
    zone: str,
    *,
    title: str,
    lines: Sequence[str],
    state: str,
    status: str,
    fields: tuple[tuple[str, str], ...],
    advise: bool = True,
) -> News:
    body = cast("dict[str, Any]", notice.body)
    runbook = str(body.get("runbook") or "")
    number = body.get("number", notice.subject)
    return News(
        notice.kind,
        _text(body.get("rule")) or notice.kind,
        plain_text(title, 120),
        tuple(line for line in lines if line),
        notice.at,
        zone,
        state,
        _severity(body),
        status,
        fields,
        plain(str(body.get("advice") or ""), zone) if advise and body.get("advice") else "",
        runbook if advise and runbook.startswith(("http://", "https://")) else "",
        footer=f"Incident {number}",
        details=_details(body) | {"status": status},
    )


def _late(notice: Notice, zone: str) -> News:
    body = cast("dict[str, Any]", notice.body)
    rows: Sequence[Mapping[str, Any]] = body.get("lines", ())
    more = int(body.get("more", 0))
    n = len(rows) + more
    lines = [
        f"{_text(row.get('text'))}, {_time(row.get('since'), zone)} to {_time(row.get('until'), zone)}"
        for row in rows[:MOST]
    ]
    many = f"{n} incidents" if n != 1 else "One incident"
    lasted = duration((notice.at - body.get("from", notice.at)) / 1000)
    who = "They" if n != 1 else "It"
    why = f"while nothing could be sent here for {lasted}; nothing is lost"
    if body.get("reason"):
        why = f"during {_text(body['reason'])}"

    first = f"{who} came and went {why}."
    return News(
        "late",
        "late",
        f"🔌 {many} came and went",
        (first, *lines, *([f"and {more} more"] if more else [])),
        notice.at,
        zone,
        details=_details(body),
    )


def _message(notice: Notice, zone: str) -> News:
    text = plain(str(notice.body.get("text", "")), zone)
    head, _, rest = text.partition(". ")
    return News(
        "message", "message", f"🔌 {head.removesuffix('.')}", (rest,) if rest else (), notice.at, zone, "warning",
        Severity.WARNING, details={"text": text},
    )  # fmt: skip


def _digest(notice: Notice, zone: str) -> News:
    date = _text(notice.body.get("date"))
    return News("digest", "digest", f"📋 Digest of {date}", (), notice.at, zone, details=_details(notice.body))


def _other(notice: Notice, zone: str) -> News:
    """A kind that is not known here: what its body says of itself."""
    body = cast("dict[str, Any]", notice.body)
    title = _text(body.get("title")) or _text(body.get("text")) or notice.kind
    severity = _severity(body)
    state = "critical" if severity is Severity.CRITICAL else "warning"
    lines = tuple(plain(str(line), zone) for line in body.get("lines", ()) if isinstance(line, str))
    return News(notice.kind, notice.kind, title, lines, notice.at, zone, state, severity, details=_details(body))


def _subject(body: Mapping[str, Any]) -> str:
    return _text(body.get("subject")) or _text(body.get("text")) or _text(body.get("rule"))


def _severity(body: Mapping[str, object]) -> Severity:
    try:
        return Severity(str(body.get("severity")))
    except ValueError:
        return Severity.WARNING


def _text(value: object) -> str:
    """One line of plain text; "" for nothing."""
    return plain_text(str(value), LONGEST) if value not in (None, "") else ""


def _time(value: object, zone: str) -> str:
    """A time of day; "" for none."""
    return clock(int(value), zone) if isinstance(value, int | float) and value else ""


def _fields(*fields: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in fields if value)


def _details(body: Mapping[str, object]) -> dict[str, object]:
    """What a program may make use of: plain values, and texts without control characters."""
    kept: dict[str, object] = {}
    for name, value in body.items():
        if name in ("ping", "minor", "quiet"):
            continue

        kept[name] = plain_text(value, LONGEST) if isinstance(value, str) and value else value

    return kept
