"""What one target does not take is told by another, once, and taken back there too (F5, F12)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitoring.alerting.documents import NOTICE
from monitoring.alerting.notices import announcement
from monitoring.model import MINUTE
from monitoring.store.sqlite import SQLiteStore

from .scene import SLOW, ManualClock, MemoryStore, Place, Scene

CRITICAL = replace(SLOW, critical_above=4.0)
"""Opens critical at five seconds."""


@pytest.fixture
def mail() -> Place:
    """Stands in for the others."""
    return Place("mail", kind="fallback")


@pytest.fixture
def scene(store: SQLiteStore, clock: ManualClock, mail: Place) -> Scene:
    """Discord, and mail where that fails."""
    found = Scene(store, clock, rules=[CRITICAL])
    found.places["mail"] = mail
    return found


async def until_told(scene: Scene, place: Place, most: int = 60) -> float | None:
    """Seconds from the opening until a place heard of it; None if it did not."""
    for _ in range(most):
        if place.told:
            opened = (await scene.incident()).opened_at
            assert opened is not None
            return (scene.clock.at - opened) / 1000

        scene.clock.go(2)
        scene.figures.answers(5.0)
        await scene.watch.tick()
        await scene.outbox.step()

    return None


async def test_f12_a_critical_notice_goes_to_the_fallbacks_within_a_minute(scene: Scene, mail: Place) -> None:
    """Not before Discord had its 30 s; as an opening, with what Discord would have been told."""
    scene.place.down = True
    await scene.answers(5.0, 70)
    waited = await until_told(scene, mail)
    assert waited is not None
    assert 30 <= waited <= 60
    assert mail.words() == ["opened"]
    assert mail.told[0].body["severity"] == "critical"
    incident = await scene.incident()
    assert incident.targets == ("discord", "mail")
    assert mail.told[0].at == incident.opened_at


async def test_f12_while_discord_takes_it_the_fallbacks_hear_nothing(scene: Scene, mail: Place) -> None:
    """They are for when it fails."""
    await scene.answers(5.0, 300)
    await scene.answers(1.0, 300)
    assert scene.place.words()[-1] == "resolved"
    assert mail.calls == 0


async def test_f12_a_warning_waits_for_discord(scene: Scene, mail: Place) -> None:
    """It is not worth waking somebody elsewhere."""
    scene.watch.set_rules([SLOW])
    scene.place.down = True
    await scene.answers(5.0, 600)
    assert mail.calls == 0
    scene.place.down = False
    await scene.answers(5.0, 60)
    assert scene.place.words()[0] == "opened"


async def test_f12_a_warning_that_becomes_critical_goes_there_too(scene: Scene, mail: Place) -> None:
    """As an opening: there it is one."""
    scene.watch.set_rules([replace(SLOW, critical_above=8.0)])
    scene.place.down = True
    await scene.answers(5.0, 120)
    assert mail.calls == 0
    await scene.answers(20.0, 120)
    assert mail.words() == ["opened"]


async def test_f12_who_heard_the_opening_hears_the_end_and_nothing_twice(scene: Scene, mail: Place) -> None:
    """However long Discord is away; in Discord it came and went."""
    scene.place.down = True
    await scene.answers(5.0, 1800)
    assert [word for word in mail.words() if word == "opened"] == ["opened"]
    await scene.answers(1.0, 600)
    assert [word for word in mail.words() if word != "value"] == ["opened", "recovering", "resolved"]
    scene.place.down = False
    await scene.answers(1.0, 120)
    assert scene.place.words() == ["late"]


async def test_f12_what_is_over_before_it_was_due_is_not_told(scene: Scene, mail: Place) -> None:
    """The recovery waits with it: nobody needs to be called."""
    scene.watch.set_rules([replace(CRITICAL, hold=0, recovery_hold=0, window=10)])
    scene.place.down = True
    await scene.answers(5.0, 10)
    await scene.answers(1.0, 120)
    assert (await scene.incident()).stage == "resolved"
    assert mail.calls == 0


async def test_f12_after_a_restart_the_time_before_counts(scene: Scene, mail: Place) -> None:
    """What was written before a crash is not waited for anew."""
    scene.place.down = True
    await scene.answers(5.0, 70)
    scene.clock.go(40)
    scene.start()
    scene.figures.answers(5.0)
    await scene.outbox.step()
    await scene.outbox.step()
    assert mail.words() == ["opened"]


async def test_f11_f12_store_and_discord_gone_at_once(clock: ManualClock, mail: Place) -> None:
    """The fallbacks hear of it from memory."""
    store = MemoryStore()
    scene = Scene(store, clock, rules=[CRITICAL])
    scene.places["mail"] = mail
    await scene.answers(1.0, 60)
    store.broken, scene.place.down = True, True
    await scene.answers(5.0, 70)
    waited = await until_told(scene, mail)
    assert waited is not None
    assert waited <= 60


async def test_f5_a_target_that_refuses_is_told_of_elsewhere_with_what_it_refused(scene: Scene, mail: Place) -> None:
    """A deleted channel: the problem is noted, the fallback hears of it and of every incident, warnings too."""
    scene.watch.set_rules([SLOW])
    scene.place.gone = True
    await scene.answers(5.0, 120)
    assert scene.noted == [("discord", "forbidden")]
    assert scene.outbox.broken == {"discord": "forbidden"}
    assert "Notices no longer reach discord: forbidden" in [n.body.get("text") for n in mail.told]
    assert [word for word in mail.words() if word == "opened"] == ["opened"]
    await scene.answers(1.0, 600)
    assert [word for word in mail.words() if word == "resolved"] == ["resolved"]


async def test_f5_a_target_that_is_well_again_is_said_so(scene: Scene, mail: Place) -> None:
    """Where it was said that it is not; and the incident is told in the target after all."""
    scene.watch.set_rules([SLOW])
    scene.place.gone = True
    await scene.answers(5.0, 120)
    scene.place.gone = False
    scene.outbox.again("discord")
    await scene.answers(9.0, 400)
    assert scene.noted[-1] == ("discord", "")
    assert scene.outbox.broken == {}
    assert "Notices reach discord again." in [notice.body.get("text") for notice in mail.told]


async def test_f5_a_recovery_that_is_refused_reaches_somebody(scene: Scene, mail: Place) -> None:
    """Nobody is left with an incident that never ends: who has no recovery of his own gets this one, once."""
    scene.watch.set_rules([SLOW])
    await scene.answers(5.0, 120)
    scene.place.gone = True
    await scene.answers(1.0, 300)
    assert [word for word in mail.words() if word == "resolved"] == ["resolved"]


async def test_f5_a_digest_that_is_refused_goes_to_the_fallbacks(scene: Scene, mail: Place) -> None:
    """And is not tried again where it was refused."""
    scene.place.gone = True
    assert await scene.store.save(announcement("bot", "2026-03-10", scene.clock.at, ["discord"]))
    for _ in range(5):
        await scene.outbox.step()
        scene.clock.go(2)

    assert [n.kind for n in mail.told if n.kind == "digest"] == ["digest"]
    assert await scene.store.load(NOTICE) == []


async def test_f5_a_fallback_that_is_broken_has_one_too(scene: Scene, mail: Place) -> None:
    """The last resort is the console."""
    console = Place("console", kind="fallback")
    scene.places["console"] = console
    scene.place.down = mail.gone = True
    await scene.answers(5.0, 300)
    assert mail.told == []
    assert "opened" in console.words()
    assert ("mail", "forbidden") in scene.noted


async def test_f5_edits_that_are_refused_are_told_nowhere(scene: Scene, mail: Place) -> None:
    """They say nothing new."""
    scene.watch.set_rules([SLOW])
    await scene.answers(5.0, 120)
    scene.place.wrong = {n.nonce for n in scene.place.told}
    scene.place.gone = True
    await scene.watch.acknowledge(1, "olivia")
    for _ in range(5):
        await scene.outbox.step()
        scene.clock.go(2)

    assert "acknowledged" not in mail.words()


async def test_a_rule_names_who_is_told(scene: Scene, mail: Place) -> None:
    """Nobody else hears of it, whether they stand in or not; its end goes to the same."""
    boss = scene.places["boss"] = Place("boss")
    scene.watch.set_rules([replace(SLOW, notifiers=("mail",))])
    await scene.answers(5.0, 120)
    await scene.answers(1.0, 300)
    assert [word for word in mail.words() if word in ("opened", "resolved")] == ["opened", "resolved"]
    assert scene.place.calls == 0
    assert boss.calls == 0


async def test_f6_at_most_one_old_notice_a_second_in_each_target(scene: Scene) -> None:
    """Also from one round to the next."""
    scene.watch.set_rules([replace(SLOW, name=f"slow{n}", notifiers=()) for n in range(2)])
    scene.place.down = True
    await scene.answers(5.0, 300)
    scene.place.down = False
    scene.naps.clear()
    scene.clock.go(MINUTE / 1000)
    await scene.outbox.step()
    await scene.outbox.step()
    assert len(scene.naps) == len(scene.place.told) - 1
    assert set(scene.naps) <= {1.0}
