"""A rule's meaning is a function of the figures, the incident and the time."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.alerting.judge import HISTORY, judge, statistic
from monitoring.alerting.rule_units import SPECIAL
from monitoring.alerting.rules import Thresholds, built_in
from monitoring.incident import Incident, Rule, Stage
from monitoring.metrics import METRICS
from monitoring.rollup import Rollup

from .scene import NOON, SLOW


def rollup(*values: float, failures: int = 0) -> Rollup:
    """A summary of these values and so many failures."""
    found = Rollup()
    for value in values:
        found.add(value, sketch=True)

    for _ in range(failures):
        found.add(failed=True)

    return found


@pytest.mark.parametrize(
    ("name", "value"),
    [("mean", 3.0), ("count", 5.0), ("rate", 0.2), ("success", 0.8), ("high", 6.0), ("p50", 2.0), ("last", None)],
)
def test_each_statistic_is_its_figure(name: str, value: float | None) -> None:
    """Means and quantiles of successes, rates of attempts."""
    rule = replace(SLOW, statistic=name, minimum=1)
    found = statistic(rule, rollup(1.0, 2.0, 3.0, 6.0, failures=1))
    assert found == (value if value is None else pytest.approx(value, rel=0.01))


def test_too_few_samples_are_no_data() -> None:
    """Neither broken nor well; a count of nothing is zero."""
    assert statistic(SLOW, rollup(9.0, 9.0, 9.0, 9.0, failures=9)) is None
    assert judge(SLOW, rollup(9.0), None, NOON, number=1).no_data
    assert statistic(replace(SLOW, statistic="count"), Rollup()) == 0.0


def test_a_value_that_is_no_number_is_no_data() -> None:
    """A probe that reports NaN opens nothing."""
    rule = replace(SLOW, statistic="last", hold=0)
    assert judge(rule, Rollup(), None, NOON, number=1, value=float("nan")).no_data


def test_a_limit_below_works_the_other_way_round() -> None:
    """Success under 90 % opens; its lowest is its peak; over the recovery limit it recovers."""
    rule = next(r for r in built_in() if r.name == "llm_success")
    rule = replace(rule, hold=0, recovery_hold=0)
    opened = judge(rule, rollup(*[1.0] * 10, failures=10), None, NOON, number=1).incident
    assert opened is not None
    worse = judge(rule, rollup(*[1.0] * 5, failures=15), opened, NOON + 1, number=2).incident
    assert worse is not None
    better = judge(rule, rollup(*[1.0] * 91, failures=9), worse, NOON + 2, number=2).incident
    assert better is not None
    assert (better.stage, better.peak) == (Stage.OPEN, 0.25)
    over = judge(rule, rollup(*[1.0] * 99, failures=1), better, NOON + 3, number=2)
    assert over.changes == ("recovering", "resolved")


def test_judging_twice_at_one_moment_changes_nothing_more() -> None:
    """The same figures at the same time mean the same."""
    opened = judge(replace(SLOW, hold=0), rollup(*[9.0] * 5), None, NOON, number=1).incident
    again = judge(replace(SLOW, hold=0), rollup(*[9.0] * 5), opened, NOON, number=2)
    assert again.incident == opened
    assert again.changes == ("value",)


@given(st.lists(st.tuples(st.sampled_from([1.0, 2.8, 5.0, 20.0, None]), st.integers(1, 400)), max_size=60))
def test_stages_follow_each_other_as_they_should(course: list[tuple[float | None, int]]) -> None:
    """Pending before open, opened only after it held, resolved only after recovering held; no data moves nothing."""
    rule, now = replace(SLOW, critical_above=8.0), NOON
    incident: Incident | None = None
    last: Incident | None = None
    for value, seconds in course:
        now += seconds * 1000
        verdict = judge(rule, rollup(*[value] * 5) if value else Rollup(), incident, now, number=7, last=last)
        after = verdict.incident
        if value is None:
            assert verdict.no_data
            assert verdict.changes in {(), ("dropped",)}
        if {"opened", "reopened"} & set(verdict.changes):
            assert incident is not None
            assert incident.stage is Stage.PENDING
            assert now - incident.since >= 60_000
            assert after is not None
            assert after.number == 7
        if "resolved" in verdict.changes:
            assert after is not None
            assert after.clear_since is not None
            assert now - after.clear_since >= 60_000
            last, after = after, None
        if after is not None:
            assert len(after.history) <= HISTORY
            assert after.peak is None or after.value is None or after.peak >= after.value

        incident = after


def test_the_built_in_rules_are_sound() -> None:
    """Names once each, metrics and labels that exist, recovery on the good side, limits as they were set."""
    rules = built_in(Thresholds(response_time_ms=2000, error_rate_percent=10, cooldown=60))
    assert len({rule.name for rule in rules}) == len(rules)
    for rule in rules:
        labels = {"figure", rule.by} if rule.metric == SPECIAL else set(METRICS[rule.metric].labels)
        assert {name for name, _ in rule.where} | ({rule.by} if rule.by else set()) <= labels
        assert (rule.above is None) != (rule.below is None)
        assert rule.cooldown == 60
        if rule.recovery is not None and rule.above is not None:
            assert rule.recovery < rule.above
        if rule.recovery is not None and rule.below is not None:
            assert rule.recovery > rule.below
        if rule.critical_above is not None and rule.above is not None:
            assert rule.critical_above > rule.above

    by_name: dict[str, Rule] = {rule.name: rule for rule in rules}
    assert by_name["response_time"].above == 2.0
    assert by_name["error_rate"].above == 0.1
    assert not by_name["throughput"].enabled
