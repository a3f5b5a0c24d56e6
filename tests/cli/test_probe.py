"""`monitoring probe`: what a health check gets, from the store and from an address."""

# ruff: noqa: ASYNC240 - a test has the loop to itself: its own small files may be touched directly.

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from monitoring.alerting.documents import incident_document
from monitoring.analysis.pulse import LATE, pulse
from monitoring.incident import Incident, Stage
from monitoring.interfaces import SystemClock
from monitoring.model import Health, Severity
from monitoring.rows import Change, Document
from monitoring.store import SQLiteStore
from tests.web.serving import site_beside

from .conftest import Ran

Run = Callable[..., Ran]


async def _put(path: Path, *documents: Document) -> None:
    store = SQLiteStore(path, clock=SystemClock())
    await store.open()
    for document in documents:
        assert await store.save([Change(document)])

    await store.close()


def _sign(age: int = 0) -> Document:
    return Document("mark", "recording", 0, {"at": SystemClock().now() - age})


def _incident(number: int, stage: Stage) -> Document:
    return incident_document(Incident(number, "cpu", "", stage, Severity.WARNING, 0, opened_at=0))


async def test_a_bot_that_records_is_well(run: Run, path: Path) -> None:
    """One line, status 0; resolved incidents are none."""
    await _put(path, _sign(), _incident(1, Stage.RESOLVED))
    ran = run("probe")
    assert (ran.status, ran.err, ran.out.count("\n")) == (0, "", 1)
    assert ran.out.startswith("healthy: It records, last ")


async def test_an_open_incident_is_degraded_and_with_alive_it_is_no_matter(run: Run, path: Path) -> None:
    """Status 1, or 0 for what would only start the bot again."""
    await _put(path, _sign(), _incident(3, Stage.OPEN), _incident(4, Stage.RECOVERING))
    ran = run("probe")
    assert (ran.status, ran.out) == (1, "degraded: It records; 2 incidents are open.\n")
    assert run("probe", "--alive").status == 0
    assert run("probe", "--json").json["incidents"] == [3, 4]


async def test_no_sign_of_life_is_down(run: Run, path: Path) -> None:
    """Status 2, with --alive too."""
    await _put(path, _sign(age=LATE + 60_000))
    for call in (("probe",), ("probe", "--alive")):
        ran = run(*call)
        assert ran.status == 2
        assert ran.out.startswith("unhealthy: No sign of life for 2")


async def test_what_cannot_be_known_is_unknown(run: Run, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No sign ever, no store, a file that is none, wrong settings: status 3 and a sentence."""
    assert (run("probe").status, "never recorded" in run("probe").out) == (3, True)
    path.write_bytes(b"no store" * 1000)
    assert run("probe").status == 3
    path.unlink()
    assert (run("probe").status, "There is no store" in run("probe").out) == (3, True)
    monkeypatch.setenv("TIMEZONE", "Nowhere/Secret")
    ran = run("probe")
    assert (ran.status, "TIMEZONE" in ran.err, "Secret" in ran.err) == (3, True, False)


def test_the_verdict_is_a_function_of_its_signs() -> None:
    """A clock that was set back makes nobody dead."""
    now = 1_790_000_000_000
    assert pulse(now - LATE, (), now).state is Health.HEALTHY
    assert pulse(now - LATE - 1, (), now).state is Health.UNHEALTHY
    assert pulse(now + 3_600_000, (), now).state is Health.HEALTHY
    assert pulse(None, (1,), now).state is Health.UNKNOWN
    assert pulse(now, (1,), now).text == "It records; incident 1 is open."


@contextmanager
def _answering(status: int, body: bytes) -> Iterator[str]:
    """A server that always answers so."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "body", "ends"),
    [
        (200, b'{"status":"ok"}', 0),
        (200, b'{"status":"healthy"}', 0),
        (503, b'{"status":"degraded"}', 1),
        (503, b'{"status":"unhealthy"}', 2),
        (200, b'{"status":"unknown"}', 3),
        (200, b"<html>", 3),
        (404, b"[]", 3),
    ],
)
def test_an_address_is_asked_instead(run: Run, status: int, body: bytes, ends: int) -> None:
    """What the API says in one word."""
    with _answering(status, body) as url:
        assert run("probe", "--url", url).status == ends


def test_nobody_at_the_address_is_down(run: Run) -> None:
    """And an address that is none is unknown."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    assert run("probe", "--url", f"http://127.0.0.1:{port}/").status == 2
    assert run("probe", "--url", "file:///etc/passwd").status == 3


def test_the_real_api_is_understood(run: Run, tmp_path: Path) -> None:
    """Of a bot that runs."""
    with site_beside(tmp_path / "site") as here:
        ran = run("probe", "--url", here.server.url + "/api/health")
        assert ran.status == 0, ran.out


def test_it_begins_at_once() -> None:
    """Nothing heavy is loaded for it: neither NumPy nor charts nor the whole store."""
    script = (
        "import sys; from monitoring.__main__ import main; main(['probe', '--url', 'x']);"
        "print([m for m in ('numpy', 'matplotlib', 'aiosqlite', 'textual', 'aiohttp', 'discord') if m in sys.modules])"
    )
    root = str(Path(__file__).parents[2])
    began = time.process_time()
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env={"PYTHONPATH": root})
    assert ran.stdout.splitlines()[-1] == "[]", ran.stdout + ran.stderr
    assert time.process_time() - began < 5
