"""Slow, silent and many clients: they are shown out, and nobody else notices."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest

from monitoring.web.answer import Ready
from monitoring.web.connections import ASK_WITHIN, Door, room
from monitoring.web.guard import Rates
from tests.conftest import until
from tests.web.serving import KEY, Site, site

HALF = f"GET /api/models HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {KEY}\r\nX-More: ".encode()
LARGE = 1 << 20


@pytest.fixture
async def impatient(tmp_path: Path) -> AsyncIterator[Site]:
    """A site that waits for a fifth of a second where others wait for ten."""
    door = Door(most=400, ask_within=0.2, read_within=0.3)
    async with site(tmp_path, rates=Rates(100_000, 100, 20), door=door) as it:
        yield it


async def opened(here: Site, data: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection on which that was sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", here.port, limit=1024)
    writer.write(data)
    await writer.drain()
    return reader, writer


def shut(writer: asyncio.StreamWriter) -> None:
    """End it from this side."""
    writer.transport.abort()


async def ended(reader: asyncio.StreamReader, within: float = 3.0) -> bytes:
    """What comes until the other side ends it."""
    found = b""
    async with asyncio.timeout(within):
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                found += data

    return found


async def test_headers_come_within_ten_seconds_or_the_connection_ends(impatient: Site) -> None:
    """Whether nothing is sent, or half of it, or the second request hangs."""
    assert ASK_WITHIN == 10
    whole = HALF + b"x\r\n\r\n"
    for data in (b"", HALF, whole + HALF):
        reader, writer = await opened(impatient, data)
        found = await ended(reader)
        assert found.startswith(b"HTTP/1.1 200") == data.startswith(whole)
        shut(writer)


async def test_what_cannot_be_read_gets_400_without_being_repeated_or_logged(
    impatient: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """Also where a key stands in it."""
    caplog.set_level("DEBUG")
    for data in (
        b"GET /?key=" + KEY.encode() + b" HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00" + KEY.encode() + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nBad Name " + KEY.encode() + b": x\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"y" * 20_000 + b"\r\n\r\n",
    ):
        reader, writer = await opened(impatient, data)
        found = await ended(reader)
        assert found.partition(b"\r\n")[0].endswith(b"400 Bad Request")
        assert b"aiohttp" not in found
        assert KEY.encode() not in found
        shut(writer)

    assert KEY not in caplog.text


async def test_who_never_reads_is_shown_out(impatient: Site) -> None:
    """And what they asked for does not pile up: the first answer is the last where more was asked meanwhile."""
    await impatient.server.cached.get("/api/models", 600.0, large)
    _, writer = await opened(impatient, (HALF + b"x\r\n\r\n") * 40)
    await until("the connection", lambda: len(impatient.server.door))
    async with asyncio.timeout(5):
        while len(impatient.server.door):
            assert sum(held(impatient)) <= 2 * LARGE + 100_000
            await asyncio.sleep(0.02)

    shut(writer)


async def large() -> bytes:
    """An answer of a megabyte."""
    return b'"' + b"x" * LARGE + b'"'


def held(here: Site) -> list[int]:
    """Bytes that wait to be read, by connection."""
    return [one.transport.get_write_buffer_size() for one in here.server.door if one.transport is not None]


async def test_where_there_is_no_room_the_one_that_waits_longest_has_to_go(tmp_path: Path) -> None:
    """So nobody is locked out by connections that ask for nothing."""
    async with site(tmp_path, door=Door(most=5)) as here, AsyncExitStack() as stack:
        idle = [await opened(here, HALF) for _ in range(8)]
        for _, writer in idle:
            stack.callback(shut, writer)

        assert (await here.ask("/api/models")).status == 200
        assert len(here.server.door) <= 5


def test_connections_leave_the_host_half_of_the_files_it_may_open() -> None:
    """A flood must not keep the bot from Discord."""
    assert 16 <= room() <= 1_000


async def test_f17_slow_and_many_clients_do_not_hurt(tmp_path: Path) -> None:
    """Beside thirty that never read and a hundred half-sent requests, normal ones are served within two seconds."""
    async with site(tmp_path, rates=Rates(100_000, 100, 20)) as here, AsyncExitStack() as stack:
        await here.server.cached.get("/api/models", 600.0, large)
        for data, n in ((HALF + b"x\r\n\r\n", 30), (HALF, 100)):
            for _, writer in await asyncio.gather(*[opened(here, data) for _ in range(n)]):
                stack.callback(shut, writer)

        lag = asyncio.create_task(longest_lag(0.5))
        began = time.monotonic()
        answers = await asyncio.gather(*[here.ask("/api/alerts") for _ in range(20)])
        took = time.monotonic() - began
        stalled = await lag

    assert [answer.status for answer in answers] == [200] * 20
    assert took < 2
    assert stalled < 0.5


async def longest_lag(seconds: float) -> float:
    """The longest time for which the event loop did nothing else."""
    longest, end, before = 0.0, time.monotonic() + seconds, time.monotonic()
    while before < end:
        await asyncio.sleep(0.005)
        now = time.monotonic()
        longest, before = max(longest, now - before - 0.005), now

    return longest


async def test_it_ends_within_five_seconds_whatever_is_under_way(tmp_path: Path) -> None:
    """An answer that never comes, a body that never ends, a reader that does not read."""
    async with site(tmp_path) as here:
        hanging = asyncio.Event()

        async def never(*_: object) -> Ready:
            await hanging.wait()
            raise AssertionError

        here.monitor.llm.models = never  # type: ignore[assignment, method-assign]
        body = b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        start = f"POST /api/operations HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {KEY}\r\n".encode()
        writers = [(await opened(here, data))[1] for data in (HALF + b"x\r\n\r\n", HALF, start + body)]
        await asyncio.sleep(0.05)
        began = time.monotonic()
        await here.server.close()
        assert time.monotonic() - began < 5
        for writer in writers:
            shut(writer)

        names = {task.get_name() for task in asyncio.all_tasks()}
        assert not [name for name in names if name.startswith("monitoring-web")]


async def test_a_taken_port_is_said_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot goes on; once the port is free the server is there, and the problem is gone."""
    monkeypatch.setattr("monitoring.web.server.LISTEN_AGAIN", 0.05)
    taken = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    async with site(tmp_path, analytics_port=port) as here:
        assert here.server.url == ""
        assert any(f"cannot listen on port {port}" in problem for problem in here.monitor.problems)
        taken.close()
        await until("the port", lambda: here.server.url)
        assert (await here.ask("/api/models")).status == 200
        assert not here.monitor.problems


async def test_f17_starting_and_ending_many_times_leaves_nothing(tmp_path: Path) -> None:
    """No task, no socket."""
    async with site(tmp_path) as here:
        await here.server.close()
        for _ in range(20):
            await here.server.start()
            assert here.server.url
            await here.server.close()

        assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("monitoring-web")]
        assert not len(here.server.door)
