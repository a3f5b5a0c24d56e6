"""Incidents open, are told, and end."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from monitoring.alerting.rules import built_in
from monitoring.errors import UnknownName
from monitoring.incident import Rule, Stage
from monitoring.model import HOUR, Health, Severity
from monitoring.store.sqlite import SQLiteStore

from .scene import NOON, SLOW, ManualClock, MemoryStore, Place, Scene


async def test_an_incident_opens_once(scene: Scene) -> None:
    """A rule broken for ten minutes opens one incident and tells its opening once."""
    await scene.answers(5.0, 600)
    incident = await scene.incident()
    assert (incident.number, incident.stage, incident.title) == (1, Stage.OPEN, "Mean response")
    assert incident.since == NOON + 10_000
    assert incident.opened_at == NOON + 70_000
    assert scene.place.words().count("opened") == 1
    assert {n.kind for n in scene.place.told} == {"incident"}


async def test_a_short_break_opens_nothing(scene: Scene) -> None:
    """What does not hold for the rule's time is forgotten."""
    await scene.answers(5.0, 40)
    await scene.answers(1.0, 120)
    await scene.answers(5.0, 40)
    assert await scene.watch.incidents() == []
    assert scene.place.told == []


async def test_recovery_is_told_once_and_ends_it(scene: Scene) -> None:
    """Back within the recovery limit it recovers; once that has held it is resolved, and everybody told hears it."""
    await scene.answers(5.0, 120)
    await scene.answers(1.0, 60)
    assert (await scene.incident()).stage is Stage.RECOVERING
    await scene.answers(1.0, 300)
    incident = await scene.incident()
    assert incident.stage is Stage.RESOLVED
    assert scene.place.words()[-1] == "resolved"
    assert [n.kind for n in scene.place.told].count("recovery") == 1
    assert incident.peak == pytest.approx(5.0)


async def test_nothing_is_told_while_nothing_changes(scene: Scene) -> None:
    """An open incident's message is edited for a new value, at most every 30 s, and for a stale chart."""
    await scene.answers(5.0, 100)
    before = scene.place.calls
    await scene.answers(5.0, 200)
    assert scene.place.calls == before
    for second in range(12):
        await scene.answers(5.0 + second, 10)

    assert 3 <= scene.place.calls - before <= 4


async def test_many_answers_between_the_limits_keep_it_open(scene: Scene) -> None:
    """Hysteresis: under the limit, but not under the recovery limit, is not back."""
    await scene.answers(5.0, 120)
    await scene.answers(2.8, 600)
    assert (await scene.incident()).stage is Stage.OPEN


async def test_a_relapse_while_recovering_is_no_new_opening(scene: Scene) -> None:
    """Broken again before it was resolved: the same incident goes on."""
    await scene.answers(5.0, 120)
    await scene.answers(1.0, 60)
    await scene.answers(5.0, 120)
    incident = await scene.incident()
    assert incident.stage is Stage.OPEN
    assert incident.clear_since is None
    assert scene.place.words().count("opened") == 1


async def test_opening_again_within_half_an_hour_joins_the_old_incident(scene: Scene) -> None:
    """The number stays, its end is taken back, and the new opening is told."""
    await scene.answers(5.0, 120)
    await scene.watch.acknowledge(1, "olivia")
    await scene.answers(1.0, 300)
    await scene.answers(5.0, 300)
    incident = await scene.incident()
    assert (incident.number, incident.stage, incident.resolved_at) == (1, Stage.OPEN, None)
    assert incident.acknowledged_by == ""
    assert "reopened" in scene.place.words()


async def test_opening_again_later_is_a_new_incident(scene: Scene) -> None:
    """After more than half an hour it is another story."""
    await scene.answers(5.0, 120)
    await scene.answers(1.0, 2400)
    await scene.answers(5.0, 120)
    assert [i.number for i in await scene.watch.incidents()] == [1, 2]
    assert [i.number for i in await scene.watch.incidents(open_only=True)] == [2]


async def test_two_openings_are_a_cooldown_apart(store: SQLiteStore, clock: ManualClock) -> None:
    """However often it breaks, it opens again only after the cooldown; with the fourth time in an hour it flaps."""
    scene = Scene(store, clock, rules=[replace(SLOW, hold=0, recovery_hold=0, cooldown=300)])
    for _ in range(30):
        await scene.answers(5.0, 30)
        await scene.answers(1.0, 30)

    openings = [n.at for n in scene.place.told if {"opened", "reopened"} & set(n.body["changes"])]  # type: ignore[call-overload]
    assert len(openings) == 4
    assert ["flapping" in word for word in scene.place.words()].count(True) == 1
    assert all(b - a >= 300_000 for a, b in pairwise(openings))


