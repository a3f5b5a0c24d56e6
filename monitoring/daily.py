"""The digest of a day: loads what it tells of, and sees that each local date is told exactly once (F9)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date as Date

from monitoring import digest
from monitoring.alerting.documents import DIGEST, insertion
from monitoring.alerting.notices import announcement, digest_notice
from monitoring.alerting.watch import Watch
from monitoring.digest import Digest
from monitoring.interfaces import Clock, Store
from monitoring.model import Instant
from monitoring.questions import Questions
from monitoring.rows import Document
from monitoring.window import Scope

SCOPE = "bot"
"""Digests are about the whole bot, in the ops channel."""


class Daily:
    """Makes digests and puts them into the outbox when they are due."""

    def __init__(
        self,
        store: Store,
        questions: Questions,
        watch: Watch,
        *,
        clock: Clock,
        zone: str,
        at: str,
        targets: Callable[[], Sequence[str]],
        first_at: Callable[[], Instant | None],
    ) -> None:
        self._store = store
        self._questions = questions
        self._watch = watch
        self._clock = clock
        self._zone = zone
        self._at = at
        self._targets = targets
        self._first_at = first_at

    async def digest(self, date: str | None = None) -> Digest:
        """The digest of a local date; without one, of the last complete day. ValueError for what is no date."""
        date = date or digest.last_complete_day(self._clock.now(), self._zone)
        day = Date.fromisoformat(date)
        window, scope = digest.day_window(day, self._zone), Scope(None)
        return digest.digest(
            date,
            self._zone,
            await self._questions.overview(window, scope),
            personas=await self._questions.persona_table(window, scope),
            banter=await self._questions.banter(window, scope),
            relationships=await self._questions.relationships(window, scope),
            incidents=await self._watch.incidents(),
            rules=self._watch.rules,
        )

    async def send_due(self) -> bool:
        """Put the digest that is due into the outbox, with its mark in the same transaction; whether there was one."""
        now, first_at, targets = self._clock.now(), self._first_at(), list(self._targets())
        if first_at is None or not targets:
            return False

        marks = {str(d.body["date"]): d for d in await self._store.load(DIGEST) if d.body.get("scope") == SCOPE}
        first = digest.first_full_day(first_at, self._zone)
        day = digest.due(marks, now, self._zone, self._at, first)
        if day is None:
            return False

        stale: list[Document] = [marks[mark] for mark in digest.ahead(marks, now, self._zone)]
        late = digest.is_late(day, now, self._zone, self._at)
        return await self._store.save(announcement(SCOPE, day.isoformat(), now, targets, late=late, stale=stale))

    async def send_now(self) -> None:
        """Put the digest of the last complete day into the outbox, whatever was sent before."""
        now = self._clock.now()
        date = digest.last_complete_day(now, self._zone)
        await self._store.save([insertion(digest_notice(SCOPE, date, now, t)) for t in self._targets()])
