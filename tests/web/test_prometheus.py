"""The monitor's own books as Prometheus reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from monitoring.metrics import METRICS
from monitoring.model import MINUTE, Happening, OperationDone
from monitoring.monitor import Monitor
from monitoring.publishing import publish
from monitoring.settings import load_settings
from monitoring.web.exposition import Format, exposition


@pytest.fixture
async def monitor(tmp_path: Path) -> AsyncIterator[Monitor]:
    """A running monitor with an empty store."""
    it = Monitor(load_settings(_env_file=None, database_url=f"sqlite:///{tmp_path / 'store.sqlite3'}", timezone="UTC"))
    await it.start()
    yield it
    await it.close()


def told(monitor: Monitor, n: int, duration: float = 1.0) -> None:
    """Hand in so many operations."""
    for _ in range(n):
        monitor.recorder.record(OperationDone("llm", "chat", monitor.clock.now(), duration))


@pytest.mark.parametrize("form", ["text", "openmetrics"])
async def test_f4_the_books_are_exported_and_add_up(monitor: Monitor, form: Format) -> None:
    """accepted = stored + dropped + buffered for each class, as any Prometheus reads it."""
    told(monitor, 30)
    told(monitor, 4, float("nan"))
    monitor.recorder.record(Happening("resume", monitor.clock.now()))
    await monitor.recorder.flush()
    monitor.recorder.record(Happening("resume", monitor.clock.now()))

    text = exposition(await publish(monitor), form).decode()
    states, buffered = Counter[tuple[str, str]](), {}
    for family in (parse_openmetrics if form == "openmetrics" else parse_text)(text):
        for sample in family.samples:
            if sample.name == "monitoring_facts_total":
                states[sample.labels["state"], sample.labels["class"]] += int(sample.value)
            elif sample.name == "monitoring_facts_buffered":
                buffered[sample.labels["class"]] = int(sample.value)

    assert states["accepted", "success"] == 34
    assert states["stored", "success"] == 30
    assert states["dropped", "success"] == 4
    for kind in ("noise", "success", "failure", "message", "state"):
        assert states["accepted", kind] == states["stored", kind] + states["dropped", kind] + buffered[kind]


async def test_f4_reasons_are_exported(monitor: Monitor) -> None:
    """Why a fact was dropped stands beside its class."""
    told(monitor, 2, float("nan"))
    await monitor.recorder.flush()
    text = exposition(await publish(monitor))

    assert b'monitoring_facts_total{state="dropped",class="success",reason="invalid"} 2\n' in text


async def test_f17_the_hosts_own_metrics_are_left_alone(monitor: Monitor) -> None:
    """Nothing of ours is in the registry that a host shares, and nothing of the host's in ours."""
    text = exposition(await publish(monitor)).decode()

    assert b"monitoring_" not in b"".join(name.encode() for name in REGISTRY._names_to_collectors)
    assert "python_info" not in text


async def test_f15_drops_are_kept_by_the_minute(monitor: Monitor) -> None:
    """What was dropped is in the store, by class and reason, when it was dropped."""
    told(monitor, 3, float("nan"))
    await monitor.recorder.flush()
    told(monitor, 2, -1.0)
    await monitor.recorder.flush()

    now = monitor.clock.now()
    series = await monitor.store.series("drop", now - 2 * MINUTE, now + MINUTE, MINUTE)
    assert series.total(lambda labels: labels)[("success", "invalid")].count == 5
    assert METRICS["drop"].labels == ("class", "reason")
