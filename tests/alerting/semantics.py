"""What Prometheus and Alertmanager do, case by case, and what is done here: each case is run by its test."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from monitoring.alerting.judge import judge
from monitoring.alerting.late import changes
from monitoring.alerting.muting import MAJOR
from monitoring.alerting.silences import QuietHours, Silence, quiet_hours
from monitoring.incident import Incident, Rule, Stage
from monitoring.interfaces import Notifier
from monitoring.model import Severity
from monitoring.rollup import Rollup

from .scene import SLOW, ManualClock, MemoryStore, Place, Scene

Story: TypeAlias = Callable[[], Awaitable[None]]
PROMPT = replace(SLOW, hold=0, recovery_hold=60, cooldown=0)
"""Opens with the first reading above 3 s."""
EACH = replace(PROMPT, name="each", by="persona", title="Mean response of {group}")
CAUSE = Rule("cpu", "CPU", "gauge", "last", above=90.0, where=(("name", "cpu_percent"),), unit="%", window=60, hold=0)


@dataclass(frozen=True, slots=True)
class Case:
    """One case: the reference's behaviour, ours, and the story that shows it."""

    name: str
    reference: str
    ours: str
    same: bool
    story: Story


CASES: list[Case] = []


def case(name: str, reference: str, ours: str, *, same: bool = False) -> Callable[[Story], Story]:
    """Enter a story into the table."""

    def enter(story: Story) -> Story:
        CASES.append(Case(name, reference, ours, same, story))
        return story

    return enter


def table() -> str:
    """The cases as they stand in docs/alerts.md."""
    rows = [f"| {c.name} | {c.reference} | {'The same.' if c.same else c.ours} | holds |" for c in CASES]
    return "\n".join(["| case | Prometheus, Alertmanager | here | result |", "|---|---|---|---|", *rows])


def scene(*rules: Rule, grace: int = 0, quiet: QuietHours | None = None) -> Scene:
    """A scene in memory with these rules."""
    return Scene(MemoryStore(), ManualClock(), rules=rules or (PROMPT,), grace=grace, quiet=quiet)


