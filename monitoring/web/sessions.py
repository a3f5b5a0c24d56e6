"""Sessions of browsers: a random cookie, of which a digest is kept, as long as the key it was made with is one."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from monitoring.errors import StoreError
from monitoring.model import HOUR, Instant
from monitoring.web.keys import Key, Keys

if TYPE_CHECKING:
    from monitoring.monitor import Monitor

COOKIE = "greenroom"
LASTS = 12 * HOUR
MOST = 100
"""Sessions at once; of more, the oldest ends."""
SETTING = "web_sessions"


class Sessions:
    """Who is signed in; kept in the store too, so that nobody signs in again because the bot started anew."""

    def __init__(self, monitor: Monitor, keys: Keys) -> None:
        self._monitor = monitor
        self._keys = keys
        self._open: dict[str, tuple[str, Instant]] = {}
        """By digest: the name of the key, and until when."""

    async def recall(self) -> None:
        """Those of before the start; where the store cannot be read now, everybody signs in again."""
        try:
            stored = await self._monitor.setting(SETTING)
        except StoreError:
            return

        for digest, told in stored.items() if isinstance(stored, dict) else ():
            match told:
                case [str(name), int(until)] if self._keys.named(name) is not None:
                    self._open[digest] = (name, until)

    async def begin(self, key: Key) -> str:
        """Sign in with a key; the cookie's value."""
        token, now = secrets.token_urlsafe(32), self._monitor.clock.now()
        self._open = {digest: told for digest, told in self._open.items() if told[1] > now}
        while len(self._open) >= MOST:
            del self._open[next(iter(self._open))]

        self._open[_digest(token)] = (key.name, now + LASTS)
        await self._keep()
        return token

    async def end(self, token: str) -> None:
        """Sign out."""
        if self._open.pop(_digest(token), None) is not None:
            await self._keep()

    def find(self, token: str) -> Key | None:
        """The key that this cookie was made with; None once it is over, signed out, or the key is none any more."""
        name, until = self._open.get(_digest(token), ("", 0))
        return self._keys.named(name) if until > self._monitor.clock.now() else None

    async def _keep(self) -> None:
        try:
            await self._monitor.set_setting(SETTING, {digest: list(told) for digest, told in self._open.items()})
        except StoreError:
            # It holds until the next start all the same.
            return


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
