"""Who asks: by a key in a header, by a session's cookie, or as somebody on this machine where no key is needed."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from monitoring.settings import Settings
from monitoring.web.answer import Refusal
from monitoring.web.keys import Key, Keys, Right, is_loopback, is_reached_from_outside
from monitoring.web.limits import Limit
from monitoring.web.sessions import COOKIE, Sessions

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")
HERE = frozenset({Right.READ, Right.WRITE, Right.EXPORT, Right.OPERATE})
"""What somebody on this machine may do without a key; the program's own inside always needs one."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: `name` of the key, or the address where none is needed."""

    name: str
    rights: frozenset[Right]
    session: bool = False
    """By cookie, so from a browser."""


NOBODY = Caller("", frozenset())


class Callers:
    """Tells who asks. `failures`: wrong keys, counted by address."""

    def __init__(self, settings: Settings, keys: Keys, sessions: Sessions, failures: Limit) -> None:
        self.keys = keys
        self.sessions = sessions
        self._failures = failures
        self._open = not keys and not is_reached_from_outside(settings)

    def of(self, request: web.Request) -> Caller:
        """Who asks; NOBODY without any key. Raises Refusal for a wrong one."""
        headers = request.headers
        told = headers.get("Authorization")
        secret = headers.get("X-API-Key", "")
        if told is not None:
            kind, _, rest = told.partition(" ")
            secret = rest.strip() if kind.casefold() == "bearer" else told

        if secret or told is not None:
            key = self.key(request, secret)
            return Caller(key.name, key.rights)

        if (cookie := headers.get("Cookie")) is not None and COOKIE in cookie:
            found = self.sessions.find(request.cookies.get(COOKIE, ""))
            if found is not None:
                return Caller(found.name, found.rights, session=True)

        return Caller(request.remote or "", HERE) if self._open and _is_here(request) else NOBODY

    def key(self, request: web.Request, secret: str) -> Key:
        """The key of this text: a right one always passes. Raises Refusal for a wrong one, and counts it."""
        key = self.keys.find(secret)
        if key is not None:
            return key

        if seconds := self._failures.take(request.remote):
            raise later("There were too many wrong keys from here.", seconds)

        raise Refusal(401, "That is no key of this server.", headers={"WWW-Authenticate": "Bearer"})


def later(error: str, seconds: float) -> Refusal:
    """Too often; when to ask again."""
    return Refusal(429, error, headers={"Retry-After": str(int(seconds) + 1)})


def _is_here(request: web.Request) -> bool:
    """Whether somebody on this machine asks, and no proxy for somebody else: that would say so, or speak HTTP/1.0."""
    told = request.headers
    is_direct = request.version >= (1, 1) and not any(name in told for name in FORWARDED)
    return is_direct and is_loopback(request.remote or "")
