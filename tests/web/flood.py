"""A hundred clients that never read and five hundred half-sent requests, beside twenty that just ask.

`python -m tests.web.flood` prints how long the twenty waited, how late the bot's event loop was, which files and memory
its process had, and when the server closed what was bad; status 1 if any of it is not as promised.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import resource
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from monitoring.interfaces import SystemClock
from monitoring.model import Sample
from monitoring.recording.looplag import LoopLag
from monitoring.sandbox.demo import Demo
from monitoring.web.connections import ASK_WITHIN, READ_WITHIN
from monitoring.web.guard import Rates
from monitoring.web.serving import BODY_WITHIN
from tests.web.serving import KEY, Site, site

LARGE = "/api/models?window=90d"
"""Of which the answer is made a megabyte."""
ROUTES = (
    "/api/performance",
    "/api/health",
    "/api/alerts",
    "/api/personas",
    "/api/errors?window=7d",
    "/dashboard/main.js",
)
"""What normal clients ask for."""
HEAD = f"HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {KEY}\r\n"
BODY = f"POST /api/operations {HEAD}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n" + '{"operations": ['
FILES = (min(8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]), resource.getrlimit(resource.RLIMIT_NOFILE)[1])
WAITED, LATE, GROWN = 2.0, 0.05, 100.0
"""Seconds that a normal client may wait and that the loop may be late (P99.9), and megabytes that may come on top."""
SLACK = 2.5
"""Seconds after its limit in which a connection has to be closed: for one of them what is sent is still taken in."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A kind of bad client: what it sends at first, again and again, and how long it may stay."""

    name: str
    first: str
    again: str
    limit: float
    often: float = 1.0


KINDS = (
    Bad("never reads the megabytes it asks for", f"GET {LARGE} {HEAD}\r\n" * 4, "", READ_WITHIN),
    Bad("a header a second, without end", f"GET /api/models {HEAD}", "X-More: x\r\n", ASK_WITHIN),
    Bad("a byte of a header a second", f"GET /api/models {HEAD}X-More: ", "x", ASK_WITHIN),
    Bad("nothing at all", "", "", ASK_WITHIN),
    Bad("a byte of a body a second", BODY, " ", BODY_WITHIN),
)


@dataclass(slots=True)
class Crowd:
    """Clients of one kind, and how many seconds each was let stay."""

    kind: Bad
    sockets: dict[int, socket.socket] = field(default_factory=dict)
    stayed: list[float] = field(default_factory=list)
    began: float = 0.0

    def come(self, port: int, many: int, poll: select.poll) -> None:
        """Connect, and send what comes first."""
        self.began = time.monotonic()
        for _ in range(many):
            client = connected(port)
            with suppress(BlockingIOError):
                client.send(self.kind.first.encode())

            self.sockets[client.fileno()] = client
            # Only the end is looked for: nothing is ever read.
            poll.register(client, select.POLLRDHUP)

    def go_on(self) -> None:
        """Send a little more."""
        for client in self.sockets.values():
            with suppress(OSError):
                client.send(self.kind.again.encode())

    def closed(self, number: int) -> bool:
        """Note that the server closed one; False if it is none of these."""
        client = self.sockets.pop(number, None)
        if client is None:
            return False

        self.stayed.append(time.monotonic() - self.began)
        client.close()
        return True


class Flood:
    """All the bad clients, kept going by a thread of their own."""

    def __init__(self, port: int, sizes: dict[Bad, int]) -> None:
        self.crowds = [Crowd(kind) for kind in sizes]
        self._port, self._sizes = port, sizes
        self._poll = select.poll()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="a flood", daemon=True)

    def __enter__(self) -> Flood:
        for crowd in self.crowds:
            crowd.come(self._port, self._sizes[crowd.kind], self._poll)

        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(10)
        for crowd in self.crowds:
            for client in crowd.sockets.values():
                client.close()

    def _go_on(self) -> None:
        often = min(crowd.kind.often for crowd in self.crowds)
        due = time.monotonic() + often
        while not self._over.is_set():
            for number, _ in self._poll.poll(20):
                self._poll.unregister(number)
                any(crowd.closed(number) for crowd in self.crowds)

            if time.monotonic() >= due:
                due += often
                for crowd in self.crowds:
                    if crowd.kind.again:
                        crowd.go_on()


