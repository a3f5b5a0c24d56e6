"""The incidents as the watch knows them: in memory, and in the store when it takes them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from monitoring.alerting.documents import (
    INCIDENT,
    PENDING,
    incident_document,
    incident_key,
    incident_of,
    insertion,
)
from monitoring.alerting.judge import PATIENCE
from monitoring.alerting.life import LIVE
from monitoring.alerting.ring import Ring
from monitoring.alerting.shelf import Shelf
from monitoring.errors import StoreError
from monitoring.incident import Incident, Notice, Stage
from monitoring.model import Instant
from monitoring.rows import Change, Document

log = logging.getLogger(__name__)

Place: TypeAlias = tuple[str, str]
"""A rule's name and a group."""


@dataclass(frozen=True, slots=True)
class Move:
    """One incident before and after; None: there was, or is, none. With the notices that belong to it."""

    before: Incident | None
    after: Incident | None
    notices: tuple[Notice, ...] = ()


class Ledger:
    """All incidents that live, and those resolved a short time ago."""

    def __init__(self, store: Shelf, ring: Ring) -> None:
        self._store = store
        self._ring = ring
        self.live: dict[Place, Incident] = {}
        """Pending, open and recovering ones."""
        self.last: dict[Place, Incident] = {}
        """The newest resolved one of each place, which may open again."""
        self.kept: dict[int, Incident] = {}
        """By number, those that are told in one message with others still open, or wait for their line."""
        self.newest = 0
        self.loaded = False
        self.adrift = False
        """The store has failed, and what happened since is only in memory."""
        self._touched: dict[int, Incident] = {}
        """What changed while adrift, by number."""

    async def load(self) -> None:
        """Take everything from the store. Raises StoreError."""
        incidents = [incident_of(d) for d in await self._store.load(INCIDENT)]
        pending = [incident_of(d) for d in await self._store.load(PENDING)]
        self.live, self.last, self.kept = {}, {}, {}
        for incident in (*incidents, *pending):
            self._remember(incident)

        self._let_go()
        self.loaded = True

    async def all(self) -> list[Incident]:
        """Every incident ever, oldest first; those in memory if the store fails."""
        known = {i.number: i for i in (*self.last.values(), *self.live.values()) if i.number}
        try:
            stored = [incident_of(d) for d in await self._store.load(INCIDENT)]
        except StoreError:
            stored = []

        found = {i.number: i for i in stored} | known
        return [found[number] for number in sorted(found)]

    async def find(self, number: int) -> Incident | None:
        """The incident of a number, from memory or the store. Raises StoreError."""
        for incident in (*self.live.values(), *self.last.values(), *self.kept.values()):
            if number and incident.number == number:
                return incident

        stored = await self._store.load(INCIDENT, key=incident_key(number))
        return incident_of(stored[0]) if stored else None

    async def commit(self, moves: Sequence[Move]) -> bool:
        """Save all moves with their notices in one transaction; False if somebody else was first.

        If the store fails, the moves count in memory and their notices go into the ring.
        """
        if self.adrift:
            self._drift(moves)
            return True

        changes = [change for move in moves for change in _changes(move)]
        try:
            saved = await self._store.save(changes)
        except StoreError as error:
            log.warning("incidents cannot be stored, going on from memory: %s", error)
            self.adrift = True
            self._drift(moves)
            return True

        if saved:
            for move in moves:
                self._apply(move, saved=True)

        return saved

    async def land(self) -> None:
        """Bring what happened in memory into the store again, if it takes it. What others changed meanwhile stands."""
        try:
            stored = {i.number: i for i in [incident_of(d) for d in await self._store.load(INCIDENT)]}
            pending = {d.key: d for d in await self._store.load(PENDING)}
            changes = [Change(incident_document(i)) for i in _landing(list(self._touched.values()), stored)]
            changes += _pending_changes(pending, [i for i in self.live.values() if i.stage is Stage.PENDING])
            if not changes or await self._store.save(changes):
                await self.load()
                self.adrift = False
                self._touched.clear()
        except StoreError:
            return

    def forget(self, now: Instant, cooldown: int) -> None:
        """Let go of what was resolved so long ago that it cannot open again."""
        for place, incident in list(self.last.items()):
            if incident.resolved_at is not None and now - incident.resolved_at > max(PATIENCE, cooldown):
                del self.last[place]

        self._let_go()

    def numbered(self) -> dict[int, Incident]:
        """All in memory that have a number."""
        found = (*self.kept.values(), *self.last.values(), *self.live.values())
        return {incident.number: incident for incident in found if incident.number}

    def _let_go(self) -> None:
        """Forget messages of several of which none is open any more."""
        open_batches = {incident.batch for incident in self.live.values()}
        for number, incident in list(self.kept.items()):
            if not incident.late and incident.batch not in open_batches:
                del self.kept[number]

    def measure(self, incident: Incident) -> None:
        """Keep a new figure in memory only."""
        self.live[incident.rule, incident.group] = incident

    def _drift(self, moves: Sequence[Move]) -> None:
        for move in moves:
            self._apply(move, saved=False)
            for notice in move.notices:
                self._ring.put(notice)

            if move.after is not None and move.after.number:
                self._touched[move.after.number] = move.after

    def _apply(self, move: Move, *, saved: bool) -> None:
        before, after = move.before, move.after
        if before is not None and before.stage in LIVE:
            self.live.pop((before.rule, before.group), None)

        if after is not None:
            self._remember(replace(after, version=after.version + 1) if saved else after)

    def _remember(self, incident: Incident) -> None:
        place = (incident.rule, incident.group)
        self.newest = max(self.newest, incident.number)
        if incident.batch or incident.late:
            self.kept[incident.number] = incident
        else:
            self.kept.pop(incident.number, None)

        if incident.stage in LIVE:
            # An open one outranks a pending one of the same place, which a crash between clusters may leave behind.
            if incident.stage is not Stage.PENDING or place not in self.live:
                self.live[place] = incident

            if incident.stage is not Stage.PENDING:
                self.last.pop(place, None)

            return

        known = self.last.get(place)
        if known is None or known.number <= incident.number:
            self.last[place] = incident


