"""The silences by what incidents are about: in memory, and in the store as soon as it takes them."""

from __future__ import annotations

import logging
import secrets
from dataclasses import replace

from monitoring.alerting.shelf import Shelf
from monitoring.alerting.silences import SILENCE, Silence, problems, silence_document, silence_of
from monitoring.errors import StoreError, UnknownName
from monitoring.model import Instant
from monitoring.rows import Change

log = logging.getLogger(__name__)

MOST_OVER = 200
"""As many silences that are over are kept, the newest."""


class SilenceBook:
    """All silences, those that are over included. What the store does not take counts in memory until it does."""

    def __init__(self, store: Shelf) -> None:
        self._store = store
        self._known: dict[str, Silence] = {}
        self._versions: dict[str, int] = {}
        self._unsaved: set[str] = set()
        self._loaded = False

    def all(self) -> tuple[Silence, ...]:
        """Every one that is known, in the order of their beginnings."""
        return tuple(sorted(self._known.values(), key=lambda silence: (silence.start, silence.id)))

    async def settle(self) -> None:
        """Take what is stored, and store what could not be before. A store that fails is tried again next time."""
        if self._loaded and not self._unsaved:
            return

        try:
            await self._load()
            for name in sorted(self._unsaved):
                await self._save(name)
        except StoreError as error:
            log.debug("silences wait for the store: %s", error)

    async def add(self, silence: Silence, now: Instant) -> Silence:
        """Keep a new silence, with an id if it has none. Raises ValueError with sentences that say how to mend it."""
        found = problems(silence)
        if found:
            raise ValueError(" ".join(found))

        silence = replace(silence, id=silence.id or secrets.token_hex(4), start=silence.start or now)
        self._known[silence.id] = silence
        self._unsaved.add(silence.id)
        self._drop_old(now)
        await self.settle()
        return silence

    async def end(self, name: str, who: str, now: Instant) -> Silence:
        """End one now; it stays to be seen. Raises UnknownName."""
        if name not in self._known:
            await self.settle()

        if name not in self._known:
            raise UnknownName(f"There is no silence {name}.")

        silence = self._known[name]
        if silence.end is None or silence.end > now:
            # One that has not begun ends at its beginning.
            silence = replace(silence, end=max(now, silence.start), ended_by=who)
            self._known[name] = silence
            self._unsaved.add(name)
            await self.settle()

        return silence

    async def _load(self) -> None:
        """What is stored, except where memory knows better."""
        for document in await self._store.load(SILENCE):
            self._versions[document.key] = document.version
            if document.key not in self._unsaved:
                self._known[document.key] = silence_of(document)

        self._loaded = True

    async def _save(self, name: str) -> None:
        silence, version = self._known.get(name), self._versions.get(name, 0)
        document = silence_document(silence or Silence(name, ""), version)
        if silence is None and not version:
            self._unsaved.discard(name)
        elif await self._store.save([Change(document, delete=silence is None)]):
            self._versions[name] = version + 1
            self._unsaved.discard(name)

    def _drop_old(self, now: Instant) -> None:
        """Forget those that ended long ago: by their number, so that a clock that jumps takes none away."""
        over = sorted((s.end, s.id) for s in self._known.values() if s.end is not None and s.end <= now)
        for _, name in over[: max(len(over) - MOST_OVER, 0)]:
            del self._known[name]
            self._unsaved.add(name)
