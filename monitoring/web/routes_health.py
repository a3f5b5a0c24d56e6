"""Health, what goes on now, incidents: what a monitor of the monitor asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitoring.analysis.health import HealthPage
from monitoring.encoding import iso
from monitoring.incident import Incident
from monitoring.model import Health, Service
from monitoring.monitor import Monitor
from monitoring.realtime import Realtime
from monitoring.web.params import GUILD, NAMED, Asked, one_of, whole
from monitoring.web.route import Route

HEALTH_PATH = "/api/health"


@dataclass(frozen=True, slots=True)
class ServiceAnswer:
    """One service; `details`: since when, what it said of itself, its uptime."""

    status: Health
    response_time_ms: float | None
    last_check: str | None
    details: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class HealthAnswer:
    """All services; `uptime` in seconds since the start."""

    status: Health
    timestamp: str | None
    uptime: float | None
    services: Mapping[str, ServiceAnswer]
    figures: HealthPage
    """The whole page as people see it."""
    problems: tuple[str, ...]
    """What of the monitoring itself is off and why."""


@dataclass(frozen=True, slots=True)
class LiveAnswer:
    """The same message that the WebSocket sends."""

    type: str
    timestamp: str | None
    data: Realtime


@dataclass(frozen=True, slots=True)
class AlertsAnswer:
    """Incidents, newest first, with how many there are beyond those shown."""

    incidents: tuple[Incident, ...]
    total: int


async def health(monitor: Monitor, asked: Asked) -> HealthAnswer:
    """All services."""
    page = await monitor.health(host=asked.scope.guild_id is None, scope=asked.scope)
    return HealthAnswer(
        status=page.overall,
        timestamp=iso(page.at),
        uptime=page.uptime,
        services={service.name: told(service) for service in page.services},
        figures=page,
        problems=tuple(monitor.problems),
    )


async def service(monitor: Monitor, asked: Asked) -> ServiceAnswer:
    """One service."""
    return told(await monitor.service(asked["name"]))


def told(service: Service) -> ServiceAnswer:
    """A service as programs read it."""
    seconds = service.response_time
    return ServiceAnswer(
        status=service.health,
        response_time_ms=None if seconds is None else seconds * 1000,
        last_check=iso(service.probed_at),
        details={
            "message": service.detail,
            "critical": service.critical,
            "since": iso(service.since),
            "last_success": iso(service.succeeded_at),
            "failures": service.failures,
            "uptime_24h": service.uptime_24h,
            "uptime_7d": service.uptime_7d,
            "uptime_30d": service.uptime_30d,
            "facts": dict(service.facts),
        },
    )


async def realtime(monitor: Monitor, asked: Asked) -> LiveAnswer:
    """The last five minutes."""
    return live(monitor)


def live(monitor: Monitor) -> LiveAnswer:
    """The message that is sent every second."""
    return LiveAnswer("metrics_update", iso(monitor.clock.now()), monitor.realtime())


async def alerts(monitor: Monitor, asked: Asked) -> AlertsAnswer:
    """Incidents."""
    found = await monitor.incidents(open_only=asked.get("state", "open") == "open")
    newest = tuple(reversed(found))
    return AlertsAnswer(newest[: asked.get("limit", 50)], len(newest))


ROUTES = (
    Route(
        HEALTH_PATH, "Health of the bot and its services", HealthAnswer, health, (GUILD,), tag="health", fresh=2.0
    ),
    Route(
        "/api/health/{name}", "Health of one service", ServiceAnswer, service, (NAMED,), tag="health", fresh=2.0,
        missing=True,
    ),
    Route("/api/metrics/realtime", "The last five minutes", LiveAnswer, realtime, tag="health", fresh=1.0),
    Route(
        "/api/alerts", "Incidents, newest first", AlertsAnswer, alerts,
        (one_of("state", ("open", "all"), "Only open ones, or all."), whole("limit", 1, 500, 50, "How many at most.")),
        tag="health", fresh=2.0,
    ),
)  # fmt: skip
