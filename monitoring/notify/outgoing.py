"""HTTP to places outside: one request within 10 s, no redirects, no proxies of the environment, and where strangers
chose the address, public machines only."""

from __future__ import annotations

import errno
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

import aiohttp

from monitoring.errors import DeliveryError

WITHIN = 10.0
"""Seconds for one post, name look-up and answer included."""
LARGEST = 64 * 1024
"""Bytes that are sent, and read of an answer."""
_LOCAL_4 = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/3",
)  # fmt: skip
_LOCAL_6 = ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
"""Of 2000::/3, the only part that is public at all: Teredo and the like, examples, and 6to4, which hide other ones."""
_REFUSED = [*map(ip_network, _LOCAL_4), *map(ip_network, _LOCAL_6)]
_PUBLIC_6 = ip_network("2000::/3")


class NotPublic(OSError):
    """The address lies in a network that is not the public one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers, and the first 64 kB."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def retry_after(self) -> float | None:
        """Seconds that the answer asks us to wait; None if it says nothing of it."""
        said = self.headers.get("Retry-After", "").strip()
        try:
            return float(said)
        except ValueError:
            pass

        try:
            # The other side's own clock counts, ours may be wrong.
            until, now = (parsedate_to_datetime(self.headers[name]) for name in ("Retry-After", "Date"))
            return max((until - now).total_seconds(), 0.0)
        except (KeyError, ValueError, TypeError):
            return None


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public network; mapped, NAT64, 6to4 and shared ones are not."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False

    if ip.version == 6 and (ip not in _PUBLIC_6 or ip.scope_id):
        return False

    return not any(ip in network for network in _REFUSED if isinstance(network, _kind(ip.version)))


def _kind(version: int) -> type[IPv4Network] | type[IPv6Network]:
    return IPv4Network if version == 4 else IPv6Network


def public_socket(info: tuple[Any, ...]) -> socket.socket:
    """A socket for the very address that is connected to next; raises NotPublic before a packet is sent.

    Names are looked up once, by the connector, so that nothing can change between test and connection.
    """
    family, kind, protocol, _, address = info
    if family not in (socket.AF_INET, socket.AF_INET6) or not is_public(str(address[0])):
        raise NotPublic(errno.EACCES, "not a public address")

    made = socket.socket(family=family, type=kind, proto=protocol)
    made.setblocking(False)
    return made


def connector(*, public_only: bool) -> aiohttp.TCPConnector:
    """For one session; with `public_only` it connects to public addresses and nothing else."""
    return aiohttp.TCPConnector(
        limit=1, use_dns_cache=False, force_close=True, socket_factory=public_socket if public_only else None
    )


async def post(
    url: str, body: bytes, headers: Mapping[str, str], *, what: str, public_only: bool = False, within: float = WITHIN
) -> Answer:
    """Post it once. Raises DeliveryError that says what went wrong of `what`, and never the address."""
    if len(body) > LARGEST:
        raise DeliveryError(f"What {what} was to be sent is larger than 64 kB.", permanent=True)

    return await _ask("POST", url, body, headers, what, public_only, within)


async def get(url: str, *, what: str, public_only: bool = False, within: float = WITHIN) -> Answer:
    """Ask for it once. Raises DeliveryError as `post` does."""
    return await _ask("GET", url, None, {}, what, public_only, within)


async def _ask(
    method: str, url: str, body: bytes | None, headers: Mapping[str, str], what: str, public_only: bool, within: float
) -> Answer:
    try:
        async with (
            # A session of its own each time: these posts are rare, and no kept connection can be stale.
            aiohttp.ClientSession(
                connector=connector(public_only=public_only),
                timeout=aiohttp.ClientTimeout(total=within),
                trust_env=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            ) as session,
            session.request(
                method, url, data=body, headers={"User-Agent": "greenroom"} | dict(headers), allow_redirects=False
            ) as answer,
        ):
            return Answer(answer.status, dict(answer.headers), await answer.content.read(LARGEST))
    except TimeoutError:
        raise DeliveryError(f"{what} did not answer within {within:g} s.") from None
    except aiohttp.InvalidURL:
        raise DeliveryError(f"The address of {what} is none.", permanent=True) from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        # Without the cause: its text holds the address, and webhooks' addresses are secrets.
        raise _failed(error, what) from None


def _failed(error: BaseException, what: str) -> DeliveryError:
    if _is_not_public(error):
        return DeliveryError(f"The address of {what} is not a public one, which it has to be.", permanent=True)

    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return DeliveryError(f"The certificate of {what} is not trusted.")

    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return DeliveryError(f"The name of {what} cannot be looked up.")

    if isinstance(error, aiohttp.ClientConnectorError):
        refusing = error.os_error.errno in (errno.ECONNREFUSED, 61, 10061)
        return DeliveryError(f"{what} {'refuses connections' if refusing else 'cannot be reached'}.")

    return DeliveryError(f"The connection to {what} broke ({type(error).__name__}).")


def _is_not_public(error: BaseException | None) -> bool:
    """Whether the guard said no: the connector wraps what a socket raises."""
    inner = getattr(error, "os_error", None)
    if isinstance(error, NotPublic) or isinstance(inner, NotPublic):
        return True

    return isinstance(inner, OSError) and inner.errno == errno.EACCES and "not a public address" in str(inner)
