"""Names of staff on what they did: kept for 90 days, then it was somebody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from monitoring.interfaces import Store
from monitoring.model import DAY, Instant
from monitoring.rows import Change, Document

KEPT = 90 * DAY
SOMEBODY = "somebody"
_NAMED: Mapping[str, tuple[str, ...]] = {
    "incident": ("acknowledged_by", "silenced_by"),
    "silence": ("by", "ended_by"),
    "audit": ("who",),
}
"""Where names stand, by the kind of document."""
_OVER: Mapping[str, str] = {"incident": "resolved_at", "silence": "end", "audit": "at"}
"""The instant from which on they are kept; what has none is not over."""
_DEEDS = ("acknowledged", "silenced", "silence")
"""How the steps of an incident's history begin that end in a name."""


async def let_go_of_names(store: Store, now: Instant) -> int:
    """Replace the names on everything that was over 90 days ago; on how much that was. Raises StoreError."""
    changed = 0
    for kind in _NAMED:
        for document in await store.load(kind):
            without = nameless(document, now - KEPT)
            if without is not None and await store.save([Change(without)]):
                changed += 1

    return changed


def nameless(document: Document, before: Instant) -> Document | None:
    """The document without names, if it was over before an instant and has any."""
    over = document.body.get(_OVER[document.kind])
    if not isinstance(over, int) or over >= before:
        return None

    body = dict(document.body)
    names = {str(body[field]) for field in _NAMED[document.kind] if body.get(field)} - {SOMEBODY}
    for field in _NAMED[document.kind]:
        body[field] = SOMEBODY if body.get(field) else body.get(field, "")

    if document.kind == "incident":
        body["history"] = [_step(step) for step in _list(body.get("history"))]
        if str(body.get("muted_why") or "").startswith("silenced by "):
            body["muted_why"] = f"silenced by {SOMEBODY}"

    if document.kind == "audit":
        text = str(body.get("text") or "")
        for name in names:
            text = text.replace(name, SOMEBODY)

        body["text"] = text

    return replace(document, body=body) if body != document.body else None


def _step(step: object) -> object:
    """A step of a history without the name that its words end in."""
    at, words = step if isinstance(step, list) and len(step) == 2 else (None, "")
    before, silenced, _ = str(words).partition("silenced by ")
    if silenced:
        return [at, f"{before}{silenced}{SOMEBODY}"]

    deed, comma, _ = str(words).partition(", ")
    return [at, f"{deed}, {SOMEBODY}"] if comma and deed.startswith(_DEEDS) else step


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []
