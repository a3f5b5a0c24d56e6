"""The cases of Alertmanager: who is told what, and when."""

from __future__ import annotations

from dataclasses import replace

from monitoring.alerting.silences import Recurrence, Silence
from monitoring.incident import Escalation, Stage
from monitoring.model import HOUR

from .scene import Place
from .semantics import CAUSE, EACH, PROMPT, both, case, each, loud, quiet_noon, scene, silence, staged


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
