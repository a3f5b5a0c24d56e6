"""The books from end to end: a flood into a running monitor, its store, and what people read of it (F3, F4, F15)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cogs._performance_embed import performance_embed
from monitoring.charts import alt
from monitoring.errors import StoreError
from monitoring.interfaces import Batch
from monitoring.model import MINUTE, Happening, OperationDone, Sample, Seen
from monitoring.monitor import Monitor
from monitoring.recording.facts import Counts
from monitoring.settings import load_settings
from monitoring.window import Scope

EVERYTHING = Scope(None)
FLOOD = 24_000


@pytest.fixture
async def monitor(tmp_path: Path) -> AsyncIterator[Monitor]:
    """A running monitor with an empty store."""
    it = Monitor(load_settings(_env_file=None, database_url=f"sqlite:///{tmp_path / 'store.sqlite3'}", timezone="UTC"))
    await it.start()
    yield it
    await it.close()


def add_up(counts: Counts) -> bool:
    """accepted = stored + buffered + dropped, of each class."""
    dropped = Counter[str]()
    for (kind, _), n in counts.dropped.items():
        dropped[kind] += n

    return all(
        accepted == counts.stored[kind] + counts.buffered[kind] + dropped[kind]
        for kind, accepted in counts.accepted.items()
    )


def flood(monitor: Monitor, n: int = FLOOD) -> None:
    """More at one go than the buffer holds: answers, operations of three personas, noise, and alive marks."""
    now = monitor.clock.now()
    for number in range(n):
        persona = ("Luna", "Rex", "Mio")[number % 3]
        monitor.recorder.record(OperationDone("llm", "chat", now, 1 + number % 40 / 10, persona=persona))
        if number % 50 == 0:
            monitor.recorder.record(OperationDone("bot", "response", now, 2.0, persona=persona, response_id=number + 1))
            monitor.recorder.record(Happening("resume", now))
            monitor.recorder.record(Sample("alive", 1.0, now))


async def test_f4_a_flood_is_counted_right_and_told(monitor: Monitor, caplog: pytest.LogCaptureFixture) -> None:
    """Counts of operations are exact after it, the store knows what was dropped, and every face says *partial*."""
    flood(monitor)
    assert add_up(monitor.recorder.counts)
    assert monitor.recorder.counts.total_buffered <= 20_000
    await monitor.recorder.flush()
    await monitor.recorder._round()
    await monitor.recorder.flush()

    counts = monitor.recorder.counts
    assert add_up(counts)
    assert counts.dropped[("success", "sampled")] > 1_000
    assert not [reason for kind, reason in counts.dropped if kind in ("message", "state")]

    now = monitor.clock.now()
    stored = await monitor.store.series("operation", now - 10 * MINUTE, now + MINUTE, 0)
    chats = stored.total(lambda labels: labels[3] if labels[1] == "chat" else None)
    assert {persona: rollup.count for persona, rollup in chats.items()} == dict.fromkeys(("Luna", "Rex", "Mio"), 8_000)
    drops = await monitor.store.series("drop", now - 10 * MINUTE, now + MINUTE, 0)
    assert {labels: n.count for labels, n in drops.total(lambda labels: labels).items()} == counts.dropped

    window = monitor.window("1h")
    value = await monitor.performance(window, EVERYTHING)
    assert value.partial
    assert (await monitor.overview(window, EVERYTHING)).partial
    assert "percentiles are partial" in (performance_embed(value).description or "")
    assert "Percentiles are partial" in alt("response_times", value)
    page = await monitor.health(host=True, scope=EVERYTHING)
    assert page.dropping
    assert page.books is not None
    assert page.books.accepted == page.books.stored + page.books.buffered + page.books.total_dropped
    assert caplog.text.count("facts are dropped, the least important first") == 1


async def test_f15_without_drops_nothing_is_partial(monitor: Monitor) -> None:
    """A bad fact that was refused is no drop that anybody misses."""
    for number in range(300):
        monitor.recorder.record(
            OperationDone("bot", "response", monitor.clock.now(), 2.0 if number else float("nan"), response_id=number)
        )

    await monitor.recorder.flush()
    value = await monitor.performance(monitor.window("1h"), EVERYTHING)
    page = await monitor.health(host=False, scope=EVERYTHING)

    assert value.now.n == 299
    assert not value.partial
    assert not page.dropping
    assert page.books is None


async def test_f4_the_books_hold_while_threads_record_and_the_store_comes_and_goes(monitor: Monitor) -> None:
    """Four threads, a store that refuses every other batch, and books that are read all the while."""
    write, calls = monitor.recorder._delivery._write, Counter[str]()

    async def refusing(batch: Batch) -> None:
        calls["all"] += 1
        if calls["all"] % 2:
            raise StoreError("The disk is full.")

        await write(batch)

    monitor.recorder._delivery._write = refusing
    before = monitor.recorder.counts.total_accepted
    facts: list[Seen] = [OperationDone("llm", "chat", monitor.clock.now(), 1.0), Happening("resume", 1_780_000_000_000)]
    threads = [
        threading.Thread(target=lambda: [monitor.recorder.record(facts[k % 2]) for k in range(4_000)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()

    while any(thread.is_alive() for thread in threads):
        await monitor.recorder.flush()
        assert add_up(monitor.recorder.counts)

    for thread in threads:
        thread.join()

    for _ in range(40):
        await monitor.recorder.flush()

    counts = monitor.recorder.counts
    assert add_up(counts)
    assert counts.total_accepted >= before + 16_000
    assert counts.stored["success"] + sum(n for (kind, _), n in counts.dropped.items() if kind == "success") == 8_000
