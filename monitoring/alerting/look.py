"""What rules may look at, and how their figures are taken from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol, TypeAlias

from monitoring.alerting.rule_units import far
from monitoring.incident import Rule
from monitoring.metrics import METRICS
from monitoring.model import SECOND, Health, Instant, Service
from monitoring.rollup import Labels, Rollup

Keep: TypeAlias = Callable[[Labels], bool]
Figures: TypeAlias = tuple[str, Rollup, float | None]
"""The group ("" for all), its rollup over the rule's window, and the value where a rollup does not have it."""


class Unread(Exception):
    """The figures of a rule could not be read lately: it is not judged, and its incidents stay as they are."""


class Look(Protocol):
    """The newest figures, from memory, so that they are there while the store is broken."""

    def rollup(self, metric: str, start: Instant, end: Instant, keep: Keep) -> Rollup:
        """Everything of a metric in [start, end) whose labels are kept, merged."""

    def groups(self, metric: str, start: Instant, end: Instant, label_index: int, keep: Keep) -> Mapping[str, Rollup]:
        """As `rollup`, apart for each value of one label."""

    def last(self, gauge: str) -> tuple[float, Instant] | None:
        """The newest sample of a gauge and when it was read."""

    def services(self) -> Mapping[str, Service]:
        """Every service that is probed, as last known."""

    def afar(self, rule: Rule) -> Iterable[Figures]:
        """The figures that memory does not reach, as read within the last minutes. Raises Unread without."""


def figures(rule: Rule, look: Look, now: Instant) -> Iterator[Figures]:
    """The rule's figures now, one for each group."""
    start = now - rule.window * SECOND
    if rule.metric == "probe" and rule.statistic == "last":
        for name, service in look.services().items():
            yield name, Rollup(), _unwell(service, start)

        return

    if far(rule):
        yield from look.afar(rule)
        return

    keep = kept(rule)
    if rule.statistic == "last":
        gauge = dict(rule.where).get("name", "")
        sample = look.last(gauge)
        yield "", Rollup(), sample[0] if sample is not None and sample[1] >= start else None
    elif rule.by:
        index = METRICS[rule.metric].labels.index(rule.by)
        for group, rollup in look.groups(rule.metric, start, now + 1, index, keep).items():
            yield group, rollup, None
    else:
        yield "", look.rollup(rule.metric, start, now + 1, keep), None


def kept(rule: Rule) -> Keep:
    """Tells which labels of its metric the rule is about."""
    labels = METRICS[rule.metric].labels
    wanted = [(labels.index(name), value) for name, value in rule.where]
    return lambda values: all(values[i] == value for i, value in wanted)


def _unwell(service: Service, start: Instant) -> float | None:
    """1 for an unhealthy service, 0 for others, None for one that nobody has heard of lately."""
    if service.health is Health.UNKNOWN or service.probed_at is None or service.probed_at < start:
        return None

    if service.health is Health.UNHEALTHY:
        return 1.0

    # The first failures in a row are neither: after a restart they must not look like a recovery.
    return None if service.health is Health.DEGRADED and service.failures else 0.0
