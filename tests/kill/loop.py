"""The kill loop: a Monitor under load, and each migration, killed again and again and looked at after each time.

    python -m tests.kill.loop --times 200 --upgrades 50

Prints two tables; ends with status 1 when anything did not hold.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from monitoring.store import migrate

from .check import MOST_FACTS, MOST_SECONDS
from .old_store import with_another
from .story import PLAN, Ended, Story
from .upgrades import Upgrade


def main() -> int:
    """Run it as told by the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--upgrades", type=int, default=0, help="how often each migration is killed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=1.0, help="thousands of facts a second")
    parser.add_argument("--stages", default=",".join(PLAN), help="where to die, by turns, separated by commas")
    parser.add_argument("--verbose", action="store_true")
    told = parser.parse_args()
    faults = kill_lives(told) if told.times else 0
    if told.upgrades:
        faults += kill_upgrades(told)

    return 1 if faults else 0


def kill_lives(told: argparse.Namespace) -> int:
    """Kill a Monitor under load; how many things did not hold."""
    began = time.monotonic()
    stages = told.stages.split(",")
    with tempfile.TemporaryDirectory(prefix="kill-") as folder:
        story = Story(Path(folder), told.seed, rate=told.rate)
        lives = []
        for number in range(told.times):
            lives.append(story.live(stages[number % len(stages)]))
            if told.verbose or lives[-1].faults:
                say(line(lives[-1]))

        report(lives, story, time.monotonic() - began)

    return len(story.checker.faults)


def kill_upgrades(told: argparse.Namespace) -> int:
    """Kill every migration, the creation of a store, and one more that there may be; how many things did not hold."""
    say(f"{'killed while making':28} {'kills':>5} {'old version':>12} {'new version':>12} {'neither':>8}")
    faults = 0
    dice = random.Random(told.seed)
    newest = len(migrate.migrations())
    for version in range(1, newest + 2):
        with tempfile.TemporaryDirectory(prefix="kill-") as folder:
            source = with_another(Path(folder)) if version > newest else migrate.SCHEMAS
            upgrade = Upgrade(Path(folder), version, source)
            upgrade.prepare()
            for _ in range(told.upgrades):
                upgrade.kill(dice)

        name = "a fresh store" if version == 1 else f"version {version} of {version - 1}"
        neither = told.upgrades - upgrade.old - upgrade.whole
        made_up = " (made up)" if version > newest else ""
        say(f"{name + made_up:28} {upgrade.killed:5} {upgrade.old:12} {upgrade.whole:12} {neither:8}")
        faults += len(upgrade.faults)
        for fault in upgrade.faults[:6]:
            say(f"     ! {fault}")

    say(f"after each, the next start led to the new version, its backup whole; {faults} things did not hold")
    return faults


def say(text: str) -> None:
    """One line of output."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def line(one: Ended) -> str:
    """One life in a line, with what did not hold."""
    loss = one.loss
    ready = "  never" if one.ready is None else f"{one.ready:5.2f} s"
    said = (
        f"{one.life.number:4} {one.life.stage or 'any':7} → {one.stage or 'any':7} recording after {ready}, "
        f"{loss.handed:5} handed in, lost {loss.lost:4} facts {loss.seconds * 1000:4.0f} ms; "
        f"machine busy {one.deprived * 1000:4.0f} ms"
    )
    return "\n".join([said, *(f"     ! {fault[:2_000]}" for fault in one.faults[:6])])


def report(lives: list[Ended], story: Story, seconds: float) -> None:
    """The table."""
    say(f"{'killed in':12} {'kills':>5} {'handed in':>10} {'stored':>9}   lost: median   worst   median    worst")
    for stage in [*sorted({one.stage for one in lives}), "total"]:
        rows = [one for one in lives if stage in (one.stage, "total")]
        lost, ms = [one.loss.lost for one in rows], [one.loss.seconds * 1000 for one in rows]
        say(
            f"{stage or 'any moment':12} {len(rows):5} {sum(one.loss.handed for one in rows):10} "
            f"{sum(one.loss.stored for one in rows):9} {statistics.median(lost):9.0f} facts {max(lost):4}"
            f" {statistics.median(ms):6.0f} ms {max(ms):5.0f} ms"
        )

    over = sum(one.loss.seconds > MOST_SECONDS or one.loss.lost > MOST_FACTS for one in lives)
    waits = [one.ready for one in lives if one.ready is not None]
    say(f"{over} lost more than 250 ms or 500 facts, all of them while the machine was busy elsewhere")
    say(f"{story.checker.compared} rollups held against a recount of raw rows")
    say(f"{story.checker.interrupted} of the operations still kept were closed as interrupted")
    say(f"recording again: median {statistics.median(waits):.2f} s, worst {max(waits):.2f} s")
    say(f"{len(lives)} lives in {seconds:.0f} s; {len(story.checker.faults)} things did not hold")


if __name__ == "__main__":
    sys.exit(main())