def connected(port: int) -> socket.socket:
    """A connection with little room for what comes."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", port))
    client.setblocking(False)
    return client


def ask(port: int, path: str) -> float:
    """Seconds that one normal request takes, from the connection to the last byte."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(f"GET {path} {HEAD}Connection: close\r\n\r\n".encode())
        found = b""
        while data := client.recv(65_536):
            found += data

    assert found.startswith(b"HTTP/1.1 200"), found[:200]
    return time.monotonic() - began


def asked(port: int, normal: int, seconds: float) -> list[float]:
    """How long each request of so many normal clients took, who ask again and again."""
    end = time.monotonic() + seconds

    def one(number: int) -> list[float]:
        found: list[float] = []
        while time.monotonic() < end:
            found.append(ask(port, ROUTES[(number + len(found)) % len(ROUTES)]))
            time.sleep(0.1)

        return found

    with ThreadPoolExecutor(normal) as pool:
        return [took for each in pool.map(one, range(normal)) for took in each]


class Lateness:
    """How late the event loop is: every two milliseconds, and as the bot's own probe tells it."""

    def __init__(self) -> None:
        self.ticks: list[float] = []
        self.told: list[float] = []
        self._probe = LoopLag(self._record, SystemClock())

    def _record(self, seen: object) -> None:
        assert isinstance(seen, Sample)
        self.told.append(seen.value)

    async def measure(self) -> None:
        """Go on until cancelled."""
        self._probe.start()
        try:
            while True:
                due = time.monotonic() + 0.002
                await asyncio.sleep(0.002)
                self.ticks.append(time.monotonic() - due)
        finally:
            await self._probe.close()

    def begin(self) -> None:
        """Forget what was."""
        self.ticks, self.told = [], []

    @property
    def so_far(self) -> tuple[float, float, float]:
        """P99.9 and the worst, and the P99.9 of what the bot's own probe told: the worst of each second."""
        return of(self.ticks, 0.999), of(self.ticks, 1.0), of(self.told, 0.999)


def of(figures: list[float], part: float) -> float:
    """A quantile, as one of the figures; 0 where there are none."""
    return sorted(figures)[min(int(len(figures) * part), len(figures) - 1)] if figures else 0.0


async def large() -> bytes:
    """An answer of a megabyte."""
    return b'"' + b"x" * (1 << 20) + b'"'


async def serve() -> None:
    """A site of a day's history in a process of its own: says its port, then for each line read how it is."""
    resource.setrlimit(resource.RLIMIT_NOFILE, FILES)
    with TemporaryDirectory(prefix="greenroom-flood-") as folder:
        async with site(Path(folder), rates=Rates(1 << 30, 1 << 30, 1 << 30)) as here:
            async with Demo(days=1) as demo:
                await demo.prepare(here.monitor)

            # The demo's own books, which no bot has, would be looked through for garbage with all the rest.
            gc.collect()
            gc.freeze()
            await here.server.cached.get(LARGE, 3600.0, large)
            lateness = Lateness()
            measuring = asyncio.create_task(lateness.measure())
            print(here.port, flush=True)
            while line := await asyncio.to_thread(sys.stdin.readline):
                print(*lateness.so_far, len(here.server.door), unread(here), flush=True)
                if line == "begin\n":
                    lateness.begin()

            measuring.cancel()
            await asyncio.wait({measuring})


