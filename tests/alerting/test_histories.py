"""Random histories: whatever happens in whatever order, what was promised holds."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitoring.alerting.documents import NOTICE, insertion
from monitoring.alerting.late import changes
from monitoring.alerting.outbox import Outbox
from monitoring.incident import Notice, Stage
from tests.thorough import examples

from .scene import SLOW, ManualClock, MemoryStore, Place, Scene

OPENINGS, ENDS = {"opened", "reopened"}, {"resolved", "closed"}

actions = st.lists(
    st.one_of(
        st.tuples(st.just("answers"), st.sampled_from([1.0, 2.8, 5.0, 20.0, None]), st.integers(1, 12)),
        st.tuples(st.just("answers"), st.sampled_from([1.0, 5.0]), st.integers(8, 14)),
        st.tuples(st.sampled_from(["restart", "acknowledge", "unsilence", "break", "mend", "down", "up", "jump"])),
        st.tuples(st.just("silence"), st.integers(10, 600)),
    ),
    max_size=30,
)


def run(story: Coroutine[Any, Any, None]) -> None:
    """Run one history in a loop of its own."""
    asyncio.run(story)


@settings(max_examples=examples(60), deadline=None)
@given(actions)
@example([("answers", 5.0, 7), ("break",), ("answers", 1.0, 9), ("jump",), ("answers", 5.0, 8)])
@example([("down",), ("answers", 5.0, 6), ("answers", 1.0, 1), ("break",), ("answers", 1.0, 5), ("up",)])
def test_f5_each_opening_has_at_most_one_end_and_none_is_forgotten(script: list[tuple[Any, ...]]) -> None:
    """Openings and ends alternate at every target, nothing is told twice, and in the end all that was told is over."""

    async def story() -> None:
        store, clock = MemoryStore(), ManualClock()
        rules = [replace(SLOW, critical_above=8.0, cooldown=60)]
        scene = Scene(store, clock, rules=rules)
        for action in script:
            await act(scene, store, action)

        store.broken, scene.place.down = False, False
        for incident in await scene.watch.incidents(open_only=True):
            await scene.watch.unsilence(incident.number, "me")

        await scene.answers(1.0, 600)
        # What flaps is over once it was well for half an hour.
        scene.clock.go(1800)
        await scene.answers(1.0, 120)
        check(scene.place.told)
        incidents = await scene.watch.incidents()
        assert all(i.stage is Stage.RESOLVED for i in incidents)
        told = {n.subject for n in scene.place.told} | {
            str(row["number"])
            for n in scene.place.told
            for row in n.body.get("lines", ())  # type: ignore[attr-defined]
        }
        assert {str(i.number) for i in incidents} <= told
        assert await store.load(NOTICE) == []
        assert len(scene.ring) == 0

    run(story())


async def act(scene: Scene, store: MemoryStore, action: tuple[Any, ...]) -> None:
    """Let one thing happen."""
    name = action[0]
    if name == "answers":
        await scene.answers(action[1], action[2] * 10)
    elif name == "restart" and not store.broken and not scene.watch._ledger.adrift and not len(scene.ring):
        scene.start()
        # Without having seen the store once, a start cannot know what was told: see the tests of F11.
        await scene.watch.incidents()
    elif name in {"break", "mend"}:
        store.broken = name == "break"
    elif name in {"down", "up"}:
        scene.place.down = name == "down"
    elif name == "jump":
        scene.clock.set(3600)
    elif name in {"acknowledge", "silence", "unsilence"}:
        for incident in await scene.watch.incidents(open_only=True):
            if name == "silence":
                await scene.watch.silence(incident.number, "me", action[1])
            else:
                await getattr(scene.watch, name)(incident.number, "me")


def check(told: list[Notice]) -> None:
    """Of each incident: opening, end, opening, end …; late news stand for an opening and its end."""
    assert len({n.nonce for n in told}) == len(told)
    assert len({n.key for n in told}) == len(told)
    stages: dict[str, str] = {}
    for notice in told:
        words = set(changes(notice))
        if words & OPENINGS:
            assert stages.get(notice.subject) != "open", notice
            stages[notice.subject] = "open"
        elif words & ENDS:
            assert stages.get(notice.subject) == "open", notice
            stages[notice.subject] = "over"

    assert "open" not in stages.values()


fates = st.lists(st.sampled_from(["ok", "down", "lost", "store", "kill", "wait", "put"]), min_size=5, max_size=60)


@settings(max_examples=examples(80), deadline=None)
@given(fates)
def test_f5_random_failures_deliver_everything_once_and_in_order(script: list[str]) -> None:
    """Lost answers, outages of target and store, outboxes that die while sending: all arrives, once, in order."""

    async def story() -> None:
        store, clock, place = MemoryStore(), ManualClock(), Place()
        outbox, written = fresh(store, clock, place), 0
        for fate in script:
            place.down, place.lost_answers, store.broken = fate == "down", int(fate == "lost"), fate == "store"
            if fate == "put":
                await store.save([insertion(sentence(written, clock))])
                written += 1
            elif fate == "kill":
                task = asyncio.create_task(outbox.step())
                await asyncio.sleep(0)
                task.cancel()
                await asyncio.gather(task, *outbox._lanes.values(), return_exceptions=True)
                outbox = fresh(store, clock, place)
            else:
                await outbox.step()
                clock.go(7 if fate == "wait" else 1)

        place.down, place.lost_answers, store.broken = False, 0, False
        for _ in range(40):
            clock.go(61)
            await outbox.step()

        assert [n.body["text"] for n in place.told] == list(range(written))
        assert await store.load(NOTICE) == []

    run(story())


async def no_nap(_: float) -> None:
    """Waits for nothing."""


def fresh(store: MemoryStore, clock: ManualClock, place: Place) -> Outbox:
    """An outbox after a restart."""
    places = {place.name: place}
    return Outbox(store, places, clock=clock, owner="one", sleep=no_nap, jitter=lambda: 0.5)


def sentence(n: int, clock: ManualClock) -> Notice:
    """The nth notice about one subject; none of them may be left out."""
    return Notice(f"x/{n:05}", "incident", clock.at, "7", "discord", f"n{n}", {"text": n, "changes": ["escalated"]})
