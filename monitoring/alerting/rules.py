"""The built-in rules, as data. A new one is one more entry."""

from __future__ import annotations

import math
from dataclasses import dataclass

from monitoring.incident import Rule
from monitoring.model import Severity

STATE = "state"
"""The unit of rules that know only well or not: no value is shown with them."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The limits that can be set. Units are those of the settings' names; `cooldown` in seconds."""

    response_time_ms: float = 5000
    p95_response_ms: float | None = None
    """None: no rule for the P95."""
    error_rate_percent: float = 5
    cpu_percent: float = 80
    cpu_critical_percent: float = 90
    memory_percent: float = 85
    memory_critical_percent: float = 95
    disk_percent: float = 90
    llm_response_ms: float = 10_000
    llm_success_percent: float = 90
    loop_lag_ms: float = 250
    gateway_latency_ms: float = 1000
    throughput_per_minute: float | None = None
    """None: no rule for the number of answers."""
    cooldown: int = 300


def built_in(limits: Thresholds = Thresholds()) -> tuple[Rule, ...]:
    """All built-in rules with these limits; those without a limit are switched off."""
    return (
        *_of_times(limits),
        *_of_answers(limits),
        *_of_llm(limits),
        *_of_models(limits),
        *_of_services(limits),
        *_of_host(limits),
        *_of_monitor(limits),
    )


def _of_times(limits: Thresholds) -> tuple[Rule, ...]:
    slow, p95 = limits.response_time_ms / 1000, (limits.p95_response_ms or 8000) / 1000
    return (
        Rule(
            "response_time",
            "Mean response",
            "response",
            "mean",
            above=slow,
            recovery=slow * 0.9,
            critical_above=slow * 2,
            minimum=5,
            cooldown=limits.cooldown,
            advice="Look for a busy GPU, a slow provider, or prompts that grew.",
        ),
        Rule(
            "p95_response",
            "P95 response",
            "response",
            "p95",
            above=p95,
            recovery=p95 * 0.85,
            minimum=20,
            cooldown=limits.cooldown,
            advice="One in twenty answers is late. Look for one persona, model or long prompt.",
            enabled=limits.p95_response_ms is not None,
        ),
    )


def _of_answers(limits: Thresholds) -> tuple[Rule, ...]:
    failing = limits.error_rate_percent / 100
    return (
        Rule(
            "error_rate",
            "Error rate",
            "response",
            "rate",
            above=failing,
            recovery=failing * 0.8,
            critical_above=max(0.25, failing * 2),
            minimum=5,
            failures=3,
            unit="rate",
            cooldown=limits.cooldown,
            advice="Read the bot's log of that time; users get no answer meanwhile.",
        ),
        Rule(
            "throughput",
            "Answers a minute",
            "response",
            "count",
            above=limits.throughput_per_minute or 100,
            window=60,
            unit="",
            cooldown=limits.cooldown,
            advice="Check that it is people who ask, then the limits of your provider.",
            enabled=limits.throughput_per_minute is not None,
        ),
    )


INFERENCE = ("operation", "llm_inference")


def _of_llm(limits: Thresholds) -> tuple[Rule, ...]:
    slow, success = limits.llm_response_ms / 1000, limits.llm_success_percent / 100
    return (
        Rule(
            "llm_response",
            "LLM response",
            "operation",
            "mean",
            above=slow,
            recovery=slow * 0.9,
            where=(INFERENCE,),
            minimum=5,
            cooldown=limits.cooldown,
            advice="Free the GPU, choose a smaller model, or shorten the prompts.",
        ),
        Rule(
            "llm_success",
            "LLM success rate",
            "operation",
            "success",
            below=success,
            recovery=success + (1 - success) * 0.2,
            where=(INFERENCE,),
            minimum=10,
            failures=3,
            unit="rate",
            cooldown=limits.cooldown,
            advice="Look at the provider's status page and at the limits of your key.",
        ),
    )


def _of_models(limits: Thresholds) -> tuple[Rule, ...]:
    return (
        Rule(
            "model_unavailable",
            "Failures for want of the model",
            "failure",
            "count",
            above=2,
            recovery=0,
            where=(INFERENCE, ("kind", "not_found")),
            severity=Severity.CRITICAL,
            unit="",
            cooldown=limits.cooldown,
            advice="Check the model's name, and pull or load it again.",
        ),
    )


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
