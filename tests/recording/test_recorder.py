"""The recorder: what is taken in is written or counted, whatever happens."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.errors import StoreError
from monitoring.interfaces import Batch
from monitoring.model import (
    SECOND,
    CommandRan,
    ErrorKind,
    Happening,
    Health,
    MessageDeleted,
    OperationDone,
    ProbeResult,
    Sample,
    Seen,
)
from monitoring.rollup import Deltas
from tests.thorough import examples

from .standins import NOON, Desk, Listeners, added, done, message

EVERY_KIND: list[Seen] = [
    done(),
    done(error=ErrorKind.TIMEOUT),
    done("bot", "response", message_id=4),
    message(),
    MessageDeleted(1, 7, 8, NOON),
    CommandRan("stats", "slash", 7, 8, 9, NOON, 0.2),
    Sample("cpu_percent", 12.5, NOON),
    Sample("alive", 1.0, NOON),
    Happening("resume", NOON, 7),
    ProbeResult("ollama", Health.UNHEALTHY, NOON, 0.4),
    done(duration=float("nan")),
    "not a fact",  # type: ignore[list-item]
]


async def test_a_flush_writes_rows_and_what_they_add_up_to():
    """Operations become rows and rollups, failures by kind, gauges, probes, commands and events too."""
    desk = Desk()
    for seen in EVERY_KIND:
        desk.recorder.record(seen)

    await desk.recorder.flush()

    assert len(desk.shelf.operations) == 3
    assert (desk.shelf.total("operation").count, desk.shelf.total("operation").failures) == (3, 1)
    assert desk.shelf.total("failure").count == 1
    assert desk.shelf.total("command").mean == 0.2
    assert desk.shelf.total("gauge").count == 2
    assert desk.shelf.total("event").count == 1
    assert desk.shelf.total("probe").failures == 1
    assert desk.recorder.counts.total_stored == 10
    assert desk.recorder.counts.dropped == {("noise", "invalid"): 1, ("success", "invalid"): 1}
    await desk.recorder.close()


async def test_conversations_hear_of_messages_commands_and_responses_only():
    """Other operations say nothing of who answered whom."""
    desk = Desk()
    for seen in EVERY_KIND:
        desk.recorder.record(seen)

    await desk.recorder.flush()

    assert [type(seen).__name__ for seen in desk.listeners.taken] == [
        "OperationDone",
        "MessageSeen",
        "MessageDeleted",
        "CommandRan",
    ]
    await desk.recorder.close()


@settings(max_examples=examples(40), deadline=None)
@given(
    seen=st.lists(st.sampled_from(EVERY_KIND), max_size=80),
    limit=st.integers(1, 60),
    cuts=st.lists(st.tuples(st.integers(0, 80), st.booleans()), max_size=4),
)
def test_f4_what_is_accepted_is_stored_buffered_or_dropped(seen, limit, cuts):
    """At any moment, full or not, with a store that comes and goes, every fact is in exactly one place."""

    async def live() -> None:
        desk = Desk(limit=limit)
        breaks = dict(cuts)
        for number, fact in enumerate(seen):
            desk.recorder.record(fact)
            assert desk.adds_up()
            if number in breaks:
                desk.shelf.broken = breaks[number]
                await desk.recorder.flush()
                assert desk.adds_up()

        assert desk.recorder.counts.total_accepted == len(seen)
        assert desk.recorder.counts.total_buffered <= limit
        await desk.recorder.close()
        assert desk.adds_up()
        assert desk.recorder.counts.total_buffered == 0

    asyncio.run(live())


async def test_f4_the_cheapest_gives_way_first():
    """Gateway noise goes first, then successes are sampled, then failures; the alive mark has room to the end."""
    desk = Desk(limit=100)
    for number in range(55):
        desk.recorder.record(message(number + 1))

    desk.recorder.record(Happening("resume", NOON))
    desk.recorder.record(done())
    assert desk.recorder.counts.dropped == {("noise", "full"): 1}

    for number in range(9):
        desk.recorder.record(message(number + 100))

    for _ in range(25):
        desk.recorder.record(done())

    assert desk.recorder.counts.dropped[("success", "sampled")] == 15

    for _ in range(20):
        desk.recorder.record(done(error=ErrorKind.TIMEOUT))

    assert desk.recorder.counts.dropped[("failure", "full")] == 15
    for _ in range(20):
        desk.recorder.record(Sample("alive", 1.0, NOON))

    assert ("state", "full") not in desk.recorder.counts.dropped
    assert desk.recorder.counts.total_buffered == 100
    await desk.recorder.close()


async def test_f4_samples_keep_the_weight_of_what_they_stand_for():
    """Under overload, the count of successes stays right for each persona."""
    desk = Desk(limit=200)
    for number in range(3_000):
        desk.recorder.record(done(persona=("Luna", "Rex", "Mio")[number % 3]))

    await desk.recorder.flush()

    by_persona = {"Luna": 0, "Rex": 0, "Mio": 0}
    for operation in desk.shelf.operations:
        by_persona[operation.persona] += operation.weight

    assert by_persona == {"Luna": 1_000, "Rex": 1_000, "Mio": 1_000}
    assert desk.shelf.total("operation").count == 3_000
    assert len(desk.shelf.operations) < 200
    await desk.recorder.close()


async def test_f11_a_batch_the_store_refuses_is_kept_and_written_once():
    """A refusal raises nothing; when the store is back, everything is there exactly once."""
    desk = Desk()
    desk.shelf.broken = True
    for number in range(3):
        desk.recorder.record(done())
        desk.recorder.record(message(number + 1))
        await desk.recorder.flush()

    assert isinstance(desk.recorder.refused, StoreError)
    assert desk.recorder.counts.total_buffered == 6
    desk.shelf.broken = False
    await desk.recorder.flush()

    assert desk.recorder.refused is None
    assert len(desk.shelf.operations) == 3
    assert desk.shelf.total("operation").count == 3
    # The one that was tried by itself, since it may have been stored; what came after it in one.
    assert len(desk.shelf.batches) == 2
    assert desk.recorder.counts.total_stored == 6
    await desk.recorder.close()


async def test_f11_rules_go_on_hearing_while_the_store_is_broken():
    """The ring in memory has everything, though the store took nothing and the buffer is full."""
    desk = Desk(limit=50)
    desk.shelf.broken = True
    for _ in range(8):
        for _ in range(20):
            desk.recorder.record(done(error=ErrorKind.TIMEOUT))

        await desk.recorder.flush()

    heard = desk.recent.rollup("operation", NOON - 60 * SECOND, NOON + 1)
    assert heard.failures == 160
    assert desk.recorder.counts.total_buffered <= 50
    assert desk.adds_up()
    await desk.recorder.close()


async def test_a_write_that_fails_through_a_bug_holds_up_nothing_else(caplog):
    """Its batch is left out and counted; the next is written."""
    failures = [TypeError("a bug")]

    async def once_wrong() -> None:
        if failures:
            raise failures.pop()

    desk = Desk(before=once_wrong)
    desk.recorder.record(done())
    await desk.recorder.flush()
    desk.recorder.record(done())
    await desk.recorder.flush()

    assert desk.recorder.counts.dropped == {("success", "lost"): 1}
    assert len(desk.shelf.operations) == 1
    assert "could not be written" in caplog.text
    await desk.recorder.close()


async def test_facts_come_from_every_thread():
    """Eight threads at once lose nothing."""
    desk = Desk(flush_size=50)
    await desk.recorder.start()
    threads = [threading.Thread(target=lambda: [desk.recorder.record(done()) for _ in range(500)]) for _ in range(8)]
    for thread in threads:
        thread.start()

    for thread in threads:
        thread.join()

    await desk.recorder.close()
    assert desk.recorder.counts.total_stored == 4_000
    assert desk.shelf.total("operation").count == 4_000


async def test_it_flushes_by_itself_as_soon_as_enough_is_there():
    """Five hundred facts do not wait for the quarter second."""
    written = asyncio.Event()

    async def tell() -> None:
        written.set()

    desk = Desk(before=tell, flush_every=3_600)
    await desk.recorder.start()
    await asyncio.sleep(0)
    for _ in range(500):
        desk.recorder.record(done())

    async with asyncio.timeout(5):
        await written.wait()

    await desk.recorder.close()


async def test_close_writes_what_is_there_and_leaves_nothing_behind():
    """No task, no thread; what comes later is counted and harmless; it can be started again."""
    desk = Desk()
    tasks, threads = asyncio.all_tasks(), threading.enumerate()
    for round_ in range(1, 4):
        await desk.recorder.start()
        desk.recorder.record(done())
        await desk.recorder.close()
        assert len(desk.shelf.operations) == round_

    desk.recorder.record(done())
    assert desk.recorder.counts.dropped == {("success", "closed"): 1}
    assert asyncio.all_tasks() == tasks
    assert threading.enumerate() == threads


async def test_a_cancelled_flush_is_not_torn():
    """Whoever waits for a flush may leave; the batch is written all the same, once."""
    gate = asyncio.Event()

    async def pass_gate() -> None:
        await gate.wait()

    desk = Desk(before=pass_gate)
    desk.recorder.record(done())
    flushing = asyncio.create_task(desk.recorder.flush())
    await asyncio.sleep(0)
    flushing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await flushing

    gate.set()
    await desk.recorder.flush()
    assert len(desk.shelf.operations) == 1
    await desk.recorder.close()


def summed(batches: list[Batch]) -> tuple[list[object], dict[object, object]]:
    """Rows in order, and rollups added up over all batches."""
    deltas: Deltas = {}
    rows: list[object] = []
    for batch in batches:
        rows += [*(done for columns in batch.operations for done in columns), *batch.messages]
        for key, table in added(batch).items():
            for labels, rollup in table.items():
                into = deltas.setdefault(key, {})
                into[labels] = into[labels] + rollup if labels in into else rollup

    return sorted(rows, key=repr), dict(deltas)


async def test_replayed_history_gives_what_it_gave_live():
    """The same facts, replayed in chunks, make the same rows and the same rollups."""
    facts: list[Seen] = []
    for number in range(300):
        at = NOON - (300 - number) * SECOND
        facts += [done(at=at, duration=number / 100, prompt_tokens=number), message(number + 1, at)]

    live, replayed = Desk(), Desk()
    live.clock.at = replayed.clock.at = NOON - 300 * SECOND
    for number, fact in enumerate(facts):
        live.clock.at = fact.at
        live.recorder.record(fact)
        if number % 40 == 0:
            await live.recorder.flush()

    await live.recorder.flush()
    replayed.clock.at = live.clock.at = NOON
    await replayed.recorder.replay(iter(facts), chunk=70)

    assert summed(live.shelf.batches) == summed(replayed.shelf.batches)
    assert replayed.recorder.counts.total_stored == 600
    assert replayed.recent.rollup("operation", NOON - 400 * SECOND, NOON).count == 300
    assert replayed.listeners.settled == sorted(replayed.listeners.settled)
    await live.recorder.close()
    await replayed.recorder.close()


async def test_replay_says_when_the_store_refuses():
    """History that cannot be written is no success; the chunk at hand is kept."""
    desk = Desk()
    desk.shelf.broken = True
    with pytest.raises(StoreError):
        await desk.recorder.replay([done() for _ in range(10)], chunk=4)

    assert desk.recorder.counts.total_buffered == 4
    assert desk.adds_up()
    await desk.recorder.close()


async def test_f17_facts_that_cannot_be_are_refused_and_counted():
    """Numbers and names no operation has harm nothing and are left out, the good ones beside them are kept."""

    class Sly(str):
        def __eq__(self, other: object) -> bool:
            raise RuntimeError

        __hash__ = None  # type: ignore[assignment]

    bad = [
        done(duration=float("inf")),
        done(duration=-1.0),
        done(duration=1e300),
        done(prompt_tokens=10**30),
        done(cached_tokens=5),
        done(at=NOON * 1_000),
        done(persona="\ud800"),
        done(persona="x" * 201),
        done(operation=Sly("response")),
        done(guild_id=None),
        done(weight=0),
        Sample("cpu_percent", float("nan"), NOON),
        Sample("no such gauge", 1.0, NOON),
        tuple.__new__(OperationDone, ("llm", "llm_inference", NOON)),
        tuple.__new__(OperationDone, ()),
        done(local=2),
        done(cost=-1),
        done(first_token=-0.5),
        done(message_id=1 << 63),
        None,
    ]
    desk = Desk()
    for seen in [*bad, done()]:
        desk.recorder.record(seen)

    await desk.recorder.flush()

    assert len(desk.shelf.operations) == 1
    assert desk.recorder.counts.total_dropped == len(bad)
    assert desk.adds_up()
    await desk.recorder.close()


async def test_drops_are_said_once_when_they_begin_and_once_when_they_end(caplog):
    """An episode is two lines in the log, however many facts it takes."""
    desk = Desk(limit=10)
    for _ in range(3):
        for _ in range(50):
            desk.recorder.record(Happening("resume", NOON))

        await desk.recorder._round()
        desk.clock.pass_by(1)

    desk.clock.pass_by(20)
    await desk.recorder._round()
    await desk.recorder._round()

    assert [record.message[:21] for record in caplog.records] == ["More is seen than can", "Everything is recorde"]
    await desk.recorder.close()


FORKING = """
import asyncio, os
from tests.recording.standins import Desk, done