async def each(told: Scene, seconds: int, **speeds: float) -> None:
    """So long every named persona answers at its speed."""
    for _ in range(seconds // 10):
        told.clock.go(10)
        for persona, speed in speeds.items():
            told.figures.answers(speed, persona=persona)

        await told.watch.tick()
        await told.outbox.step()


async def both(told: Scene, seconds: int, value: float | None, cpu: float) -> None:
    """So long answers of this speed under this load."""
    for _ in range(seconds // 10):
        told.clock.go(10)
        told.figures.gauge("cpu_percent", cpu)
        if value is not None:
            told.figures.answers(value)

        await told.watch.tick()
        await told.outbox.step()


def loud(place: Notifier) -> list[str]:
    """What was said there, without mere edits."""
    assert isinstance(place, Place)
    return [" ".join(word for word in changes(n) if word in MAJOR) for n in place.told if not n.body.get("minor")]


async def staged(told: Scene) -> Stage:
    """The stage of the only incident."""
    return (await told.incident()).stage


@case("`for`", "An alert is pending until it was active at each evaluation for so long.", "", same=True)
async def _() -> None:
    told = scene(SLOW)
    await told.answers(5.0, 60)
    assert await told.watch.incidents() == []
    await told.answers(5.0, 10)
    assert await staged(told) is Stage.OPEN


@case("`for` interrupted", "One evaluation that is not active begins it anew.", "", same=True)
async def _() -> None:
    told = scene(replace(SLOW, window=10))
    for _ in range(5):
        await told.answers(5.0, 50)
        await told.answers(1.0, 10)

    assert await told.watch.incidents() == []


@case("no `for`", "Fires at the first evaluation.", "", same=True)
async def _() -> None:
    told = scene()
    await told.answers(5.0, 10)
    assert await staged(told) is Stage.OPEN


@case("`for` over a restart", "Goes on if the outage was shorter than `for-outage-tolerance`, 1 h.", "", same=True)
async def _() -> None:
    told = scene(SLOW)
    await told.answers(5.0, 30)
    told.clock.go(1800)
    told.start()
    await told.answers(5.0, 10)
    assert await staged(told) is Stage.OPEN


@case("`for` over a long outage", "Begins anew.", "", same=True)
async def _() -> None:
    told = scene(SLOW)
    await told.answers(5.0, 30)
    told.clock.go(7200)
    told.start()
    await told.answers(5.0, 40)
    assert await told.watch.incidents() == []


@case(
    "`for-grace-period`",
    "A restored alert fires no sooner than 10 min after the start, if its `for` is longer.",
    "Nothing is judged for 60 s, whatever `for` is: services wake up, then it counts.",
)
async def _() -> None:
    told = scene(PROMPT, grace=60)
    await told.answers(5.0, 60)
    assert await told.watch.incidents() == []
    await told.answers(5.0, 20)
    assert await staged(told) is Stage.OPEN


@case(
    "`keep_firing_for`",
    "Goes on firing for so long after the condition was last met; resolved without a word of it.",
    "Recovering for `recovery_hold`: shown as such, with the time at which it resolves.",
)
async def _() -> None:
    told = scene()
    await told.answers(5.0, 30)
    await told.answers(1.0, 60)
    assert await staged(told) is Stage.RECOVERING
    await told.answers(1.0, 60)
    assert await staged(told) is Stage.RESOLVED


@case("relapse while kept firing", "The same alert goes on; nothing is sent.", "", same=True)
async def _() -> None:
    told = scene()
    await told.answers(5.0, 30)
    await told.answers(1.0, 50)
    await told.answers(5.0, 60)
    assert loud(told.place) == ["opened"]


@case(
    "recovery limit",
    "None; a second expression has to be written for it.",
    "A rule's `recovery` must be passed back; between the two limits it stays open.",
)
async def _() -> None:
    told = scene()
    await told.answers(5.0, 30)
    await told.answers(2.8, 600)
    assert await staged(told) is Stage.OPEN


@case(
    "no data",
    "An expression without a result resolves the alert.",
    "It stays open and says since when it sees nothing: silence is no recovery.",
)
async def _() -> None:
    told = scene()
    await told.answers(5.0, 30)
    await told.answers(None, 3000)
    incident = await told.incident()
    assert (incident.stage, incident.no_data_since is not None) == (Stage.OPEN, True)


@case("no data while pending", "Begins anew.", "Waits up to an hour for the next figure, which decides.")
async def _() -> None:
    told = scene(SLOW)
    await told.answers(5.0, 30)
    await told.answers(None, 120)
    assert await told.watch.incidents() == []
    await told.answers(5.0, 10)
    assert await staged(told) is Stage.OPEN


@case("`absent()`", "Fires while there is no series.", "", same=True)
async def _() -> None:
    rule = Rule("silent", "Silence", "message", "absence", above=300.0, hold=0)
    assert judge(rule, Rollup(), None, 0, number=1, value=200.0).incident is None
    opened = judge(rule, Rollup(), None, 0, number=1, value=400.0).incident
    assert opened is not None
    assert opened.stage is Stage.OPEN


@case("NaN", "Compares as false: not active.", "It is no data: neither broken nor well.")
async def _() -> None:
    broken = Incident(1, "slow", "", Stage.OPEN, Severity.WARNING, since=0)
    rule = replace(CAUSE, name="slow")
    verdict = judge(rule, Rollup(), broken, 10, number=2, value=float("nan"))
    assert verdict.no_data
    assert verdict.incident is not None
    assert verdict.incident.stage is Stage.OPEN


@case(
    "a rule that fails",
    "Its alerts are no longer sent, and resolve after `resolve_timeout`.",
    "Its incident stays as it is; other rules are judged all the same.",
)
async def _() -> None:
    told = scene(PROMPT, EACH)
    await each(told, 30, ada=5.0)
    told.watch.set_rules([replace(PROMPT, metric="nonsense"), EACH])
    await each(told, 200, ada=1.0)
    stages = {i.rule: i.stage for i in await told.watch.incidents()}
    assert stages == {"slow": Stage.OPEN, "each": Stage.RESOLVED}


@case("identity", "An alert is its name and labels: each label set has its own life.", "", same=True)
async def _() -> None:
    told = scene(EACH)
    await each(told, 30, ada=5.0, ben=5.0, cy=1.0)
    assert [i.group for i in await told.watch.incidents()] == ["ada", "ben"]


@case("a rule's expression edited", "State is carried over by name and labels.", "", same=True)
async def _() -> None:
    told = scene()
    await told.answers(5.0, 30)
    told.watch.set_rules([replace(PROMPT, above=4.0, title="Slow answers")])
    await told.answers(5.0, 30)
    assert (await told.incident()).number == 1
    assert loud(told.place) == ["opened"]


@case(
    "a rule's severity edited",
    "Another label is another alert: the old one resolves, a new one fires.",
    "The same incident; becoming worse is told, becoming milder is shown.",
)
async def _() -> None:
    told = scene()
    await told.answers(5.0, 30)
    told.watch.set_rules([replace(PROMPT, severity=Severity.CRITICAL)])
    await told.answers(5.0, 30)
    assert (await told.incident()).severity is Severity.CRITICAL
    told.watch.set_rules([PROMPT])
    await told.answers(5.0, 30)
    assert (await told.incident()).severity is Severity.WARNING
    assert loud(told.place) == ["opened", "escalated"]


@case("a rule removed", "Its alerts resolve after a while, without a reason.", "Closed at once, with the reason.")
async def _() -> None:
    told = scene()
    await told.answers(5.0, 30)
    told.watch.set_rules([])
    await told.answers(5.0, 10)
    assert (await told.incident()).reason == "the rule was removed"
    assert loud(told.place) == ["opened", "closed"]


def silence(told: Scene, seconds: int) -> Silence:
    """Of the rule `slow`, from now on."""
    now = told.clock.now()
    return Silence("", "olivia", (("rule", "slow"),), now, now + seconds * 1000, reason="a new GPU")


def quiet_noon() -> QuietHours | None:
    """Quiet from twelve to one."""
    return quiet_hours("12:00-13:00", Severity.WARNING, "Europe/Berlin")
