"""Random lives of many incidents at once, and what must hold of every one of them.

`python -m tests.alerting.lives --times 5000` runs that many, each from a seed that is printed if it fails.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from monitoring.alerting.dependencies import OPEN
from monitoring.alerting.documents import NOTICE
from monitoring.alerting.late import changes, numbers
from monitoring.alerting.muting import hushed
from monitoring.alerting.silences import QuietHours, Recurrence, Silence
from monitoring.incident import Escalation, Notice, Rule, Stage
from monitoring.model import Severity

from .scene import SLOW, ManualClock, MemoryStore, Place, Scene

PERSONAS = ("ada", "ben", "cy", "dot")
OPENINGS = frozenset({"opened", "reopened"})
EACH = replace(
    SLOW,
    by="persona",
    title="Mean response of {group}",
    critical_above=8.0,
    cooldown=60,
    depends_on=("cpu",),
    escalation=(Escalation(600, ("mail",)), Escalation(1500, ())),
)
CPU = Rule(
    "cpu",
    "CPU",
    "gauge",
    "last",
    above=90.0,
    where=(("name", "cpu_percent"),),
    unit="%",
    window=60,
    hold=0,
    cooldown=60,
)
QUIET = QuietHours(Recurrence("13:00", "14:00", "Europe/Berlin"), Severity.WARNING)
"""An hour after a life begins, so that many lives reach it."""

Action = tuple[Any, ...]


@dataclass
class World:
    """What the rules see, and the scene in which it happens."""

    scene: Scene
    store: MemoryStore
    speeds: dict[str, float | None] = field(default_factory=dict)
    cpu: float | None = 10.0

    async def go(self, ticks: int) -> None:
        """Ten seconds a tick, judged and delivered at each."""
        for _ in range(ticks):
            self.scene.clock.go(10)
            for persona, speed in self.speeds.items():
                if speed is not None:
                    self.scene.figures.answers(speed, 5, persona=persona)

            if self.cpu is not None:
                self.scene.figures.gauge("cpu_percent", self.cpu)

            await self.scene.watch.tick()
            await self.scene.outbox.step()

    async def act(self, action: Action) -> None:
        """Let one thing happen."""
        name, *what = action
        if name == "go":
            await self.go(what[0])
        elif name == "speed":
            for persona in PERSONAS[: what[0]]:
                self.speeds[persona] = what[1]
        elif name == "flap":
            for _ in range(what[1]):
                self.speeds[PERSONAS[what[0]]] = 5.0
                await self.go(13)
                self.speeds[PERSONAS[what[0]]] = 1.0
                await self.go(13)
        elif name == "cpu":
            self.cpu = what[0]
        elif name == "jump":
            self.scene.clock.set(what[0])
        elif name == "store":
            self.store.broken = what[0]
        elif name in {"discord", "mail"}:
            cast("Place", self.scene.places[name]).down = what[0]
        elif name == "restart":
            await self.restart(what[0])
        elif name == "rules":
            self.scene.rules = (replace(EACH, above=what[0], severity=what[1]), CPU)
            self.scene.watch.set_rules(self.scene.rules)
        else:
            await self.people(name, what)

    async def restart(self, seconds: int) -> None:
        """Begin anew with nothing in memory; not while only memory knows what happened (see the tests of F11)."""
        if self.store.broken or self.scene.watch._ledger.adrift or len(self.scene.ring):
            return

        await self.scene.watch.silences()
        self.scene.clock.go(seconds)
        self.scene.start()
        await self.scene.watch.incidents()

    async def people(self, name: str, what: Sequence[Any]) -> None:
        """What people do."""
        watch, now = self.scene.watch, self.scene.clock.now()
        if name == "hush":
            matchers = {"rule": "slow", "group": "ada", "severity": "warning"}
            await watch.add_silence(
                Silence("", "olivia", ((what[0], matchers[what[0]]),), now, now + what[1] * 1000, reason="work")
            )
        elif name == "unhush":
            for silence in await watch.silences():
                await watch.end_silence(silence.id, "ben")
        else:
            for incident in (await watch.incidents(open_only=True))[: what[0]]:
                if name == "silence":
                    await watch.silence(incident.number, "olivia", what[1])
                else:
                    await getattr(watch, name)(incident.number, "olivia")


def world() -> World:
    """All well, at noon."""
    store = MemoryStore()
    scene = Scene(store, ManualClock(), rules=(EACH, CPU), quiet=QUIET)
    scene.places["mail"] = Place("mail")
    scene.always = ["discord"]
    found = World(scene, store)
    found.speeds = dict.fromkeys(PERSONAS, 1.0)
    return found


async def live(script: Sequence[Action], *, broken_at_the_end: bool) -> None:
    """Run one life to its end, and hold it against what is promised."""
    found = world()
    for action in script:
        await found.act(action)

    scene = found.scene
    found.store.broken = False
    for place in scene.places.values():
        cast("Place", place).down = False

    await found.people("unhush", ())
    await found.people("unsilence", (99,))
    found.cpu = 10.0
    found.speeds = dict.fromkeys(PERSONAS, 5.0 if broken_at_the_end else 1.0)
    scene.rules = (EACH, CPU)
    scene.watch.set_rules(scene.rules)
    # Quiet hours, flapping and late news must all have had their end.
    for _ in range(4):
        await found.go(25)
        scene.clock.go(3600)

    await found.go(40)
    await check(found, broken=broken_at_the_end)


async def check(found: World, *, broken: bool) -> None:
    """What was told fits what happened, everywhere."""
    scene = found.scene
    assert await found.store.load(NOTICE) == []
    assert len(scene.ring) == 0
    incidents = {i.number: i for i in await scene.watch.incidents()}
    alive = {n for n, i in incidents.items() if i.stage in OPEN}
    assert len(alive) == (len(PERSONAS) if broken else 0)
    heard: set[int] = set()
    for name, place in scene.places.items():
        told = cast("Place", place).told
        assert len({n.nonce for n in told}) == len({n.key for n in told}) == len(told)
        open_there, ever = states(told)
        heard |= ever
        wanted = {n for n in alive if name in incidents[n].known}
        # What shares a message with one that is still open is a line of it until all are over.
        lines = {n for n, i in incidents.items() if i.batch and i.batch in {incidents[m].batch for m in alive}}
        assert open_there - (lines - alive) == wanted, (name, open_there, wanted)
        if name == "discord":
            assert wanted == alive

    for number in set(incidents) - heard:
        assert any("quiet" in words or "silenced" in words for _, words in incidents[number].history), number

    assert not any(hushed(incidents[number]) for number in alive)
    assert not any(incident.late for incident in incidents.values())


def states(told: Sequence[Notice]) -> tuple[set[int], set[int]]:
    """Which incidents are taken for open after these notices, and which were ever heard of."""
    now_open: set[int] = set()
    ever: set[int] = set()
    for notice in told:
        words = set(changes(notice))
        if notice.kind == "late":
            lines = cast("list[Mapping[str, int]]", notice.body["lines"])
            late = {line["number"] for line in lines}
            assert not late & now_open, notice
            ever |= late
        elif notice.kind == "recovery":
            over = set(cast("list[int]", notice.body.get("about") or numbers(notice)))
            assert over <= now_open, ("an end without an opening, or a second one", notice)
            now_open -= over
        elif not notice.body.get("quiet"):
            about = set(cast("list[int]", notice.body.get("about") or numbers(notice)))
            if words & OPENINGS:
                assert not now_open & about or notice.body.get("members"), ("told twice", notice)
                # One of several may open again before all are over: a line of their message.
                again = notice.body.get("members") and "reopened" in words
                assert about - now_open or words - OPENINGS or again, ("nothing new", notice)
                now_open |= {n for n in about if _is_open(notice, n)}

            assert about <= now_open or notice.body.get("minor"), ("news of what is not open", notice)

        ever |= now_open

    return now_open, ever


def _is_open(notice: Notice, number: int) -> bool:
    members = cast("list[Mapping[str, Any]]", notice.body.get("members") or ())
    return all(m["stage"] != Stage.RESOLVED for m in members if m["number"] == number)


def some(choose: random.Random) -> Action:
    """Any one thing that may happen."""
    makers: list[tuple[int, Any]] = [
        (8, lambda: ("go", choose.randint(1, 20))),
        (6, lambda: ("speed", choose.randint(1, 4), choose.choice([1.0, 5.0, 5.0, 20.0, 2.8, None]))),
        (2, lambda: ("cpu", choose.choice([95.0, 95.0, 10.0, 10.0, None]))),
        (1, lambda: ("flap", choose.randint(0, 3), choose.randint(2, 6))),
        (1, lambda: ("acknowledge", choose.randint(1, 4))),
        (1, lambda: ("silence", choose.randint(1, 4), choose.randint(10, 1200))),
        (1, lambda: ("unsilence", choose.randint(1, 4))),
        (1, lambda: ("hush", choose.choice(["rule", "group", "severity"]), choose.randint(10, 1800))),
        (1, lambda: ("unhush",)),
        (1, lambda: ("jump", choose.choice([3600, -600, 90_000]))),
        (2, lambda: ("restart", choose.choice([0, 30, 7200]))),
        (1, lambda: ("store", choose.choice([True, False]))),
        (2, lambda: (choose.choice(["discord", "mail"]), choose.choice([True, False]))),
        (1, lambda: ("rules", choose.choice([3.0, 6.0]), choose.choice(list(Severity)))),
    ]
    return cast("Action", choose.choices([maker for _, maker in makers], [weight for weight, _ in makers])[0]())


def script_of(seed: int, length: int = 30) -> tuple[list[Action], bool]:
    """The life of a seed."""
    choose = random.Random(seed)
    return [some(choose) for _ in range(choose.randint(1, length))], choose.random() < 0.4


def main() -> None:
    """Run many lives."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    for seed in range(chosen.seed, chosen.seed + chosen.times):
        script, broken = script_of(seed)
        try:
            asyncio.run(live(script, broken_at_the_end=broken))
        except BaseException:
            sys.stdout.write(f"seed {seed}: {script}, broken at the end: {broken}\n")
            raise

    sys.stdout.write(f"{chosen.times} lives, each as promised\n")


if __name__ == "__main__":
    main()
