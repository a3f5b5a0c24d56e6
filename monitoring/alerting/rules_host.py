"""The built-in rules of services, the machine and the monitor itself, as data. A new one is one more entry."""

from __future__ import annotations

import math

from monitoring.alerting.rule_units import SPECIAL, STATE
from monitoring.alerting.thresholds import Thresholds
from monitoring.incident import Rule
from monitoring.model import Severity


def of_host(limits: Thresholds) -> tuple[Rule, ...]:
    """Services, CPU, memory, disk, the event loop, restarts, drops."""
    return (*_of_services(limits), *_of_host(limits), *_of_monitor(limits), _restarts(limits))


def _of_services(limits: Thresholds) -> tuple[Rule, ...]:
    return (
        Rule(
            "service_unhealthy",
            "{group} is unhealthy",
            "probe",
            "last",
            above=0.5,
            by="service",
            # A probe calls a service unhealthy only after several failures in a row: waiting longer tells no more.
            hold=0,
            recovery_hold=30,
            window=180,
            severity=Severity.CRITICAL,
            unit=STATE,
            cooldown=limits.cooldown,
            advice="Start it again, or look at its own log.",
        ),
    )


def _of_host(limits: Thresholds) -> tuple[Rule, ...]:
    return (
        _gauge(
            limits,
            "cpu",
            "CPU",
            "cpu_percent",
            limits.cpu_percent,
            critical=limits.cpu_critical_percent,
            critical_hold=300,
            advice="See which process it is; a model that runs on the CPU instead of the GPU is the usual one.",
        ),
        _gauge(
            limits,
            "memory",
            "Memory",
            "memory_percent",
            limits.memory_percent,
            critical=limits.memory_critical_percent,
            advice="Unload a model or restart what has grown, before the system ends a process by force.",
        ),
        _gauge(
            limits,
            "disk",
            "Disk",
            "disk_percent",
            limits.disk_percent,
            advice="Delete old logs and models; on a full disk nothing is recorded any more.",
        ),
    )


def _of_monitor(limits: Thresholds) -> tuple[Rule, ...]:
    lag, latency = limits.loop_lag_ms / 1000, limits.gateway_latency_ms / 1000
    return (
        _gauge(
            limits,
            "loop_lag",
            "Event-loop lag",
            "loop_lag",
            lag,
            unit="ms",
            advice="Something blocks the bot's event loop: move it to a thread.",
        ),
        _gauge(
            limits,
            "gateway_latency",
            "Gateway latency",
            "gateway_latency",
            latency,
            unit="ms",
            advice="Look at the host's network and at Discord's status page.",
        ),
        Rule(
            "drops",
            "Dropped facts",
            "gauge",
            "high",
            above=0,
            where=(("name", "facts_dropped"),),
            hold=0,
            recovery_hold=300,
            window=60,
            unit="",
            cooldown=limits.cooldown,
            advice="More comes in than can be written: look at the disk. Counts stay right, quantiles are partial.",
        ),
    )


def _restarts(limits: Thresholds) -> Rule:
    return Rule(
        "restart_storm",
        "Starts of the bot in 10 min",
        SPECIAL,
        "last",
        above=3,
        recovery=1,
        where=(("figure", "restarts"),),
        window=600,
        hold=0,
        recovery_hold=0,
        severity=Severity.CRITICAL,
        unit="",
        cooldown=limits.cooldown,
        advice="Something ends the bot again and again: look at the end of its log, and whether memory ran out.",
    )


def _gauge(
    limits: Thresholds,
    name: str,
    title: str,
    gauge: str,
    above: float,
    *,
    critical: float | None = None,
    critical_hold: int = 0,
    unit: str = "%",
    advice: str,
) -> Rule:
    """A rule on the mean of a gauge over one minute that has held for another."""
    recovery = above * 0.8 if unit == "ms" else above - min(5.0, math.ceil((100 - above) / 4))
    return Rule(
        name,
        title,
        "gauge",
        "mean",
        above=above,
        recovery=recovery,
        where=(("name", gauge),),
        window=60,
        minimum=2,
        critical_above=critical,
        critical_hold=critical_hold,
        cooldown=limits.cooldown,
        unit=unit,
        advice=advice,
    )
