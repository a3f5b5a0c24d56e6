"""The live channel: one message for all, a snapshot first, and nobody who can hold the others up."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from monitoring.model import MessageSeen
from monitoring.web import live
from monitoring.web.live import BEHIND, Channel, Listener
from tests.conftest import until
from tests.web.serving import KEY, READ_KEY, Site, site

FAST = {"analytics_websocket_update_interval": 0.2}


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Site]:
    """A site with keys that speaks five times a second."""
    async with site(tmp_path, **FAST) as it:
        yield it


@contextlib.asynccontextmanager
async def listening(here: Site, key: str = READ_KEY, **headers: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A client of the channel."""
    told = {"Authorization": f"Bearer {key}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    async with here.client.ws_connect(here.server.url + live.PATH, headers=told, compress=15) as socket:
        yield socket


async def heard(socket: aiohttp.ClientWebSocketResponse) -> Any:
    """The next message."""
    return json.loads((await socket.receive(timeout=5)).data)


async def test_a_snapshot_comes_first_and_updates_follow(here: Site) -> None:
    """The snapshot has the minutes before; an update has what programs know, and says when it was made."""
    async with listening(here) as socket:
        first, second = await heard(socket), await heard(socket)

    assert (first["type"], second["type"]) == ("snapshot", "metrics_update")
    assert len(first["course"]["messages_per_minute"]) == len(first["course"]["error_rate"]) >= 50
    assert second["timestamp"].endswith("Z")
    assert {"active_users", "messages_per_minute", "avg_response_time_ms", "error_rate", "personas"} <= set(
        second["data"]
    )
    assert second["data"]["avg_response_time_ms"] is None


async def test_what_happens_is_in_the_next_update(here: Site) -> None:
    """A user's message counts at once, from memory."""
    async with listening(here) as socket:
        await heard(socket)
        here.monitor.recorder.record(
            MessageSeen(1, 3, 2, author_id=4, author_name="mina", content="hello", at=here.clock.now())
        )
        await here.monitor.recorder.flush()
        async with asyncio.timeout(5):
            while (await heard(socket))["data"]["messages_per_minute"] != 0.2:
                pass


async def test_personas_are_told_with_their_sentiment(tmp_path: Path) -> None:
    """How many messages in five minutes, and how they sound: both from memory."""
    async with site(tmp_path, persona_names=("Nyx",), **FAST) as here, listening(here) as socket:
        await heard(socket)
        here.monitor.identify(user_id=9, application_id=8, name="Greenroom")
        here.monitor.recorder.record(
            MessageSeen(
                *(1, 3, 2, 77, "Nyx", "What a wonderful, lovely day, I love it!", here.clock.now()),
                webhook_id=7,
                application_id=8,
            )
        )
        await here.monitor.recorder.flush()
        async with asyncio.timeout(5):
            while not (told := (await heard(socket))["data"]["personas"]):
                pass

    assert told["Nyx"]["messages"] == 1
    assert told["Nyx"]["sentiment"] > 0.5


async def test_all_hear_the_same_bytes_made_once(here: Site) -> None:
    """However many listen, a message is made once."""
    async with contextlib.AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(listening(here)) for _ in range(5)]
        for socket in sockets:
            assert (await heard(socket))["type"] == "snapshot"

        told = [{(await socket.receive(timeout=5)).data for _ in range(3)} for socket in sockets]
        assert set.intersection(*told)


TURNED_AWAY = [
    ({}, 401),
    ({"Authorization": "Bearer no-key-at-all"}, 401),
    ({"Authorization": f"Bearer {KEY}", "Origin": "https://evil.example"}, 403),
    ({"Authorization": f"Bearer {KEY}", "Sec-Fetch-Site": "cross-site"}, 403),
    ({"Authorization": f"Bearer {KEY}", "Host": "evil.example"}, 421),
]


async def test_only_those_who_may_listen(here: Site) -> None:
    """A key is needed, and a page of ours; so is a name that is ours."""
    for headers, status in TURNED_AWAY:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await here.client.ws_connect(here.server.url + live.PATH, headers=headers)

        assert caught.value.status == status, headers


