"""How are the services, as told from probes that were stored?"""

from __future__ import annotations

from collections.abc import Iterable

from monitoring.analysis.series import label
from monitoring.model import Health, Instant, Service
from monitoring.rollup import Rollup, Series

_ORDER = (Health.UNHEALTHY, Health.DEGRADED, Health.HEALTHY, Health.UNKNOWN)


def last_probes(probe: Series, critical: Iterable[str]) -> list[Service]:
    """Every service that was probed in these steps, by name, as its newest step has it; times to the step.

    Of several answers in one step the worst counts. `since` is None where it is so in all of them.
    """
    service, needed = label("probe", "service"), frozenset(critical)
    found: dict[str, list[tuple[Instant, Health, Rollup]]] = {}
    for at, step in zip(probe.starts, probe.steps, strict=True):
        answers: dict[str, list[tuple[Health, Rollup]]] = {}
        for labels, rollup in step.items():
            if rollup.count:
                answers.setdefault(service(labels) or "", []).append((_health(labels[1]), rollup))

        for name, told in answers.items():
            worst, rollup = min(told, key=lambda one: _ORDER.index(one[0]))
            found.setdefault(name, []).append((at, worst, rollup))

    return [_service(name, course, name in needed) for name, course in sorted(found.items()) if name]


def _service(name: str, course: list[tuple[Instant, Health, Rollup]], critical: bool) -> Service:
    at, health, rollup = course[-1]
    well = [when for when, state, _ in course if state in (Health.HEALTHY, Health.DEGRADED)]
    others = [place for place, (_, state, _) in enumerate(course) if state is not health]
    return Service(
        name,
        health,
        probed_at=at,
        succeeded_at=well[-1] if well else None,
        since=course[others[-1] + 1][0] if others else None,
        response_time=rollup.mean,
        critical=critical,
    )


def _health(word: str) -> Health:
    return Health(word) if word in set(Health) else Health.UNKNOWN
