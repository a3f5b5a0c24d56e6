"""Alerts for a Prometheus beside the bot: what the bot cannot tell itself, and what it would tell too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

ONE = "job, instance"
"""What tells one bot from another."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alerting rule. In its texts `$labels` and `$value` are Prometheus' own."""

    name: str
    expr: str
    hold: str
    severity: str
    summary: str
    advice: str


def _enough(name: str, window: str, least: int, by: str = ONE) -> str:
    """So many things happened, so that one failure of one says nothing."""
    return f"sum by ({by}) (increase({name}[{window}])) >= {least}"


def _share(part: str, whole: str, window: str, by: str = ONE) -> str:
    return f"sum by ({by}) (rate({part}[{window}])) / sum by ({by}) (rate({whole}[{window}]))"


_SPOKEN = 'monitoring_messages_total{author="persona"}'
_OF_PERSONA = f"{ONE}, persona"
ALERTS = (
    Alert(
        "GreenroomDown",
        f"up == 0 and on ({ONE}) last_over_time(monitoring_build_info[6h])",
        "2m", "critical", "The bot at {{ $labels.instance }} does not answer.",
        "Look at its process and its log. A bot that is down cannot tell you itself.",
    ),
    Alert(
        "GreenroomAbsent", "absent(monitoring_build_info)", "5m", "critical", "No bot is being watched.",
        "Prometheus scrapes none, or none answers: look at its targets, the key and ANALYTICS_ENABLED.",
    ),
    Alert(
        "GreenroomRulesNotJudged", "time() - monitoring_judged_timestamp_seconds > 120", "1m", "critical",
        "The bot's own rules have not been judged for {{ $value | humanizeDuration }}.",
        "It answers, but would not tell of anything: look at its log, then start it again.",
    ),
    Alert(
        "GreenroomServiceDown", "monitoring_service_up == 0", "2m", "critical",
        "{{ $labels.service }} is unhealthy.", "See /health in Discord, or the dashboard's System page.",
    ),
    Alert(
        "GreenroomGatewayLatency", "monitoring_gateway_latency_seconds > 1", "5m", "warning",
        "Discord's gateway takes {{ $value | humanizeDuration }} to answer.",
        "Mostly Discord's own trouble, or an event loop that is held up: compare monitoring_loop_lag_seconds.",
    ),
    Alert(
        "GreenroomErrorRate",
        f"{_share('monitoring_response_failures_total', 'monitoring_responses_total', '10m')} > 0.05"
        f" and {_enough('monitoring_responses_total', '10m', 20)}",
        "2m", "critical", "{{ $value | humanizePercentage }} of answers fail.",
        "See /why errors in Discord: which model, persona or server explains it.",
    ),
    Alert(
        "GreenroomModelFailing",
        f"{_share('monitoring_llm_request_failures_total', 'monitoring_llm_requests_total', '10m', f'{ONE}, model')}"
        f" > 0.2 and {_enough('monitoring_llm_requests_total', '10m', 10, f'{ONE}, model')}",
        "5m", "warning", "{{ $value | humanizePercentage }} of requests to {{ $labels.model }} fail.",
        "See the provider's status page, the quota, and /stats errors.",
    ),
    Alert(
        "GreenroomSlowAnswers",
        f"histogram_quantile(0.95, sum by ({ONE}, le) (rate(monitoring_response_duration_seconds_bucket[10m]))) > 8"
        f" and {_enough('monitoring_response_duration_seconds_count', '10m', 20)}",
        "5m", "warning", "Answers take {{ $value | humanizeDuration }} at P95.",
        "See /why in Discord, then the model's queue.",
    ),
    Alert(
        "GreenroomPersonaSilent",
        f"(sum by ({_OF_PERSONA}) (increase({_SPOKEN}[1d] offset 2h)) > 200"
        f" unless sum by ({_OF_PERSONA}) (increase({_SPOKEN}[2h])) > 0)"
        f" and on ({ONE}) sum by ({ONE}) (increase(monitoring_messages_total{{author=\"user\"}}[2h])) > 20",
        "10m", "warning", "{{ $labels.persona }} has said nothing for two hours, though people write.",
        "See /stats persona in Discord: is it still running, and may it write in its channels?",
    ),
    Alert(
        "GreenroomDropping",
        f"sum by ({ONE}, class, reason) "
        '(increase(monitoring_facts_total{state="dropped",reason=~"full|sampled|lost"}[5m])) > 0',
        "1m", "warning", "Facts are dropped: {{ $labels.class }}, {{ $labels.reason }}.",
        "More comes in than can be stored, or the store refuses: look at its disk.",
    ),
    Alert(
        "GreenroomStoreStuck", f"sum by ({ONE}) (monitoring_facts_buffered) > 5000", "5m", "warning",
        "{{ $value }} facts wait to be stored.", "Look at the disk, and at /monitoring status.",
    ),
    Alert(
        "GreenroomBackupOld",
        f"monitoring_backup_age_seconds > 129600 or"
        f" (time() - monitoring_start_time_seconds > 129600 unless on ({ONE}) monitoring_backup_age_seconds)",
        "15m", "warning", "There is no backup of the last {{ $value | humanizeDuration }}.",
        "Is the disk full, or the folder of backups not to be written? `monitoring doctor` says which.",
    ),
    Alert(
        "GreenroomDiskFull", "monitoring_disk_usage_ratio > 0.9", "5m", "critical",
        "The store's disk is {{ $value | humanizePercentage }} full.", "Make room: at 100 % nothing is stored.",
    ),
    Alert(
        "GreenroomLoopLag", "monitoring_loop_lag_seconds > 0.5", "5m", "warning",
        "The event loop is {{ $value | humanizeDuration }} late.",
        "Something in the bot blocks it: the log names the callback.",
    ),
    Alert(
        "GreenroomCriticalIncident", 'monitoring_incidents_open{severity="critical"} > 0', "1m", "critical",
        "{{ $value }} critical incidents are open in the bot's own book.", "See /alerts list in Discord.",
    ),
    Alert(
        "GreenroomDeadManFails",
        f"sum by ({ONE}) (increase(monitoring_dead_man_pings_total{{outcome=~\"failed|withheld\"}}[15m])) > 3"
        f" unless sum by ({ONE}) (increase(monitoring_dead_man_pings_total{{outcome=\"answered\"}}[15m])) > 0",
        "5m", "warning", "Dead-man pings do not arrive.", "See /health in Discord for why.",
    ),
)  # fmt: skip
"""All of them, the ones that only somebody outside can tell first."""


def rules_yaml() -> str:
    """The rules as Prometheus reads them."""
    return "\n".join(
        ["# Made by: python -m monitoring.web.grafana", "groups:", "  - name: greenroom", "    rules:", *_rules(), ""]
    )


def _rules() -> Iterator[str]:
    for alert in ALERTS:
        # A text in JSON is one in YAML too.
        yield f"      - alert: {alert.name}"
        yield f"        expr: {json.dumps(alert.expr)}"
        yield f"        for: {alert.hold}"
        yield "        labels:"
        yield f"          severity: {alert.severity}"
        yield "        annotations:"
        yield f"          summary: {json.dumps(alert.summary)}"
        yield f"          description: {json.dumps(alert.advice)}"
