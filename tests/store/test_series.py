"""Series: every fact is in them exactly once, whatever the width, the zone, and whether it is folded yet."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring.interfaces import Batch
from monitoring.model import DAY, HOUR, MINUTE, Instant
from monitoring.rollup import Rollup
from monitoring.store import SQLiteStore
from monitoring.store.segments import MOST_LABELS, OTHER
from monitoring.window import step_start
from tests.thorough import examples

from .building import NOW, add, message_batch, response_batch, rows_of
from .conftest import StillClock

ZONES = ["UTC", "Europe/Berlin", "Asia/Kolkata", "America/Santiago"]


async def test_steps_begin_in_the_span_and_empty_ones_are_there(store: SQLiteStore) -> None:
    """A series has a step for each minute that begins in [start, end), empty ones as empty dicts."""
    await store.append(response_batch([(NOW, 1.0), (NOW + 2 * MINUTE, 3.0), (NOW + 3 * MINUTE, 9.0)]))
    series = await store.series("response", NOW - 1, NOW + 3 * MINUTE, MINUTE)

    assert series.starts == (NOW, NOW + MINUTE, NOW + 2 * MINUTE)
    assert series.ends == (NOW + MINUTE, NOW + 2 * MINUTE, NOW + 3 * MINUTE)
    assert [rollup.mean for rollup in series.line()] == [1.0, None, 3.0]
    assert series.steps[1] == {}


@pytest.mark.parametrize("width", [0, MINUTE, HOUR, DAY])
async def test_unknown_metric_and_empty_span_are_empty(store: SQLiteStore, width: int) -> None:
    """What nobody counted is empty, and so is a span without a step."""
    assert (await store.series("nothing", NOW - DAY, NOW, width)).sum() == Rollup()
    assert (await store.series("nothing", NOW, NOW, width)).sum() == Rollup()


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("fold", [False, True])
async def test_days_are_those_of_the_zone(path: Path, clock: StillClock, zone: str, fold: bool) -> None:
    """Each day of a zone counts what happened between its own midnights, folded or not."""
    store = SQLiteStore(path, clock=clock, zone=zone)
    await store.open()
    ats = [NOW - 5 * DAY + i * 37 * MINUTE for i in range(160)]
    await store.append(response_batch([(at, 1.0) for at in ats]))
    if fold:
        await store.tend(NOW)

    series = await store.series("response", NOW - 6 * DAY, NOW, DAY)
    for start, end, rollup in zip(series.starts, series.ends, series.line(), strict=True):
        assert step_start(start, DAY, zone) == start
        assert rollup.count == sum(start <= at < end for at in ats)

    await store.close()


async def test_days_follow_when_the_zone_is_changed(path: Path, clock: StillClock) -> None:
    """After a change of the zone, the days are those of the new one, and nothing is there twice or missing."""
    ats = [NOW - 5 * DAY + i * 37 * MINUTE for i in range(160)]
    for zone in ("UTC", "America/Santiago", "Europe/Berlin"):
        store = SQLiteStore(path, clock=clock, zone=zone)
        await store.open()
        if zone == "UTC":
            await store.append(response_batch([(at, 1.0) for at in ats]))

        series = await store.series("response", NOW - 6 * DAY, NOW, DAY)
        counts = [sum(start <= at < end for at in ats) for start, end in zip(series.starts, series.ends, strict=True)]
        assert [rollup.count for rollup in series.line()] == counts
        assert (await store.series("response", NOW - 6 * DAY, NOW, 0)).sum().count == len(ats)
        await store.close()


async def test_folding_changes_no_figure(store: SQLiteStore, path: Path) -> None:
    """Before folding, half folded, and after, every width answers the same."""
    spread = [(NOW - i * 41 * MINUTE, 0.5 + i) for i in range(60)]

    async def answers() -> list[dict[tuple[str, ...], Rollup]]:
        return [
            (await store.series("response", NOW - 3 * DAY, NOW + 1, width)).total(lambda labels: labels)
            for width in (0, HOUR, DAY)
        ]

    await store.append(response_batch(spread[::2]))
    await store.tend(NOW)
    await store.append(response_batch(spread[1::2]))
    before = await answers()
    await store.tend(NOW)

    assert await answers() == before
    assert rows_of(path, "SELECT count(*) FROM journal") == [(0,)]
    assert before[0] == {("Mira", "1", "reported"): response_batch(spread).deltas and _sum(spread)}


def _sum(values: list[tuple[Instant, float]]) -> Rollup:
    rollup = Rollup()
    for _, value in values:
        rollup.add(value, sketch=True)

    return rollup


async def test_minutes_past_their_time_are_empty_but_hours_have_them(store: SQLiteStore, path: Path) -> None:
    """Backfilled history older than the minutes kept is in hours and days only, folded or not."""
    at = NOW - 5 * DAY
    await store.append(response_batch([(at, 1.0)]))
    for _ in range(2):
        assert (await store.series("response", at, at + HOUR, MINUTE)).sum() == Rollup()
        assert (await store.series("response", at, at + HOUR, HOUR)).sum().count == 1
        await store.tend(NOW)

    assert rows_of(path, "SELECT DISTINCT width FROM segment ORDER BY 1") == [(HOUR,), (DAY,)]


async def test_current_minute_is_part_of_a_window_that_ends_now(store: SQLiteStore, clock: StillClock) -> None:
    """What happened seconds ago is in the answer, and what is one step wide ends where it was asked to."""
    clock.at = NOW + 30_000
    await store.append(response_batch([(NOW + 20_000, 1.0)]))
    series = await store.series("response", NOW - DAY, NOW + 30_000, 0)

    assert (series.starts, series.ends) == ((NOW - DAY,), (NOW + 30_000,))
    assert series.sum().count == 1


async def test_label_sets_are_bounded_and_still_add_up(store: SQLiteStore) -> None:
    """Label sets beyond the limit are counted under `other`, exactly; known ones keep their own."""
    for turn in range(2):
        batch = Batch()
        for i in range(MOST_LABELS + 500):
            add(batch, "message", NOW, ("user", "", "1", str(i + turn * 100)), 1.0)

        await store.append(batch)
        await store.tend(NOW)

    series = await store.series("message", NOW, NOW + 1, HOUR)
    assert len(series.steps[0]) == MOST_LABELS
    assert series.sum().count == 2 * (MOST_LABELS + 500)
    assert series.steps[0][("user", "", "1", "150")].count == 2
    assert series.steps[0][(OTHER,) * 4].count > 500


async def test_series_is_whole_while_it_is_folded(store: SQLiteStore) -> None:
    """A reader beside appends and folds never sees a fact twice or not at all."""
    for appended in range(1, 13):
        await store.append(response_batch([(NOW + appended, 1.0)]))
        tending = asyncio.create_task(store.tend(NOW))
        while not tending.done():
            assert (await store.series("response", NOW, NOW + 1, 0)).sum().count == appended

        await tending


async def test_second_reader_sees_what_the_writer_has_not_folded(store: SQLiteStore, clock: StillClock) -> None:
    """A read-only store in another process answers the same, from the journal."""
    await store.append(response_batch([(NOW, 1.0)]))
    reader = SQLiteStore(store.path, clock=clock, read_only=True)
    await reader.open()
    for count in (1, 2):
        assert (await reader.series("response", NOW, NOW + 1, MINUTE)).sum().count == count
        await store.append(response_batch([(NOW, 1.0)]))
        await store.tend(NOW)

    await reader.close()


ats = st.integers(NOW - 120 * DAY, NOW + MINUTE - 1)
edges = st.tuples(ats, ats, ats).map(sorted)


@pytest.mark.parametrize("fold", [False, True])
async def test_old_step_belongs_where_it_begins(store: SQLiteStore, fold: bool) -> None:
    """A span that ends within a day of which no hours are kept any more has all of that day, folded or not."""
    midnight = step_start(NOW - 105 * DAY, DAY)
    await store.append(response_batch([(midnight + 3 * HOUR, 1.0)]))
    if fold:
        await store.tend(NOW)

    cut = midnight + HOUR
    assert (await store.series("response", midnight - DAY, cut, 0)).sum().count == 1
    assert (await store.series("response", cut, midnight + 5 * DAY, 0)).sum().count == 0


@given(st.lists(ats, max_size=40), st.lists(ats, max_size=10), edges, st.sampled_from(ZONES))
@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_split_window_adds_up(folded: list[Instant], pending: list[Instant], cut: list[Instant], zone: str) -> None:
    """A window cut in two, anywhere, has the same sums as the whole; days, hours and minutes say the same."""
    asyncio.run(_split(folded, pending, cut, zone))


async def _split(folded: list[Instant], pending: list[Instant], cut: list[Instant], zone: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = SQLiteStore(Path(folder) / "x.sqlite3", clock=StillClock(), zone=zone, raw_days=200)
        await store.open()
        try:
            await _split_in(store, folded, pending, cut, zone)
        finally:
            await store.close()


async def _split_in(
    store: SQLiteStore, folded: list[Instant], pending: list[Instant], cut: list[Instant], zone: str
) -> None:
    await store.append(message_batch(1, folded))
    await store.tend(NOW)
    await store.append(message_batch(1_000, pending))
    start, middle, end = cut
    whole, first, second = [
        (await store.series("message", a, b, 0)).sum() for a, b in ((start, end), (start, middle), (middle, end))
    ]
    assert first + second == whole

    recent = step_start(NOW - 47 * HOUR, HOUR, zone)
    one = (await store.series("message", recent, NOW + MINUTE, 0)).sum()
    assert one == (await store.series("message", recent, NOW + MINUTE, MINUTE)).sum()
    assert one.count == sum(recent <= at for at in folded + pending)

    midnight = step_start(NOW - 60 * DAY, DAY, zone)
    one = (await store.series("message", midnight, NOW + MINUTE, 0)).sum()
    assert one == (await store.series("message", midnight, NOW + MINUTE, HOUR)).sum()
    assert one.count == sum(midnight <= at for at in folded + pending)