async def main():
    desk = Desk()
    desk.recorder.record(done())
    child = os.fork()
    if child == 0:
        for _ in range(3):
            desk.recorder.record(done())
        good = desk.recorder.counts.dropped == {("success", "forked"): 3} and desk.recorder.counts.total_buffered == 0
        os._exit(0 if good else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    await desk.recorder.flush()
    assert len(desk.shelf.operations) == 1
    await desk.recorder.close()

asyncio.run(main())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system knows no fork")
def test_f17_a_forked_child_records_nothing_twice():
    """What the parent has buffered is the parent's; the child's facts are counted as dropped."""
    ran = subprocess.run([sys.executable, "-c", FORKING], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr


class Slow(Listeners):
    """Holds up the digest of a message until it may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.may_go_on = threading.Event(), threading.Event()

    def take(self, seen: Any, batch: Batch) -> None:
        self.begun.set()
        assert self.may_go_on.wait(10)
        super().take(seen, batch)


async def test_f17_what_is_being_digested_when_it_closes_is_stored():
    """Closing in the middle of a digest waits for it; its facts are not lost with the round that took them."""
    slow = Slow()
    # So many that they are digested in a thread.
    many, desk = 200, Desk(conversations=slow, flush_every=0.01)
    await desk.recorder.start()
    for number in range(many):
        desk.recorder.record(message(number + 1))

    assert await asyncio.to_thread(slow.begun.wait, 10)
    closing = asyncio.create_task(desk.recorder.close())
    await asyncio.sleep(0)
    slow.may_go_on.set()
    await closing

    assert sum(len(batch.messages) for batch in desk.shelf.batches) == many
    assert desk.recorder.counts.total_dropped == 0
