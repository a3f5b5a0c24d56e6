"""Notices arrive: at least once, in order, nobody waiting for another (F5, F6)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise

from monitoring.alerting.documents import DEAD, NOTICE, insertion
from monitoring.alerting.notices import announcement
from monitoring.alerting.outbox import Outbox
from monitoring.errors import DeliveryError
from monitoring.incident import Notice
from monitoring.interfaces import Notifier
from monitoring.store.sqlite import SQLiteStore

from .scene import SLOW, ManualClock, Place, Scene

NUMBERS = iter(range(10**9))


def notice(subject: str, change: str, clock: ManualClock, *, target: str = "discord", minor: bool = False) -> Notice:
    """A notice of an incident as the watch writes it."""
    n = next(NUMBERS)
    body: dict[str, object] = {
        "number": int(subject),
        "changes": [change],
        "minor": minor,
        "subject": "Mean response",
        "peak": "up to 5.0 s",
        "severity": "warning",
        "since": clock.at,
        "until": clock.at,
    }
    kind = "recovery" if change == "resolved" else "incident"
    return Notice(f"incident {int(subject):010}/{n:08}/{target}", kind, clock.at, subject, target, f"n{n}", body)


async def put(store: SQLiteStore, *notices: Notice) -> None:
    """Write notices as the watch does."""
    assert await store.save([insertion(n) for n in notices])


def made(store: SQLiteStore, clock: ManualClock, *places: Notifier, owner: str = "one", limit: float = 30.0) -> Outbox:
    """An outbox for these places that waits for nothing."""

    async def nap(seconds: float) -> None:
        clock.go(seconds)

    notifiers = {place.name: place for place in places}
    return Outbox(store, notifiers, clock=clock, owner=owner, sleep=nap, jitter=lambda: 1.0, limit=limit)


async def test_f5_a_failed_notice_is_tried_again_with_doubling_pauses(store: SQLiteStore, clock: ManualClock) -> None:
    """1, 2, 4 … seconds, for Discord at most 60; the nonce stays the same; told once in the end."""
    place = Place(down=True)
    outbox = made(store, clock, place)
    await put(store, notice("1", "opened", clock))
    tried: list[float] = []
    for _ in range(300):
        calls = place.calls
        await outbox.step()
        if place.calls > calls:
            tried.append(clock.steady)

        clock.go(1)

    pauses = [b - a for a, b in pairwise(tried)]
    assert pauses[:7] == [1, 2, 4, 8, 16, 32, 60]
    assert set(pauses[7:]) == {60}
    place.down = False
    clock.go(60)
    assert await outbox.step() == 1
    assert await store.load(NOTICE) == []


async def test_f5_a_lost_answer_does_not_tell_it_twice(store: SQLiteStore, clock: ManualClock) -> None:
    """It arrived, but the sender saw a failure: the second try bears the same nonce."""
    place = Place(lost_answers=1)
    outbox = made(store, clock, place)
    await put(store, notice("1", "opened", clock))
    await outbox.step()
    clock.go(2)
    await outbox.step()
    assert place.calls == 2
    assert place.words() == ["opened"]


async def test_f5_retry_after_is_honoured(store: SQLiteStore, clock: ManualClock) -> None:
    """What the target asks for counts, not the own pause."""
    place = Place(errors=[DeliveryError("slow down", retry_after=17.0)])
    outbox = made(store, clock, place)
    await put(store, notice("1", "opened", clock))
    await outbox.step()
    clock.go(16)
    assert await outbox.step() == 0
    clock.go(1.1)
    assert await outbox.step() == 1


async def test_f5_a_success_wakes_all_notices_of_its_target(store: SQLiteStore, clock: ManualClock) -> None:
    """Once a target is reached, nothing there waits for the end of its own pause of a minute."""
    place = Place(errors=[DeliveryError("down")])
    outbox = made(store, clock, place)
    await put(store, replace(notice("1", "opened", clock), attempts=9), notice("2", "opened", clock))
    assert await outbox.step() == 0
    clock.go(2)
    assert await outbox.step() == 1
    assert [n.subject for n in place.told] == ["2"]
    assert await outbox.step() == 1


async def test_f5_a_permanent_refusal_tells_another_target(store: SQLiteStore, clock: ManualClock) -> None:
    """The target is marked broken, the notice is dead and counted, another place hears of it once."""
    discord, mail = Place(), Place("mail")
    outbox = made(store, clock, discord, mail)
    one, two = notice("1", "opened", clock), notice("2", "opened", clock)
    discord.wrong = {one.nonce, two.nonce}
    await put(store, one, two)
    for _ in range(20):
        await outbox.step()
        clock.go(10)

    assert outbox.status().broken == {"discord": "forbidden"}
    assert outbox.status().dead == 2
    assert [n.body["text"] for n in mail.told] == ["Notices no longer reach discord: forbidden"]
    assert len(await store.load(DEAD)) == 2
    await put(store, notice("3", "opened", clock))
    clock.go(60)
    await outbox.step()
    assert outbox.status().broken == {}


async def test_f5_a_failing_or_hanging_target_holds_up_no_other(store: SQLiteStore, clock: ManualClock) -> None:
    """Each target has a lane of its own, and each send a time limit."""

    class Hanging:
        name = "slack"

        async def deliver(self, notice: Notice) -> None:
            await asyncio.Event().wait()

    discord = Place()
    outbox = made(store, clock, Hanging(), discord, limit=0.05)
    await put(store, *(notice(str(n), "opened", clock, target=t) for n in range(3) for t in ("slack", "discord")))
    assert await outbox.step() == 3
    assert len(discord.told) == 3
    assert len(await store.load(NOTICE)) == 3


async def test_f5_a_notifier_with_a_mistake_is_one_that_fails(store: SQLiteStore, clock: ManualClock) -> None:
    """Whatever it raises, the notice stays and is tried again."""
    place = Place(errors=[ZeroDivisionError("oops")])
    outbox = made(store, clock, place)
    await put(store, notice("1", "opened", clock))
    await outbox.step()
    clock.go(2)
    assert await outbox.step() == 1


async def test_f5_given_up_after_a_day_and_counted(store: SQLiteStore, clock: ManualClock) -> None:
    """After 24 hours of trying it is dead, and shown as such."""
    place = Place(down=True)
    outbox = made(store, clock, place)
    await put(store, notice("1", "opened", clock))
    for _ in range(47):
        clock.go(1800)
        await outbox.step()

    assert outbox.status().dead == 0
    clock.go(1800)
    await outbox.step()
    assert outbox.status().dead == 1
    assert await store.load(NOTICE) == []
    dead = await store.load(DEAD)
    assert [d.body["why"] for d in dead] == ["no route"]


async def test_f5_a_claim_keeps_others_away_until_it_runs_out(store: SQLiteStore, clock: ManualClock) -> None:
    """What one outbox is telling no other tells; if it dies meanwhile, another does after the lease."""
    slow, place = asyncio.Event(), Place()

    class Slow:
        name = "discord"

        async def deliver(self, notice: Notice) -> None:
            slow.set()
            await asyncio.Event().wait()

    first, second = made(store, clock, Slow(), owner="one"), made(store, clock, place, owner="two")
    await put(store, notice("1", "opened", clock))
    dying = asyncio.create_task(first.step())
    await slow.wait()
    assert await second.step() == 0
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    clock.go(61)
    assert await second.step() == 1


async def test_f5_the_same_owner_goes_on_at_once_after_a_restart(store: SQLiteStore, clock: ManualClock) -> None:
    """A bot that was killed while sending need not wait for its own lease."""
    place, arrived = Place(), asyncio.Event()

    class Slow:
        name = "discord"

        async def deliver(self, notice: Notice) -> None:
            arrived.set()
            await asyncio.Event().wait()

    await put(store, notice("1", "opened", clock))
    killed = asyncio.create_task(made(store, clock, Slow()).step())
    await arrived.wait()
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    assert await made(store, clock, place).step() == 1


async def test_f5_waits_for_a_target_that_is_not_there_yet(store: SQLiteStore, clock: ManualClock) -> None:
    """Discord logs in after the start: what was written before is told then."""
    notifiers: dict[str, Notifier] = {}
    outbox = Outbox(store, notifiers, clock=clock, owner="one")
    await put(store, notice("1", "opened", clock))
    assert await outbox.step() == 0
    place = notifiers["discord"] = Place()
    assert await outbox.step() == 1
    assert place.words() == ["opened"]


async def test_f6_notices_of_an_incident_arrive_in_order(store: SQLiteStore, clock: ManualClock) -> None:
    """A newer notice never overtakes one of the same incident that failed and pauses."""
    place = Place(errors=[DeliveryError("no route")])
    outbox = made(store, clock, place)
    await put(store, replace(notice("1", "opened", clock), attempts=9), notice("1", "escalated", clock))
    for _ in range(50):
        await outbox.step()
        clock.go(1)

    assert place.told == []
    clock.go(15)
    await outbox.step()
    assert place.words() == ["opened", "escalated"]


async def test_f6_needless_edits_are_left_out(store: SQLiteStore, clock: ManualClock) -> None:
    """Of edits that wait only the newest is made; what must be told is told."""
    place = Place()
    outbox = made(store, clock, place)
    edits = [notice("1", "value", clock, minor=True) for _ in range(5)]
    await put(store, notice("1", "opened", clock), *edits, notice("1", "escalated", clock))
    await put(store, notice("2", "value", clock, minor=True), notice("2", "value", clock, minor=True))
    assert await outbox.step() == 3
    assert place.words() == ["opened", "escalated", "value"]
    assert await store.load(NOTICE) == []


async def test_f6_what_came_and_went_during_an_outage_is_one_message(scene: Scene) -> None:
    """Opened and closed while nothing could be sent: one late message; what is still open gets its own after it."""
    scene.watch.set_rules([SLOW, replace(SLOW, name="other", title="Other", recovery=0.1)])
    scene.place.down = True
    await scene.answers(5.0, 120)
    await scene.answers(1.0, 600)
    scene.place.down = False
    await scene.answers(1.0, 120)
    assert scene.place.words()[:2] == ["late", "opened"]
    late = scene.place.told[0].body
    assert [(row["number"], row["text"]) for row in late["lines"]] == [(1, "Mean response, up to 5.0\u00a0s")]  # type: ignore[attr-defined]
    assert late["more"] == 0
    assert scene.naps == [1.0]


async def test_f6_twenty_five_lines_and_the_rest_counted(store: SQLiteStore, clock: ManualClock) -> None:
    """However much happened, it is one message."""
    place = Place()
    outbox = made(store, clock, place)
    for n in range(60):
        await put(store, notice(str(n), "opened", clock), notice(str(n), "resolved", clock))

    assert await outbox.step() == 1
    body = place.told[0].body
    assert len(body["lines"]) == 25  # type: ignore[arg-type]
    assert body["more"] == 35


async def test_f6_late_news_of_several_outages_become_one(store: SQLiteStore, clock: ManualClock) -> None:
    """A late message that could not be sent either takes in what came and went since."""
    place = Place(down=True)
    outbox = made(store, clock, place)
    for n in range(3):
        await put(store, notice(str(n), "opened", clock), notice(str(n), "resolved", clock))
        await outbox.step()
        clock.go(70)

    place.down = False
    assert await outbox.step() == 1
    assert [row["number"] for row in place.told[0].body["lines"]] == [0, 1, 2]  # type: ignore[attr-defined]


async def test_f9_the_digest_and_its_mark_are_one_transaction(store: SQLiteStore, clock: ManualClock) -> None:
    """Of two clusters that both find it due, one sends it."""
    changes = announcement("bot", "2026-03-10", clock.at, ["discord", "mail"])
    assert await store.save(changes)
    assert not await store.save(announcement("bot", "2026-03-10", clock.at, ["discord", "mail"]))
    discord, mail = Place(), Place("mail")
    assert await made(store, clock, discord, mail).step() == 2
    assert [n.body for n in discord.told] == [{"date": "2026-03-10", "scope": "bot", "late": False}]


async def test_it_delivers_in_the_background_until_closed(store: SQLiteStore, clock: ManualClock) -> None:
    """Woken, it delivers; closed, it leaves nothing running."""
    place, arrived = Place(), asyncio.Event()

    class Ringing(Place):
        async def deliver(self, notice: Notice) -> None:
            await place.deliver(notice)
            arrived.set()

    outbox = made(store, clock, Ringing())
    await outbox.start()
    await put(store, notice("1", "opened", clock))
    outbox.wake()
    await asyncio.wait_for(arrived.wait(), 5)
    await outbox.close()
    assert not [t for t in asyncio.all_tasks() if t.get_name().startswith("outbox")]


async def test_f5_a_notice_that_fails_by_itself_holds_up_no_other(store: SQLiteStore, clock: ManualClock) -> None:
    """A digest that cannot be made waits alone; the alert behind it is told, and the digest when it can be made."""

    class Choosy(Place):
        sick = True

        async def deliver(self, notice: Notice) -> None:
            """Cannot make sense of the first subject."""
            if notice.subject == "1" and self.sick:
                raise DeliveryError("The store does not answer.", own=True)

            await super().deliver(notice)

    place = Choosy()
    outbox = made(store, clock, place)
    await put(store, notice("1", "opened", clock), notice("2", "opened", clock))
    assert await outbox.step() == 1
    assert [told.subject for told in place.told] == ["2"]
    place.sick = False
    clock.go(2.0)
    assert await outbox.step() == 1
    assert [told.subject for told in place.told] == ["2", "1"]
