"""Rules as the texts of a form: nothing is rounded away, and what hangs on a limit goes along with it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.alerting.rule_text import exact, new_texts, table_of, texts_of, toml_of
from monitoring.alerting.rule_words import rule_of, tables_of
from monitoring.alerting.rules import built_in
from monitoring.alerting.thresholds import Thresholds
from monitoring.incident import Escalation, Rule
from monitoring.quantities import value_of

RULES = built_in(Thresholds(p95_response_ms=8000, throughput_per_minute=100, budget_month_dollars=50))
UNITS = ("s", "ms", "span", "%", "rate", "$", "times", "σ", "points", "messages", "bytes", "")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_is_read_from_its_texts_as_it_was(rule: Rule) -> None:
    """What the form shows is what is in force, to twelve digits."""
    table = table_of(texts_of(rule), rule)
    assert isinstance(table, dict)
    read, problems = rule_of(table, rule, source=rule.source)

    assert problems == []
    assert read is not None
    assert (read.recovery or 0) == pytest.approx(rule.recovery or 0, rel=1e-11)
    assert replace(read, recovery=rule.recovery) == rule


@given(value=st.floats(1e-6, 1e6), unit=st.sampled_from(UNITS))
def test_a_value_is_written_so_that_it_is_read_again(value: float, unit: str) -> None:
    """In every unit."""
    value = float(f"{value:.9g}") if unit != "rate" else float(f"{min(value, 1.0):.9g}")
    assert value_of(exact(value, unit), unit) == pytest.approx(value, rel=1e-9)


def test_the_definition_is_what_the_file_would_hold() -> None:
    """Escalation, notifiers and texts with quotes too."""
    rule = replace(
        RULES[0], advice='Say "stop" \\ wait', notifiers=("mail",), escalation=(Escalation(900, ("mail", "slack")),)
    )
    (table,) = tables_of(toml_of(rule))
    assert not isinstance(table, str)
    read, problems = rule_of(table, RULES[0], source=rule.source)

    assert (read, problems) == (rule, [])


def test_another_limit_takes_the_ones_that_hang_on_it_along() -> None:
    """Unless somebody wrote them anew."""
    rule = next(one for one in RULES if one.name == "response_time")
    table = table_of(texts_of(rule) | {"limit": "12 s"}, rule)
    assert isinstance(table, dict)
    read, problems = rule_of(table, rule)
    assert problems == []
    assert read is not None
    assert read.above == 12.0
    assert read.critical_above == pytest.approx(12.0 * (rule.critical_above or 0) / (rule.above or 1))

    own = texts_of(rule)
    own = own | {"limit": "above 6 s", "more": own["more"].replace('critical = "10 s"', 'critical = "30 s"')}
    read, problems = rule_of(table_of(own, rule), rule)  # type: ignore[arg-type]  # a table, as above
    assert problems == []
    assert read is not None
    assert read.critical_above == 30.0


@pytest.mark.parametrize(
    ("limit", "side", "value"),
    [
        ("above 5 s", "above", "5 s"),
        ("< 90 %", "below", "90 %"),
        ("7 s", "above", "7 s"),
        ("Over 1 min", "above", "1 min"),
    ],
)
def test_a_limit_is_said_with_or_without_its_side(limit: str, side: str, value: str) -> None:
    """As people write it."""
    table = table_of({"name": "mira_slow", "limit": limit, "more": ""})
    assert isinstance(table, dict)
    assert table[side] == value


def test_a_new_rule_begins_with_what_it_takes() -> None:
    """The form as it opens is a rule already."""
    table = table_of(new_texts("mira_slow"))
    assert isinstance(table, dict)
    rule, problems = rule_of(table)

    assert problems == []
    assert rule is not None
    assert (rule.name, rule.above, rule.statistic) == ("mira_slow", 5.0, "mean")


def test_what_is_no_toml_is_said() -> None:
    """With the line, by the reader of the file."""
    found = table_of({"name": "x1", "limit": "above 5 s", "more": "advice = wait"})
    assert isinstance(found, list)
    assert "This is not TOML" in found[0]
