"""Both formats of `/metrics`, held against Prometheus' own client: the same figures, written as it writes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text
from prometheus_client.registry import Collector

from monitoring.analysis.buckets import distribution
from monitoring.published import BOUNDS, FAMILIES, Distribution, Published
from monitoring.rollup import Rollup
from monitoring.web.exposition import Format, exposition
from tests.thorough import examples

VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.floats(0, 1e18) | st.integers(0, 10**15).map(float)


@st.composite
def whole(draw: st.DrawFn) -> list[Published]:
    """Every metric with some values."""
    found = []
    for family in FAMILIES.values():
        keys = draw(st.lists(st.tuples(*(VALUES for _ in family.labels)), max_size=2, unique=True))
        if family.kind == "histogram":
            found.append(
                Published(family, {key: _spread(draw(st.lists(st.floats(0, 200), max_size=4))) for key in keys})
            )
        else:
            found.append(Published(family, {key: draw(NUMBERS) for key in keys}))

    return found


def _spread(values: list[float]) -> Distribution:
    rollup = Rollup()
    for value in values:
        rollup.add(value, sketch=True)

    return distribution(rollup, BOUNDS)


class Theirs(Collector):
    """The same, handed to Prometheus' client."""

    def __init__(self, published: Sequence[Published]) -> None:
        self._published = published

    def collect(self) -> Iterator[Metric]:
        """Every metric."""
        kinds = {"counter": CounterMetricFamily, "gauge": GaugeMetricFamily, "histogram": HistogramMetricFamily}
        for one in self._published:
            family = one.family
            metric = kinds[family.kind](family.name, family.help, labels=family.labels, unit=family.unit)
            for labels, value in one.values.items():
                if isinstance(value, Distribution):
                    counts = zip((str(bound) for bound in BOUNDS), value.at_most, strict=True)
                    metric.add_metric(labels, [*counts, ("+Inf", value.count)], value.sum)
                else:
                    metric.add_metric(labels, value)

            yield metric


@pytest.mark.parametrize("form", ["text", "openmetrics"])
@settings(max_examples=examples(40))
@given(published=whole())
def test_any_figures_are_written_as_the_client_writes_them(form: Format, published: list[Published]) -> None:
    """Read back by its own parsers: names, types, units, meanings, labels, values."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Theirs(published))
    if form == "openmetrics":
        parse, theirs = parse_openmetrics, generate_openmetrics(registry)
    else:
        parse, theirs = parse_text, generate_latest(registry)

    ours = list(parse(exposition(published, form).decode()))
    assert [told(one) for one in ours] == [told(one) for one in parse(theirs.decode())]
    assert len(ours) == len(FAMILIES)


def told(metric: Metric) -> tuple[object, ...]:
    """What a metric says; the order of its samples is no matter."""
    samples = sorted((one.name, sorted(one.labels.items()), one.value) for one in metric.samples)
    return metric.name, metric.type, metric.unit, metric.documentation, samples


def test_no_meaning_needs_to_be_escaped() -> None:
    """They are written as they are."""
    assert not [family.name for family in FAMILIES.values() if set('\\"\n') & set(family.help)]
