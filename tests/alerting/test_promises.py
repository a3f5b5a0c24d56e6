"""F7, F8, F10 and F11 of rules and incidents."""

from __future__ import annotations

from dataclasses import replace

from monitoring.alerting.rules import built_in
from monitoring.incident import Stage
from monitoring.store.sqlite import SQLiteStore

from .scene import SLOW, ManualClock, MemoryStore, Scene


async def test_f7_acknowledged_stops_pings_but_not_recovery(store: SQLiteStore, clock: ManualClock) -> None:
    """Somebody has it: it still escalates, without a ping, and its recovery is told."""
    scene = Scene(store, clock, rules=[replace(SLOW, critical_above=8.0)])
    await scene.answers(5.0, 120)
    await scene.watch.acknowledge(1, "olivia")
    await scene.answers(20.0, 120)
    await scene.answers(1.0, 300)
    assert "escalated" in scene.place.words()
    assert scene.place.words()[-1] == "resolved"
    assert not any(n.body["ping"] for n in scene.place.told)


async def test_f7_the_first_to_acknowledge_stands(scene: Scene) -> None:
    """A second click changes nothing."""
    await scene.answers(5.0, 120)
    first = await scene.watch.acknowledge(1, "olivia")
    assert await scene.watch.acknowledge(1, "ben") == first


async def test_f7_silence_mutes_notices_not_records(scene: Scene) -> None:
    """While silenced the message is only edited; what happens is recorded; still broken at the end is said once."""
    await scene.answers(5.0, 120)
    await scene.watch.silence(1, "olivia", 600)
    await scene.answers(9.0, 300)
    muted = [n for n in scene.place.told if n.at > scene.clock.now() - 300_000]
    assert all(n.body["quiet"] for n in muted)
    assert (await scene.incident()).peak == 9.0
    await scene.answers(9.0, 600)
    assert scene.place.words().count("silence_ended") == 1
    assert (await scene.incident()).silenced_until is None


async def test_f7_an_escalation_in_silence_pings_when_the_silence_ends(store: SQLiteStore, clock: ManualClock) -> None:
    """It became critical while nobody was to be told: so they are when the silence ends."""
    scene = Scene(store, clock, rules=[replace(SLOW, critical_above=8.0)])
    await scene.answers(5.0, 120)
    await scene.watch.silence(1, "olivia", 300)
    await scene.answers(20.0, 600)
    assert [n.body["changes"] for n in scene.place.told if n.body["ping"]] == [["silence_ended"]]


async def test_f7_recovered_in_silence_is_only_an_edit(scene: Scene) -> None:
    """The message shows that it is over; no reply."""
    await scene.answers(5.0, 120)
    await scene.watch.silence(1, "olivia", 3600)
    await scene.answers(1.0, 300)
    last = scene.place.told[-1]
    assert (last.kind, last.body["quiet"]) == ("recovery", True)


async def test_f7_a_changed_rule_keeps_its_incident(scene: Scene) -> None:
    """Another limit, the same incident; it is judged by the new limit from now on."""
    await scene.answers(5.0, 120)
    scene.watch.set_rules([replace(SLOW, above=10.0, recovery=9.0)])
    await scene.answers(5.0, 300)
    assert (await scene.incident()).stage is Stage.RESOLVED


async def test_f7_a_deleted_rule_closes_its_incident_with_the_reason(scene: Scene) -> None:
    """Who was told that it opened is told why it ended."""
    await scene.answers(5.0, 120)
    scene.watch.set_rules([])
    await scene.answers(5.0, 10)
    incident = await scene.incident()
    assert (incident.stage, incident.reason) == (Stage.RESOLVED, "the rule was removed")
    assert "the rule was removed" in str(scene.place.told[-1].body["text"])


async def test_f7_one_failure_of_one_is_no_incident(store: SQLiteStore, clock: ManualClock) -> None:
    """A rate needs samples and failures: two of two are none, three of five are."""
    scene = Scene(store, clock, rules=[r for r in built_in() if r.name == "error_rate"])
    scene.figures.answers(1.0, 0, failures=1)
    await scene.answers(None, 60)
    scene.figures.answers(1.0, 4, failures=1)
    await scene.answers(None, 80)
    assert await scene.watch.incidents() == []
    scene.figures.answers(1.0, 0, failures=1)
    await scene.answers(None, 70)
    assert (await scene.incident()).stage is Stage.OPEN


