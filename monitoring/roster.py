"""Which personas there are, and which colour slot each was given when it was first seen."""

from __future__ import annotations

from collections.abc import Iterable

from monitoring.interfaces import Store
from monitoring.recording.personas import Personas
from monitoring.rows import Change, Document

KIND = "persona"
MOST = 1_000
"""Personas that are remembered; a webhook that takes a new name for each message must not fill the store."""


class Roster:
    """Keeps names and slots in the store. A slot never moves with rank; from the eleventh on all share one colour."""

    def __init__(self, store: Store, registry: Personas) -> None:
        self._store = store
        self._registry = registry
        self.slots: dict[str, int] = {}

    async def load(self) -> None:
        """Learn the personas of earlier runs, so that their names are known before they speak."""
        documents = sorted(await self._store.load(KIND), key=_slot)
        for document in documents:
            self.slots.setdefault(self._registry.add(document.key), _slot(document))

    async def update(self) -> None:
        """Give slots to the personas that came since."""
        await self.admit(self._registry.names())

    async def admit(self, names: Iterable[str]) -> None:
        """Give each of these names that has none the next slot."""
        for name in names:
            if name in self.slots or len(self.slots) >= MOST:
                continue

            slot = max(self.slots.values(), default=0) + 1
            await self._store.save([Change(Document(KIND, name, 0, {"slot": slot}))])
            self.slots[name] = slot


def _slot(document: Document) -> int:
    slot = document.body.get("slot")
    return slot if isinstance(slot, int) else 0
