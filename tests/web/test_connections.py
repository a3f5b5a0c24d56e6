"""Slow, silent and many clients: they are shown out, and nobody else notices."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from monitoring.web import serving
from monitoring.web.answer import PIECE, Ready
from monitoring.web.connections import ASK_WITHIN, Door, room
from monitoring.web.guard import Rates
from tests.conftest import until
from tests.web import flood
from tests.web.serving import KEY, Site, site, site_beside

HALF = f"GET /api/models HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {KEY}\r\nX-More: ".encode()
LARGE, UNREAD = 4 << 20, 200_000


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
            # Of each answer only a piece or two waits here, however large it is.
            assert sum(held(impatient)) <= 3 * PIECE
            await asyncio.sleep(0.02)

    shut(writer)


async def large() -> bytes:
    """An answer of some megabytes."""
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


async def test_what_nobody_reads_is_bounded_for_all_together(tmp_path: Path) -> None:
    """Where too much waits, the one that has not read for longest has to go, at once; the others stay."""
    async with site(tmp_path, door=Door(most_unread=UNREAD)) as here, AsyncExitStack() as stack:
        await here.server.cached.get("/api/models", 600.0, large)
        readers = []
        for _ in range(6):
            reader, writer = await opened(here, HALF + b"x\r\n\r\n")
            readers.append(reader)
            stack.callback(shut, writer)
            await until("an answer that waits", lambda: here.server.door and held(here)[-1])

        assert 0 < sum(held(here)) <= UNREAD
        assert len(here.server.door) < 6
        assert (await here.ask("/api/alerts")).status == 200
        assert len(await ended(readers[0])) < LARGE


async def test_the_library_of_the_charts_is_not_kept_waiting_for_who_never_reads(impatient: Site) -> None:
    """It is megabytes, and comes packed; nobody holds a connection with it."""
    if (await impatient.ask("/library/plotly.js")).status == 404:
        pytest.skip("needs plotly")

    packed = await impatient.ask("/library/plotly.js", headers={"Accept-Encoding": "gzip"})
    assert (packed.headers["Content-Encoding"], packed.headers["Vary"]) == ("gzip", "Accept-Encoding")
    _, writer = await opened(impatient, HALF.replace(b"/api/models", b"/library/plotly.js") + b"x\r\n\r\n")
    await until("the connection", lambda: any(held(impatient)))
    await until("its end", lambda: not any(held(impatient)))
    shut(writer)


async def test_who_leaves_in_the_middle_of_a_body_is_no_fault_of_ours(
    impatient: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor who sends pieces that cannot be put together: thousands of them must not fill the log."""
    start = f"POST /api/operations HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {KEY}\r\n".encode()
    start += b"Content-Type: application/json\r\n"
    _, leaving = await opened(impatient, start + b'Content-Length: 100\r\n\r\n{"service"')
    await until("the request", lambda: any(not one.waits for one in impatient.server.door))
    shut(leaving)
    await until("its end", lambda: not len(impatient.server.door))
    reader, writer = await opened(impatient, start + b"Transfer-Encoding: chunked\r\n\r\nno-number\r\n")
    assert b" 400 " in (await ended(reader)).partition(b"\r\n")[0]
    shut(writer)
    assert not caplog.records


async def test_a_body_comes_within_ten_seconds(impatient: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though a byte comes now and then; here within a fifth of a second."""
    assert serving.BODY_WITHIN == 10
    monkeypatch.setattr(serving, "BODY_WITHIN", 0.2)
    start = f"POST /api/operations HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {KEY}\r\n".encode()
    reader, writer = await opened(impatient, start + b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
    found = await ended(reader)
    assert found.startswith(b"HTTP/1.1 408")
    assert b"The body took too long." in found
    shut(writer)


def test_f17_a_flood_of_bad_clients_is_shown_out_and_nobody_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that never read, half-sent headers and bodies, byte by byte, beside normal ones; all in half the time.

    At its full size, and with the loop and the memory looked at: `python -m tests.web.flood`.
    """
    monkeypatch.setattr(serving, "BODY_WITHIN", 0.4)
    kinds = {replace(kind, limit=0.4, often=0.1): 30 for kind in flood.KINDS}
    with site_beside(tmp_path, door=Door(most=400, ask_within=0.4, read_within=0.4)) as here:
        made = here.server.cached.get(flood.LARGE, 600.0, large)
        asyncio.run_coroutine_threadsafe(made, here.loop).result()
        with flood.Flood(here.port, kinds) as bad:
            waited = flood.asked(here.port, 20, 1.0)
            assert wait_for(lambda: flood.all_closed(bad, 2.0))

        assert max(waited) < 2
        assert len(waited) > 20
        assert wait_for(lambda: not len(here.server.door))


def wait_for(true: Callable[[], bool], seconds: float = 3.0) -> bool:
    """Whether it becomes true in time."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)

    return true()


async def test_it_listens_at_every_address_of_its_name(tmp_path: Path) -> None:
    """A name may have two; and a restart finds them free."""
    for _ in range(2):
        async with site(tmp_path, analytics_host="localhost") as here:
            assert (await here.ask("/api/models")).status == 200


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
