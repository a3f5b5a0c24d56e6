"""Flapping, causes, escalation, many at once: they outlive restarts and a store that fails."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from monitoring.alerting.card import card
from monitoring.alerting.dependencies import cause_of
from monitoring.alerting.documents import incident_document, incident_of
from monitoring.incident import Escalation, Incident, Rule, Stage
from monitoring.model import Severity
from monitoring.rows import Change, Document

from .scene import NOON, SLOW, MemoryStore, Place, Scene
from .semantics import CAUSE, EACH, PROMPT, both, each, loud, scene

RESTLESS = replace(PROMPT, recovery_hold=0)
UNHEEDED = replace(PROMPT, escalation=(Escalation(300, ("mail",)), Escalation(900)))


async def restless(told: Scene, times: int = 4) -> None:
    """Crosses its limit so many times, a minute apart."""
    for _ in range(times):
        await told.answers(5.0, 60)
        await told.answers(1.0, 60)


async def test_f7_a_flapping_message_is_edited_at_most_once_a_minute() -> None:
    """Whatever its value does."""
    told = scene(RESTLESS)
    await restless(told, 5)
    before = told.place.calls
    for second in range(60):
        await told.answers(5.0 + second if second % 2 else 1.0, 10)

    assert told.place.calls - before <= 10


async def test_f8_flapping_outlives_a_restart() -> None:
    """Nothing is told anew, and its end is told once."""
    told = scene(RESTLESS)
    await restless(told)
    said = loud(told.place)
    told.start()
    await restless(told, 3)
    assert loud(told.place) == said
    assert (await told.incident()).flapping_since is not None
    await told.answers(1.0, 2000)
    assert loud(told.place) == [*said, "resolved"]


async def test_f7_flapping_that_stays_broken_for_an_hour_is_told_as_that() -> None:
    """An ordinary incident again, told once."""
    told = scene(RESTLESS)
    await restless(told)
    await told.answers(5.0, 4000)
    assert loud(told.place)[-1] == "flapping_ended"
    assert (await told.incident()).flapping_since is None


async def test_f7_what_flaps_and_becomes_critical_is_told() -> None:
    """Quiet is not deaf."""
    told = scene(replace(RESTLESS, critical_above=8.0))
    await restless(told)
    await told.answers(20.0, 60)
    assert loud(told.place)[-1] == "escalated"


async def test_f7_no_data_is_said_in_the_message() -> None:
    """Since when; it ends with the next figure."""
    told = scene()
    await told.answers(5.0, 60)
    await told.answers(None, 120)
    assert str(told.place.told[-1].body["text"]).endswith("no data")
    since = (await told.incident()).no_data_since
    assert since is not None
    await told.answers(5.0, 60)
    assert (await told.incident()).no_data_since is None
    assert loud(told.place) == ["opened"]


@pytest.mark.parametrize("stop", ["acknowledge", "restart", "silence"])
async def test_f8_an_escalation_is_stopped_by_people_and_by_nothing_else(stop: str) -> None:
    """Acknowledged: never; restarted: in time; silenced: later by as long as that."""
    told = scene(UNHEEDED)
    told.places["mail"], told.always = Place("mail"), ["discord"]
    await told.answers(5.0, 200)
    if stop == "restart":
        told.start()
    elif stop == "acknowledge":
        await told.watch.acknowledge(1, "olivia")
    else:
        await told.watch.silence(1, "olivia", 300)

    await told.answers(5.0, 150)
    assert ((await told.incident()).steps == 1) is (stop == "restart")
    await told.answers(5.0, 300)
    assert ((await told.incident()).steps > 0) is (stop != "acknowledge")
    assert ((await told.incident()).severity is Severity.CRITICAL) is (stop != "acknowledge")


async def test_f7_each_step_of_an_escalation_pings_once() -> None:
    """Two steps, two pings, whatever else changes."""
    told = scene(UNHEEDED)
    await told.answers(5.0, 1500)
    assert [n.body["ping"] for n in told.place.told if n.body["ping"]] == [True, True]


async def test_f8_a_symptom_waits_for_the_end_of_its_cause_over_a_restart() -> None:
    """It is told by the new start, after its rule's time."""
    told = scene(CAUSE, replace(PROMPT, hold=60, depends_on=("cpu",)))
    await both(told, 120, 5.0, 95.0)
    told.start()
    await both(told, 60, 5.0, 95.0)
    assert {n.subject for n in told.place.told} == {"1"}
    await both(told, 60, 5.0, 10.0)
    told.start()
    await both(told, 120, 5.0, 10.0)
    assert [n.body["changes"] for n in told.place.told if n.subject == "2"] == [["opened"]]


