"""What the Grafana dashboard shows: rows of panels with their queries. How they become JSON: `grafana.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Shape = Literal["stat", "timeseries", "heatmap", "state-timeline"]

JOB = 'job=~"$job"'
"""Of which bots; in the queries below `{$` stands for a selector that begins with it."""


@dataclass(frozen=True, slots=True)
class Query:
    """A PromQL expression, and what its series are called."""

    expr: str
    legend: str = ""

    @property
    def whole(self) -> str:
        """The expression with the choice of bots in it."""
        return self.expr.replace("{$", f"{{{JOB}")


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel; `width` of 24. `steps`: where it turns yellow and red."""

    title: str
    says: str
    queries: tuple[Query, ...]
    unit: str = "short"
    shape: Shape = "timeseries"
    width: int = 8
    steps: tuple[float, float] | None = None
    stack: bool = False


def _line(title: str, says: str, expr: str, legend: str = "", unit: str = "short", **more: object) -> Panel:
    return Panel(title, says, (Query(expr, legend),), unit, **more)  # type: ignore[arg-type]  # named as there


def _stat(title: str, says: str, expr: str, unit: str = "short", steps: tuple[float, float] | None = None) -> Panel:
    return Panel(title, says, (Query(expr),), unit, "stat", 4, steps)


def _quantiles(title: str, says: str, name: str, by: str = "", *, only: str = "") -> Panel:
    """P50, P95 and P99 of a histogram; with a label only P95, for each of its values."""
    kept = f"{{$,{only}}}" if only else "{$}"
    labels = f"le, {by}" if by else "le"
    rates = f"sum by ({labels}) (rate({name}_bucket{kept}[$__rate_interval]))"
    asked = (0.95,) if by else (0.5, 0.95, 0.99)
    found = (Query(f"histogram_quantile({q}, {rates})", f"{{{{{by}}}}}" if by else f"P{q * 100:g}") for q in asked)
    return Panel(title, says, tuple(found), "s")


def _ratio(part: str, whole: str, by: str = "", *, only: str = "", every: str = "$__rate_interval") -> str:
    """A share of rates, without a value where nothing was tried."""
    kept, group = f"{{$,{only}}}" if only else "{$}", f" by ({by})" if by else ""
    tried = f"sum{group} (rate({whole}{kept}[{every}]))"
    return f"sum{group} (rate({part}{kept}[{every}])) / ({tried} > 0)"


PERSONA, SERVICE = 'persona=~"$persona"', 'service=~"$service"'
_RESPONSES, _FAILED = "monitoring_responses_total", "monitoring_response_failures_total"
_TIMES = "monitoring_response_duration_seconds"