def _changes(move: Move) -> list[Change]:
    """A move as conditional changes."""
    before, after = move.before, move.after
    changes = [insertion(notice) for notice in move.notices]
    was_pending = before is not None and before.stage is Stage.PENDING and before.version > 0
    if before is not None and was_pending and (after is None or after.stage is not Stage.PENDING):
        changes.append(Change(incident_document(before), delete=True))

    if after is not None:
        changes.append(Change(incident_document(after)))

    return changes


def _landing(touched: Sequence[Incident], stored: dict[int, Incident]) -> list[Incident]:
    """What of memory goes into the store: unless it was changed there meanwhile, or is known there already.

    A new one whose number was given to another gets the next free one.
    """
    changed = {i.number: i for i in touched if i.number in stored and stored[i.number].version == i.version}
    # What ended in memory no longer holds its place, so that what opened there after it is not forgotten.
    taken = {(i.rule, i.group) for i in (stored | changed).values() if i.stage in LIVE}
    newest = max(stored, default=0)
    new: list[Incident] = []
    numbers: dict[int, int] = {}
    for incident in (i for i in touched if i.version == 0):
        if (incident.rule, incident.group) in taken and incident.stage in LIVE:
            continue

        newest = max(newest + 1, 0 if incident.number in stored else incident.number)
        numbers[incident.number] = newest
        new.append(replace(incident, number=newest))

    return [_renamed(incident, numbers) for incident in (*changed.values(), *new)]


def _renamed(incident: Incident, numbers: Mapping[int, int]) -> Incident:
    """The incident with the numbers that others got."""
    batch, cause = incident.batch, incident.suppressed_by
    return replace(incident, batch=numbers.get(batch, batch), suppressed_by=numbers.get(cause, cause))


def _pending_changes(stored: dict[str, Document], pending: Sequence[Incident]) -> list[Change]:
    """What makes the stored pending ones those of memory."""
    documents = [incident_document(incident) for incident in pending]
    keys = {document.key for document in documents}
    saved = [
        Change(replace(document, version=stored[document.key].version if document.key in stored else 0))
        for document in documents
    ]
    return [*saved, *(Change(document, delete=True) for key, document in stored.items() if key not in keys)]
