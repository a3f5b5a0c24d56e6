"""The rows of the outbox, in the store and in the emergency ring: read, claimed, put back, taken out."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from monitoring.alerting.documents import DEAD, NOTICE, insertion, notice_document, notice_of
from monitoring.alerting.ring import Ring
from monitoring.alerting.shelf import Shelf
from monitoring.errors import StoreError
from monitoring.incident import Notice
from monitoring.model import SECOND, Instant
from monitoring.rows import Change, Document

log = logging.getLogger(__name__)

LEASE = 60 * SECOND
"""A claim that is not kept up is free again after so long."""


@dataclass(frozen=True, slots=True)
class Row:
    """One waiting notice. `version` 0: it lies in the ring."""

    notice: Notice
    due: Instant
    owner: str = ""
    until: Instant = 0
    failed_at: Instant = 0
    """When it was last tried in vain."""
    version: int = field(default=0)

    @property
    def document(self) -> Document:
        """The row as it is stored."""
        stored = notice_document(self.notice)
        lease: dict[str, object] = {"owner": self.owner, "until": self.until, "failed_at": self.failed_at}
        return replace(stored, version=self.version, due=self.due, body=stored.body | lease)


class Waiting:
    """All rows that wait; every change of one is conditional, so that no two outboxes tell the same."""

    def __init__(self, store: Shelf, ring: Ring, owner: str) -> None:
        self._store = store
        self._ring = ring
        self._owner = owner
        self._ring_rows: dict[str, Row] = {}
        self._known: dict[str, Row] = {}
        """Stored rows as last seen, with which it goes on while the store fails."""
        self._failing = False
        self._done: set[str] = set()
        """Keys of what was told but could not be taken out of the store yet."""

    async def rows(self) -> list[Row]:
        """Everything that waits; while the store fails, the ring's and what was last seen in the store."""
        try:
            self._known = {row.notice.key: row for row in map(_row, await self._store.load(NOTICE))}
        except StoreError as error:
            self._failed(error)
        else:
            self._failing = False
            await self._clear_up()

        ringed = [n for n in self._ring.all() if n.key not in self._known]
        self._ring_rows = {n.key: self._ring_rows.get(n.key, Row(n, n.at)) for n in ringed}
        found = [*self._known.values(), *self._ring_rows.values()]
        return [row for row in found if row.notice.key not in self._done]

    def free(self, row: Row, now: Instant) -> bool:
        """Whether it may be claimed: nobody else holds it. Its own claims are left over from before a restart."""
        return row.owner in {"", self._owner} or now >= row.until or row.until > now + 2 * LEASE

    async def claim(self, row: Row, now: Instant) -> Row | None:
        """The row as claimed; None if somebody else was first."""
        return await self._put(replace(row, owner=self._owner, until=now + LEASE))

    async def back(self, row: Row, due: Instant, now: Instant) -> None:
        """Put it back after a failure, to be tried again when due."""
        notice = replace(row.notice, attempts=row.notice.attempts + 1)
        await self._put(replace(row, notice=notice, due=due, owner="", until=0, failed_at=now))

    async def done(self, row: Row) -> None:
        """Take it out: it was told."""
        self._ring.drop([row.notice.key])
        if row.version:
            self._done.add(row.notice.key)
            await self._save([Change(row.document, delete=True)])

    async def bury(self, row: Row, why: str, now: Instant) -> None:
        """Give it up; it stays to be seen, and is not tried again."""
        self._ring.drop([row.notice.key])
        body = row.document.body | {"why": why, "died_at": now}
        grave = Change(Document(DEAD, f"{row.notice.key}@{now}", 0, body))
        changes = [Change(row.document, delete=True), grave] if row.version else [grave]
        if await self._save(changes) is None and row.version:
            self._done.add(row.notice.key)

    async def exchange(self, rows: Sequence[Row], instead: Notice | None = None) -> bool:
        """Take rows out and put one notice in their place, all in one transaction."""
        stored = [row for row in rows if row.version]
        changes = [Change(row.document, delete=True) for row in stored]
        saved = await self._save([*changes, *([insertion(instead)] if instead else [])]) if stored else None
        if saved is False:
            return False

        if saved is None:
            self._done.update(row.notice.key for row in stored)
            if instead is not None:
                self._ring.put(instead)

        self._ring.drop([row.notice.key for row in rows])
        return True

    def new(self, notice: Notice) -> Row:
        """The row of a notice that was just put in."""
        ringed = any(n.key == notice.key for n in self._ring.all())
        return Row(notice, notice.at, version=0 if ringed else 1)

    async def add(self, notice: Notice) -> None:
        """Put a new notice in, into the ring if the store takes none."""
        if not await self._save([insertion(notice)]):
            self._ring.put(notice)

    async def _put(self, row: Row) -> Row | None:
        """Write the row; in memory only if it lies in the ring or the store fails. None if somebody was first."""
        if not row.version:
            self._ring_rows[row.notice.key] = row
            return row

        saved = await self._save([Change(row.document)])
        if saved is None:
            self._known[row.notice.key] = row
            return row

        return replace(row, version=row.version + 1) if saved else None

    async def _save(self, changes: Sequence[Change]) -> bool | None:
        """Save; False if somebody was first, None if the store fails."""
        try:
            return await self._store.save(changes)
        except StoreError as error:
            self._failed(error)
            return None

    def _failed(self, error: StoreError) -> None:
        if not self._failing:
            log.warning("the outbox goes on from memory, the store fails: %s", error)

        self._failing = True

    async def _clear_up(self) -> None:
        """Take out what was told while the store took no changes."""
        for key in list(self._done):
            row = self._known.get(key)
            if row is None or await self._save([Change(row.document, delete=True)]):
                self._done.discard(key)
                self._known.pop(key, None)


def _row(document: Document) -> Row:
    body = document.body
    lease = {name: value for name in ("until", "failed_at") if isinstance(value := body.get(name), int)}
    notice = notice_of(document)
    return Row(notice, document.due or notice.at, str(body.get("owner", "")), version=document.version, **lease)
