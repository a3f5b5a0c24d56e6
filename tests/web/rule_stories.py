"""What happens to a bot, as series in Prometheus' own notation, and what the rules should make of it."""

from __future__ import annotations

from typing import Any, TypeAlias

from monitoring.web.grafana_rules import ALERTS

BOT = 'job="greenroom",instance="bot:8000"'
Fires: TypeAlias = list[dict[str, Any]]
Story: TypeAlias = tuple[str, str, dict[str, str], Fires]
_BY_NAME = {alert.name: alert for alert in ALERTS}


def one(name: str, labels: str = "") -> str:
    """A series of the bot."""
    return f"{name}{{{', '.join(filter(None, (BOT, labels)))}}}"


def fires(name: str, summary: str, **labels: str) -> Fires:
    """One alert with its texts."""
    alert = _BY_NAME[name]
    whole = {"job": "greenroom", "instance": "bot:8000", "severity": alert.severity} | labels
    return [{"exp_labels": whole, "exp_annotations": {"summary": summary, "description": alert.advice}}]


INFO = one("monitoring_build_info", 'version="1",python="3.13"')
RESPONSES = one("monitoring_responses_total", 'persona="Mira",source="reported"')
FAILED = one("monitoring_response_failures_total", 'persona="Mira",source="reported"')
REQUESTS = one("monitoring_llm_requests_total", 'model="m-1"')
BROKEN = one("monitoring_llm_request_failures_total", 'model="m-1"')
TIMES = "monitoring_response_duration_seconds"
PERSONA = one("monitoring_messages_total", 'author="persona",persona="Mira"')
USERS = one("monitoring_messages_total", 'author="user",persona=""')
DROPPED = one("monitoring_facts_total", 'state="dropped",class="success",reason="full"')
PINGS = "monitoring_dead_man_pings_total"


def times(below: str, above: str) -> dict[str, str]:
    """A histogram whose answers take at most 5 s, or 8 to 15 s: so many a minute of each."""
    per = 'persona="Mira",source="reported"'
    fast, slow = int(below), int(above)
    return {
        one(f"{TIMES}_bucket", f'{per},le="5.0"'): f"0+{fast}x60",
        one(f"{TIMES}_bucket", f'{per},le="8.0"'): f"0+{fast}x60",
        one(f"{TIMES}_bucket", f'{per},le="15.0"'): f"0+{fast + slow}x60",
        one(f"{TIMES}_bucket", f'{per},le="+Inf"'): f"0+{fast + slow}x60",
        one(f"{TIMES}_count", per): f"0+{fast + slow}x60",
    }


