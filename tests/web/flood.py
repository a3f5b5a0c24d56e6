"""A hundred clients that never read and five hundred half-sent requests, beside twenty that just ask.

`python tests/web/flood.py` prints how long the twenty waited and how long the bot's event loop was held; status 1 if a
normal client waited two seconds or the loop was held for more than a quarter of one.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import socket
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from monitoring.web.guard import Rates  # noqa: E402 - the checkout is put on the path first
from tests.web.serving import KEY, site  # noqa: E402

START = f"GET /api/performance HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {KEY}\r\n"
WHOLE, HALF = f"{START}\r\n".encode(), f"{START}X-More: ".encode()
FILES = (min(8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]), resource.getrlimit(resource.RLIMIT_NOFILE)[1])
WAITED, HELD = 2.0, 0.25
"""Seconds that a normal client may wait, and that the loop may be held."""


async def serve() -> None:
    """A site in a process of its own: says its port, then for each line read by how much the loop was held since."""
    resource.setrlimit(resource.RLIMIT_NOFILE, FILES)
    with TemporaryDirectory(prefix="greenroom-flood-") as folder:
        async with site(Path(folder), rates=Rates(1 << 30, 1 << 30, 1 << 30)) as here:
            print(here.port, flush=True)
            lines = asyncio.Queue[str]()
            reading = asyncio.create_task(read_lines(lines))
            longest, before = 0.0, time.monotonic()
            while not reading.done():
                await asyncio.sleep(0.002)
                now = time.monotonic()
                longest, before = max(longest, now - before - 0.002), now
                if not lines.empty():
                    lines.get_nowait()
                    print(longest, len(here.server.door), flush=True)
                    longest = 0.0


async def read_lines(lines: asyncio.Queue[str]) -> None:
    """Lines of the other process, until it ends."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        lines.put_nowait(line)


def connected(port: int, data: bytes) -> socket.socket:
    """A connection on which that was sent, and from which nothing is read."""
    client = socket.create_connection(("127.0.0.1", port))
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.setblocking(False)
    with suppress(BlockingIOError):
        client.send(data)

    return client


def ask(port: int) -> float:
    """Seconds that one normal request takes, from the connection to the last byte."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(WHOLE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        found = b""
        while data := client.recv(65_536):
            found += data

    assert found.startswith(b"HTTP/1.1 200"), found[:200]
    return time.monotonic() - began


def asked(port: int, normal: int, seconds: float) -> list[float]:
    """How long normal clients waited, so many at a time."""
    found: list[float] = []
    with ThreadPoolExecutor(normal) as pool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found += pool.map(ask, [port] * normal)
            time.sleep(0.2)

    return found


def told(server: subprocess.Popen[str]) -> tuple[float, int]:
    """By how much the server's loop was held since it was last asked, and how many connections it has."""
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write("\n")
    server.stdin.flush()
    held, inside = server.stdout.readline().split()
    return float(held), int(inside)


def main() -> int:
    """Flood, print, and say by the status whether it held."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--silent", type=int, default=100, help="clients that never read (100)")
    parser.add_argument("--halves", type=int, default=500, help="half-sent requests (500)")
    parser.add_argument("--normal", type=int, default=20, help="clients that just ask (20)")
    parser.add_argument("--seconds", type=float, default=9.0, help="how long each part goes on (9)")
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve())
        return 0

    resource.setrlimit(resource.RLIMIT_NOFILE, FILES)
    command = [sys.executable, __file__, "--serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        asked(port, options.normal, 1.0)
        told(server)
        shown("alone", asked(port, options.normal, options.seconds), *told(server))
        with ExitStack() as stack:
            for data, n in ((WHOLE * 200, options.silent), (HALF, options.halves)):
                for _ in range(n):
                    stack.enter_context(connected(port, data))

            _, inside = told(server)
            waited = asked(port, options.normal, options.seconds)
            held, _ = told(server)
            shown("flooded", waited, held, inside)

        assert server.stdin is not None
        server.stdin.close()

    return 0 if max(waited) < WAITED and held < HELD else 1


def shown(when: str, waited: list[float], held: float, inside: int) -> None:
    """One line of the result."""
    middle, worst = statistics.median(waited) * 1000, max(waited) * 1000
    print(
        f"{when}: {inside} connections; {len(waited)} normal requests, median {middle:.0f} ms, worst {worst:.0f} ms; "
        f"event loop held {held * 1000:.0f} ms at most"
    )


if __name__ == "__main__":
    sys.exit(main())
