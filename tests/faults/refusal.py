"""One hour in which Discord takes nothing: what arrives afterwards.

    python -m tests.faults.refusal

A watch with 30 incidents in that hour, an outbox over a real SQLite file, and a Discord webhook that is refused over
real HTTP; the hour passes on a clock of its own. Prints a table; ends with status 1 when anything did not hold.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from aiohttp import web

from monitoring.notify.courier import Desk
from monitoring.notify.discord_webhook import DiscordWebhook
from monitoring.notify.news import news_of
from monitoring.store.sqlite import SQLiteStore
from tests.alerting.scene import SLOW, ManualClock, Scene

HOUR = 3600.0
INCIDENTS = 30
"""Far enough apart that each is told by itself."""
WELL_AGAIN = 300.0
"""Seconds after which every other one is well again; the rest when Discord is."""
WAYS = ("refused connections", "503", "429, an hour's retry-after")
TICK = 10
BY_PERSONA = replace(SLOW, by="persona")


class Gate:
    """Discord's webhook as far as it goes here: takes messages, or nothing at all in one of three ways."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self._runner: web.AppRunner | None = None
        self._port = 0
        self.way = ""
        self.refused = 0
        self.taken: list[tuple[float, dict[str, Any]]] = []
        """When each message was taken, by the clock of the story, and its embed."""

    async def open(self) -> None:
        """Listen."""
        app = web.Application()
        app.router.add_post("/hook", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = int(self._runner.addresses[0][1])

    async def shut(self) -> None:
        """Listen no more: connections are refused."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}/hook"

    async def _answer(self, request: web.Request) -> web.Response:
        if self.way.startswith("503"):
            self.refused += 1
            return web.Response(status=503)

        if self.way.startswith("429"):
            self.refused += 1
            return web.json_response({"retry_after": HOUR, "global": True}, status=429, headers={"Retry-After": "3600"})

        (embed,) = json.loads(await request.read())["embeds"]
        self.taken.append((self._clock.steady, embed))
        return web.json_response({"id": "1"})


class Story(Scene):
    """A scene whose pauses pass on its clock, with personas that are slow for a while."""

    def __init__(self, store: SQLiteStore, clock: ManualClock, gate: Gate, incidents: int) -> None:
        super().__init__(store, clock, rules=[BY_PERSONA])
        self.incidents = incidents
        zone = "Europe/Berlin"

        async def read(notice: Any) -> Any:
            return news_of(notice, zone)

        self.places.clear()
        self.places["discord"] = DiscordWebhook("discord", "always", Desk(read, clock, zone), gate.url)

    async def _nap(self, seconds: float) -> None:
        self.clock.go(seconds)

    def speak(self, began: float, outage_ends: float) -> None:
        """What every persona's answers take just now."""
        now = self.clock.steady
        for i in range(self.incidents):
            slow = began + i * (HOUR - 300) / self.incidents
            well = slow + WELL_AGAIN if i % 2 else outage_ends + 600
            self.figures.answers(5.0 if slow <= now < well else 1.0, persona=f"p{i:02}")


@dataclass
class Outcome:
    """What arrived after one hour of refusal."""

    way: str
    came_and_went: int = 0
    """Incidents in late messages."""
    late_messages: int = 0
    opened: set[str] = field(default_factory=set)
    recovered: list[str] = field(default_factory=list)
    least_gap: float = 0.0
    """Seconds between two messages of what had waited, at the least."""
    first: float = 0.0
    """Seconds from the end of the hour until the first message."""
    last: float = 0.0
    """Until all that had waited was told."""
    tries: int = 0
    faults: list[str] = field(default_factory=list)


async def hour(way: str, folder: Path, incidents: int = INCIDENTS) -> Outcome:
    """One hour without Discord, and half an hour with it."""
    clock = ManualClock()
    gate = Gate(clock)
    store = SQLiteStore(folder / f"{way[:3]}.sqlite3", zone="Europe/Berlin", clock=clock)
    await store.open()
    await gate.open()
    story = Story(store, clock, gate, incidents)
    try:
        gate.way = way
        if way == WAYS[0]:
            await gate.shut()

        began, ends = clock.steady + 60, clock.steady + HOUR
        while clock.steady < ends + 1800:
            if clock.steady >= ends and gate.way:
                gate.way = ""
                if way == WAYS[0]:
                    await gate.open()

            clock.go(TICK)
            story.speak(began, ends)
            await story.watch.tick()
            await story.outbox.step()

        found = outcome(way, gate, ends, incidents)
        found.faults += [f"{row.subject} waits still" for row in (r.notice for r in story.outbox._rows)]
        return found
    finally:
        await gate.shut()
        await store.close()


def outcome(way: str, gate: Gate, ends: float, incidents: int) -> Outcome:
    """Reads what was taken, and what of it did not hold."""
    found = Outcome(way, tries=gate.refused)
    last_opening = ends
    for at, embed in gate.taken:
        title, number = str(embed["title"]), embed.get("footer", {}).get("text", "")
        if title.startswith("🔌"):
            found.late_messages += 1
            found.came_and_went += 1 if title.startswith("🔌 One") else int(title.split()[1])
        elif title.startswith("🟢"):
            found.recovered.append(number)
        else:
            last_opening = at
            found.opened.add(number)

    times = [at for at, _ in gate.taken]
    waited = [at for at in times if at <= last_opening]
    found.least_gap = min((b - a for a, b in pairwise(waited)), default=0.0)
    found.first, found.last = times[0] - ends, last_opening - ends
    if found.came_and_went + len(found.opened) != incidents:
        found.faults.append(f"{incidents} incidents, told of {found.came_and_went} and {len(found.opened)}")

    if found.late_messages != 1:
        found.faults.append(f"{found.late_messages} messages for what came and went")

    if sorted(found.recovered) != sorted(found.opened):
        found.faults.append(f"{len(found.opened)} openings, {len(found.recovered)} recoveries")

    if found.least_gap < 1:
        found.faults.append(f"two messages within {found.least_gap:.2f} s")

    return found


def row(one: Outcome) -> str:
    """One line of the table."""
    return (
        f"{one.way:28} {one.came_and_went:>13} {one.late_messages:>8} {len(one.opened):>10} {len(one.recovered):>10} "
        f"{one.least_gap:>9.1f} s {one.first:>9.0f} s {one.last:>9.0f} s {'; '.join(one.faults) or 'all held'}"
    )


HEAD = (
    f"{'an hour of':28} {'came and went':>13} {'messages':>8} {'still open':>10} {'recoveries':>10} "
    f"{'least gap':>11} {'first after':>11} {'all after':>11} promises"
)


async def main() -> int:
    """All three ways."""
    sys.stdout.write(HEAD + "\n")
    faults = 0
    with tempfile.TemporaryDirectory(prefix="refusal-") as folder:
        for way in WAYS:
            one = await hour(way, Path(folder))
            faults += len(one.faults)
            sys.stdout.write(row(one) + "\n")

    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