def unread(here: Site) -> int:
    """Bytes that wait for those who do not read."""
    return sum(one.unread for one in here.server.door)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the run, as it is printed."""

    name: str
    waited: list[float]
    late: float
    latest: float
    probe: float
    inside: int
    unread: float
    files: int
    memory: float

    def row(self) -> str:
        """A line of the table."""
        told = (of(self.waited, part) for part in (0.5, 0.99, 1.0))
        cells = (
            *(self.name, f"{len(self.waited):,}", *(f"{seconds * 1000:.0f} ms" for seconds in told)),
            *(f"{seconds * 1000:.1f} ms" for seconds in (self.late, self.latest, self.probe)),
            *(f"{self.inside}", f"{self.files}", f"{self.unread:.1f} MB", f"{self.memory:.0f} MB"),
        )
        return f"| {' | '.join(cells)} |"


HEADINGS = (
    "part", "normal requests", "median", "P99", "slowest", "loop late, P99.9", "at most", "P99.9 by its own probe",
    "connections, most", "files, most", "unread, most", "memory, most",
)  # fmt: skip


class Server:
    """The server's process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._seen = psutil.Process(process.pid)
        self.port = int(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def told(self, word: str = "") -> tuple[float, ...]:
        """What it says of itself."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        return tuple(float(word) for word in self._line().split())

    def part(self, name: str, normal: int, seconds: float) -> Part:
        """Let normal clients ask, and look at the server meanwhile."""
        self.told("begin")
        looks: list[tuple[float, ...]] = []
        with looking(lambda: looks.append((*self.told(), self._seen.num_fds(), self._seen.memory_info().rss))):
            waited = asked(self.port, normal, seconds)

        late, latest, probe, *_ = looks[-1]
        inside, left, files, memory = (max(column) for column in list(zip(*looks, strict=True))[3:])
        return Part(name, waited, late, latest, probe, int(inside), left / 1e6, int(files), memory / 1e6)


@contextmanager
def looking(look: Callable[[], object], every: float = 5.0) -> Iterator[None]:
    """Look now and then, and once more in the end."""
    over = threading.Event()

    def go_on() -> None:
        while not over.wait(every):
            look()

    thread = threading.Thread(target=go_on, daemon=True)
    thread.start()
    yield
    over.set()
    thread.join()
    look()


def main() -> int:
    """Flood, print, and say by the status whether it held."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--silent", type=int, default=100, help="clients that never read (100)")
    parser.add_argument("--halves", type=int, default=500, help="half-sent requests (500)")
    parser.add_argument("--normal", type=int, default=20, help="clients that just ask (20)")
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve())
        return 0

    resource.setrlimit(resource.RLIMIT_NOFILE, FILES)
    sizes = {kind: options.halves // (len(KINDS) - 1) for kind in KINDS[1:]} | {KINDS[0]: options.silent}
    command = [sys.executable, "-m", "tests.web.flood", "--serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        server = Server(process)
        asked(server.port, options.normal, 1.0)
        before = server.part("alone", options.normal, 10.0)
        with Flood(server.port, sizes) as flood:
            during = server.part("flooded", options.normal, READ_WITHIN + 2 * SLACK)

        after = server.part("after it", options.normal, 5.0)
        assert process.stdin is not None
        process.stdin.close()

    shown(before, during, after, flood=flood)
    return 0 if held(before, during, flood) else 1


def shown(*parts: Part, flood: Flood) -> None:
    """Both tables."""
    print(f"| {' | '.join(HEADINGS)} |", "|" + "---|" * len(HEADINGS), *(part.row() for part in parts), sep="\n")
    print("\n| bad clients | many | closed by the server | the first after | the last after | limit |")
    print("|---|---|---|---|---|---|")
    for crowd in flood.crowds:
        first, last = (f"{pick(crowd.stayed):.1f} s" if crowd.stayed else "-" for pick in (min, max))
        many = len(crowd.stayed) + len(crowd.sockets)
        print(f"| {crowd.kind.name} | {many} | {len(crowd.stayed)} | {first} | {last} | {crowd.kind.limit:.0f} s |")


def held(before: Part, during: Part, flood: Flood) -> bool:
    """Whether all is as promised."""
    served = max(during.waited) < WAITED and during.late < LATE and during.probe < LATE
    return served and during.memory - before.memory < GROWN and all_closed(flood)


def all_closed(flood: Flood, slack: float = SLACK) -> bool:
    """Whether the server closed every one in time."""
    crowds = flood.crowds
    return not any(one.sockets for one in crowds) and all(max(one.stayed) < one.kind.limit + slack for one in crowds)


if __name__ == "__main__":
    sys.exit(main())
