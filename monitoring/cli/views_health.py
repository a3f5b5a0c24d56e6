"""Views of health: whether it records, services, the machine, open incidents, and all of it at a glance."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from monitoring.analysis.health import HealthPage, Reading
from monitoring.analysis.overview import Overview
from monitoring.analysis.pulse import Pulse
from monitoring.cli.figures import Listed, figures, moment, named, sentence, severity, spark, state, under, window_words
from monitoring.cli.tables import table
from monitoring.incident import Incident
from monitoring.metrics import GAUGES
from monitoring.model import Health, Instant, Service
from monitoring.phrasing import (
    NONE,
    count,
    duration,
    in_unit,
    money,
    more,
    points,
    seconds,
    share,
    slower,
    well,
)  # fmt: skip
from monitoring.stored_answers import Summary

GAUGE_WORDS = {
    "cpu_percent": "CPU",
    "memory_percent": "memory",
    "disk_percent": "disk",
    "process_memory": "the bot",
    "loop_lag": "loop lag",
    "gateway_latency": "gateway",
}


def summary(value: Summary, zone: str) -> RenderableType:
    """Everything at a glance, in one screen."""
    return Group(
        standing(value.pulse, value.health),
        open_incidents(value.incidents, zone, value.health.at),
        under("Services", services(value.health, zone)),
        under("Figures", overview(value.overview), note=window_words(value.overview.window)),
    )


def standing(pulse: Pulse, health: HealthPage) -> RenderableType:
    """Whether it records and how it is, and the machine in a line."""
    words = Text.assemble(state(_worse(pulse.state, health.overall)), "  ", sentence(pulse.text))
    up = f"up {duration(health.uptime)}" if health.uptime is not None else ""
    parts = [*(_reading(one) for one in health.readings), _lag("loop lag", health.loop_lag)]
    parts += [_lag("gateway", health.gateway_latency), up]
    return Group(words, Listed(parts, "dim"))


def open_incidents(incidents: Sequence[Incident], zone: str, now: Instant, most: int = 5) -> RenderableType:
    """Open incidents, oldest first; nothing where there are none."""
    if not incidents:
        return Text("", end="")

    rows = [
        (
            str(one.number),
            severity(one.severity),
            named(one.title or one.rule, 36),
            f"since {moment(one.since, zone, now)}",
            in_unit(one.value, one.unit),
            named(one.acknowledged_by, 16) if one.acknowledged_by else Text("nobody has it", style="dim"),
        )
        for one in incidents[:most]
    ]
    rest = Text(f"and {len(incidents) - most} more", style="dim") if len(incidents) > most else Text("", end="")
    return under(f"Open incidents: {len(incidents)}", table((">", "", "*", "?", ">", "?"), rows, ""), rest)


def services(page: HealthPage, zone: str) -> RenderableType:
    """Every service: state, time, uptime; those that need somebody first."""
    rows = [
        (
            named(one.name),
            state(one.health),
            seconds(one.response_time, always_ms=True) if one.response_time is not None else NONE,
            moment(one.since, zone, page.at) if one.since is not None else "",
            well(one.uptime_24h),
            well(one.uptime_7d),
            well(one.uptime_30d),
        )
        for one in page.services
    ]
    heads = ("service", "state", ">probe", "since?", ">24 h", ">7 d?", ">30 d")
    return table(heads, rows, "No service has been probed in the last half hour.")


def told_facts(service: Service) -> RenderableType:
    """What a service says of itself."""
    rows = [(named(name, 24), named(fact, 60)) for name, fact in service.facts]
    return under("What it says of itself", table(("", "*"), rows, "")) if rows else Text("")


def overview(value: Overview) -> RenderableType:
    """The figures of a window with their change, and two courses."""
    timed = ("P95 response", value.p95) if value.p95.value is not None else ("Mean response", value.mean)
    shown = figures(
        (
            ("Messages", value.messages, count, more),
            ("Users", value.users, count, more),
            (*timed, seconds, slower),
            ("Error rate", value.errors, share, points),
            ("Unanswered", value.unanswered, share, points),
            ("Exchanges", value.exchanges, count, more),
            ("Tokens", value.tokens, count, more),
            ("Cost", value.cost, money, more),
        )
    )
    lines = [("Messages", value.message_points), (timed[0], value.p95_points)]
    known = [(Text(name), spark(line)) for name, line in lines if any(one.value is not None for one in line)]
    return Group(shown, *([table(("", ""), known, "")] if known else []))


def _worse(one: Health, other: Health) -> Health:
    order = (Health.UNHEALTHY, Health.UNKNOWN, Health.DEGRADED, Health.HEALTHY)
    return min(one, other, key=order.index)


def _reading(one: Reading) -> str:
    if one.value is None:
        return ""

    return f"{GAUGE_WORDS.get(one.name, one.name.replace('_', ' '))} {in_unit(one.value, GAUGES.get(one.name, ''))}"


def _lag(name: str, value: float | None) -> str:
    return f"{name} {seconds(value, always_ms=True)}" if value is not None else ""