STORIES: tuple[Story, ...] = (
    ("GreenroomDown", "20m", {one("up"): "1x10 0x20", INFO: "1x10 _x20"},
     fires("GreenroomDown", "The bot at bot:8000 does not answer.")),
    ("GreenroomDown", "20m", {one("up"): "1x30", INFO: "1x30"}, []),
    ("GreenroomAbsent", "30m", {INFO: "1x5 _x40"},
     [{"exp_labels": {"severity": "critical"},
       "exp_annotations": {"summary": "No bot is being watched.",
                           "description": _BY_NAME["GreenroomAbsent"].advice}}]),
    ("GreenroomAbsent", "30m", {INFO: "1x40"}, []),
    ("GreenroomRulesNotJudged", "10m", {one("monitoring_judged_timestamp_seconds"): "60x20"},
     fires("GreenroomRulesNotJudged", "The bot's own rules have not been judged for 9m 0s.")),
    ("GreenroomRulesNotJudged", "10m", {one("monitoring_judged_timestamp_seconds"): "0+60x20"}, []),
    ("GreenroomServiceDown", "10m", {one("monitoring_service_up", 'service="llm"'): "1x4 0x20"},
     fires("GreenroomServiceDown", "llm is unhealthy.", service="llm")),
    ("GreenroomServiceDown", "10m", {one("monitoring_service_up", 'service="llm"'): "1x20"}, []),
    ("GreenroomGatewayLatency", "10m", {one("monitoring_gateway_latency_seconds"): "1.5x20"},
     fires("GreenroomGatewayLatency", "Discord's gateway takes 1.5s to answer.")),
    ("GreenroomGatewayLatency", "10m", {one("monitoring_gateway_latency_seconds"): "0.1x20"}, []),
    ("GreenroomErrorRate", "30m", {RESPONSES: "0+10x60", FAILED: "0+2x60"},
     fires("GreenroomErrorRate", "20% of answers fail.")),
    # One of one is no trouble.
    ("GreenroomErrorRate", "30m", {RESPONSES: "0x20 1x40", FAILED: "0x20 1x40"}, []),
    ("GreenroomModelFailing", "30m", {REQUESTS: "0+10x60", BROKEN: "0+5x60"},
     fires("GreenroomModelFailing", "50% of requests to m-1 fail.", model="m-1")),
    ("GreenroomModelFailing", "30m", {REQUESTS: "0+10x60", BROKEN: "0+1x60"}, []),
    ("GreenroomSlowAnswers", "30m", times("5", "5"),
     fires("GreenroomSlowAnswers", "Answers take 14.3s at P95.")),
    ("GreenroomSlowAnswers", "30m", times("10", "0"), []),
    ("GreenroomPersonaSilent", "28h", {PERSONA: "0+1x1440 1440x400", USERS: "0+1x2000"},
     fires("GreenroomPersonaSilent", "Mira has said nothing for two hours, though people write.", persona="Mira")),
    # Nobody writes either: it is night.
    ("GreenroomPersonaSilent", "28h", {PERSONA: "0+1x1440 1440x400", USERS: "0+1x1440 1440x400"}, []),
    ("GreenroomDropping", "10m", {DROPPED: "0x4 0+5x20"},
     fires("GreenroomDropping", "Facts are dropped: success, full.", **{"class": "success", "reason": "full"})),
    ("GreenroomDropping", "10m",
     {one("monitoring_facts_total", 'state="dropped",class="success",reason="invalid"'): "0+5x20"}, []),
    ("GreenroomStoreStuck", "10m", {one("monitoring_facts_buffered", 'class="success"'): "9000x20"},
     fires("GreenroomStoreStuck", "9000 facts wait to be stored.")),
    ("GreenroomStoreStuck", "10m", {one("monitoring_facts_buffered", 'class="success"'): "90x20"}, []),
    ("GreenroomBackupOld", "30m", {one("monitoring_backup_age_seconds"): "172800x60"},
     fires("GreenroomBackupOld", "There is no backup of the last 2d 0h 0m 0s.")),
    ("GreenroomBackupOld", "40h", {one("monitoring_start_time_seconds"): "0x2500"},
     fires("GreenroomBackupOld", "There is no backup of the last 1d 16h 0m 0s.")),
    ("GreenroomBackupOld", "30m", {one("monitoring_backup_age_seconds"): "60x60"}, []),
    ("GreenroomDiskFull", "10m", {one("monitoring_disk_usage_ratio"): "0.95x20"},
     fires("GreenroomDiskFull", "The store's disk is 95% full.")),
    ("GreenroomDiskFull", "10m", {one("monitoring_disk_usage_ratio"): "0.5x20"}, []),
    ("GreenroomLoopLag", "10m", {one("monitoring_loop_lag_seconds"): "0.8x20"},
     fires("GreenroomLoopLag", "The event loop is 800ms late.")),
    ("GreenroomLoopLag", "10m", {one("monitoring_loop_lag_seconds"): "0.01x20"}, []),
    ("GreenroomCriticalIncident", "5m", {one("monitoring_incidents_open", 'severity="critical"'): "2x20"},
     fires("GreenroomCriticalIncident", "2 critical incidents are open in the bot's own book.")),
    ("GreenroomCriticalIncident", "5m", {one("monitoring_incidents_open", 'severity="critical"'): "0x20"}, []),
    ("GreenroomDeadManFails", "40m",
     {one(PINGS, 'outcome="failed"'): "0+1x60", one(PINGS, 'outcome="answered"'): "7x60"},
     fires("GreenroomDeadManFails", "Dead-man pings do not arrive.")),
    ("GreenroomDeadManFails", "40m",
     {one(PINGS, 'outcome="failed"'): "3x60", one(PINGS, 'outcome="answered"'): "0+1x60"}, []),
)  # fmt: skip
"""(alert, when it is looked at, series by minute, what fires): for each rule one in which it does, one in which not."""