async def test_what_gets_worse_is_escalated_with_one_ping(store: SQLiteStore, clock: ManualClock) -> None:
    """Beyond the critical limit it becomes critical, is told at once, and pings once."""
    scene = Scene(store, clock, rules=[replace(SLOW, critical_above=8.0)])
    await scene.answers(5.0, 120)
    assert not any(n.body["ping"] for n in scene.place.told)
    await scene.answers(20.0, 300)
    assert (await scene.incident()).severity is Severity.CRITICAL
    assert [n.body["changes"] for n in scene.place.told if n.body["ping"]] == [["escalated"]]


async def test_critical_only_once_it_has_held(store: SQLiteStore, clock: ManualClock) -> None:
    """CPU above 80 % warns; it is critical when above 90 % for five minutes."""
    scene = Scene(store, clock, rules=[r for r in built_in() if r.name == "cpu"])
    for second in range(0, 460, 10):
        clock.go(10)
        scene.figures.gauge("cpu_percent", 97.0)
        await scene.watch.tick()
        if second == 200:
            assert (await scene.incident()).severity is Severity.WARNING

    assert (await scene.incident()).severity is Severity.CRITICAL


async def test_each_unhealthy_service_has_its_own_incident(store: SQLiteStore, clock: ManualClock) -> None:
    """Grouped rules keep their groups apart; a service's incident is critical and names it."""
    scene = Scene(store, clock, rules=[r for r in built_in() if r.name == "service_unhealthy"])
    scene.figures.health = {"llm": Health.UNHEALTHY, "tts": Health.DEGRADED, "rag": Health.UNKNOWN}
    await scene.watch.tick()
    await scene.outbox.step()
    incident = await scene.incident()
    assert (incident.title, incident.severity) == ("llm is unhealthy", Severity.CRITICAL)
    assert scene.place.told[0].body["ping"] is True
    scene.figures.health["llm"] = Health.HEALTHY
    await scene.answers(None, 60)
    assert (await scene.incident()).stage is Stage.RESOLVED


async def test_the_first_failures_after_a_restart_are_no_recovery(store: SQLiteStore, clock: ManualClock) -> None:
    """A service that still fails is only degraded for its first probes: its incident waits, and is not recovering."""
    scene = Scene(store, clock, rules=[r for r in built_in() if r.name == "service_unhealthy"])
    scene.figures.health = {"llm": Health.UNHEALTHY}
    await scene.watch.tick()
    scene.figures.health = {"llm": Health.DEGRADED}
    await scene.answers(None, 120)
    assert (await scene.incident()).stage is Stage.OPEN


async def test_somebody_who_comes_later_is_told_of_what_is_open(scene: Scene) -> None:
    """A place that is added while an incident is open hears of it, and of its end."""
    await scene.answers(5.0, 120)
    mail = Place("mail")
    scene.places["mail"] = mail
    await scene.answers(5.0, 60)
    await scene.answers(1.0, 300)
    assert mail.words()[0] == "opened"
    assert mail.words()[-1] == "resolved"
    assert scene.place.words().count("opened") == 1


async def test_where_its_message_is_and_who_was_told_is_kept(scene: Scene) -> None:
    """Both are there after a restart; an unknown number is refused."""
    await scene.answers(5.0, 120)
    await scene.watch.told(1, 11, 12)
    scene.start()
    incident = await scene.watch.get(1)
    assert (incident.channel_id, incident.message_id) == (11, 12)
    assert incident.told == (("discord", 0.0),)
    with pytest.raises(UnknownName, match="There is no incident 7"):
        await scene.watch.get(7)


async def test_two_watches_open_one_incident(clock: ManualClock) -> None:
    """Changes are conditional: of two clusters that see the same, one opens it and the other takes it over."""
    store = MemoryStore()
    one, two = Scene(store, clock), Scene(store, clock)
    two.place = one.place
    for _ in range(30):
        clock.go(10)
        for scene in (one, two):
            scene.figures.answers(5.0)
            await scene.watch.tick()

        await one.outbox.step()

    assert [i.number for i in await two.watch.incidents()] == [1]
    assert one.place.words().count("opened") == 1
    await two.watch.acknowledge(1, "olivia")
    await one.watch.silence(1, "ben", 600)
    incident = await one.watch.get(1)
    assert (incident.acknowledged_by, incident.silenced_by) == ("olivia", "ben")


async def test_a_rule_that_cannot_be_judged_spares_the_others(store: SQLiteStore, clock: ManualClock) -> None:
    """A mistake in one rule is logged, and the rest is judged."""
    wrong = Rule("wrong", "Wrong", "response", "mean", above=1.0, where=(("planet", "mars"),))
    scene = Scene(store, clock, rules=[wrong, SLOW])
    await scene.answers(5.0, 120)
    assert (await scene.incident()).rule == "slow"


async def test_incidents_of_an_hour_ago_are_not_kept_in_memory(scene: Scene) -> None:
    """Memory holds what lives and what may open again; history comes from the store."""
    await scene.answers(5.0, 120)
    await scene.answers(1.0, HOUR / 1000 + 600)
    assert not scene.watch._ledger.last
    assert (await scene.watch.get(1)).stage is Stage.RESOLVED
