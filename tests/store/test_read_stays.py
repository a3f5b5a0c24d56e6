"""Raw operations of some channels at some times: those that looking at each of them gives."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.interfaces import Batch
from monitoring.model import HOUR, MINUTE, OperationDone
from monitoring.operations import COLUMNS, Stay
from monitoring.store import SQLiteStore
from monitoring.store.stays import Stays
from tests.thorough import examples

from .building import NOW, columns_of
from .conftest import StillClock

stays = st.lists(
    st.builds(
        lambda channel, start, length: Stay(channel, start, start + length),
        st.integers(-1, 4),
        *[st.integers(-5, 60)] * 2,
    ),
    max_size=8,
)
operations = st.lists(st.tuples(st.integers(-2, 5), st.integers(-20, 130)), max_size=30)


def inside(some: Sequence[Stay], channel: int, at: int) -> bool:
    """Whether it began in one of them, by asking each."""
    return any(one.channel_id == channel and one.start <= at <= one.end for one in some)


@given(stays, operations)
def test_it_is_the_same_as_asking_each_stay(some: list[Stay], done: list[tuple[int, int]]) -> None:
    """Also of stays that overlap, and of channels and times that none of them knows."""
    found = Stays(some)
    channels, at = np.array(done, dtype=np.int64).reshape(-1, 2).T
    here = {one.channel_id for one in some if one.start <= one.end}

    assert found.inside(channels, at).tolist() == [inside(some, *one) for one in done]
    assert found.channel(channels).tolist() == [channel in here for channel in channels.tolist()]


@given(stays, st.integers(-10, 130), st.integers(0, 30))
def test_what_none_of_them_touches_need_not_be_read(some: list[Stay], first: int, length: int) -> None:
    """A span is touched if it has an instant with one of them."""
    touched = any(max(one.start, first) <= min(one.end, first + length) for one in some)

    assert Stays(some).touch(first, first + length) == touched


@given(stays, operations.filter(bool), st.booleans())
@settings(max_examples=examples(20), deadline=None)
def test_a_store_gives_the_operations_of_stays(some: list[Stay], done: list[tuple[int, int]], packed: bool) -> None:
    """As they were flushed or packed hour by hour, with all columns or some, also where a span cuts blocks."""
    asyncio.run(
        _asked([Stay(one.channel_id, NOW + one.start * MINUTE, NOW + one.end * MINUTE) for one in some], done, packed)
    )


async def _asked(some: list[Stay], done: list[tuple[int, int]], packed: bool) -> None:
    facts = [
        OperationDone("llm", "inference", NOW + at * MINUTE, 1.0 + number, channel_id=channel, persona="Mira")
        for number, (channel, at) in enumerate(done)
        if channel >= 0
    ]
    with tempfile.TemporaryDirectory() as folder:
        clock = StillClock(NOW + 9 * HOUR)
        store = SQLiteStore(Path(folder) / "x.sqlite3", clock=clock, backups=0)
        await store.open()
        try:
            for number in range(0, len(facts), 7):
                await store.append(Batch(operations=[columns_of(*facts[number : number + 7])]))

            if packed:
                await store.tend(clock.at)

            for columns in (COLUMNS, ("which", "duration")):
                found = await store.operations(NOW - MINUTE, NOW + 80 * MINUTE, columns, within=some)
                expected = [
                    one
                    for one in facts
                    if NOW - MINUTE <= one.at < NOW + 80 * MINUTE and inside(some, one.channel_id, one.at)
                ]
                assert sorted(found.duration.tolist()) == sorted(round(one.duration * 1e6) for one in expected)
                assert len(found) == len(expected)
        finally:
            await store.close()
