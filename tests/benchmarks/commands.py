"""How long people wait for each command: the real client, real HTTP, real charts, and a month that was lively.

`python tests/benchmarks/commands.py` prints a table in Markdown. The store holds the demo's month of messages and five
million operations more. Each command is used five times through the stand-in for Discord, over 30 days; the first
answer and the last edit are timed there, as Discord would see them. Status 1 if a gate (0.2 s and 1.5 s) is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from cogs.report import KINDS  # noqa: E402 - the checkout is put on the path first
from cogs.stats import Stats  # noqa: E402
from monitoring.model import DAY  # noqa: E402
from monitoring.monitor import Monitor  # noqa: E402
from monitoring.sandbox.demo import Demo  # noqa: E402
from tests.benchmarks.frame import Bench, Row  # noqa: E402
from tests.benchmarks.traffic import operations  # noqa: E402
from tests.conftest import Stage, on_stage, settings_for  # noqa: E402

FIRST_GATE_MS, LAST_GATE_MS = 200.0, 1500.0
OPERATIONS = 5_000_000
MONTH = {"window": "30d"}
COMMANDS: list[tuple[str, dict[str, Any]]] = [
    ("health", {}),
    *(
        (f"stats {page.name}", MONTH | ({"name": "Nyx"} if page.name == "persona" else {}))
        for page in Stats.stats.commands
    ),
    # The full report is a file of thirty pages, for which nobody waits in front of a spinner.
    *(("report", {"kind": kind.name, **MONTH}) for kind in KINDS if kind.value != "full"),
    ("why", {"figure": "mean", **MONTH}),
    ("report", {"kind": "persona", "persona": "Nyx", **MONTH}),
    ("alerts active", {}),
    ("digest now", {}),
]


@dataclass(slots=True)
class Times:
    """One command's times, in milliseconds."""

    words: str
    first: list[float] = field(default_factory=list)
    last: list[float] = field(default_factory=list)
    chart: bool = False

    @property
    def passed(self) -> bool:
        """Whether the slowest of all stayed within the gates."""
        return max(self.first) <= FIRST_GATE_MS and max(self.last) <= LAST_GATE_MS


async def measure(stage: Stage, demo: Demo, rounds: int) -> list[Times]:
    """Every command once a round, so that no command profits from having just been used."""
    user, channel = demo.world.owner_id, demo.world.ops_channel.id
    found = [Times(" ".join(["/" + name, *map(str, options.values())])) for name, options in COMMANDS]
    for _ in range(rounds):
        for times, (name, options) in zip(found, COMMANDS, strict=True):
            answer = await stage.command(user, channel, name, options)
            assert answer.first_ms is not None
            assert answer.done_ms is not None
            times.first.append(answer.first_ms)
            times.last.append(answer.done_ms)
            times.chart = bool(answer.message.get("id") and demo.sandbox.files(answer.message))

    return found


def table(found: list[Times]) -> Iterator[str]:
    """The result as Markdown: median and worst of each, in seconds."""
    yield "| command | chart | first answer, median / worst | last answer, median / worst | |"
    yield "|---|---|---|---|---|"
    for times in found:
        cells = (f"{statistics.median(of) / 1000:.3f} / {max(of) / 1000:.3f} s" for of in (times.first, times.last))
        yield f"| `{times.words}` | {'yes' if times.chart else ''} | {' | '.join(cells)} | {_verdict(times.passed)} |"

    worst = (max(max(times.first) for times in found) / 1000, max(max(times.last) for times in found) / 1000)
    yield f"| gate | | {FIRST_GATE_MS / 1000} s | {LAST_GATE_MS / 1000} s | {_verdict(all(t.passed for t in found))} |"
    yield f"| worst of all | | {worst[0]:.3f} s | {worst[1]:.3f} s | |"


def _verdict(passed: bool) -> str:
    return "pass" if passed else "FAIL"


async def rows(bench: Bench) -> AsyncIterator[Row]:
    """The slowest command of all, its first answer and its last, in a history as long as the size says."""
    found = await used(bench.size(30, 2), min(bench.rounds, 3), bench.size(OPERATIONS))
    for what, gate, goal, times in (
        ("a slash command, first answer, the slowest of all", 0.2, 0.05, [times.first for times in found]),
        ("a slash command, last answer with its chart, the slowest of all", 1.5, 0.5, [times.last for times in found]),
    ):
        yield Row(what, max(map(statistics.median, times)) / 1000, "s", gate=gate, goal=goal)


async def used(days: int, rounds: int, more: int) -> list[Times]:
    """Start it all, use every command so often, and say how many messages and operations there were."""
    began = time.monotonic()

    async def lively(monitor: Monitor) -> None:
        await demo.prepare(monitor)
        now = monitor.clock.now()
        await monitor.replay(operations(more, now - days * DAY, now), since=now - days * DAY)

    with TemporaryDirectory(prefix="greenroom-benchmark-") as folder:
        async with Demo(days=days) as demo:
            settings = settings_for(
                demo.sandbox, Path(folder) / "store.sqlite3", alert_discord_channel_id=demo.world.ops_channel.id
            )
            async with on_stage(demo.sandbox, settings, lively) as stage:
                held = f"{len(demo.ledger.asked) + len(demo.ledger.spoken):,} messages, {more:,} operations"
                took = f"stood after {time.monotonic() - began:.1f} s"
                print(f"{days} days ({held}) {took}; {rounds} rounds of every command", file=sys.stderr)
                return await measure(stage, demo, rounds)


async def main(days: int, rounds: int, more: int) -> int:
    """Measure and print; the exit status."""
    found = await used(days, rounds, more)
    print("\n".join(table(found)))
    return 0 if all(times.passed for times in found) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=30, help="days of history (30)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each command is used (5)")
    parser.add_argument("--operations", type=int, default=OPERATIONS, help="operations besides (5,000,000)")
    options = parser.parse_args()
    sys.exit(asyncio.run(main(options.days, options.rounds, options.operations)))
