"""Series by some labels: what is asked and what is remembered of it never differ from the whole."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections.abc import Collection, Mapping
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring.analysis.series import only as series_only
from monitoring.interfaces import Batch
from monitoring.metrics import METRICS
from monitoring.model import DAY, HOUR, MINUTE, Instant, OperationDone
from monitoring.rollup import Labels, Rollup, Series, merge_tables
from monitoring.steps import columns
from monitoring.store import SQLiteStore
from monitoring.store.grouped import Grouped, Grouping, Lot
from tests.thorough import examples

from .building import NOW, add, columns_of, message_batch, response_batch
from .conftest import StillClock

NAMES = METRICS["message"].labels
WIDTHS = [0, MINUTE, HOUR, DAY]
KEEP = Grouping(frozenset((0,)))
BY_GUILD = Grouping(frozenset((NAMES.index("guild"),)))


def regrouped(series: Series, by: Collection[str], only: Mapping[str, str]) -> list[dict[Labels, Rollup]]:
    """The steps of a whole series, by some labels, and only what has some values."""
    meant = series_only(series.metric, **only)
    kept = [name in by for name in METRICS[series.metric].labels]
    result = []
    for step in series.steps:
        table: dict[Labels, Rollup] = {}
        for labels, rollup in ((labels, rollup) for labels, rollup in step.items() if meant(labels)):
            own = tuple(value if keep else "" for value, keep in zip(labels, kept, strict=True))
            merge_tables(table, {own: rollup})

        result.append(table)

    return result


facts = st.tuples(
    st.integers(NOW - 40 * DAY, NOW - 1) | st.integers(NOW - 2 * HOUR, NOW - 1),
    st.sampled_from(["user", "persona"]),
    st.sampled_from(["Mira", "Söl", ""]),
    st.sampled_from(["1", "2"]),
)
moves = st.lists(
    st.one_of(
        st.lists(facts, min_size=1, max_size=6),
        st.sampled_from(["tend", "tend elsewhere"]),
        st.tuples(
            st.sampled_from(WIDTHS),
            st.tuples(st.integers(0, 40 * DAY), st.integers(0, 40 * DAY)).map(sorted),
            st.sets(st.sampled_from(NAMES)),
            st.fixed_dictionaries({}, optional={"author": st.just("user"), "persona": st.sampled_from(["Mira", ""])}),
        ),
    ),
    min_size=4,
    max_size=14,
)


@given(moves)
@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_grouped_answers_are_the_whole_ones_added_up(steps: list[object]) -> None:
    """For any history, window, width and labels, remembered or not, whoever folds between."""
    asyncio.run(_played(steps))


async def _played(steps: list[object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first, second = (SQLiteStore(Path(folder) / "x.sqlite3", clock=StillClock(), backups=0) for _ in range(2))
        await first.open()
        await second.open()
        try:
            for step in steps:
                await _play(first, second, step)
                for by in (["author"], ["persona", "guild"]):
                    await _same(first, NOW - 30 * DAY, NOW, 0, by, {})
        finally:
            await second.close()
            await first.close()


async def _play(store: SQLiteStore, other: SQLiteStore, step: object) -> None:
    match step:
        case "tend":
            await store.tend(NOW)
        case "tend elsewhere":
            await other.tend(NOW)
        case [int(width), [int(start), int(end)], set(by), dict(only)]:
            span = MINUTE * 200 if width == MINUTE else end - start
            await _same(store, NOW - start - span, NOW - start, width, by, only)
        case [*seen]:
            batch = Batch()
            for at, author, persona, guild in seen:
                add(batch, "message", at, (author, persona, guild, "7"), float(at % 900))

            await store.append(batch)


async def _same(
    store: SQLiteStore, start: Instant, end: Instant, width: int, by: Collection[str], only: Mapping[str, str]
) -> None:
    whole = await store.series("message", start, end, width)
    some = await store.series("message", start, end, width, by, only)

    assert (some.starts, some.ends) == (whole.starts, whole.ends)
    assert [dict(step) for step in some.steps] == regrouped(whole, by, only)


async def test_what_was_asked_is_not_decoded_again_until_it_changes(store: SQLiteStore) -> None:
    """A fold lets go of the steps that it writes, and of no others."""
    grouped = store._rollups._grouped
    await store.append(message_batch(1, [NOW - 3 * DAY, NOW - DAY, NOW]))
    await store.tend(NOW)
    for _ in range(2):
        assert (await store.series("message", NOW - 20 * DAY, NOW + 1, DAY, ["guild"])).sum().count == 3
        assert len(grouped.of(grouped._number or 0, "message", BY_GUILD, DAY).starts) == 3

    await store.append(message_batch(9, [NOW]))
    await store.tend(NOW)

    assert len(grouped.of(grouped._number or 0, "message", BY_GUILD, DAY).starts) == 2
    assert (await store.series("message", NOW - 20 * DAY, NOW + 1, DAY, ["guild"])).sum().count == 4


async def test_a_reader_remembers_nothing(store: SQLiteStore, clock: StillClock) -> None:
    """The file is another process', which may put another one in its place."""
    await store.append(message_batch(1, [NOW]))
    await store.tend(NOW)
    reader = SQLiteStore(store.path, clock=clock, read_only=True)
    await reader.open()

    assert (await reader.series("message", NOW - DAY, NOW + 1, 0, ["guild"])).sum().count == 1
    assert reader._rollups._grouped.size == 0
    await reader.close()


