"""Everything that is published for other monitoring programs: name, kind, labels and meaning. The one table of it.

What `/metrics` shows, what is pushed by OTLP, what the Grafana dashboard and the Prometheus rules ask for, and what
docs/metrics.md lists all come from here. Guilds, channels and users are no labels of anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from monitoring.rollup import Labels

Kind = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True, slots=True)
class View:
    """Rollups of one metric added up since the start, apart for some of its labels."""

    metric: str
    by: tuple[str, ...]
    named: str = ""
    """A label that must not be empty: what has none is left out."""


@dataclass(frozen=True, slots=True)
class Family:
    """One published metric. `name` without the suffixes `_total`, `_bucket`, `_sum` and `_count`."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    view: str = ""
    """The view that it is read from, ..."""
    field: str = ""
    """... and the figure of its rollups."""
    gauge: str = ""
    """The gauge that it is the newest sample of."""
    factor: float = 1.0
    """From the figure's unit to the published one."""

    @property
    def shown(self) -> str:
        """The name by which Prometheus knows it."""
        return f"{self.name}_total" if self.kind == "counter" else self.name

    @property
    def unit(self) -> str:
        """The unit that the name ends with: seconds, bytes, ratio, dollars; "" for plain counts."""
        last = self.name.rpartition("_")[2]
        return last if last in ("seconds", "bytes", "ratio", "dollars") else ""


@dataclass(frozen=True, slots=True)
class Distribution:
    """A histogram's value: for each bound how many are at or below it, and all; their sum in seconds."""

    at_most: tuple[int, ...]
    """For `BOUNDS`, one after the other."""
    count: int
    sum: float


@dataclass(frozen=True, slots=True)
class Published:
    """One metric with its values by label values; without any where nothing is known."""

    family: Family
    values: Mapping[Labels, float | Distribution]


BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 15.0, 30.0, 60.0, 120.0)
"""Seconds at which histograms count, a full second to a minute being where answers of models lie."""

VIEWS: Mapping[str, View] = {
    "response": View("response", ("persona", "source")),
    "operation": View("operation", ("service", "operation", "persona")),
    "work": View("operation", ("service", "operation")),
    "llm": View("operation", ("model",), named="model"),
    "failure": View("failure", ("service", "operation", "kind")),
    "first_token": View("first_token", ("model",), named="model"),
    "message": View("message", ("author", "persona")),
    "addressed": View("addressed", ("persona",), named="persona"),
    "command": View("command", ("command", "kind")),
    "event": View("event", ("event",)),
    "probe": View("probe", ("service", "health")),
    "cache": View("cache", ("service",)),
    "scenario": View("scenario", ("scenario", "outcome")),
    "exchange": View("exchange", ()),
}
"""What is added up since the start, by name."""


def _of_view(name: str, view: str, field: str, help_: str, factor: float = 1.0) -> Family:
    return Family(f"monitoring_{name}", "counter", help_, VIEWS[view].by, view, field, factor=factor)


def _spread(name: str, view: str, help_: str) -> Family:
    return Family(f"monitoring_{name}", "histogram", help_, VIEWS[view].by, view)


def _reading(name: str, gauge: str, help_: str, factor: float = 1.0) -> Family:
    return Family(f"monitoring_{name}", "gauge", help_, gauge=gauge, factor=factor)


def _now(name: str, help_: str, *labels: str) -> Family:
    return Family(f"monitoring_{name}", "gauge", help_, labels)


