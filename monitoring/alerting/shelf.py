"""The documents of the store, asked for with a time limit: alerting goes on from memory rather than wait."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from monitoring.errors import StoreError
from monitoring.model import Instant
from monitoring.rows import Change, Document

STORE_LIMIT = 10.0
"""Seconds the store may take."""


class Documents(Protocol):
    """The part of a store that alerting needs."""

    async def load(self, kind: str, *, key: str | None = None, due: Instant | None = None) -> list[Document]:
        """Documents of a kind; or only the one of a key; or those due."""

    async def save(self, changes: Sequence[Change]) -> bool:
        """Apply all changes if every version is as expected, else none: then False."""


class Shelf:
    """As the store, but never slower than the limit: then StoreError. A save that was given up may yet be done."""

    def __init__(self, store: Documents, limit: float = STORE_LIMIT) -> None:
        self._store = store
        self._limit = limit

    async def load(self, kind: str, *, key: str | None = None) -> list[Document]:
        """Documents of a kind, or only the one of a key."""
        try:
            async with asyncio.timeout(self._limit):
                return await self._store.load(kind, key=key)
        except TimeoutError as error:
            raise StoreError("the store does not answer") from error

    async def save(self, changes: Sequence[Change]) -> bool:
        """Apply all changes in one transaction, or none: then False."""
        try:
            async with asyncio.timeout(self._limit):
                return await self._store.save(changes)
        except TimeoutError as error:
            raise StoreError("the store does not answer") from error
