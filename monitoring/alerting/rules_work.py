"""The built-in rules of answers and models, as data. A new one is one more entry."""

from __future__ import annotations

from monitoring.alerting.rule_units import SPECIAL
from monitoring.alerting.thresholds import INFERENCE, LLM_DOWN, Thresholds
from monitoring.incident import Rule
from monitoring.model import Severity


def of_work(limits: Thresholds) -> tuple[Rule, ...]:
    """Response times, errors, models, promises."""
    return (
        *_of_times(limits),
        *_of_answers(limits),
        _spike(limits),
        *_of_llm(limits),
        *_of_models(limits),
        *_of_promises(limits),
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
            depends_on=("llm_response", LLM_DOWN),
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
            depends_on=("response_time", "llm_response", LLM_DOWN),
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
            depends_on=("model_unavailable", "llm_success", LLM_DOWN),
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


def _spike(limits: Thresholds) -> Rule:
    return Rule(
        "error_spike",
        "Errors against the usual",
        SPECIAL,
        "last",
        above=3.0,
        recovery=2.0,
        where=(("figure", "error_spike"),),
        window=limits.spike_window,
        minimum=10,
        failures=5,
        recovery_hold=300,
        unit="times",
        cooldown=limits.cooldown,
        advice="Look what changed just before: a new version, another model, a provider's trouble.",
        depends_on=("error_rate", LLM_DOWN),
    )


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
            depends_on=(LLM_DOWN,),
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
            depends_on=("model_unavailable", LLM_DOWN),
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
            depends_on=(LLM_DOWN,),
        ),
    )


def _of_promises(limits: Thresholds) -> tuple[Rule, ...]:
    """Burn rates by the Site Reliability Workbook: both windows must burn, so that what is over is not told."""
    return (
        _burn(limits, "slo_burn", "burn_1h", 3600, 14.4, "At this pace two days use up the month's budget of errors."),
        _burn(limits, "slo_burn_slow", "burn_6h", 6 * 3600, 6.0, "At this pace five days use up the month's budget."),
    )


def _burn(limits: Thresholds, name: str, figure: str, window: int, above: float, advice: str) -> Rule:
    return Rule(
        name,
        "Burn of the {group} budget",
        SPECIAL,
        "last",
        above=above,
        recovery=above * 0.8,
        where=(("figure", figure),),
        by="promise",
        window=window,
        hold=0,
        recovery_hold=300,
        severity=Severity.CRITICAL,
        unit="times",
        cooldown=limits.cooldown,
        advice=advice + " See what fails or is slow in the errors of the last hours.",
        depends_on=("error_rate", "response_time", LLM_DOWN) if name == "slo_burn" else ("slo_burn", LLM_DOWN),
    )
