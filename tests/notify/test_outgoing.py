"""Posts to the outside: bounded, without redirects and proxies, and only to public machines where it matters."""

from __future__ import annotations

import asyncio
import socket

import pytest

from monitoring.errors import DeliveryError
from monitoring.notify.outgoing import LARGEST, is_public, post, public_socket

from .receiver import Receiver


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.254", "127.0.0.1", "169.254.169.254", "172.31.0.1",
        "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.7", "203.0.113.9",
        "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::127.0.0.1", "64:ff9b::8.8.8.8",
        "64:ff9b:1::1", "100::1", "2001::1", "2001:10::1", "2001:db8::1", "2002:7f00:1::1", "2002:808:808::1",
        "3fff::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%lo", "fec0::1", "ff02::1",
        "2606:4700::1%1", "localhost", "example.com", "127.1", "0x7f000001", "",
    ],
)  # fmt: skip
def test_addresses_of_no_public_machine_are_refused(address: str) -> None:
    """Private, shared, link-local, mapped, translated, tunnelled, reserved, multicast; and what is no address."""
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "162.159.128.233", "2606:4700::6810:84e5", "2a00:1450::1"])
def test_public_addresses_are_taken(address: str) -> None:
    """Those of Discord and Slack among them."""
    assert is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"])
async def test_the_guard_looks_at_the_address_that_is_connected_to(place: Receiver, host: str) -> None:
    """However a name or number is written: what it leads to is tested, and nothing is sent."""
    url = place.url.replace("127.0.0.1", host)
    with pytest.raises(DeliveryError, match="not a public one") as caught:
        await post(url, b"{}", {}, what="The webhook", public_only=True)

    assert caught.value.permanent
    assert "s3cr3t" not in str(caught.value)
    assert place.came == []


def test_the_guard_makes_sockets_for_public_addresses() -> None:
    """A socket of the family asked for, not connected yet."""
    made = public_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 443)))
    assert made.family == socket.AF_INET
    made.close()


async def test_addresses_of_the_operator_may_be_private(place: Receiver) -> None:
    """What stands in the environment or the file."""
    answer = await post(place.url, b"{}", {}, what="The webhook")
    assert (answer.status, answer.body) == (200, b"ok")


async def test_redirects_are_not_followed(place: Receiver) -> None:
    """A public machine could point to a private one."""
    place.status, place.headers = 302, {"Location": place.url}
    answer = await post(place.url, b"{}", {}, what="The webhook")
    assert answer.status == 302
    assert len(place.came) == 1


async def test_proxies_of_the_environment_are_not_asked(place: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """They would see every secret, and connect where we would not."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert (await post(place.url, b"{}", {}, what="The webhook")).status == 200


async def test_of_an_answer_64_kb_are_read(place: Receiver) -> None:
    """However long it is."""
    place.body = b"x" * (LARGEST * 3)
    assert len((await post(place.url, b"{}", {}, what="The webhook")).body) <= LARGEST


async def test_a_post_ends_in_time() -> None:
    """A server that takes the connection and says nothing."""
    callers: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(lambda _, writer: callers.append(writer), "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    with pytest.raises(DeliveryError, match="did not answer within") as caught:
        await post(f"http://127.0.0.1:{port}/s3cr3t", b"{}", {}, what="The webhook", within=0.1)

    assert not caught.value.permanent
    callers[0].close()
    silent.close()


async def test_failures_are_told_without_the_address(place: Receiver, unused_tcp_port: int) -> None:
    """Refused, broken off, unknown name, no address at all; only the last is for good."""
    place.cut = True
    found = []
    for url in (place.url, f"http://127.0.0.1:{unused_tcp_port}/s3cr3t", "http://s3cr3t.invalid/", "http://[/s3cr3t"):
        with pytest.raises(DeliveryError) as caught:
            await post(url, b"{}", {}, what="Slack")

        found.append((caught.value.permanent, str(caught.value)))
        assert "s3cr3t" not in repr(caught.value)
        assert caught.value.__cause__ is None

    assert [permanent for permanent, _ in found] == [False, False, False, True]
    assert "broke" in found[0][1]
    assert "refuses connections" in found[1][1]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "3600"}, 3600.0),
        ({"Retry-After": "0.5"}, 0.5),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:30 GMT", "Date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 30.0),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
async def test_retry_after_is_read_as_seconds_or_as_a_date(
    place: Receiver, headers: dict[str, str], seconds: float | None
) -> None:
    """A date is held against the server's own clock."""
    place.status, place.headers = 503, headers
    assert (await post(place.url, b"{}", {}, what="The webhook")).retry_after == seconds