async def test_a_name_that_is_no_label_is_refused(store: SQLiteStore) -> None:
    """A question by something that is not counted has no answer, rather than an empty one."""
    with pytest.raises(ValueError, match="colour"):
        await store.series("message", NOW - DAY, NOW, 0, ["colour"])


async def test_f11_a_damaged_segment_is_left_out_of_grouped_answers(store: SQLiteStore, path: Path) -> None:
    """The other days are shown all the same, before anything is remembered and after."""
    await store.append(message_batch(1, [NOW - 3 * DAY, NOW - DAY]))
    await store.tend(NOW)
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE segment SET blob = x'0307' WHERE width = ? AND start < ?", (DAY, NOW - 2 * DAY))
        db.commit()

    for _ in range(2):
        assert (await store.series("message", NOW - 20 * DAY, NOW, DAY, ["guild"])).sum().count == 1


def lot(*starts: Instant, bins: int = 1) -> Lot:
    """Segments with so many bins."""
    return Lot(
        columns([(start, {("a",): Rollup(bins=dict.fromkeys(range(bins), 1))}) for start in starts]), frozenset(starts)
    )


def told(grouped: Grouped, number: int, metric: str = "message", grouping: Grouping = KEEP) -> set[Instant]:
    """The days that are remembered, each with what is in it."""
    found = grouped.of(number, metric, grouping, DAY)
    assert set(found.at(found.starts).tables()) == found.starts
    return set(found.starts)


def test_only_the_snapshot_that_is_remembered_is_told() -> None:
    """An older snapshot gets nothing, a newer one makes all be forgotten, what comes late from an older is refused."""
    grouped = Grouped()
    assert told(grouped, 5) == set()
    grouped.remember(5, "message", KEEP, DAY, lot(0))

    assert told(grouped, 5) == {0}
    assert told(grouped, 4) == set()
    assert told(grouped, 5) == {0}
    assert told(grouped, 5, grouping=Grouping(frozenset((1,)))) == set()
    assert told(grouped, 7) == set()
    grouped.remember(5, "message", KEEP, DAY, lot(0))
    assert told(grouped, 7) == set()
    assert grouped.size == 0


def test_a_fold_lets_go_of_what_it_wrote() -> None:
    """Of that metric and step, under whatever labels; a fold that follows on another state changes nothing."""
    grouped = Grouped()
    told(grouped, 5)
    for metric in ("message", "response"):
        grouped.remember(5, metric, KEEP, DAY, lot(0, DAY))

    grouped.folded(5, {"message": {DAY: {DAY}, HOUR: {0}}})
    grouped.folded(5, {"response": {DAY: {DAY}}})

    assert told(grouped, 6) == {0}
    assert told(grouped, 6, "response") == {0, DAY}
    grouped.remember(6, "message", KEEP, DAY, lot(0, DAY, 2 * DAY))
    assert told(grouped, 6) == {0, DAY, 2 * DAY}
    assert [t["a",].bins for t in grouped.of(6, "message", KEEP, DAY).rows.tables().values()] == [{0: 1}] * 3
    grouped.forget()
    assert told(grouped, 6) == set()


def test_f1_what_is_remembered_is_bounded() -> None:
    """In bytes; what was used last stays longest."""
    grouped, often = Grouped(most=20_000), Grouping(frozenset((0, 1)))
    told(grouped, 1)
    grouped.remember(1, "message", often, DAY, lot(0))
    for number in range(50):
        grouped.remember(1, "message", Grouping(frozenset(), frozenset(((0, str(number)),))), DAY, lot(0, bins=500))
        assert told(grouped, 1, grouping=often), "asked for all the time"
        assert 0 < grouped.size <= 20_000

    grouped.remember(1, "message", KEEP, DAY, lot(*range(5_000)))
    assert grouped.size <= 20_000


async def test_operations_by_some_labels(store: SQLiteStore, clock: StillClock) -> None:
    """They read "" at the others; all else is as it was, from blocks just flushed and packed ones."""
    done = [
        OperationDone("llm", f"step{n % 2}", NOW - HOUR + n, n / 1000, persona=f"p{n % 3}", guild_id=n % 4)
        for n in range(1, 60)
    ]
    for first in range(0, len(done), 10):
        await store.append(Batch(operations=[columns_of(*done[first : first + 10])]))

    for _ in range(2):
        whole = await store.operations(NOW - DAY, NOW)
        some = await store.operations(NOW - DAY, NOW, ("which", "duration", "at"), ("operation", "persona"))
        names = [some.labels[which] for which in some.which.tolist()]

        assert names == [("", one.operation, "", one.persona, "", "") for one in done]
        assert len(set(some.labels)) == len(some.labels) == 6
        assert np.array_equal(some.duration, whole.duration)
        assert not some.channel.any()
        clock.at = NOW + HOUR
        await store.tend(clock.at)


async def test_a_response_by_persona_keeps_its_quantiles(store: SQLiteStore) -> None:
    """Sketches of all guilds are added up, pending or folded."""
    for fold in (False, True):
        await store.append(response_batch([(NOW - n * MINUTE, float(n)) for n in range(1, 101)]))
        if fold:
            await store.tend(NOW)

        series = await store.series("response", NOW - DAY, NOW, 0, ["persona"])
        assert set(series.steps[0]) == {("Mira", "", "")}
        assert series.sum().quantile(0.95) == pytest.approx(95, rel=0.01)
