"""Figures pushed by OTLP to a real collector: right, bounded, quiet about its secrets, and gone when it ends."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from opentelemetry import metrics as global_metrics
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_CUMULATIVE, Metric
from prometheus_client.parser import text_string_to_metric_families

from monitoring.model import ErrorKind, OperationDone
from monitoring.monitor import Monitor
from monitoring.published import BOUNDS
from monitoring.publishing import publish
from monitoring.settings import load_settings
from monitoring.web import NO_OTLP, serve
from monitoring.web.exposition import exposition
from monitoring.web.otlp import OtlpPush, headers_of
from monitoring.web.routes_inside import MASK, masked
from tests.conftest import until


@dataclass
class Collector:
    """Takes OTLP over HTTP."""

    url: str = ""
    came: list[ExportMetricsServiceRequest] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    status: int = 200
    answer_headers: dict[str, str] = field(default_factory=dict)
    answer: ExportMetricsServiceResponse | None = None
    hold: asyncio.Event | None = None

    async def take(self, request: web.Request) -> web.Response:
        """One push."""
        assert request.path == "/v1/metrics"
        body = await request.read()
        self.headers.append(dict(request.headers))
        # The server has unpacked it already.
        self.came.append(ExportMetricsServiceRequest.FromString(body))
        if self.hold is not None:
            await self.hold.wait()

        body = (self.answer or ExportMetricsServiceResponse()).SerializeToString()
        return web.Response(
            status=self.status, body=body, content_type="application/x-protobuf", headers=self.answer_headers
        )

    @property
    def metrics(self) -> dict[str, Metric]:
        """What the newest push holds, by name."""
        (whole,) = self.came[-1].resource_metrics
        (scope,) = whole.scope_metrics
        return {metric.name: metric for metric in scope.metrics}


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    """One that listens."""
    found = Collector()
    app = web.Application(client_max_size=1 << 24)
    app.router.add_post("/{path:.*}", found.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield found
    await runner.cleanup()


def monitor_for(folder: Path, url: str, **more: object) -> Monitor:
    """With figures pushed to this address, as seldom as can be."""
    values: dict[str, object] = {
        "database_url": f"sqlite:///{folder / 's.sqlite3'}",
        "otlp_metrics": True,
        "otel_exporter_otlp_endpoint": url,
        "otel_metric_export_interval": 3_600_000,
    }
    return Monitor(load_settings(_env_file=None, **(values | more)))


@pytest.fixture
async def monitor(tmp_path: Path, collector: Collector) -> AsyncIterator[Monitor]:
    """A running one."""
    it = monitor_for(tmp_path, collector.url, otel_exporter_otlp_headers="api-key=t0p%20secret, x-tenant=bots")
    await it.start()
    yield it
    await it.close()


async def did(monitor: Monitor) -> None:
    """Some work."""
    for number in range(20):
        error = ErrorKind.TIMEOUT if number % 5 == 0 else None
        now = monitor.clock.now()
        monitor.recorder.record(OperationDone("llm", "chat", now, 0.1 * number, error, persona="Mira", model="m-1"))

    await monitor.recorder.flush()


async def test_a_collector_gets_what_metrics_shows(monitor: Monitor, collector: Collector) -> None:
    """The same names, labels and values: of one reading, figure for figure."""
    await did(monitor)
    assert await OtlpPush(monitor).push() == 0
    shown = {}
    for family in text_string_to_metric_families(exposition(await publish(monitor)).decode()):
        for sample in family.samples:
            labels = frozenset((name, value) for name, value in sample.labels.items() if value)
            shown[sample.name, labels] = sample.value

    got = collector.metrics
    steady = ("monitoring_operations", "monitoring_failures", "monitoring_llm_requests", "monitoring_service_health")
    compared = 0
    for name in steady:
        metric = got[name]
        points = metric.sum.data_points or metric.gauge.data_points
        for point in points:
            labels = frozenset((one.key, one.value.string_value) for one in point.attributes)
            assert point.as_double == shown[name + ("_total" if metric.HasField("sum") else ""), labels]
            compared += 1

    assert compared >= 4
    assert got["monitoring_operations"].sum.is_monotonic
    assert got["monitoring_operations"].sum.aggregation_temporality == AGGREGATION_TEMPORALITY_CUMULATIVE


async def test_histograms_add_up(monitor: Monitor, collector: Collector) -> None:
    """Counts between the bounds, one more than there are bounds, and the sum in seconds."""
    await did(monitor)
    await OtlpPush(monitor).push()
    metric = collector.metrics["monitoring_llm_request_duration_seconds"]
    (point,) = metric.histogram.data_points
    assert metric.unit == "s"
    assert tuple(point.explicit_bounds) == BOUNDS
    assert len(point.bucket_counts) == len(BOUNDS) + 1
    assert sum(point.bucket_counts) == point.count == 16
    assert point.sum == pytest.approx(0.1 * (sum(range(20)) - 30))
    assert 0 < point.start_time_unix_nano <= point.time_unix_nano


async def test_it_says_who_tells_and_is_packed(monitor: Monitor, collector: Collector) -> None:
    """Resource, headers that the collector asks for, gzip."""
    await OtlpPush(monitor).push()
    (whole,) = collector.came[-1].resource_metrics
    assert {one.key for one in whole.resource.attributes} == {"service.name", "service.version", "service.instance.id"}
    told = collector.headers[-1]
    assert told["api-key"] == "t0p secret"
    assert told["x-tenant"] == "bots"
    assert told["Content-Encoding"] == "gzip"
    assert told["Content-Type"] == "application/x-protobuf"


async def test_f17_a_collector_that_is_down_is_counted_and_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """With neither address nor headers in it; /metrics shows the count."""
    monitor = monitor_for(tmp_path, "http://127.0.0.1:9/hidden-path", otel_exporter_otlp_headers="api-key=t0psecret")
    await monitor.start()
    try:
        pushing = OtlpPush(monitor)
        for _ in range(3):
            await pushing.push()

        assert pushing.failed == 3
        assert caplog.text.count("do not reach the OpenTelemetry collector") == 1
        assert "hidden-path" not in caplog.text + repr(pushing) + str(monitor.problems)
        assert "t0psecret" not in caplog.text + repr(pushing) + str(monitor.problems)
        assert [one for one in monitor.problems if "it cannot be reached" in one]
        text = exposition(await publish(monitor, {"monitoring_otlp_pushes": pushing.counts})).decode()
        assert 'monitoring_otlp_pushes_total{outcome="failed"} 3.0' in text
    finally:
        await monitor.close()


async def test_a_collector_that_refuses_is_told_and_forgotten_once_it_takes_again(
    monitor: Monitor, collector: Collector
) -> None:
    """503 with the time to wait; a partial success; then all is well, and what was missed is in the next push."""
    pushing = OtlpPush(monitor)
    collector.status, collector.answer_headers = 503, {"Retry-After": "30"}
    assert await pushing.push() == 30
    assert any("it answered 503" in problem for problem in monitor.problems)

    collector.status, collector.answer_headers = 200, {}
    collector.answer = ExportMetricsServiceResponse()
    collector.answer.partial_success.rejected_data_points = 4
    await pushing.push()
    assert any("it refused 4" in problem for problem in monitor.problems)
    assert len([one for one in monitor.problems if "OpenTelemetry" in one]) == 1

    collector.answer = None
    await did(monitor)
    await pushing.push()
    assert not [problem for problem in monitor.problems if "OpenTelemetry" in problem]
    assert (pushing.taken, pushing.failed) == (1, 2)
    assert collector.metrics["monitoring_operations"].sum.data_points[0].as_double == 20


STRANGE_TIMES = ["", "soon", "nan", "-5", "inf", "1e9", "Wed, 21 Oct 2026 07:28:00 GMT"]


async def test_a_strange_time_to_wait_is_no_matter(monitor: Monitor, collector: Collector) -> None:
    """At most an hour."""
    for told in STRANGE_TIMES:
        collector.status, collector.answer_headers = 429, {"Retry-After": told}
        assert 0 <= await OtlpPush(monitor).push() <= 3600, told


async def test_redirects_are_not_followed(monitor: Monitor, collector: Collector) -> None:
    """The headers would go elsewhere."""
    collector.status, collector.answer_headers = 307, {"Location": collector.url + "/v1/metrics"}
    pushing = OtlpPush(monitor)
    await pushing.push()
    assert (len(collector.came), pushing.failed) == (1, 1)


async def test_f17_a_slow_collector_holds_up_nothing_and_ends_at_unload(tmp_path: Path, collector: Collector) -> None:
    """In the middle of a push: no task, no thread, no connection is left."""
    collector.hold = asyncio.Event()
    threads = set(threading.enumerate())
    tasks = asyncio.all_tasks()
    monitor = monitor_for(tmp_path, collector.url, otel_metric_export_interval=1)
    serve(monitor)
    await monitor.start()
    try:
        (pushing,) = monitor.faces
        assert isinstance(pushing, OtlpPush)
        await until("a push", lambda: collector.came)
        started = asyncio.get_running_loop().time()
        await monitor.recorder.flush()
        assert asyncio.get_running_loop().time() - started < 1
    finally:
        await monitor.close()
        collector.hold.set()

    left = [task.get_name() for task in asyncio.all_tasks() - tasks if not task.done()]
    assert not [name for name in left if name.startswith("monitoring")]
    assert not [thread for thread in set(threading.enumerate()) - threads if thread.name.startswith("monitoring")]


async def test_it_is_off_by_default_and_leaves_the_hosts_own_alone(tmp_path: Path) -> None:
    """The same names that a host sets for itself switch nothing on; its providers stay what they are."""
    before = global_metrics.get_meter_provider()
    monitor = monitor_for(tmp_path, "http://127.0.0.1:9", otlp_metrics=False)
    serve(monitor)
    assert not monitor.faces
    pushed = monitor_for(tmp_path, "http://127.0.0.1:9")
    serve(pushed)
    assert len(pushed.faces) == 1
    assert global_metrics.get_meter_provider() is before


async def test_f14_without_its_library_that_alone_stays_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said with what to install."""
    monkeypatch.setitem(sys.modules, "opentelemetry.proto.collector.metrics.v1.metrics_service_pb2", None)
    monkeypatch.delitem(sys.modules, "monitoring.web.otlp")
    monitor = monitor_for(tmp_path, "http://127.0.0.1:9")
    serve(monitor)
    assert not monitor.faces
    assert monitor.problems == [NO_OTLP]
    assert 'pip install "greenroom[otel]"' in caplog.text