async def test_f7_no_data_neither_opens_nor_resolves(scene: Scene) -> None:
    """Nobody asks any more: the incident stays as it was, and the rule says that it sees nothing."""
    await scene.answers(5.0, 120)
    await scene.answers(None, 3000)
    assert (await scene.incident()).stage is Stage.OPEN
    assert scene.watch.no_data == {("slow", "")}


async def test_f8_a_pending_timer_goes_on_after_a_short_restart(scene: Scene) -> None:
    """Broken before and after: the time that it was down counts, up to an hour."""
    await scene.answers(5.0, 30)
    scene.clock.go(1200)
    scene.start()
    await scene.answers(5.0, 10)
    assert (await scene.incident()).opened_at == scene.clock.now()


async def test_f8_a_pending_timer_begins_anew_after_a_long_absence(scene: Scene) -> None:
    """More than an hour away: what was then says nothing about now."""
    await scene.answers(5.0, 30)
    scene.clock.go(2 * 3600)
    scene.start()
    await scene.answers(5.0, 50)
    assert await scene.watch.incidents() == []
    await scene.answers(5.0, 30)
    assert len(await scene.watch.incidents()) == 1


async def test_f8_open_incidents_are_not_told_again_after_a_restart(scene: Scene) -> None:
    """A restart in the middle of an incident opens nothing anew; its recovery is told."""
    await scene.answers(5.0, 120)
    for _ in range(3):
        scene.start()
        await scene.answers(5.0, 60)

    await scene.answers(1.0, 300)
    assert scene.place.words().count("opened") == 1
    assert scene.place.words().count("resolved") == 1


async def test_f8_nothing_is_judged_in_the_first_minute(store: SQLiteStore, clock: ManualClock) -> None:
    """Right after a start figures are few and services still wake up."""
    scene = Scene(store, clock, grace=60, rules=[replace(SLOW, hold=0)])
    await scene.answers(5.0, 60)
    assert await scene.watch.incidents() == []
    await scene.answers(5.0, 20)
    assert len(await scene.watch.incidents()) == 1


async def test_f10_a_clock_that_jumps_opens_nothing(scene: Scene) -> None:
    """Timers last as long as they should, whatever the wall clock does."""
    await scene.answers(5.0, 20)
    scene.clock.set(3 * 3600)
    await scene.answers(5.0, 30)
    assert await scene.watch.incidents() == []
    scene.clock.set(-7 * 3600)
    await scene.answers(5.0, 40)
    assert len(await scene.watch.incidents()) == 1


async def test_f11_alerts_go_out_from_memory_while_the_store_is_broken(clock: ManualClock) -> None:
    """Opening and recovery are told although nothing can be stored; all is in the store once it works again."""
    store = MemoryStore()
    scene = Scene(store, clock)
    await scene.answers(1.0, 30)
    store.broken = True
    await scene.answers(5.0, 120)
    await scene.watch.acknowledge(1, "olivia")
    await scene.answers(1.0, 300)
    assert scene.place.words().count("opened") == 1
    assert scene.place.words()[-1] == "resolved"
    store.broken = False
    await scene.answers(1.0, 20)
    scene.start()
    incident = await scene.incident()
    assert (incident.stage, incident.acknowledged_by) == (Stage.RESOLVED, "olivia")


async def test_f11_a_store_that_breaks_in_the_middle_loses_nothing(clock: ManualClock) -> None:
    """Opened with the store, ended without it, nothing told twice."""
    store = MemoryStore()
    scene = Scene(store, clock)
    await scene.answers(5.0, 120)
    store.broken = True
    await scene.answers(1.0, 300)
    store.broken = False
    await scene.answers(1.0, 60)
    assert scene.place.words().count("opened") == 1
    assert scene.place.words().count("resolved") == 1
    scene.start()
    assert (await scene.incident()).stage is Stage.RESOLVED


async def test_f11_a_store_broken_from_the_start_gives_no_number_twice(clock: ManualClock) -> None:
    """Numbers given without having seen the store are mended when it is there."""
    store = MemoryStore()
    first = Scene(store, clock)
    await first.answers(5.0, 120)
    await first.answers(1.0, 3 * 3600, deliver=False)
    store.broken = True
    first.start()
    await first.answers(5.0, 120)
    store.broken = False
    await first.answers(5.0, 20)
    assert [i.number for i in await first.watch.incidents()] == [1, 2]
