"""Who did what: rows that say what people changed, kept with the rest of the state, the newest thousand."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from monitoring.interfaces import Clock, Store
from monitoring.model import Instant
from monitoring.rows import Change, Document

KIND = "audit"
MOST = 1_000


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that somebody did, or that the machine did by itself (`who` is "")."""

    at: Instant
    what: str
    who: str
    text: str


class Audit:
    """Writes down who did what. Raises StoreError."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def note(self, what: str, who: str, text: str) -> None:
        """Write down a deed: a word for its kind, the name of who did it, and a sentence."""
        now = self._clock.now()
        body: dict[str, object] = {"what": what, "at": now, "who": who, "text": text}
        row = Document(KIND, f"{now:015} {what} {secrets.token_hex(3)}", 0, body)
        stored = await self._store.load(KIND)
        surplus = stored[: max(len(stored) + 1 - MOST, 0)]
        if not await self._store.save([Change(row), *(Change(one, delete=True) for one in surplus)]):
            # Somebody else let go of the oldest meanwhile.
            await self._store.save([Change(row)])

    async def newest(self, most: int = 20) -> list[Deed]:
        """The newest deeds, the newest first."""
        stored = sorted(await self._store.load(KIND), key=lambda row: row.key, reverse=True)
        return [_deed(row) for row in stored[:most]]


def _deed(row: Document) -> Deed:
    body = row.body
    at = body.get("at")
    what, text = str(body.get("what") or ""), str(body.get("text") or "")
    return Deed(at if isinstance(at, int) else 0, what, str(body.get("who") or ""), text or _in_words(what, body))


def _in_words(what: str, body: dict[str, object]) -> str:
    """What rows say that have figures and no sentence."""
    seconds = body.get("seconds")
    if what == "clock_jump" and isinstance(seconds, int | float):
        return f"The clock was set {'forward' if seconds > 0 else 'back'} by {abs(seconds):,.0f} s."

    if what == "profiling":
        return "The program was profiled."

    return ""
