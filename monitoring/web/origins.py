"""Which names the server answers to, and whose pages may ask it: against rebound names and forged requests."""

from __future__ import annotations

from ipaddress import ip_address

from aiohttp import hdrs, web

from monitoring.settings import Settings
from monitoring.web.answer import Refusal
from monitoring.web.keys import is_loopback

SAFE = frozenset({hdrs.METH_GET, hdrs.METH_HEAD})
OURS = frozenset({"same-origin", "none"})
"""What Sec-Fetch-Site says of our own pages, and of what somebody typed."""


NAMES = "ANALYTICS_ALLOWED_HOSTS says what else it is called."


class Origins:
    """Tests `Host`, `Origin` and `Sec-Fetch-Site`; tells browsers which other origins may read, which is none."""

    def __init__(self, settings: Settings) -> None:
        self._names = {name.casefold() for name in settings.analytics_allowed_hosts}
        self._allowed = frozenset(settings.analytics_cors_origins)
        self._outside = not is_loopback(settings.analytics_host)
        self._tried: dict[str, bool] = {}

    def check(self, request: web.Request) -> None:
        """Raises Refusal for a name that is not ours, and for what another page lets a browser ask."""
        headers = request.headers
        hosts = headers.getall("Host", [])
        if len(hosts) != 1 or not self.is_ours(hosts[0]):
            raise Refusal(
                421, "This server is not called that.", where="Host", hint="ANALYTICS_ALLOWED_HOSTS names it."
            )

        origin = headers.get("Origin")
        if origin is not None:
            if origin in self._allowed or self._is_same(origin, request):
                return

            raise Refusal(403, "Pages of other origins may not ask here.", where="Origin")

        site = headers.get("Sec-Fetch-Site")
        if site is None or site in OURS:
            if site is None and request.method not in SAFE and headers.get("Cookie"):
                raise Refusal(403, "A browser has to say from which page it asks.", where="Origin")

            return

        if request.method in SAFE and headers.get("Sec-Fetch-Mode") == "navigate":
            # Somebody follows a link; without the cookie, which is not sent then, they see the sign-in.
            return

        raise Refusal(403, "Pages of other origins may not ask here.", where="Sec-Fetch-Site")

    def is_preflight(self, request: web.Request) -> bool:
        """Whether a browser asks if a page of an allowed origin may ask."""
        return (
            request.method == hdrs.METH_OPTIONS
            and request.headers.get("Origin") in self._allowed
            and "Access-Control-Request-Method" in request.headers
        )

    def allow(self, request: web.Request, response: web.StreamResponse) -> None:
        """Tell a browser that a page of an allowed origin may read this. Cookies take no part in it."""
        if not self._allowed:
            return

        response.headers["Vary"] = "Origin"
        origin = request.headers.get("Origin")
        if origin not in self._allowed or response.prepared:
            return

        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if request.method == hdrs.METH_OPTIONS:
            response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, POST"
            response.headers["Access-Control-Allow-Headers"] = "Authorization, X-API-Key, Content-Type, If-None-Match"
            response.headers["Access-Control-Max-Age"] = "600"

    def is_ours(self, host: str) -> bool:
        """Whether the server goes by this name: the machine's own, an allowed one, from outside any bare address."""
        known = self._tried.get(host)
        if known is None:
            known = self._is_ours(_without_port(host).casefold())
            if len(self._tried) < 100:
                self._tried[host] = known

        return known

    def _is_ours(self, name: str) -> bool:
        if is_loopback(name) or name in self._names:
            return True

        return self._outside and _is_address(name)

    def _is_same(self, origin: str, request: web.Request) -> bool:
        """Whether a page is ours: of the name that the request has; TLS may have ended before us."""
        return origin.partition("://")[0] in ("http", "https") and origin.partition("://")[2] == request.headers["Host"]


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]

    return host.partition(":")[0]


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False

    return True
