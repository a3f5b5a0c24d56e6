"""Many segments read together: the same as one by one, whatever they hold and whatever is wrong with them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from contextlib import suppress
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.interfaces import Batch
from monitoring.model import DAY, HOUR, MINUTE, Instant
from monitoring.rollup import Rollup, Table
from monitoring.step_bytes import decode, encode
from monitoring.steps import Columns, columns, merge
from monitoring.store import SQLiteStore, grouped
from monitoring.store.decoding import Decoder
from monitoring.store.grouped import Grouping
from monitoring.store.unreadable import UNREADABLE
from tests.test_rollup import History, filled, histories
from tests.test_steps import keeps, regrouped

from .building import NOW, add, response_batch

onlys = st.sampled_from([(), ((0, "Mira"),), ((1, "2"),), ((0, ""), (1, "1")), ((0, "nobody"),)])
full = histories.map(filled).filter(bool)
"""A segment has something in it."""


def having(tables: History, only: tuple[tuple[int, str], ...]) -> History:
    """Those with some values."""
    return {
        start: {labels: r for labels, r in table.items() if all(labels[place] == name for place, name in only)}
        for start, table in tables.items()
    }


def without_bins(tables: Mapping[int, Table]) -> History:
    """The same rollups with nothing in their sketches."""
    found: History = {}
    for start, table in tables.items():
        found[start] = {labels: rollup.copy() for labels, rollup in table.items()}
        for rollup in found[start].values():
            rollup.bins.clear()

    return found


def segments(many: list[History], level: int = 3) -> dict[Instant, bytes]:
    """A segment for each history, at a start of its own."""
    return {number: encode(columns(tables.items()), level) for number, tables in enumerate(many)}


@given(st.lists(full, min_size=1, max_size=5), keeps, onlys, st.sampled_from([0, 3]))
def test_together_they_are_what_each_is(
    many: list[History], keep: frozenset[int], only: tuple[tuple[int, str], ...], level: int
) -> None:
    """With any labels kept and any values meant, compressed or not; without a sketch all but the bins."""
    blobs = list(segments(many, level).values())
    one_by_one = merge([columns(regrouped(having(tables, only), keep).items()) for tables in many]).tables()

    assert merge([Decoder(keep, only).columns(blobs)]).tables() == one_by_one
    assert merge([Decoder(keep, only, sketch=False).columns(blobs)]).tables() == without_bins(one_by_one)


@given(st.lists(full, min_size=1, max_size=4), st.integers(1, 4))
def test_rows_lie_in_the_order_of_their_segments(many: list[History], at_once: int) -> None:
    """So that which label set comes first does not depend on how many segments are read together."""
    decoder = Decoder((0, 1))
    blobs = list(segments(many).values())
    parts = [decoder.columns(blobs[first : first + at_once]) for first in range(0, len(blobs), at_once)]
    alone = [decode(blob) for blob in blobs]

    def named(parts: list[Columns]) -> list[tuple[str, ...]]:
        return [part.labels[which] for part in parts for which in part.which.tolist()]

    assert named(parts) == named(alone)


@given(st.lists(full, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_f11_a_damaged_segment_is_left_out_and_others_are_not(many: list[History], dice: random.Random) -> None:
    """Whatever bytes are wrong, what can be read by itself is there."""
    stored = segments(many)
    bad = bytearray(stored[0])
    for _ in range(dice.randrange(1, 4)):
        bad[dice.randrange(len(bad))] = dice.randrange(256)

    stored[0] = bytes(bad[: dice.randrange(len(bad)) if dice.random() < 0.3 else len(bad)])
    for sketch in (True, False):
        with suppress(ValueError):
            Decoder((0,), sketch=sketch).columns(list(stored.values()))

    readable = []
    for blob in stored.values():
        with suppress(*UNREADABLE):
            readable.append(decode(blob, (0,)))

    lot = Grouping(frozenset((0,))).segments(stored)
    assert len(lot.starts) == len(readable)
    assert merge([lot.rows]).tables() == merge(readable).tables()


@given(st.lists(full, max_size=6), keeps, st.integers(1, 2_000))
def test_some_at_a_time_they_are_all_of_them(many: list[History], keep: frozenset[int], at_once: int) -> None:
    """However many are read together, the sum over all is the same."""
    stored = segments(many)
    with patch.object(grouped, "_AT_ONCE", at_once):
        lot = Grouping(keep).segments(stored)

    assert lot.starts == frozenset(stored)
    assert (
        merge([lot.rows]).tables()
        == merge([columns(regrouped(filled(tables), keep).items()) for tables in many]).tables()
    )


@pytest.mark.parametrize("folded", [True, False])
async def test_without_a_sketch_a_series_has_all_but_bins(store: SQLiteStore, *, folded: bool) -> None:
    """Of what is folded and what is not, remembered or not, in steps or as one."""
    await store.append(response_batch([(NOW - number * 7 * MINUTE, number / 7) for number in range(1, 400)]))
    await store.append(response_batch([(NOW - number * HOUR, number / 3) for number in range(1, 40)], "Söl"))
    if folded:
        await store.tend(NOW)

    for width in (0, MINUTE, HOUR, DAY):
        for by in (None, ("persona",), ()):
            whole = await store.series("response", NOW - DAY - 11, NOW, width, by)
            for _ in range(2):
                some = await store.series("response", NOW - DAY - 11, NOW, width, by, sketch=False)
                assert [dict(step) for step in some.steps] == list(without_bins(dict(enumerate(whole.steps))).values())

    assert any(r.bins for step in whole.steps for r in step.values())


async def test_what_one_question_could_fill_is_not_remembered(store: SQLiteStore) -> None:
    """It would push out all others; they are found where they were."""
    batch = Batch()
    for number in range(60):
        for persona in range(40):
            add(batch, "response", NOW - number * DAY, (str(persona), "1", "reported"), persona + 1.0)

    await store.append(batch)
    await store.tend(NOW)
    remembered = store._rollups._grouped
    remembered._most = 60_000
    few = await store.series("response", NOW - 60 * DAY, NOW, DAY, ())
    kept = remembered.size
    many = await store.series("response", NOW - 60 * DAY, NOW, DAY, ("persona",))

    assert kept == remembered.size > 0
    assert few.sum().count == many.sum().count > 2_000
    assert isinstance(many.sum(), Rollup)
