"""What is published as an OTLP message: the same names and labels as on `/metrics`, cumulative since the start."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping, Sequence

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AGGREGATION_TEMPORALITY_CUMULATIVE,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
)

from monitoring import __version__
from monitoring.model import Instant
from monitoring.published import BOUNDS, Distribution, Published
from monitoring.rollup import Labels

SCOPE = "greenroom"
_UNITS: Mapping[str, str] = {"seconds": "s", "bytes": "By", "ratio": "1", "dollars": "{dollar}", "": "1"}
_NANOSECONDS = 1_000_000


def message(published: Sequence[Published], began: Instant, now: Instant, resource: Mapping[str, str]) -> bytes:
    """All that has values, packed with gzip; `resource` says who tells it."""
    request = ExportMetricsServiceRequest()
    whole = request.resource_metrics.add()
    whole.resource.attributes.extend(_attributes(resource.items()))
    scope = whole.scope_metrics.add()
    scope.scope.name, scope.scope.version = SCOPE, __version__
    for one in published:
        if one.values:
            _fill(scope.metrics.add(), one, began * _NANOSECONDS, now * _NANOSECONDS)

    return gzip.compress(request.SerializeToString(), 1)


def _fill(metric: Metric, one: Published, began: int, now: int) -> None:
    family = one.family
    metric.name, metric.description, metric.unit = family.name, family.help, _UNITS[family.unit]
    match family.kind:
        case "histogram":
            metric.histogram.aggregation_temporality = AGGREGATION_TEMPORALITY_CUMULATIVE
            for labels, value in one.values.items():
                assert isinstance(value, Distribution), "a histogram's values are distributions"
                _spread(metric.histogram.data_points.add(), value)
                _place(metric.histogram.data_points[-1], family.labels, labels, began, now)
        case "counter":
            metric.sum.aggregation_temporality = AGGREGATION_TEMPORALITY_CUMULATIVE
            metric.sum.is_monotonic = True
            for labels, value in one.values.items():
                point = metric.sum.data_points.add(as_double=value)
                _place(point, family.labels, labels, began, now)
        case _:
            for labels, value in one.values.items():
                point = metric.gauge.data_points.add(as_double=value)
                _place(point, family.labels, labels, 0, now)


def _spread(point: HistogramDataPoint, value: Distribution) -> None:
    """Counts between the bounds, where ours are those up to each."""
    point.count, point.sum = value.count, value.sum
    point.explicit_bounds.extend(BOUNDS)
    before = 0
    for at_most in (*value.at_most, value.count):
        point.bucket_counts.append(at_most - before)
        before = at_most


def _place(
    point: NumberDataPoint | HistogramDataPoint, names: Sequence[str], labels: Labels, began: int, now: int
) -> None:
    """Labels and times; an empty label is none."""
    point.start_time_unix_nano, point.time_unix_nano = began, now
    point.attributes.extend(_attributes((name, value) for name, value in zip(names, labels, strict=True) if value))


def _attributes(pairs: Iterable[tuple[str, str]]) -> list[KeyValue]:
    return [KeyValue(key=name, value=AnyValue(string_value=value)) for name, value in pairs]
