"""What a kill broke off: operations under way are closed as interrupted, and nothing is decided twice or never."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from monitoring.model import MINUTE, ErrorKind, OperationDone
from monitoring.recording.conversation import Conversations
from monitoring.recording.operation import Instruments
from monitoring.recording.prices import Prices
from monitoring.recording.recent import Recent
from monitoring.recording.recorder import Recorder
from monitoring.recording.under_way import MOST, UnderWay
from monitoring.rows import Change, Document
from monitoring.store import SQLiteStore
from tests.recording.stage import Stage, hashed, registry, stored, when
from tests.recording.standins import NOON, HandClock, done


class Life:
    """A process that records, up to its end."""

    def __init__(self, path: Path, clock: HandClock) -> None:
        self.clock = clock
        self.store = SQLiteStore(path, clock=clock)
        self.instruments: Instruments
        self.under_way = UnderWay(self.store, lambda: self.instruments.under_way(), clock=clock)
        self.recorder = Recorder(
            Conversations(registry(), hashed),
            self.store.append,
            clock=clock,
            prices=Prices(),
            recent=Recent(clock),
            standing=self.under_way.standing,
        )
        self.instruments = Instruments(self.recorder, clock=clock)

    async def stored(self) -> list[OperationDone]:
        """Everything that is stored of operations."""
        return list(await self.store.operations(0, NOON + 60 * MINUTE))


@contextlib.asynccontextmanager
async def life(path: Path, clock: HandClock) -> AsyncIterator[Life]:
    """One process from its start to its kill: what was not written by then is gone."""
    one = Life(path, clock)
    await one.store.open()
    await one.under_way.recall()
    one.under_way.close_broken_off(one.recorder.record)
    try:
        yield one
    finally:
        one.recorder._buffer.close("killed")
        one.recorder._buffer.queue.clear()
        await one.recorder.close()
        await one.store.close()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


async def test_f1_what_was_under_way_is_interrupted(tmp_path: Path, clock: HandClock) -> None:
    """Never a success, with the time it is known to have run, once; what ended before is as it ended."""
    path = tmp_path / "store.sqlite3"
    async with life(path, clock) as first:
        with first.instruments.operation("llm", "llm_inference", message_id=1):
            pass

        never = first.instruments.response(persona="Luna", guild_id=7, message_id=2)
        never.__enter__()
        clock.pass_by(3)
        first.recorder.record(done())
        await first.recorder.flush()

    clock.pass_by(600)
    for _ in range(2):
        async with life(path, clock) as later:
            await later.recorder.flush()
            found = {one.message_id: one for one in await later.stored()}
            assert len(await later.stored()) == 3
            assert found[1].error is None
            interrupted = found[2]
            assert (interrupted.error, interrupted.at, interrupted.duration) == (ErrorKind.INTERRUPTED, NOON, 3.0)
            assert (interrupted.operation, interrupted.persona, interrupted.guild_id) == ("response", "Luna", 7)
            total = (await later.store.series("operation", 0, NOON + 60 * MINUTE, 0)).sum(
                lambda of: of[1] == "response"
            )
            assert (total.count, total.failures, total.bins) == (1, 1, {})

    never.__exit__(None, None, None)


async def test_f1_killed_again_before_the_first_write(tmp_path: Path, clock: HandClock) -> None:
    """What one start had no time to close, the next one closes."""
    path = tmp_path / "store.sqlite3"
    async with life(path, clock) as first:
        never = first.instruments.operation("tts", "speak", message_id=2)
        never.__enter__()
        first.recorder.record(done())
        await first.recorder.flush()

    async with life(path, clock) as second:
        assert len(await second.stored()) == 1

    async with life(path, clock) as third:
        await third.recorder.flush()
        assert [one.error for one in await third.stored() if one.message_id == 2] == [ErrorKind.INTERRUPTED]

    never.__exit__(None, None, None)


async def test_f17_what_cannot_be_written_down_holds_up_nothing(tmp_path: Path, clock: HandClock) -> None:
    """Strange things that a host hands in are left out of the mark; there are never more than fit into one batch."""

    class Strange:
        def __bool__(self) -> bool:
            raise RuntimeError

    names: list[Any] = [Strange(), 5, "x" * 5_000, *map(str, range(MOST + 5))]
    async with life(tmp_path / "store.sqlite3", clock) as one:
        open_ = [one.instruments.operation("llm", "llm_inference", persona=name) for name in names]
        for operation in open_:
            operation.__enter__()

        one.recorder.record(done())
        await one.recorder.flush()
        (mark,) = await one.store.load("mark", key="recording")
        operations = mark.body["operations"]
        assert isinstance(operations, list)
        assert [found["persona"] for found in operations] == [str(number) for number in range(MOST)]
        assert len(await one.stored()) == 1
        for operation in reversed(open_):
            operation.__exit__(None, None, None)


@pytest.mark.parametrize("body", [{}, {"settled": "x"}, {"settled": 0, "at": 5, "operations": [3, {"at": "x"}]}])
async def test_f17_a_mark_that_says_nothing_sensible(tmp_path: Path, clock: HandClock, body: dict[str, object]) -> None:
    """It is as if it were not there."""
    async with life(tmp_path / "store.sqlite3", clock) as one:
        await one.store.save([Change(Document("mark", "recording", 0, body))])
        await one.under_way.recall()
        assert one.under_way.settled is None
        one.under_way.close_broken_off(lambda seen: pytest.fail(str(seen)))


async def test_history_says_nothing_of_now(tmp_path: Path, clock: HandClock) -> None:
    """Told history is no place where recording stands."""
    async with life(tmp_path / "store.sqlite3", clock) as one:
        await one.recorder.replay([done(at=NOON - 60 * MINUTE)])
        assert await one.store.load("mark", key="recording") == []
        one.recorder.record(done())
        await one.recorder.flush()
        (mark,) = await one.store.load("mark", key="recording")
        assert mark.body["settled"] == NOON - 2_000


def back_after(stage: Stage, until: float, back: float) -> Stage:
    """The process ended at one second and a new one begins at another; a day later everything is decided."""
    stage.settle(until)
    rows = stored(stage.batch)
    stage.conversations = Conversations(stage.personas, hashed)
    stage.conversations.warm(rows, when(until), when(back))
    return stage.settle()


def test_f15_what_fell_due_while_nobody_listened_is_decided() -> None:
    """An exchange that ended meanwhile is counted as its row says; a question without an answer is unanswered."""
    stage = Stage()
    stage.user(0, "luna?", 1)
    stage.persona(5, "hm", 2, by="Max")
    stage.persona(6, "hm", 3, by="Luna")
    back_after(stage, 10, 2_000)
    (row,) = stage.batch.exchanges
    assert stage.total("exchange").count == 1
    assert stage.total("exchange").total == row.turns * 1_000_000
    assert stage.total("addressed").count == 2


def test_f8_what_only_a_user_decides_stays_open() -> None:
    """Whether a user spoke within ten minutes after is not known where nobody listened then; else it is."""
    away, here = Stage(), Stage()
    for stage in (away, here):
        stage.persona(5, "hm", 2, by="Max")
        stage.persona(6, "hm", 3, by="Luna")

    back_after(away, 10, 700)
    assert away.total("exchange_outcome").count == 0
    assert [row.success for row in away.batch.exchanges] == [None]
    back_after(here, 10, 500)
    assert (here.total("exchange_outcome").count, here.total("exchange_outcome").failures) == (1, 1)
