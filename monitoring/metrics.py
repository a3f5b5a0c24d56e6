"""Every metric that is kept as rollups: its unit, its labels in order, and whether it carries a sketch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Metric:
    """One kind of rollup. `total`, `low` and `high` of its rollups are whole millionths of `unit`."""

    name: str
    unit: str
    labels: tuple[str, ...]
    help: str
    sketch: bool = False


def _table(*metrics: Metric) -> dict[str, Metric]:
    return {metric.name: metric for metric in metrics}


METRICS: dict[str, Metric] = _table(
    Metric(
        "response",
        "s",
        ("persona", "guild", "source"),
        "From a user's message to the persona's answer. source: reported by the host, or inferred from events. "
        "failures: failed responses, which stay out of the sketch.",
        sketch=True,
    ),
    Metric(
        "operation",
        "s",
        ("service", "operation", "model", "persona", "guild", "feature"),
        "Timed work of a service, components of responses among them, with tokens and cost.",
        sketch=True,
    ),
    Metric(
        "component",
        "s",
        ("component", "persona", "guild"),
        "Operations inside a response, by name; under `response` the reported responses themselves, so that the parts "
        "of a mean response are exact.",
    ),
    Metric(
        "cache",
        "asks",
        ("service", "feature", "model", "guild"),
        "Operations for which a cache was asked; failures: it did not have the answer.",
    ),
    Metric(
        "variant",
        "s",
        ("variant", "service", "operation", "guild"),
        "Operations that try one of several variants, with tokens and cost, as under `operation`.",
        sketch=True,
    ),
    Metric("first_token", "s", ("model", "persona", "guild"), "Time to the first token of an answer.", sketch=True),
    Metric("failure", "failures", ("service", "operation", "kind", "guild"), "Failed operations by kind."),
    Metric(
        "message",
        "characters",
        ("author", "persona", "guild", "channel"),
        "Messages; author is user or persona; the total is their length in characters.",
    ),
    Metric(
        "detail",
        "pieces",
        ("what", "persona", "guild"),
        "What messages bear: what is question, emoji, mention, word, edit or deletion. count: messages that bear it, "
        'total: how many. persona "" stands for users.',
    ),
    Metric(
        "sentiment",
        "score",
        ("persona", "guild", "mood"),
        "Sentiment −1…1 of a persona's messages; mood is positive, neutral or negative.",
    ),
    Metric("topic", "messages", ("persona", "guild", "word"), "Topic words that at least three people shared."),
    Metric(
        "addressed",
        "messages",
        ("persona", "guild"),
        'User messages that addressed a persona and are decided; failures: unanswered ones. persona "" is the total, '
        "each message once.",
    ),
    Metric("answered", "messages", ("persona", "guild"), "User messages that a persona answered, filed under them."),
    Metric("satisfaction", "of 5", ("persona", "guild", "source"), "Votes 1-5; source is reaction or reported."),
    Metric("model_liking", "of 5", ("model", "guild"), "Votes 1-5 by the model that wrote the message."),
    Metric("quality", "score", ("persona", "guild", "quality"), "Reported coherence, relevance or helpfulness, 0-1."),
    Metric(
        "scenario",
        "s",
        ("scenario", "outcome", "guild"),
        "Reported scenarios; outcome is started, completed or abandoned, the latter two with their length.",
    ),
    Metric(
        "affinity",
        "of 100",
        ("persona", "other", "guild"),
        "Reported affinity of a persona to another, 0-100, each time that it was told.",
    ),
    Metric(
        "evolution",
        "its own",
        ("persona", "what", "name", "guild"),
        "How a persona grows, as reported: what is level, xp, milestone, trait or stage; name is of the last three.",
    ),
    Metric(
        "exchange",
        "turns",
        ("starter", "ender", "guild"),
        "Runs of messages between personas, filed under the first; the total is turns.",
    ),
    Metric(
        "exchange_outcome",
        "exchanges",
        ("guild",),
        "Exchanges whose outcome is decided; failures: no user spoke within ten minutes.",
    ),
    Metric(
        "ignored",
        "openings",
        ("persona", "guild"),
        "Times a persona named or replied to another inside an exchange; failures: it got silence for 60 s.",
    ),
    Metric("banter", "messages", ("persona", "guild"), "A persona's messages inside exchanges."),
    Metric(
        "interaction",
        "score",
        ("persona", "other", "guild"),
        "A turn of persona that replies to or follows one of other; the total is its sentiment.",
    ),
    Metric(
        "banter_topic",
        "messages",
        ("word", "guild"),
        "Topic words of messages inside exchanges that at least three people shared.",
    ),
    Metric(
        "conversation",
        "its own",
        ("what", "guild"),
        "Runs of messages of users and personas, filed under the first; each counts once under each what. duration: "
        "seconds; length: messages; follow_up: failures are those in which no user asked after a persona spoke.",
    ),
    Metric(
        "voice",
        "s",
        ("guild",),
        "Users' time in voice channels, minute by minute; the count is how often somebody joined one.",
    ),
    Metric(
        "command",
        "s",
        ("command", "kind", "guild"),
        "Commands, context menus, components and modals, and their duration.",
        sketch=True,
    ),
    Metric(
        "drop",
        "facts",
        ("class", "reason"),
        "Facts that were dropped. class: noise, success, failure, message or state. reason: full; sampled, and another "
        "one stands for it; invalid; lost through a bug; closed.",
    ),
    Metric("event", "events", ("event", "guild"), "Things only counted: reconnects, resumes, guilds joined and left."),
    Metric("gauge", "its own", ("name",), "Samples: CPU, memory, loop lag, gateway latency, …", sketch=True),
    Metric(
        "probe",
        "s",
        ("service", "health"),
        "Answers of probes by health; failures: neither healthy nor degraded.",
        sketch=True,
    ),
)

MISSING = frozenset({"full", "sampled", "lost"})
"""Reasons of drops by which good facts are missing: what was no fact, or came after the end, is not missed."""

GAUGES: dict[str, str] = {
    "cpu_percent": "%",
    "memory_percent": "%",
    "disk_percent": "%",
    "process_memory": "bytes",
    "process_threads": "threads",
    "open_files": "files",
    "loop_lag": "s",
    "gateway_latency": "s",
    "network_sent": "bytes/s",
    "network_received": "bytes/s",
    "load_1m": "",
    "cpu_cores": "cores",
    "connections": "connections",
    "store_size": "bytes",
    "store_rows": "rows",
    "store_queries": "queries/s",
    "store_write_latency": "s",
    "backup_age": "s",
    "facts_buffered": "facts",
    "facts_dropped": "facts",
    "alive": "",
}
"""Gauges by name with their unit. `alive` is the mark of every ten seconds by which gaps in monitoring are known."""
