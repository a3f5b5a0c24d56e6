"""The daily backup of a store in use: in a thread of its own, and stopped at once when the store is closed."""

from __future__ import annotations

import asyncio
from pathlib import Path

from monitoring.errors import StoreError
from monitoring.model import Instant
from monitoring.store.backup import Backups
from monitoring.store.errand import Errand, Stopped
from monitoring.store.threads import Threads


class DailyBackup:
    """Makes backups and remembers how it went. One at a time."""

    def __init__(self, backups: Backups) -> None:
        self._backups = backups
        self._threads = Threads()
        self._errand = Errand()
        self._under_way: asyncio.Future[Path] | None = None
        self.failures = 0
        """Backups that could not be made, since the start."""
        self.problem = ""
        """Why the latest could not be made, as a sentence; "" once one is made."""

    async def make(self, now: Instant) -> None:
        """Make one, however long it takes; one that is in the making is waited for, and no other made.

        Raises StoreError, after which the store is as good as before.
        """
        if self._under_way is not None and not self._under_way.done():
            await asyncio.shield(self._under_way)
            return

        # Shielded: the thread goes on when its caller is cancelled, and is waited for when the store is closed.
        making = asyncio.ensure_future(self._threads.run(self._backups.make, now, self._errand))
        self._under_way = making
        try:
            await asyncio.shield(making)
        except Stopped:
            raise
        except StoreError as error:
            self.failures += 1
            self.problem = f"The daily backup failed, and is tried again in an hour. {error}"
            raise

        self.problem = ""

    async def close(self) -> None:
        """End what is under way where it stands; half a backup is none and leaves nothing."""
        self._errand.stop()
        if self._under_way is not None:
            await asyncio.wait([self._under_way])
            if not self._under_way.cancelled():
                self._under_way.exception()  # Looked at, so that nobody complains of it later.

        self._threads.close()
        self._threads, self._errand, self._under_way = Threads(), Errand(), None
