"""The monitor's own books as Prometheus reads them: where every fact since the start is (F4)."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.registry import Collector

from monitoring.monitor import Monitor


class Books(Collector):
    """Reads a Monitor's books each time it is asked, all of them at one moment."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor

    def collect(self) -> Iterator[Metric]:
        """`monitoring_facts_total` by state, class and reason, and `monitoring_facts_buffered` by class.

        accepted = stored + dropped + buffered, for each class, in every answer.
        """
        counts = self._monitor.recorder.counts
        facts = CounterMetricFamily(
            "monitoring_facts",
            "Facts since the start that were accepted, stored, or dropped for a reason.",
            labels=("state", "class", "reason"),
        )
        for state, by_class in (("accepted", counts.accepted), ("stored", counts.stored)):
            for kind, n in by_class.items():
                facts.add_metric((state, kind, ""), n)

        for (kind, reason), n in counts.dropped.items():
            facts.add_metric(("dropped", kind, reason), n)

        yield facts
        buffered = GaugeMetricFamily("monitoring_facts_buffered", "Facts that wait to be stored.", labels=("class",))
        for kind, n in counts.buffered.items():
            buffered.add_metric((kind,), n)

        yield buffered


def exposition(monitor: Monitor, *, openmetrics: bool = False) -> bytes:
    """The monitor's own facts as Prometheus text (version 0.0.4), or as OpenMetrics.

    From a registry of their own: the host's metrics are its own affair.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Books(monitor))
    if openmetrics:
        return bytes(generate_openmetrics(registry))  # type: ignore[no-untyped-call]  # the library leaves it open

    return generate_latest(registry)
