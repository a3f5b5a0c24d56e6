"""Probes against real sockets: what an answer means, and what a round remembers."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from monitoring.interfaces import SystemClock
from monitoring.model import Health, ProbeResult
from monitoring.probes.call import CallProbe
from monitoring.probes.http import HttpProbe
from monitoring.probes.operations import OperationsProbe
from monitoring.probes.rounds import Rounds
from monitoring.probes.sqlite import SqliteProbe
from monitoring.probes.tcp import TcpProbe
from monitoring.rollup import Rollup

CLOCK = SystemClock()


class Server:
    """A real HTTP service whose answer can be changed."""

    def __init__(self) -> None:
        self.status = 200
        self.hang = False
        self.port = 0

    async def answer(self, _: web.Request) -> web.Response:
        """The answer as set."""
        if self.hang:
            await asyncio.Event().wait()

        return web.json_response({"model": "llama3.1:8b", "ok": True, "nested": {"a": 1}}, status=self.status)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """The service on a free port."""
    it = Server()
    app = web.Application()
    app.router.add_get("/health", it.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    it.port = runner.addresses[0][1]
    yield it
    await runner.cleanup()


def http(server: Server, **more: object) -> HttpProbe:
    """A probe of the service."""
    return HttpProbe("llm", f"http://127.0.0.1:{server.port}/health", clock=CLOCK, **more)  # type: ignore[arg-type]


async def test_a_good_answer_is_healthy_and_its_facts_are_kept(server: Server) -> None:
    """Short facts of a JSON object are shown; nested ones are not."""
    result = await http(server).ask()
    assert result.health is Health.HEALTHY
    assert result.facts == (("model", "llama3.1:8b"),)
    assert result.response_time is not None


async def test_a_bad_status_and_an_unexpected_body_are_unhealthy(server: Server) -> None:
    """The detail says which."""
    assert (await http(server, body="qwen").ask()).detail == "unexpected answer"
    server.status = 503
    assert (await http(server).ask()).detail == "status 503"


async def test_a_hanging_service_is_given_up(server: Server) -> None:
    """The limit holds."""
    server.hang = True
    result = await http(server, limit=0.05).ask()
    assert result.health is Health.UNHEALTHY
    assert result.detail == "no answer in 0.05 s"


async def test_nobody_there_is_unhealthy(unused_tcp_port: int) -> None:
    """HTTP and TCP say the same; no address is in the detail."""
    found = await HttpProbe("llm", f"http://127.0.0.1:{unused_tcp_port}/", clock=CLOCK).ask()
    assert (found.health, found.detail) == (Health.UNHEALTHY, "connection refused")
    found = await TcpProbe("redis", "127.0.0.1", unused_tcp_port, clock=CLOCK).ask()
    assert (found.health, found.detail) == (Health.UNHEALTHY, "connection refused")


async def test_tcp_accepts(server: Server) -> None:
    """An open port is healthy."""
    assert (await TcpProbe("web", "127.0.0.1", server.port, clock=CLOCK).ask()).health is Health.HEALTHY


@pytest.mark.parametrize(
    ("said", "health"),
    [
        (True, Health.HEALTHY),
        (False, Health.UNHEALTHY),
        (None, Health.UNKNOWN),
        (Health.DEGRADED, Health.DEGRADED),
        (ProbeResult("x", Health.UNKNOWN, 0), Health.UNKNOWN),
    ],
)
async def test_what_a_function_says(said: object, health: Health) -> None:
    """A bool, a health, a whole result, or nothing."""
    assert (await CallProbe("x", lambda: said, clock=CLOCK).ask()).health is health  # type: ignore[arg-type,return-value]


async def test_a_function_that_raises_or_hangs_is_unwell() -> None:
    """Its exception's name is the detail."""

    def broken() -> bool:
        raise RuntimeError("secret")

    async def slow() -> bool:
        await asyncio.Event().wait()
        return True

    assert (await CallProbe("x", broken, clock=CLOCK).ask()).detail == "RuntimeError"
    assert (await CallProbe("x", slow, clock=CLOCK, limit=0.02).ask()).health is Health.UNHEALTHY


async def test_sqlite_that_is_there_and_that_is_none(tmp_path: Path) -> None:
    """A file that is no database is unhealthy, and is not made by asking."""
    path = tmp_path / "a.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    assert (await SqliteProbe("store", path, clock=CLOCK).ask()).health is Health.HEALTHY
    path.write_bytes(b"no database at all, but long enough to be looked at" * 30)
    assert (await SqliteProbe("store", path, clock=CLOCK).ask()).health is Health.UNHEALTHY
    assert (await SqliteProbe("store", tmp_path / "none", clock=CLOCK).ask()).health is Health.UNHEALTHY
    assert not (tmp_path / "none").exists()


async def test_idle_is_not_dead() -> None:
    """A service that did nothing stays what it was."""
    rollup = Rollup()
    probe = OperationsProbe("llm", lambda: rollup, clock=CLOCK)
    assert (await probe.ask()).health is Health.UNKNOWN
    rollup = Rollup(count=10, failures=6)
    assert (await probe.ask()).health is Health.UNHEALTHY
    rollup = Rollup()
    assert (await probe.ask()).health is Health.UNHEALTHY
    rollup = Rollup(count=10, failures=1)
    assert (await probe.ask()).health is Health.DEGRADED
    rollup = Rollup(count=10)
    assert (await probe.ask()).health is Health.HEALTHY


async def test_three_failures_in_a_row_are_unhealthy_and_fewer_degraded() -> None:
    """And one success makes it well again."""
    answers = [False, False, False, True]
    told: list[Health] = []
    rounds = Rounds(lambda result: told.append(result.health))
    rounds.add(CallProbe("x", lambda: answers.pop(0), clock=CLOCK, critical=True))
    for _ in range(4):
        await rounds.ask_all()

    assert told == [Health.DEGRADED, Health.DEGRADED, Health.UNHEALTHY, Health.HEALTHY]
    (service,) = rounds.services()
    assert service.critical
    assert service.failures == 0


async def test_a_slow_answer_is_degraded() -> None:
    """Slow is a matter of the probe."""
    rounds = Rounds(lambda _: None)
    slow = ProbeResult("x", Health.HEALTHY, 0, response_time=9.0)
    rounds.add(CallProbe("x", lambda: slow, clock=CLOCK, slow=3))
    await rounds.ask_all()
    assert rounds.services()[0].health is Health.DEGRADED
    assert rounds.services()[0].detail == "slow"
