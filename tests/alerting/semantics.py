"""What Prometheus and Alertmanager do, case by case, and what is done here: each case is run by its test."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from monitoring.alerting.judge import judge
from monitoring.alerting.late import changes
from monitoring.alerting.muting import MAJOR
from monitoring.alerting.silences import QuietHours, Recurrence, Silence, quiet_hours
from monitoring.incident import Escalation, Incident, Rule, Stage
from monitoring.interfaces import Notifier
from monitoring.model import HOUR, Severity
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


@case(
    "`group_wait`",
    "The first notification waits (30 s) for others of its group.",
    "Nothing waits: three or more at once are one message, which takes in what opens within 30 s.",
)
async def _() -> None:
    told = scene(EACH)
    await each(told, 10, ada=5.0, ben=5.0, cy=5.0)
    await each(told, 20, ada=5.0, ben=5.0, cy=5.0, dot=5.0)
    assert {n.subject for n in told.place.told} == {"1"}
    assert len(await told.watch.incidents()) == 4


@case(
    "`group_interval`",
    "News of a group wait for its next flush (5 min).",
    "News are told at once; mere figures are edited in, twice a minute at most.",
)
async def _() -> None:
    told = scene(replace(PROMPT, critical_above=8.0))
    await told.answers(5.0, 20)
    await told.answers(20.0, 40)
    assert loud(told.place) == ["opened", "escalated"]


@case(
    "`repeat_interval`",
    "What still fires is sent again (4 h).",
    "Never: the message is edited. Who must be reminded sets `escalation`.",
)
async def _() -> None:
    told = scene()
    await told.answers(5.0, 6 * 3600)
    assert loud(told.place) == ["opened"]


@case(
    "the end of a group",
    "Each flush lists what is resolved since; with all resolved, the group is.",
    "A line says so at once; one short reply when all are over.",
)
async def _() -> None:
    told = scene(EACH)
    await each(told, 30, ada=5.0, ben=5.0, cy=5.0)
    await each(told, 120, ada=1.0, ben=5.0, cy=5.0)
    assert [n.kind for n in told.place.told].count("recovery") == 0
    assert any("Resolved: Mean response of ada" in str(n.body["text"]) for n in told.place.told)
    await each(told, 120, ada=1.0, ben=1.0, cy=1.0)
    assert [n.kind for n in told.place.told].count("recovery") == 1


@case("`send_resolved`", "Whoever got the firing notification gets the resolved one, where it is on.", "", same=True)
async def _() -> None:
    told = scene()
    told.places["mail"] = Place("mail")
    await told.answers(5.0, 30)
    await told.answers(1.0, 120)
    assert [loud(place) for place in told.places.values()] == [["opened", "resolved"]] * 2


@case(
    "fires and resolves between two flushes",
    "Nothing is sent.",
    "What came and went while nothing could be sent, or in quiet hours, is a line of one message.",
)
async def _() -> None:
    told = scene()
    told.place.down = True
    await told.answers(5.0, 30)
    await told.answers(1.0, 120)
    told.place.down = False
    await told.answers(1.0, 120)
    assert [n.kind for n in told.place.told] == ["late"]


@case("inhibition", "While a source fires, its targets are not notified.", "The same, and the source lists them.")
async def _() -> None:
    told = scene(CAUSE, replace(PROMPT, depends_on=("cpu",)))
    await both(told, 30, 1.0, 95.0)
    await both(told, 60, 5.0, 95.0)
    symptom = (await told.watch.incidents())[1]
    assert (symptom.suppressed_by, symptom.targets) == (1, ())
    assert {n.subject for n in told.place.told} == {"1"}
    assert told.place.told[-1].body["symptoms"] == ["Mean response"]


@case(
    "the end of inhibition",
    "A target that still fires is notified with the next flush.",
    "After the rule's `for`, counted from the end of the cause, if it is still broken then.",
)
async def _() -> None:
    told = scene(replace(CAUSE, recovery_hold=0), replace(PROMPT, hold=60, depends_on=("cpu",)))
    await both(told, 120, 5.0, 95.0)
    await both(told, 50, 5.0, 10.0)
    assert {n.subject for n in told.place.told} == {"1"}
    await both(told, 30, 5.0, 10.0)
    assert loud(told.place) == ["opened", "resolved", "opened"]


@case("a target that recovers while inhibited", "Nothing is sent.", "", same=True)
async def _() -> None:
    told = scene(CAUSE, replace(PROMPT, depends_on=("cpu",)))
    await both(told, 60, 5.0, 95.0)
    await both(told, 120, 1.0, 95.0)
    assert [i.stage for i in await told.watch.incidents()] == [Stage.OPEN, Stage.RESOLVED]
    assert {n.subject for n in told.place.told} == {"1"}


@case(
    "a target told before its source",
    "No notification of its end while the source fires.",
    "Its message says why it is quiet; its end is told to all who heard of it.",
)
async def _() -> None:
    told = scene(CAUSE, replace(PROMPT, depends_on=("cpu",)))
    await both(told, 30, 5.0, 10.0)
    await both(told, 60, 5.0, 95.0)
    assert "follows from incident 2" in (await told.watch.get(1)).muted_why
    await both(told, 120, 1.0, 95.0)
    assert [n.body["changes"] for n in told.place.told if n.subject == "1"][-1] == ["resolved"]


@case("source and target at once", "An alert that matches both sides does not inhibit itself.", "", same=True)
async def _() -> None:
    told = scene(replace(EACH, depends_on=("each",)))
    await each(told, 30, ada=5.0)
    assert loud(told.place) == ["opened"]
    await each(told, 30, ada=5.0, ben=5.0)
    assert loud(told.place) == ["opened"]


@case("a silenced source", "Still inhibits its targets.", "", same=True)
async def _() -> None:
    told = scene(CAUSE, replace(PROMPT, depends_on=("cpu",)))
    await both(told, 30, 1.0, 95.0)
    await told.watch.silence(1, "olivia", 3600)
    await both(told, 60, 5.0, 95.0)
    assert (await told.watch.get(2)).muted == "cause"


@case("a silence", "Mutes notifications of all that match, those of the future too.", "", same=True)
async def _() -> None:
    told = scene()
    await told.watch.add_silence(silence(told, 600))
    await told.answers(5.0, 300)
    assert await staged(told) is Stage.OPEN
    assert told.place.told == []


@case(
    "the end of a silence",
    "What still fires is notified with the next flush.",
    "Said once, with the reason why it is back.",
)
async def _() -> None:
    told = scene()
    await told.answers(5.0, 30)
    await told.watch.add_silence(silence(told, 300))
    await told.answers(5.0, 900)
    assert loud(told.place) == ["opened", "silence_ended"]
    assert "silence ended" in (await told.incident()).back


@case(
    "resolved while silenced",
    "The resolved notification is lost.",
    "The message is edited, and places that cannot edit hear of it.",
)
async def _() -> None:
    told = scene()
    await told.answers(5.0, 30)
    await told.watch.add_silence(silence(told, 900))
    await told.answers(1.0, 300)
    assert (told.place.told[-1].kind, told.place.told[-1].body["quiet"]) == ("recovery", True)


@case("a silence ended by hand", "Counts at once; it stays listed as expired.", "", same=True)
async def _() -> None:
    told = scene()
    made = await told.watch.add_silence(silence(told, 3600))
    await told.answers(5.0, 60)
    await told.watch.end_silence(made.id, "ben")
    await told.answers(5.0, 10)
    assert loud(told.place) == ["opened"]
    assert (await told.watch.silences())[0].ended_by == "ben"


@case("silences over a restart", "Kept on disk.", "", same=True)
async def _() -> None:
    told = scene()
    await told.watch.add_silence(silence(told, 3600))
    told.start()
    await told.answers(5.0, 60)
    assert told.place.told == []


@case(
    "`mute_time_intervals`",
    "Notifications in these intervals are left out; what still fires after is notified.",
    "Maintenance windows: the same, and which windows it was is said.",
)
async def _() -> None:
    told = scene()
    window = Recurrence("12:00", "12:30", "Europe/Berlin", days=(2,))
    await told.watch.add_silence(Silence("", "olivia", (("rule", "slow"),), recurring=window, reason="GPU"))
    await told.answers(5.0, 1700)
    assert told.place.told == []
    await told.answers(5.0, 120)
    assert loud(told.place) == ["opened"]


@case(
    "intervals when clocks change",
    "Compared with the clock on the wall: an hour that comes twice counts twice, one that is left out never.",
    "One window a day: it begins once, and ends the last time its end is shown.",
)
async def _() -> None:
    window = Recurrence("01:30", "02:30", "Europe/Berlin")
    first = 1_792_884_600_000  # Sun 25 October 2026, 01:30 in Berlin
    assert window.span(first) == (first, first + 2 * HOUR)
    assert window.span(first - 1) is None
    assert window.span(first + 2 * HOUR) is None


@case(
    "`active_time_intervals` by severity",
    "A route for each severity.",
    "`QUIET_HOURS` and `QUIET_SEVERITY`; what came and went in them is one line after.",
)
async def _() -> None:
    told = scene(quiet=quiet_noon())
    await told.answers(5.0, 60)
    await told.answers(1.0, 300)
    assert told.place.told == []
    await told.answers(1.0, 3600)
    assert [(n.kind, n.body["reason"]) for n in told.place.told] == [("late", "quiet hours")]


@case("receivers", "One that fails keeps no other waiting.", "", same=True)
async def _() -> None:
    told = scene()
    mail = Place("mail")
    told.places["mail"] = mail
    told.place.down = True
    await told.answers(5.0, 30)
    assert loud(mail) == ["opened"]


@case("restart of the notifier", "The notification log keeps it from sending twice.", "", same=True)
async def _() -> None:
    told = scene()
    await told.answers(5.0, 30)
    for _ in range(3):
        told.start()
        await told.answers(5.0, 30)

    assert loud(told.place) == ["opened"]


@case(
    "`resolve_timeout`",
    "An alert of which nothing is heard for 5 min is resolved.",
    "Never: an incident ends by a recovery, or with its rule.",
)
async def _() -> None:
    told = scene()
    await told.answers(5.0, 30)
    told.clock.go(7200)
    told.start()
    await told.answers(None, 600)
    assert await staged(told) is Stage.OPEN


@case(
    "firing again soon",
    "A new notification each time.",
    "Within 30 min the same incident; more than three openings an hour are flapping, said once.",
)
async def _() -> None:
    told = scene(replace(PROMPT, recovery_hold=0))
    for _ in range(10):
        await told.answers(5.0, 60)
        await told.answers(1.0, 60)

    opened = ["opened", "resolved", "reopened", "resolved", "reopened", "resolved"]
    assert loud(told.place) == [*opened, "reopened flapping"]
    await told.answers(1.0, 2000)
    assert loud(told.place) == [*opened, "reopened flapping", "resolved"]


@case(
    "nobody reacts",
    "Repeats to the same receivers.",
    "`escalation`: critical after so long without an acknowledgement, others are told too.",
)
async def _() -> None:
    told = scene(replace(PROMPT, escalation=(Escalation(300, ("mail",)),)))
    mail = Place("mail")
    told.places["mail"], told.always = mail, ["discord"]
    await told.answers(5.0, 400)
    assert [n.body["ping"] for n in told.place.told if not n.body["minor"]] == [False, True]
    assert loud(mail) == ["opened"]
    await told.answers(1.0, 120)
    assert loud(mail) == ["opened", "resolved"]


def silence(told: Scene, seconds: int) -> Silence:
    """Of the rule `slow`, from now on."""
    now = told.clock.now()
    return Silence("", "olivia", (("rule", "slow"),), now, now + seconds * 1000, reason="a new GPU")


def quiet_noon() -> QuietHours | None:
    """Quiet from twelve to one."""
    return quiet_hours("12:00-13:00", Severity.WARNING, "Europe/Berlin")
