"""What a host tells, through the whole Monitor: shown with a service's health, there again after a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitoring.interfaces import SystemClock
from monitoring.model import Instant
from monitoring.monitor import Monitor
from monitoring.settings import Settings, load_settings


class LeapClock(SystemClock):
    """The machine's clock, moved on by a test."""

    ahead = 0.0

    def now(self) -> Instant:
        return super().now() + round(self.ahead * 1000)

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A store of its own, and a short limit for operations."""
    return load_settings(
        _env_file=None, database_url=f"sqlite:///{tmp_path / 'store.sqlite3'}", operation_timeout_seconds=20
    )


async def test_told_facts_are_shown_with_the_service_and_survive_a_restart(settings):
    """With when it last worked, which follows from its operations."""
    first = Monitor(settings)
    await first.start()
    try:
        first.instruments.facts("rag", documents=1234, embedding_model="nomic-embed-text")
        for _ in range(3):
            first.instruments.record_operation("rag", "query", 0.2)

        await first.recorder.flush()
        await first._sweep()
        await first._notice_names()
        facts = dict((await first.service("rag")).facts)
        assert (facts["documents"], facts["embedding model"]) == ("1,234", "nomic-embed-text")
        assert facts["last query"].endswith("UTC")
    finally:
        await first.close()

    second = Monitor(settings)
    await second.start()
    try:
        assert dict((await second.service("rag")).facts) == facts
    finally:
        await second.close()


async def test_f1_the_monitor_ends_what_never_ends(settings):
    """After the seconds that are set, as a failure of its kind."""
    clock = LeapClock()
    monitor = Monitor(settings, clock=clock)
    await monitor.start()
    try:
        operation = monitor.instruments.operation("llm", "llm_inference").__enter__()
        clock.ahead += 21
        await monitor._sweep()
        await monitor.recorder.flush()
        now = clock.now()
        found = monitor.recent.groups("failure", now - 120_000, now + 1, 2)
        assert {kind: rollup.count for kind, rollup in found.items()} == {"interrupted": 1}
        operation.__exit__(None, None, None)
    finally:
        await monitor.close()


async def test_what_is_told_of_a_persona_is_stored_and_counted(settings):
    """As rows, after a restart too, and in the rollups of its metric."""
    first = Monitor(settings)
    await first.start()
    now = first.clock.now()
    try:
        with first.instruments.response(persona="Luna", guild_id=7):
            luna = first.instruments.persona("Luna")
            luna.satisfaction(4)
            luna.satisfaction(5)
            luna.relationship("Rex", affinity=72, stage="friends")
    finally:
        await first.close()

    second = Monitor(settings)
    await second.start()
    try:
        told = await second.store.told(now, now + 60_000)
        assert [one.what for one in told] == ["satisfaction", "satisfaction", "affinity", "stage"]
        assert await second.store.told(now, now + 60_000, "stage") == told[3:]
        assert {(one.persona, one.guild_id) for one in told} == {("Luna", 7)}
        series = await second.store.series("satisfaction", now - 60_000, now + 60_000, 0)
        ((labels, rollup),) = series.steps[0].items()
        assert labels == ("Luna", "7", "reported")
        assert (rollup.count, rollup.mean) == (2, 4.5)
    finally:
        await second.close()