ROWS: tuple[tuple[str, tuple[Panel, ...]], ...] = (
    ("At a glance", (
        _stat("Services down", "Unhealthy ones, as last probed.", "sum(1 - monitoring_service_up{$})", steps=(1, 2)),
        _stat("Open incidents", "Of all severities.", "sum(monitoring_incidents_open{$})", steps=(1, 3)),
        _stat("Failed answers", "Of the last five minutes.", _ratio(_FAILED, _RESPONSES, every="5m"), "percentunit",
              (0.02, 0.05)),
        _stat("P95 response", "Of the last five minutes.",
              f"histogram_quantile(0.95, sum by (le) (rate({_TIMES}_bucket{{$}}[5m])))", "s", (3, 8)),
        _stat("Active people", "Who wrote within five minutes.", "sum(monitoring_active_users{$})"),
        _stat("Newest backup", "Its age.", "max(monitoring_backup_age_seconds{$})", "s", (93_600, 129_600)),
    )),
    ("Answers", (
        _line("Answers", "Each second, by persona.",
              f"sum by (persona) (rate({_RESPONSES}{{$,{PERSONA}}}[$__rate_interval]))", "{{persona}}", "reqps",
              stack=True),
        _quantiles("How long answers take", "Successful ones.", _TIMES, only=PERSONA),
        _line("Failed answers", "Share of all, by persona.", _ratio(_FAILED, _RESPONSES, "persona", only=PERSONA),
              "{{persona}}", "percentunit", steps=(0.02, 0.05)),
        Panel("Spread of answers", "How many took how long.",
              (Query(f"sum by (le) (increase({_TIMES}_bucket{{$,{PERSONA}}}[$__rate_interval]))", "{{le}}"),), "s",
              "heatmap", 12),
        Panel("P95 by persona", "Successful answers.",
              _quantiles("", "", _TIMES, "persona", only=PERSONA).queries, "s", width=12, steps=(3, 8)),
    )),
    ("Personas and people", (
        _line("Messages of personas", "Each minute.",
              f'60 * sum by (persona) (rate(monitoring_messages_total{{$,author="persona",{PERSONA}}}'
              "[$__rate_interval]))", "{{persona}}", "cpm", stack=True),
        _line("Messages of people", "Each minute.",
              '60 * sum(rate(monitoring_messages_total{$,author="user"}[$__rate_interval]))', "people", "cpm"),
        _line("Unanswered", "Share of the messages that were written to a persona.",
              _ratio("monitoring_unanswered_messages_total", "monitoring_addressed_messages_total", "persona",
                     only=PERSONA), "{{persona}}", "percentunit"),
    )),
    ("Models", (
        _line("Requests", "Each second, by model.",
              "sum by (model) (rate(monitoring_llm_requests_total{$}[$__rate_interval]))", "{{model}}", "reqps"),
        _line("Failed requests", "Share of all, by model.",
              _ratio("monitoring_llm_request_failures_total", "monitoring_llm_requests_total", "model"), "{{model}}",
              "percentunit", steps=(0.05, 0.2)),
        _quantiles("P95 of requests", "By model.", "monitoring_llm_request_duration_seconds", "model"),
        _quantiles("P95 to the first token", "By model.", "monitoring_llm_first_token_seconds", "model"),
        Panel("Tokens", "Each second.", (
            Query("sum(rate(monitoring_llm_prompt_tokens_total{$}[$__rate_interval]))", "prompt"),
            Query("sum(rate(monitoring_llm_completion_tokens_total{$}[$__rate_interval]))", "completion"),
            Query("sum(rate(monitoring_llm_cached_tokens_total{$}[$__rate_interval]))", "of prompts, cached"))),
        _line("Cost", "Dollars an hour, by model, of requests with a known price.",
              "3600 * sum by (model) (rate(monitoring_llm_cost_dollars_total{$}[$__rate_interval]))", "{{model}}",
              "currencyUSD"),
    )),
    ("Services", (
        Panel("Health", "1 is up, 0 is down.", (Query(f"monitoring_service_up{{$,{SERVICE}}}", "{{service}}"),),
              shape="state-timeline", width=12),
        _line("Probes", "How long the last one took.", f"monitoring_service_response_seconds{{$,{SERVICE}}}",
              "{{service}}", "s", width=12),
        _line("Work", "Each second, by service.",
              f"sum by (service) (rate(monitoring_operations_total{{$,{SERVICE}}}[$__rate_interval]))",
              "{{service}}", "ops"),
        _quantiles("P95 of work", "By service.", "monitoring_operation_duration_seconds", "service", only=SERVICE),
        _line("Failures", "Each minute, by service and kind.",
              f"60 * sum by (service, kind) (rate(monitoring_failures_total{{$,{SERVICE}}}[$__rate_interval]))",
              "{{service}}: {{kind}}", "cpm", stack=True),
    )),
    ("Machine and process", (
        Panel("In use", "CPU, memory, and the disk of the store.", (
            Query("monitoring_cpu_usage_ratio{$}", "CPU"), Query("monitoring_memory_usage_ratio{$}", "memory"),
            Query("monitoring_disk_usage_ratio{$}", "disk")), "percentunit", steps=(0.8, 0.9)),
        _line("Memory of the process", "With the monitoring in it.", "monitoring_process_resident_memory_bytes{$}",
              "{{instance}}", "bytes"),
        Panel("Latency", "Discord's gateway, and how late the event loop is.", (
            Query("monitoring_gateway_latency_seconds{$}", "gateway"), Query("monitoring_loop_lag_seconds{$}", "loop")),
            "s"),
    )),
    ("The monitoring itself", (
        _line("Facts", "Each second, by what became of them.",
              "sum by (state) (rate(monitoring_facts_total{$}[$__rate_interval]))", "{{state}}"),
        _line("Dropped", "Each minute, by class and reason.",
              '60 * sum by (class, reason) (rate(monitoring_facts_total{$,state="dropped"}[$__rate_interval]))',
              "{{class}}: {{reason}}", "cpm"),
        _line("Waiting to be stored", "Facts.", "sum(monitoring_facts_buffered{$})", "waiting"),
        _line("Commands", "Each minute, by command.",
              "60 * sum by (command) (rate(monitoring_commands_total{$}[$__rate_interval]))", "{{command}}", "cpm"),
        _line("Events", "Starts, reconnects and resumes within the hour.",
              "sum by (event) (increase(monitoring_events_total{$}[1h]))", "{{event}}"),
        Panel("Store", "Size, and how long a write takes.", (
            Query("monitoring_store_size_bytes{$} / 1e6", "size, MB"),
            Query("1000 * monitoring_store_write_seconds{$}", "write, ms"))),
    )),
)  # fmt: skip