_COUNTED = (
    _of_view("responses", "response", "count", "Answers of personas to users, failed ones included."),
    _of_view("response_failures", "response", "failures", "Failed answers."),
    _spread("response_duration_seconds", "response", "Time from a user's message to the answer, of successful ones."),
    _of_view("operations", "operation", "count", "Timed work of services, failed work included."),
    _of_view("operation_failures", "operation", "failures", "Failed work."),
    _spread("operation_duration_seconds", "work", "Duration of successful work."),
    _of_view("failures", "failure", "count", "Failed work by kind of failure."),
    _of_view("llm_requests", "llm", "count", "Work that named a model, failed work included."),
    _of_view("llm_request_failures", "llm", "failures", "Failed work that named a model."),
    _spread("llm_request_duration_seconds", "llm", "Duration of successful work that named a model."),
    _spread("llm_first_token_seconds", "first_token", "Time to the first token."),
    _of_view("llm_prompt_tokens", "llm", "prompt", "Tokens of prompts, cached ones included."),
    _of_view("llm_completion_tokens", "llm", "completion", "Tokens of answers."),
    _of_view("llm_cached_tokens", "llm", "cached", "Tokens of prompts that came from the provider's cache."),
    _of_view("llm_cost_dollars", "llm", "cost", "What priced requests cost.", 1e-6),
    _of_view("llm_unpriced_requests", "llm", "unpriced", "Requests with tokens whose price is unknown."),
    _of_view("messages", "message", "count", "Messages; author is user or persona."),
    _of_view("addressed_messages", "addressed", "count", "Users' messages to a persona of which it is decided."),
    _of_view("unanswered_messages", "addressed", "failures", "Those that got no answer in time."),
    _of_view("commands", "command", "count", "Commands, components and modals, failed ones included."),
    _of_view("command_failures", "command", "failures", "Failed ones."),
    _spread("command_duration_seconds", "command", "Duration of successful ones."),
    _of_view("events", "event", "count", "What is only counted: starts, reconnects, resumes, servers joined and left."),
    _of_view("probes", "probe", "count", "Answers of probes by what they meant."),
    _of_view("cache_asks", "cache", "count", "Work for which a cache was asked."),
    _of_view("cache_misses", "cache", "failures", "Those that it did not have."),
    _of_view("scenarios", "scenario", "count", "Reported scenarios: started, completed, abandoned."),
    _of_view("exchanges", "exchange", "count", "Finished runs of messages between personas."),
    _of_view("exchange_turns", "exchange", "total", "Turns in them.", 1e-6),
)
_READ = (
    _reading("cpu_usage_ratio", "cpu_percent", "CPU in use, of the machine or of what the container may use.", 0.01),
    _reading("cpu_cores", "cpu_cores", "Cores that may be used."),
    _reading("memory_usage_ratio", "memory_percent", "Memory in use, of the machine or of the container.", 0.01),
    _reading("disk_usage_ratio", "disk_percent", "How full the disk of the store is.", 0.01),
    _reading("load1", "load_1m", "Load average of a minute."),
    _reading("network_transmit_bytes_per_second", "network_sent", "What the machine sends."),
    _reading("network_receive_bytes_per_second", "network_received", "What the machine receives."),
    _reading("process_resident_memory_bytes", "process_memory", "Memory of the bot's process, with the monitoring."),
    _reading("process_threads", "process_threads", "Threads of the process."),
    _reading("process_open_fds", "open_files", "Open files and sockets of the process."),
    _reading("process_connections", "connections", "Established TCP connections of the process."),
    _reading("loop_lag_seconds", "loop_lag", "How late the event loop was when it was last measured."),
    _reading("gateway_latency_seconds", "gateway_latency", "Heartbeat of Discord's gateway."),
    _reading("store_size_bytes", "store_size", "Size of the store on the disk."),
    _reading("store_rows", "store_rows", "Rows in the store."),
    _reading("store_write_seconds", "store_write_latency", "How long a write to the store takes of late."),
)
_STATE = (
    _now("service_up", "1: healthy or degraded, 0: unhealthy; not there while it is unknown.", "service"),
    _now("service_health", "1 for the health that a service has: healthy, degraded, unhealthy, unknown; else 0.",
         "service", "health"),
    _now("service_response_seconds", "How long its last probe took.", "service"),
    _now("incidents_open", "Incidents that are not over.", "severity"),
    _now("problems", "Things of the monitoring itself that are off, as /monitoring status lists them."),
    _now("active_users", "People who wrote within the last five minutes."),
    _now("guilds", "Servers that the bot is in."),
    Family("monitoring_facts", "counter", "Facts since the start that were accepted, stored, or dropped for a reason.",
           ("state", "class", "reason")),
    _now("facts_buffered", "Facts that wait to be stored; accepted = stored + dropped + buffered.", "class"),
    _now("backup_age_seconds", "Age of the newest backup; not there before the first one."),
    _now("alive_timestamp_seconds", "When the mark of being alive was last recorded, every ten seconds."),
    _now("judged_timestamp_seconds", "When the rules were last judged."),
    _now("start_time_seconds", "When the monitoring began; all counters count from then."),
    _now("build_info", "Always 1, with the version.", "version", "python"),
    Family("monitoring_dead_man_pings", "counter", "Dead-man pings; outcome is answered, failed or withheld.",
           ("outcome",)),
    Family("monitoring_otlp_pushes", "counter", "Pushes of all this by OTLP; outcome is taken or failed.",
           ("outcome",)),
)  # fmt: skip

FAMILIES: Mapping[str, Family] = {family.name: family for family in (*_COUNTED, *_READ, *_STATE)}
"""All published metrics by name, in the order in which they are shown."""


def series_names() -> dict[str, Family]:
    """Every name of a series that there can be, those of histograms' parts included."""
    found: dict[str, Family] = {}
    for family in FAMILIES.values():
        parts = ("_bucket", "_sum", "_count") if family.kind == "histogram" else ("",)
        found |= {family.shown + part: family for part in parts}

    return found