async def test_no_more_than_so_many_listen(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """200; one more is told to come later."""
    assert live.MOST == 200
    monkeypatch.setattr(live, "MOST", 2)
    async with listening(here), listening(here):
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await here.client.ws_connect(here.server.url + live.PATH, headers={"Authorization": f"Bearer {KEY}"})

    assert caught.value.status == 503


async def test_who_is_too_far_behind_is_let_go(here: Site) -> None:
    """After 64 messages that wait; the others go on."""
    assert BEHIND == 64
    lost: list[int] = []
    listener = Listener(None, lambda: lost.append(1))  # type: ignore[arg-type]  # nothing is sent
    listener.begin(b"snapshot")
    assert all(listener.offer(b"x") for _ in range(BEHIND - 1))
    assert not listener.offer(b"x")
    assert lost == [1]


async def test_what_comes_before_the_snapshot_is_left_out() -> None:
    """It is in the snapshot."""
    listener = Listener(None, lambda: None)  # type: ignore[arg-type]  # nothing is sent
    assert all(listener.offer(b"x") for _ in range(2 * BEHIND))


async def test_who_never_reads_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a pong for so long (20 s; here half a second) the connection ends."""
    assert live.ANSWER_WITHIN == 20
    monkeypatch.setattr(live, "ANSWER_WITHIN", 0.6)
    async with site(tmp_path, **FAST) as here:
        reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
        writer.write(
            f"GET {live.PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Authorization: Bearer {KEY}\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        await reader.readline()
        async with listening(here) as socket:
            async with asyncio.timeout(5):
                while await reader.read(4096):
                    pass

            assert await heard(socket)

        writer.close()


async def test_signed_out_nobody_listens_on(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The session is looked at again and again."""
    monkeypatch.setattr(live, "LOOK_EVERY", 1)
    answer = await here.ask("/sign-in", "POST", key=None, data={"key": KEY})
    cookie = answer.cookie.partition(";")[0]
    async with here.client.ws_connect(
        here.server.url + live.PATH, headers={"Cookie": cookie, "Sec-Fetch-Site": "same-origin"}
    ) as socket:
        await heard(socket)
        out = await here.ask("/sign-out", "POST", key=None, headers={"Cookie": cookie, "Sec-Fetch-Site": "same-origin"})
        assert out.status == 303
        async with asyncio.timeout(5):
            while (message := await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                pass

        assert socket.close_code == 1008, message


@pytest.mark.parametrize("packed", [False, True])
async def test_it_is_packed_if_that_is_set(tmp_path: Path, packed: bool) -> None:
    """WEBSOCKET_COMPRESSION; without it, not even if the client would like it."""
    async with site(tmp_path, websocket_compression=packed, **FAST) as here, listening(here) as socket:
        assert bool(socket.compress) is packed
        assert (await heard(socket))["type"] == "snapshot"


async def test_nothing_is_made_while_nobody_listens(here: Site) -> None:
    """The one that speaks ends with the last listener."""
    channel = Channel(here.monitor, every=0.01)
    listener = Listener(None, lambda: None)  # type: ignore[arg-type]  # nothing is sent
    channel.enter(listener)
    await until("a message", lambda: channel.made)
    channel.leave(listener)
    assert channel._speaking is not None
    await asyncio.wait({channel._speaking}, timeout=5)
    made = channel.made
    await asyncio.sleep(0.05)
    assert channel.made == made


async def test_the_end_is_told(tmp_path: Path) -> None:
    """Browsers know that it goes on elsewhere or later, and come again."""
    async with contextlib.AsyncExitStack() as stack:
        async with site(tmp_path, **FAST) as here:
            socket = await here.client.ws_connect(
                here.server.url + live.PATH, headers={"Authorization": f"Bearer {KEY}"}
            )
            await heard(socket)
            closing = asyncio.create_task(here.server.close())
            async with asyncio.timeout(5):
                while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                    pass

            assert socket.close_code == 1001
            await closing

        await stack.aclose()