async def test_f11_a_symptom_is_quiet_while_the_store_is_broken() -> None:
    """Memory knows the cause as well."""
    store = MemoryStore()
    told = scene(CAUSE, replace(PROMPT, depends_on=("cpu",)))
    told = Scene(store, told.clock, rules=told.rules)
    await both(told, 30, 1.0, 95.0)
    store.broken = True
    await both(told, 120, 5.0, 95.0)
    store.broken = False
    await both(told, 60, 5.0, 95.0)
    assert {n.subject for n in told.place.told} == {"1"}
    told.start()
    assert (await told.watch.get(2)).suppressed_by == 1


def test_of_two_that_explain_each_other_the_older_one_is_told() -> None:
    """Nobody waits for one that waits for him; one group can be named alone."""
    rules = {
        "a": Rule("a", "A", "response", "mean", depends_on=("b",)),
        "b": Rule("b", "B", "response", "mean", depends_on=("a:x",)),
    }
    one = Incident(1, "a", "x", Stage.OPEN, Severity.WARNING, NOON)
    two = Incident(2, "b", "", Stage.RECOVERING, Severity.WARNING, NOON)
    assert cause_of(one, [one, two], rules) is None
    assert cause_of(two, [one, two], rules) is one
    assert cause_of(two, [replace(one, group="y"), two], rules) is None
    assert cause_of(two, [replace(one, stage=Stage.RESOLVED), two], rules) is None


async def test_many_at_once_are_acknowledged_together() -> None:
    """By the message's incident; another one of it by itself."""
    told = scene(EACH)
    await each(told, 30, ada=5.0, ben=5.0, cy=5.0)
    await told.watch.acknowledge(2, "ben")
    assert [i.acknowledged_by for i in await told.watch.incidents()] == ["", "ben", ""]
    await told.watch.acknowledge(1, "olivia")
    assert [i.acknowledged_by for i in await told.watch.incidents()] == ["olivia", "ben", "olivia"]
    assert len({n.subject for n in told.place.told}) == 1


async def test_f8_many_at_once_stay_one_message_over_restarts() -> None:
    """One opening, one end, whatever ends first."""
    told = scene(EACH)
    await each(told, 30, ada=5.0, ben=5.0, cy=5.0)
    told.start()
    await each(told, 150, ada=1.0, ben=5.0, cy=5.0)
    told.start()
    await each(told, 150, ada=1.0, ben=1.0, cy=5.0)
    assert [i.number for i in told.watch.batch(2)] == [1, 2, 3]
    told.start()
    await each(told, 150, ada=1.0, ben=1.0, cy=1.0)
    assert loud(told.place) == ["opened", "resolved"]


async def test_f6_many_at_once_that_came_and_went_have_a_line_each() -> None:
    """In the late message."""
    told = scene(EACH)
    told.place.down = True
    await each(told, 30, ada=5.0, ben=5.0, cy=5.0)
    await each(told, 150, ada=1.0, ben=1.0, cy=1.0)
    told.place.down = False
    await each(told, 120, ada=1.0)
    (late,) = told.place.told
    assert [line["number"] for line in late.body["lines"]] == [1, 2, 3]  # type: ignore[attr-defined]


async def test_one_of_many_that_opens_again_later_goes_on_by_itself() -> None:
    """The others are over."""
    told = scene(EACH)
    await each(told, 30, ada=5.0, ben=5.0, cy=5.0)
    await each(told, 150, ada=1.0, ben=1.0, cy=1.0)
    await each(told, 60, ada=1.0, ben=5.0, cy=1.0)
    again = await told.watch.get(2)
    assert (again.stage, again.batch) == (Stage.OPEN, 0)
    assert told.place.told[-1].subject == "2"