async def test_what_a_host_sets_for_itself_is_never_wrong_for_us(monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint without a scheme, an interval of half a second."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317")
    monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "500")
    assert not load_settings(_env_file=None).otlp_metrics


async def test_an_address_that_is_none_is_a_failure_like_any_other(tmp_path: Path) -> None:
    """Nothing is raised."""
    monitor = monitor_for(tmp_path, "collector:4317")
    pushing = OtlpPush(monitor)
    await pushing.push()
    assert pushing.failed == 1
    monitor.questions.close()


def test_secrets_are_masked_in_the_configuration() -> None:
    """Headers wholly; of the address only the host."""
    settings = load_settings(
        _env_file=None,
        otel_exporter_otlp_headers="api-key=t0psecret",
        otel_exporter_otlp_endpoint="https://user:t0psecret@otel.example.org/t0psecret",
        dead_man_url="https://hc.example.org/ping/t0psecret",
    )
    shown = {name: masked(name, getattr(settings, name)) for name in type(settings).model_fields}
    assert shown["otel_exporter_otlp_headers"] == shown["dead_man_url"] == MASK
    assert "t0psecret" not in str(shown)
    assert "t0psecret" not in repr(settings).replace(settings.otel_exporter_otlp_endpoint, "")


def test_headers_are_read_as_their_specification_says() -> None:
    """Percent-encoded values; what is no pair is left out."""
    found = headers_of("a=b%2Cc, d = e ,nonsense,=x,")
    assert (found["a"], found["d"]) == ("b,c", "e")
    assert "nonsense" not in found
