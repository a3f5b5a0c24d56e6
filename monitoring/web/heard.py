"""Ids of operations that senders told already, so that nothing is counted twice because it was sent twice."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import OrderedDict

from monitoring.errors import StoreError
from monitoring.monitor import Monitor
from monitoring.rows import Change, Document

_log = logging.getLogger(__name__)

KIND = "heard"
PAGE, PAGES = 500, 100
"""Ids on a page, and pages: what is remembered is the newest 50,000."""
KEEP_AFTER = 1.0
"""Seconds until a page is stored: after the facts themselves, so that a crash loses none that was thought told."""


class Heard:
    """The newest ids, kept in the store too; an id counts for its sender only."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._pages: OrderedDict[int, dict[str, None]] = OrderedDict({0: {}})
        self._known: set[str] = set()
        self._unkept: set[int] = set()
        self._keeping: asyncio.Task[None] | None = None

    async def recall(self) -> None:
        """What was heard before the start; where the store cannot be read now, only what comes is known."""
        try:
            stored = await self._monitor.store.load(KIND)
        except StoreError as error:
            _log.warning("Ids of operations sent before the start are not known: %s", error)
            return

        told = [row.body for row in stored]
        for body in sorted(told, key=lambda body: _number(body.get("page"))):
            ids = body.get("ids")
            if isinstance(ids, list):
                self._pages[_number(body.get("page"))] = dict.fromkeys(map(str, ids))

        self._known = {one for page in self._pages.values() for one in page}

    def hear(self, sender: str, told: str) -> bool:
        """Remember an id; False if it was heard before."""
        digest = hashlib.blake2b(f"{sender}\0{told}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
        if digest in self._known:
            return False

        number, page = next(reversed(self._pages.items()))
        if len(page) >= PAGE:
            number, page = number + 1, {}
            self._pages[number] = page
            if len(self._pages) > PAGES:
                self._known -= self._pages.popitem(last=False)[1].keys()

        page[digest] = None
        self._known.add(digest)
        self._unkept.add(number)
        if self._keeping is None:
            self._keeping = asyncio.create_task(self._keep_soon(), name="monitoring-web-heard")

        return True

    async def close(self) -> None:
        """Keep what is not kept yet."""
        keeping, self._keeping = self._keeping, None
        if keeping is not None:
            keeping.cancel()
            await asyncio.wait({keeping})

        await self._keep()

    async def _keep_soon(self) -> None:
        await asyncio.sleep(KEEP_AFTER)
        self._keeping = None
        await self._keep()

    async def _keep(self) -> None:
        """Store the pages that have changed; what the store refuses now goes with the next ids."""
        store = self._monitor.store
        for number in sorted(self._unkept):
            self._unkept.discard(number)
            key, ids = f"{number % PAGES:02}", list(self._pages.get(number, ()))
            try:
                found = await store.load(KIND, key=key)
                version = found[0].version if found else 0
                await store.save([Change(Document(KIND, key, version, {"page": number, "ids": ids}))])
            except StoreError as error:
                self._unkept.add(number)
                _log.warning("Ids of operations could not be stored: %s", error)
                return


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