async def test_different_receivers_are_no_group() -> None:
    """Each is told only of what is theirs."""
    told = scene(EACH, replace(EACH, name="other", notifiers=("mail",)))
    told.places["mail"], told.always = Place("mail"), ["discord"]
    await each(told, 30, ada=5.0, ben=5.0)
    assert {n.subject for n in told.place.told} == {"1", "2"}
    mail = told.places["mail"]
    assert isinstance(mail, Place)
    assert {n.subject for n in mail.told} == {"3", "4"}


async def test_f8_incidents_of_the_version_before_go_on() -> None:
    """Documents without the newer fields: nothing is told anew, the end is told once, history is kept."""
    told = scene(SLOW)
    await told.answers(5.0, 120)
    old = {f.name for f in fields(Incident)}
    old -= {"known", "base", "openings", "flapping_since", "no_data_since", "muted", "muted_since", "muted_until"}
    old -= {
        "muted_why",
        "suppressed_by",
        "freed_at",
        "missed",
        "owed",
        "back",
        "steps",
        "unheeded_since",
        "late",
        "batch",
    }
    assert isinstance(told.store, MemoryStore)
    (stored,) = await told.store.load("incident")
    body = {name: value for name, value in stored.body.items() if name in old}
    assert await told.store.save([Change(replace(stored, body=body))])
    told.start()
    await told.answers(5.0, 120)
    await told.answers(1.0, 300)
    assert loud(told.place) == ["opened", "resolved"]


def test_every_field_of_an_incident_survives_its_document() -> None:
    """As it was."""
    full = Incident(
        7,
        "slow",
        "ada",
        Stage.RECOVERING,
        Severity.CRITICAL,
        NOON,
        known=("discord",),
        targets=("discord", "mail"),
        base=Severity.WARNING,
        openings=(NOON, NOON + 1),
        flapping_since=NOON,
        muted="cause",
        batch=3,
        late=True,
    )
    assert incident_of(incident_document(full)) == full
    document = incident_document(replace(full, base=None))
    assert isinstance(document, Document)
    assert incident_of(document).base is None


SHOWN = Incident(12, "slow", "", Stage.OPEN, Severity.WARNING, NOON, title="Mean response", unit="s", value=4.0)
FACES = [
    (replace(SHOWN, flapping_since=NOON, openings=(NOON,) * 5), "flapping"),
    (replace(SHOWN, muted="cause", muted_why="follows from incident 3, CPU"), "suppressed"),
    (replace(SHOWN, owed="cause_ended"), "quiet"),
    (replace(SHOWN, muted="quiet hours", muted_why="quiet hours"), "quiet"),
    (replace(SHOWN, muted="maintenance", muted_why="maintenance window of olivia: GPU"), "silenced"),
    (replace(SHOWN, no_data_since=NOON), "no data"),
    (replace(SHOWN, no_data_since=NOON, severity=Severity.CRITICAL), "critical"),
]


@pytest.mark.parametrize(("incident", "face"), FACES)
def test_each_way_of_being_quiet_has_its_face(incident: Incident, face: str) -> None:
    """With the reason in words."""
    shown = card(incident, UNHEEDED, NOON + 60_000, "Europe/Berlin")
    assert (shown.face, shown.quiet) == (face, incident.muted_why)
    assert shown.crossings == (5 if face == "flapping" else 0)


def test_a_card_tells_who_is_called_next_and_what_is_quiet() -> None:
    """The next step with its time, symptoms and members as lines, and why it is back."""
    open_one = replace(SHOWN, opened_at=NOON, unheeded_since=NOON, back="silence ended, and this is still broken")
    symptom = replace(SHOWN, number=13, title="Error rate", unit="%", value=38.0, suppressed_by=12, muted="cause")
    shown = card(open_one, UNHEEDED, NOON + 60_000, "UTC", symptoms=[symptom], members=[open_one, symptom])
    assert shown.face == "grouped"
    assert shown.next_step == (NOON + 300_000, ("mail",))
    assert [(line.title, line.face) for line in shown.symptoms] == [("Error rate", "suppressed")]
    assert [line.number for line in shown.members] == [12, 13]
    assert shown.back == "silence ended, and this is still broken"
    over = [replace(one, stage=Stage.RESOLVED, resolved_at=NOON) for one in (open_one, symptom)]
    assert card(over[0], UNHEEDED, NOON, "UTC", members=over).face == "resolved"
