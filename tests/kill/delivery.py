"""Killed between "sent" and "marked": the bot's process dies right after Discord took a notice, again and again.

    python -m tests.kill.delivery --times 50

A stand-in for Discord runs here; the bot is `python bot.py` in a process of its own and is killed (SIGKILL) by the
stand-in: by turns before a byte of the answer is sent, and up to 30 ms later, while the notice is being marked. Prints
a table; ends with status 1 when a notice was told twice, or not at all.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from monitoring.alerting.documents import NOTICE, incident_document, insertion
from monitoring.alerting.notices import new_nonce, told
from monitoring.incident import Incident, Notice, Rule, Stage
from monitoring.interfaces import SystemClock
from monitoring.model import MINUTE, Severity
from monitoring.rows import Change
from monitoring.sandbox import Sandbox
from monitoring.store.sqlite import SQLiteStore
from tests.host.bot_process import bot_process, connection

PATIENCE = 60.0
"""Seconds that a life is given to get to its death."""
LATER = 0.03
"""Seconds after the sending within which the other half is killed."""
KINDS = ("message", "incident", "late", "recovery")
"""What is sent, by turns."""
HEAD = f"{'killed':22} {'kills':>5} {'marked by then':>14} {'told twice':>10} {'never told':>10}"


class DeadlySandbox(Sandbox):
    """Kills whom it is told to at the moment a new message stands in a channel, before it answers."""

    victim = 0
    channel = 0
    delay = 0.0
    _known = 0

    def aim(self, victim: int, delay: float) -> None:
        """Kill this process so many seconds after the next new message."""
        self.victim, self.delay, self._known = victim, delay, len(self.messages(self.channel))

    def something_happened(self) -> None:
        """After each request is carried out, and before its answer goes out."""
        super().something_happened()
        if self.victim and len(self.messages(self.channel)) > self._known:
            victim, self.victim = self.victim, 0
            if self.delay:
                asyncio.get_running_loop().call_later(self.delay, self._kill, victim)
            else:
                self._kill(victim)

    def _kill(self, victim: int) -> None:
        os.kill(victim, signal.SIGKILL)


@dataclass
class Tally:
    """What came of one way to die."""

    kills: int = 0
    marked: int = 0
    twice: int = 0
    never: int = 0


class Deliveries:
    """One store, one channel, many lives."""

    def __init__(self, folder: Path, seed: int = 1) -> None:
        self._folder = folder
        self._dice = random.Random(seed)
        self._store = folder / "store.sqlite3"
        self.sandbox = DeadlySandbox()
        self.ways = {"before the answer": Tally(), "up to 30 ms later": Tally()}
        self._way_of: dict[str, str] = {}
        self.notices = 0
        self.strange: list[str] = []
        """Messages that are of none of the notices."""

    async def run(self, times: int) -> None:
        """So many kills, and a last life that is left alone."""
        sandbox = self.sandbox
        await sandbox.start()
        try:
            sandbox.channel = sandbox.add_channel(sandbox.add_guild("Town"), "bot-ops")
            for n in range(times):
                way = list(self.ways)[n % 2]
                await self._live(way)

            await self._live("")
            self._count()
        finally:
            await sandbox.close()

    async def _live(self, way: str) -> None:
        """A notice is written, the bot starts, tells what waited and then this one, and is killed."""
        if way:
            await self._write(way)

        settings = connection(self.sandbox.api_url, self.sandbox.gateway_url, self.sandbox.token, self._store) | {
            "ALERT_DISCORD_CHANNEL_ID": self.sandbox.channel,
            "ALERT_GRACE_SECONDS": 3600,
            "PROBE_INTERVAL_SECONDS": 3600,
        }
        async with bot_process(self._folder, settings) as bot:
            if way:
                self.sandbox.aim(bot.process.pid, self._dice.uniform(0.001, LATER) if way != "before the answer" else 0)
                if await bot.end(PATIENCE) != -signal.SIGKILL:
                    raise RuntimeError(f"the bot ended by itself: {bot.said[-2000:]}")

                self.ways[way].kills += 1
                self.ways[way].marked += not await self._waiting()
                return

            began = time.monotonic()
            while await self._waiting():
                if time.monotonic() - began > PATIENCE:
                    raise RuntimeError(f"notices still wait: {bot.said[-2000:]}")

                await asyncio.sleep(0.2)

            bot.process.terminate()
            await bot.end(PATIENCE)

    async def _write(self, way: str) -> None:
        """One more notice in the outbox, with all that belongs to it."""
        n = self.notices = self.notices + 1
        self._way_of[word(n)] = way
        store = await self._opened()
        try:
            assert await store.save(changes(KINDS[(n - 1) // 2 % len(KINDS)], n))
        finally:
            await store.close()

    async def _waiting(self) -> int:
        store = await self._opened(read_only=True)
        try:
            return len(await store.load(NOTICE))
        finally:
            await store.close()

    async def _opened(self, *, read_only: bool = False) -> SQLiteStore:
        store = SQLiteStore(self._store, clock=SystemClock(), zone="UTC", raw_days=7, read_only=read_only)
        await store.open()
        return store

    def _count(self) -> None:
        """How often each notice stands in the channel."""
        # A recovery begins with the incident's title, in a capital.
        texts = [str(message).casefold() for message in self.sandbox.messages(self.sandbox.channel)]
        found = Counter({name: sum(name in text for text in texts) for name in self._way_of})
        self.strange = [text for text in texts if not any(name in text for name in self._way_of)]
        for name, way in self._way_of.items():
            self.ways[way].twice += found[name] > 1
            self.ways[way].never += found[name] == 0


def word(n: int) -> str:
    """By which a notice is known in what was said."""
    return f"notice-{n:04}"


def changes(kind: str, n: int) -> list[Change]:
    """What the watch would write for a notice of this kind."""
    now = SystemClock().now()
    if kind in ("message", "late"):
        line = {"number": 0, "text": word(n), "severity": "warning", "since": now - MINUTE, "until": now}
        body: dict[str, object] = {"text": word(n)} if kind == "message" else {"from": now, "lines": [line], "more": 0}
        return [insertion(Notice(f"{kind} {n:04}/discord", kind, now, f"{kind} {n}", "discord", new_nonce(), body))]

    over = kind == "recovery"
    rule = Rule("response_time", word(n), "response", "mean", above=3.0)
    incident = Incident(
        n, rule.name, "", Stage.RESOLVED if over else Stage.OPEN, Severity.WARNING, now - MINUTE, title=word(n),
        unit="s", opened_at=now - MINUTE, resolved_at=now if over else None, value=5.0, peak=6.0, count=9,
        targets=("discord",) if over else (), known=("discord",) if over else (),
    )  # fmt: skip
    after, notices = told(incident, ("resolved" if over else "opened",), rule, now, ["discord"])
    return [Change(incident_document(after)), *(insertion(notice) for notice in notices)]


def row(way: str, one: Tally) -> str:
    """One line of the table."""
    return f"{way:22} {one.kills:5} {one.marked:14} {one.twice:10} {one.never:10}"


def main() -> int:
    """Run it as told by the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="delivery-") as folder:
        story = Deliveries(Path(folder), asked.seed)
        asyncio.run(story.run(asked.times))
        said = len(story.sandbox.messages(story.sandbox.channel))

    sys.stdout.write(HEAD + "\n")
    for way, one in story.ways.items():
        sys.stdout.write(row(way, one) + "\n")

    for text in story.strange:
        sys.stdout.write(f"not of a notice: {text[:300]}\n")

    sys.stdout.write(f"{story.notices} notices, {said} messages, {time.monotonic() - began:.0f} s\n")
    return 1 if any(one.twice or one.never for one in story.ways.values()) or said != story.notices else 0


if __name__ == "__main__":
    sys.exit(main())
