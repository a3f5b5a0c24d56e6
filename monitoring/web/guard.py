"""Every request passes here before anything else is done for it: may it be asked, by whom, and how often?"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import parse_qsl, unquote

from aiohttp import hdrs, web

from monitoring.errors import MonitoringError, StoreError, UnknownName
from monitoring.interfaces import Clock
from monitoring.settings import Settings
from monitoring.web.answer import Refusal
from monitoring.web.callers import NOBODY, Caller, Callers, later
from monitoring.web.connections import Connection
from monitoring.web.keys import Keys, Right
from monitoring.web.limits import Limit
from monitoring.web.origins import Origins
from monitoring.web.sessions import Sessions

_log = logging.getLogger(__name__)
Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

CALLER = web.RequestKey("caller", Caller)
KEY_NAMES = frozenset({"key", "api_key", "apikey", "token", "access_token"})
KEY_LENGTH = 20
"""Characters from which a value in a URL is held against the keys."""
IN_URL = "A key does not belong in a URL, where logs and histories keep it."
IN_HEADER = "Send it as a header: Authorization: Bearer …; and take another key, since this one may be known now."
MOST_BODY = 64 * 1024
FAILED = "That did not work. The log says why."
SAID = {404: "There is nothing here.", 405: "That cannot be done here.", 413: "That is more than 64 kB."}


@dataclass(frozen=True, slots=True)
class Policy:
    """What a route asks of those who use it. `right`: None is open to all, who then are told little."""

    right: Right | None = Right.READ
    page: bool = False
    """People are sent to sign in instead of being refused."""
    inside: bool = False
    """Not there unless the program's own inside is switched on."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How often in a minute: answers and exports for a key, and wrong keys from an address."""

    reads: int = 600
    exports: int = 10
    failures: int = 20


class Guard:
    """Lets a request through to its route, or refuses it."""

    def __init__(
        self, settings: Settings, keys: Keys, sessions: Sessions, clock: Clock, rates: Rates | None = None
    ) -> None:
        rates, steady = rates or Rates(), clock.monotonic
        self.callers = Callers(settings, keys, sessions, Limit(rates.failures, steady))
        self.origins = Origins(settings)
        self.policies: dict[tuple[str, str], Policy] = {}
        """By method and path as the route says it."""
        self._inside = settings.analytics_admin
        self._keys = keys
        self._reads = Limit(rates.reads, steady)
        self._exports = Limit(rates.exports, steady)

    async def pass_through(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The answer of the route, or what keeps the request from it. Nothing tells of paths, settings or code."""
        connection = request.protocol
        if isinstance(connection, Connection) and connection.writing_paused:
            await connection.drained()

        try:
            policy = self._checked(request)
            if self.origins.is_preflight(request):
                response: web.StreamResponse = web.Response(status=204)
            else:
                request[CALLER] = self._known(request, policy)
                response = await handler(request)
        except Exception as error:
            response = _refused(error)

        self.origins.allow(request, response)
        if isinstance(connection, Connection) and connection.pipelined and not response.prepared:
            # Answers would pile up where nobody reads them: this one is the last.
            response.force_close()

        return response

    def _checked(self, request: web.Request) -> Policy:
        self._no_key_in_url(request.raw_path)
        self.origins.check(request)
        if (request.content_length or 0) > MOST_BODY:
            raise Refusal(413, SAID[413], where="body")

        resource = request.match_info.route.resource
        if resource is None:
            return Policy(None)

        method = hdrs.METH_GET if request.method == hdrs.METH_HEAD else request.method
        policy = self.policies.get((method, resource.canonical), Policy(Right.ADMIN))
        if policy.inside and not self._inside:
            raise Refusal(404, SAID[404])

        return policy

    def _no_key_in_url(self, raw: str) -> None:
        path, asked, query = raw.partition("?")
        if asked:
            for name, value in parse_qsl(query.replace(";", "&"), keep_blank_values=True):
                if name.strip().casefold() in KEY_NAMES or self._is_key(value) or self._is_key(name):
                    raise Refusal(400, IN_URL, where="query", hint=IN_HEADER)

        if len(path) > KEY_LENGTH and any(self._is_key(unquote(part)) for part in path.split("/")):
            raise Refusal(400, IN_URL, where="path", hint=IN_HEADER)

    def _is_key(self, value: str) -> bool:
        return len(value) >= KEY_LENGTH and self._keys.find(value) is not None

    def _known(self, request: web.Request, policy: Policy) -> Caller:
        """Who asks, if they may, and not too often."""
        caller = self.callers.of(request)
        if policy.right is None:
            return caller

        if policy.right not in caller.rights:
            if caller is NOBODY:
                raise _sign_in(policy)

            raise Refusal(403, f"That needs a key with the right {policy.right}.")

        limits = (self._reads, self._exports) if policy.right is Right.EXPORT else (self._reads,)
        for limit in limits:
            if seconds := limit.take(caller.name):
                raise later("This key asks too often.", seconds)

        return caller


def _sign_in(policy: Policy) -> Exception:
    if policy.page:
        return web.HTTPSeeOther("/sign-in")

    hint = "Send it as a header: Authorization: Bearer …"
    return Refusal(401, "A key is needed.", hint=hint, headers={"WWW-Authenticate": "Bearer"})


def _refused(error: Exception) -> web.Response:
    """What is said of an error; what went wrong with us is in the log only."""
    match error:
        case Refusal():
            return error.response()
        case web.HTTPException():
            return _plain(error)
        case UnknownName():
            return Refusal(404, str(error)).response()
        case StoreError():
            _log.warning("an answer needs the store: %s", error)
            said = "The store cannot be read just now; recording goes on."
            return Refusal(503, said, headers={"Retry-After": "5"}).response()
        case MonitoringError():
            _log.warning("a request failed: %s", error)
            return Refusal(503, FAILED, headers={"Retry-After": "5"}).response()
        case _:
            _log.error("a request failed", exc_info=error)
            return Refusal(500, FAILED).response()


def _plain(error: web.HTTPException) -> web.Response:
    """What aiohttp says, as JSON; where it leads to, and what may be done instead, is kept."""
    kept = {name: value for name in ("Location", "Allow") if (value := error.headers.get(name))}
    if 300 <= error.status < 400:
        return web.Response(status=error.status, headers=kept)

    return Refusal(error.status, SAID.get(error.status, "That did not work."), headers=kept).response()
