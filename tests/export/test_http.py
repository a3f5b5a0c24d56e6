"""`GET /api/export`: who may, how often, what is refused, and who leaves in the middle."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from monitoring.errors import StoreError
from monitoring.export.text import COLUMNS
from monitoring.interfaces import Batch
from monitoring.model import DAY, HOUR
from monitoring.web.guard import Rates
from tests.conftest import until
from tests.web.serving import EXPORT_KEY, KEY, READ_KEY, Site, site

from .stock import put, table

pytestmark = pytest.mark.asyncio(loop_scope="module")
PATH = "/api/export"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """A server with a month of many services."""
    folder = tmp_path_factory.mktemp("exported")
    async with site(folder, rates=Rates(exports=1_000)) as running:
        now = running.clock.now()
        for day in range(30):
            batch = Batch()
            for n in range(500):
                at = now - day * DAY - (1 + n % 20) * HOUR
                put(batch, "operation", at, (f"s{n}", "run", "m", "Luna", "1", ""), [0.5])

            await running.monitor.store.append(batch)

        yield running


def under_way() -> list[str]:
    """Exports that somebody still makes."""
    # The loop knows all generators that were begun in it; to look through all objects for them takes far longer.
    begun_here: Any = asyncio.get_running_loop()
    return [
        one.__qualname__
        for one in tuple(begun_here._asyncgens)
        if one.__qualname__ == "Export.chunks" and one.ag_frame is not None
    ]


async def test_f17_a_file_with_a_name_of_ours(here: Site) -> None:
    """Streamed, in its type, with the window as its name; the head of it alone for whoever asks only that."""
    for form, kind, ending in (
        ("csv", "text/csv; charset=utf-8; header=present", "csv"),
        ("json", "application/json; charset=utf-8", "json"),
        ("prometheus", "application/openmetrics-text; version=1.0.0; charset=utf-8", "prom"),
    ):
        path = f"{PATH}?format={form}&since=2026-01-02T00:00:00Z&until=2026-01-04T00:00:00Z"
        answer = await here.ask(path)
        assert answer.status == 200
        assert answer.headers["Content-Type"] == kind
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert answer.headers["Cache-Control"] == "no-store"
        told = Message()
        told["Content-Disposition"] = answer.headers["Content-Disposition"]
        assert told.get_content_disposition() == "attachment"
        assert told.get_filename() == f"greenroom-2026-01-02-to-2026-01-03.{ending}"
        head = await here.ask(path, "HEAD")
        assert (head.status, head.body) == (200, b"")
        assert head.headers["Content-Type"] == kind
        assert head.headers["Content-Disposition"] == answer.headers["Content-Disposition"]


async def test_without_a_word_it_is_the_last_day_as_csv(here: Site) -> None:
    """By the hour, everything."""
    rows = table((await here.ask(PATH)).body)
    assert {row["step"] for row in rows} == {"hour"}
    assert "operation" in {row["metric"] for row in rows}


@pytest.mark.parametrize(
    ("query", "status", "where"),
    [
        ("format=xml", 400, "query.format"),
        ("since=yesterday", 400, "query.since"),
        ("until=1", 400, "query.until"),
        ("since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", 422, "query.since"),
        ("since=2099-01-01T00:00:00Z", 422, "query.since"),
        ("services=", 400, "query.services"),
        ("services=llm,,tts", 400, "query.services"),
        (f"services={'s,' * 60}s", 400, "query.services"),
        ("step=week", 400, "query.step"),
        ("guild=-1", 400, "query.guild"),
        ("format=csv&format=csv", 400, "query.format"),
        ("filename=a.exe", 400, "query.filename"),
    ],
)
async def test_what_cannot_be_asked_is_refused(here: Site, query: str, status: int, where: str) -> None:
    """With what is wrong and where, before anything is sent."""
    answer = await here.ask(f"{PATH}?{query}")
    assert (answer.status, answer.json["where"]) == (status, where)
    assert "Content-Disposition" not in answer.headers


async def test_a_key_needs_the_right_and_exports_ten_times_a_minute(tmp_path: Path) -> None:
    """Reading is another right; the eleventh export in a minute is told to wait, questions are answered on."""
    async with site(tmp_path) as running:
        running.clock.ahead += 60 - running.clock.monotonic() % 60
        assert (await running.ask(PATH, key=None)).status == 401
        assert (await running.ask(PATH, key=READ_KEY)).status == 403
        statuses = [(await running.ask(PATH, key=EXPORT_KEY)).status for _ in range(11)]
        assert statuses == [200] * 10 + [429]
        late = await running.ask(PATH, "HEAD", key=EXPORT_KEY)
        assert late.status == 429
        assert int(late.headers["Retry-After"]) > 0
        assert (await running.ask("/api/health", key=EXPORT_KEY)).status == 200
        assert (await running.ask(PATH)).status == 200, "another key has its own ten"


async def test_sums_over_http_are_those_of_the_answers(here: Site) -> None:
    """What the file adds up to is what the API says of the same window."""
    now = here.clock.now()
    window = f"since={now - now % HOUR - 2 * DAY}&until={now - now % HOUR}"
    told = json.loads((await here.ask(f"{PATH}?format=json&{window}&services=s7,s8")).body)
    page = (await here.ask(f"/api/performance/services/s7?{window}")).json
    assert sum(row["count"] for row in told["rows"] if row["labels"]["service"] == "s7") == page["all"]["timing"]["n"]
    assert told["services"] == ["s7", "s8"]


async def begun(here: Site, query: str) -> socket.socket:
    """A connection that asked for an export and has not read it."""
    loop = asyncio.get_running_loop()
    away = socket.socket()
    away.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    away.setblocking(False)
    await loop.sock_connect(away, ("127.0.0.1", here.port))
    asked = f"GET {PATH}?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: {KEY}\r\n\r\n"
    await loop.sock_sendall(away, asked.encode())
    assert (await loop.sock_recv(away, 12)) == b"HTTP/1.1 200"
    return away


async def test_whoever_leaves_in_the_middle_leaves_nothing_running(here: Site) -> None:
    """The export ends, and no task or generator of it is left."""
    since = here.clock.now() - 30 * DAY
    gone = [await begun(here, f"format=json&since={since}") for _ in range(3)]
    assert len(under_way()) == 3
    for away in gone:
        away.close()

    await until("the exports to end", lambda: not under_way(), timeout=20)
    assert not [task for task in asyncio.all_tasks() if "export" in repr(task.get_coro())]


async def test_whoever_does_not_read_keeps_nobody_waiting(here: Site) -> None:
    """Ten exports that nobody reads: another one is made at once, the store writes on, and what is cut off ends."""
    since = here.clock.now() - 30 * DAY
    stuck = [await begun(here, f"format=prometheus&since={since}") for _ in range(10)]
    try:
        async with asyncio.timeout(20):
            answer = await here.ask(f"{PATH}?services=s7")
            assert answer.status == 200
            batch = Batch()
            put(batch, "operation", here.clock.now(), ("fresh", "run", "m", "Luna", "1", ""), [0.5])
            await here.monitor.store.append(batch)
            await here.monitor.store.tend(here.clock.now())

        assert len(under_way()) == 10
    finally:
        for away in stuck:
            away.close()

    await until("the exports to end", lambda: not under_way(), timeout=20)


async def test_half_a_file_is_never_taken_for_a_whole_one(tmp_path: Path) -> None:
    """Where the store goes in the middle, the connection breaks; where it is gone before, it is said."""
    async with site(tmp_path) as running:
        now = running.clock.now()
        batch = Batch()
        for n in range(2_000):
            name = f"a rather long name, so that no buffer takes all of it {n}"
            put(batch, "operation", now - 2 * HOUR - (n % 700) * HOUR, (name, "run", "m", "Luna", "1", ""), [0.5])

        await running.monitor.store.append(batch)
        await running.monitor.store.tend(now)
        away = await begun(running, f"format=prometheus&since={now - 30 * DAY}")
        await running.monitor.store.close()
        read, loop = b"", asyncio.get_running_loop()
        try:
            async with asyncio.timeout(10):
                while more := await loop.sock_recv(away, 1 << 16):
                    read += more
        except ConnectionError:
            pass  # Broken off before all that was sent was read.
        finally:
            away.close()

        assert b"# EOF" not in read
        assert not read.endswith(b"0\r\n\r\n")
        assert (await running.ask(PATH)).status == 503
        with pytest.raises(StoreError):
            await running.monitor.store.status()


async def test_the_columns_are_those_of_the_page(here: Site) -> None:
    """docs/export.md names each column."""
    page = (Path(__file__).parent.parent.parent / "docs" / "export.md").read_text()
    assert [name for name in COLUMNS if f"`{name}`" not in page] == []
