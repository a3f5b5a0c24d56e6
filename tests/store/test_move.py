"""A zone that is chosen while the store is open, and a document read before it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitoring.model import DAY, HOUR, MINUTE
from monitoring.rows import Change, Document
from monitoring.store import SQLiteStore
from monitoring.store.glance import glance

from .building import NOW, response_batch
from .conftest import StillClock


@pytest.mark.parametrize("fold", [False, True])
async def test_days_follow_a_zone_that_is_changed_while_it_is_open(
    path: Path, clock: StillClock, *, fold: bool
) -> None:
    """Asked before, so that nothing remembered from before is told; and what comes after counts too.

    Hours that are stored stay as they are: between zones apart by half an hour, days of before are off by as much.
    """
    ats = [NOW - 5 * DAY + i * 37 * MINUTE for i in range(160)]
    store = SQLiteStore(path, clock=clock)
    await store.open()
    await store.append(response_batch([(at, 1.0) for at in ats]))
    for zone in ("America/Santiago", "Europe/Berlin", "UTC"):
        if fold:
            await store.tend(NOW)

        await store.series("response", NOW - 6 * DAY, NOW, DAY)
        await store.move(zone)
        ats.append(NOW - HOUR)
        await store.append(response_batch([(NOW - HOUR, 1.0)]))
        series = await store.series("response", NOW - 6 * DAY, NOW, DAY)
        counts = [sum(start <= at < end for at in ats) for start, end in zip(series.starts, series.ends, strict=True)]
        assert [rollup.count for rollup in series.line()] == counts, zone
        assert (await store.series("response", NOW - 6 * DAY, NOW, 0)).sum().count == len(ats)

    await store.close()


async def test_a_glance_reads_a_document_and_touches_nothing(path: Path, clock: StillClock) -> None:
    """Not there, not a store, or closed and there: never an error, never a byte in the folder."""
    assert glance(path, "setting", "chosen") == {}
    store = SQLiteStore(path, clock=clock)
    await store.open()
    await store.save([Change(Document("setting", "chosen", 0, {"value": {"zone": "Asia/Tokyo"}}))])
    await store.close()
    before = {one.name: one.stat().st_mtime_ns for one in path.parent.iterdir()}
    assert glance(path, "setting", "chosen") == {"value": {"zone": "Asia/Tokyo"}}
    assert {one.name: one.stat().st_mtime_ns for one in path.parent.iterdir()} == before
    path.write_bytes(b"no store at all" * 100)  # noqa: ASYNC240 - small, and nothing else runs
    assert glance(path, "setting", "chosen") == {}
