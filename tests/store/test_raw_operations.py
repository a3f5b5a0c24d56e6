"""Raw operations in the store: blocks of columns that are packed together, and read as they were written."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.interfaces import Batch
from monitoring.model import HOUR, MINUTE, SECOND, ErrorKind, OperationDone
from monitoring.operations import COLUMNS, Operations
from monitoring.store import SQLiteStore, blocks
from monitoring.store.packing import pack, unpack
from tests.test_operations import columns_of, operations

from .building import NOW, rows_of
from .conftest import StillClock


def work(number: int, since: int, until: int, seed: int = 1) -> list[OperationDone]:
    """Operations of a busy bot, in order of time."""
    dice = random.Random(seed)
    return [
        OperationDone(
            "llm",
            "llm_inference",
            at,
            dice.randrange(1, 9_000_000) / 1_000_000,
            dice.choice([None, None, None, ErrorKind.TIMEOUT]),
            persona=dice.choice(["Mira", "Söl"]),
            guild_id=dice.randrange(1, 4),
            channel_id=1180000000000000000 + dice.randrange(5),
            prompt_tokens=dice.randrange(900),
        )
        for at in sorted(dice.randrange(since, until) for _ in range(number))
    ]


@given(st.lists(operations(), min_size=1, max_size=20), st.booleans(), st.sets(st.sampled_from(COLUMNS)))
def test_a_block_gives_back_what_it_was_given(done: list[OperationDone], small: bool, columns: set[str]) -> None:
    """All of it, or the columns that are asked for; the others are zero."""
    whole = columns_of(done)
    blob = pack(whole, small=small)
    some = unpack(blob, columns)

    assert list(unpack(blob)) == done
    assert len(some) == len(done)
    for name in COLUMNS:
        expected = getattr(whole, name) if name in columns else whole.which * 0
        assert (getattr(some, name) == expected).all(), name


@given(st.lists(operations(), min_size=1, max_size=5), st.booleans(), st.randoms(use_true_random=False))
def test_f11_damaged_blocks_are_refused(done: list[OperationDone], small: bool, dice: random.Random) -> None:
    """With ValueError, or read as something else: never with another error, whatever bytes are wrong."""
    blob = bytearray(pack(columns_of(done), small=small))
    for _ in range(dice.randrange(1, 4)):
        blob[dice.randrange(len(blob))] = dice.randrange(256)

    for damaged in (bytes(blob), bytes(blob[: dice.randrange(len(blob))])):
        with suppress(ValueError):
            unpack(damaged)


@given(st.lists(operations(), min_size=1, max_size=5), st.booleans(), st.sampled_from(["which", "manner"]))
def test_f11_numbers_of_names_that_are_not_there_are_damage(
    done: list[OperationDone], small: bool, column: str
) -> None:
    """A question leaves such a block out, and has what lies beside it."""
    good = columns_of(done)
    bad = replace(good, labels=list(good.labels), **{column: getattr(good, column) + len(done)})
    found = [(0, 2**62, len(done), pack(one, small=small)) for one in (bad, good, bad)]
    answered = blocks.read(found, 0, 2**62 + 1, COLUMNS)

    assert list(answered) == sorted(done, key=lambda one: one.at)


@pytest.mark.parametrize("rows", [-(2**62), 0, 1, 2**24, 2**62])
def test_f11_a_row_that_claims_other_rows_than_it_has_is_damage(rows: int) -> None:
    """No room is made for what it claims, however much."""
    done = work(3, NOW - HOUR, NOW)
    blob = pack(columns_of(done))
    answered = blocks.read([(0, 2**62, rows, blob), (0, 2**62, 3, blob)], 0, 2**62 + 1, ["duration"])

    assert len(answered) == 3


async def test_blocks_are_packed_together_and_nothing_changes(
    store: SQLiteStore, clock: StillClock, path: Path
) -> None:
    """A block for each flush, soon one for each hour; every question is answered the same before and after."""
    done = work(3_000, NOW - 3 * HOUR, NOW)
    for first in range(0, len(done), 50):
        await store.append(Batch(operations=[columns_of(done[first : first + 50])]))

    late = work(20, NOW - 3 * HOUR, NOW - 2 * HOUR, seed=2)
    await store.append(Batch(operations=[columns_of(late)]))
    every = sorted([*done, *late], key=lambda one: one.at)
    assert rows_of(path, "SELECT count(*) FROM operation_block") == [(61,)]
    before = list(await store.operations(0, NOW))
    clock.at = NOW + 10 * MINUTE
    await store.tend(clock.at)

    assert rows_of(path, "SELECT count(*), sum(rows) FROM operation_block") == [(3, 3_020)]
    assert sorted(before, key=repr) == sorted(every, key=repr)
    assert sorted(await store.operations(0, NOW), key=repr) == sorted(every, key=repr)
    assert [one.at for one in await store.operations(0, NOW)] == [one.at for one in every]


async def test_a_span_within_blocks_is_cut_out_of_them(store: SQLiteStore) -> None:
    """Windows side by side have each operation once, also where only some columns are asked for."""
    done = work(500, NOW - HOUR, NOW)
    await store.append(Batch(operations=[columns_of(done)]))
    edges = [NOW - HOUR, NOW - 40 * MINUTE, NOW - 17 * SECOND, NOW]
    parts = [await store.operations(*span, ["duration"]) for span in pairwise(edges)]

    assert sum(map(len, parts)) == 500
    assert sorted(d for part in parts for d in part.duration.tolist()) == sorted(
        round(one.duration * 1_000_000) for one in done
    )


async def test_an_hour_of_a_very_busy_bot_is_cut_into_blocks(
    store: SQLiteStore, clock: StillClock, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No block has more operations than can be packed at once; full ones are left alone."""
    monkeypatch.setattr(blocks, "MOST", 1_000)
    for seed in range(30):
        await store.append(Batch(operations=[columns_of(work(300, NOW - HOUR, NOW, seed))]))

    clock.at = NOW + 10 * MINUTE
    await store.tend(clock.at)
    sizes = [int(str(rows)) for (rows,) in rows_of(path, "SELECT rows FROM operation_block")]
    ids = rows_of(path, "SELECT id FROM operation_block ORDER BY id")
    await store.tend(clock.at)

    assert sum(sizes) == 9_000
    assert max(sizes) <= 1_000
    assert len(sizes) <= 18
    assert rows_of(path, "SELECT id FROM operation_block ORDER BY id") == ids


async def test_f11_a_damaged_block_stops_neither_packing_nor_questions(
    store: SQLiteStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said once, left out of answers, kept aside until its time is past; the others are packed."""
    for minute in range(3):
        at = NOW - HOUR + minute * MINUTE
        await store.append(Batch(operations=[columns_of(work(10, at, at + 1, minute))]))

    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE operation_block SET blob = x'0201' WHERE id = 2")
        db.commit()

    await store.tend(NOW)
    await store.tend(NOW)

    assert len(await store.operations(0, NOW)) == 20
    assert rows_of(path, "SELECT rows, state FROM operation_block ORDER BY state") == [(20, 1), (10, 2)]
    assert caplog.text.count("damaged") == 1


def test_bytes_that_an_operation_takes() -> None:
    """Under twenty in a packed hour, names and all, where its numbers alone would take more than a hundred."""
    packed = blocks.repacked([pack(columns_of(work(7_000, NOW - HOUR, NOW)))])

    assert isinstance(unpack(packed[0].blob), Operations)
    assert sum(len(block.blob) for block in packed) / 7_000 < 20
