"""What a rule can be about: its statistics, the unit its values are in, and which figures are looked at from afar."""

from __future__ import annotations

from collections.abc import Mapping

from monitoring.incident import Rule
from monitoring.metrics import GAUGES, METRICS
from monitoring.model import MINUTE, SECOND

STATE = "state"
"""The unit of rules that know only well or not: no value is shown with them."""
SPECIAL = "special"
"""The metric of rules whose figure is no plain statistic of one metric (`where` says which: `alerting.special`)."""
STATISTICS = (
    "mean",
    "p50",
    "p95",
    "p99",
    "rate",
    "success",
    "count",
    "sum",
    "high",
    "last",
    "absence",
    "change",
    "anomaly",
)
GIVEN = frozenset({"last", "absence", "change", "anomaly"})
"""Statistics that a rollup does not have: whoever reads the figures brings the value."""
AMOUNTS = frozenset({"count", "sum"})
"""Statistics that are 0, not unknown, where nothing happened."""
REACH = 25 * MINUTE
"""As far back as rules are judged by memory alone; what reaches further is read from the store once a minute."""


def unit_of(metric: str, statistic: str, where: Mapping[str, str]) -> str:
    """The unit of such a rule's values, as `phrasing.in_unit` knows it."""
    of_statistic = {
        "rate": "rate",
        "success": "rate",
        "count": "",
        "absence": "span",
        "change": "times",
        "anomaly": "σ",
    }.get(statistic)
    if of_statistic is not None:
        return of_statistic

    if metric == "probe" and statistic == "last":
        return STATE

    if metric == "gauge":
        unit = GAUGES.get(where.get("name", ""), "")
        return "ms" if unit == "s" else unit

    unit = METRICS[metric].unit
    return "" if unit == "its own" else unit


def far(rule: Rule) -> bool:
    """Whether its figure cannot be told from the newest half hour in memory."""
    if rule.metric == SPECIAL or rule.statistic in ("absence", "change", "anomaly"):
        return True

    return rule.window * SECOND > REACH
