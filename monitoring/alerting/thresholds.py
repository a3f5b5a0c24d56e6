"""The limits of the built-in rules that can be set, and what several of these rules are about."""

from __future__ import annotations

from dataclasses import dataclass

INFERENCE = ("operation", "llm_inference")
LLM_DOWN = "service_unhealthy:{llm}"
"""Stands for the service that answers with a model, whatever it is called here."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The limits that can be set. Units are those of the settings' names; `cooldown` in seconds."""

    response_time_ms: float = 5000
    p95_response_ms: float | None = None
    """None: no rule for the P95."""
    error_rate_percent: float = 5
    spike_window: int = 300
    """Seconds of which the error rate is held against the week before."""
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
    budget_month_dollars: float | None = None
    """None: no rules for the budget."""
    cooldown: int = 300
