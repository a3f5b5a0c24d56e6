"""Exports as text: what no spreadsheet may calculate, and what every reader reads back as it was."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.export.rows import Row, clean
from monitoring.export.text import COLUMNS, FORMS, Csv, Json, OpenMetrics, Told, cell, number
from monitoring.metrics import METRICS
from monitoring.model import HOUR
from monitoring.rollup import Labels, Rollup

from .stock import HOSTILE, NOW

STARTERS = "=+-@\t\r\n＝＋－＠"
TOLD = Told(NOW - HOUR, NOW, "UTC", "hour", None, (), ("response",), (), {})
text = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)


def row(*labels: str, metric: str = "response", values: tuple[float, ...] = (1.5,)) -> Row:
    """A row of an hour."""
    rollup = Rollup()
    for value in values:
        rollup.add(value, sketch=True)

    return Row(NOW - HOUR, NOW, "hour", metric, clean(labels), rollup, partial=False)


@given(st.text(STARTERS + " \"'`;,|a1＂", max_size=12) | text)
def test_no_cell_begins_a_formula(name: str) -> None:
    """Not after blanks, quotes or what another spreadsheet takes for the end of a cell, nor in full-width letters."""
    told = cell(name)
    for part in re.split(r"[;,|]", told):
        bare = re.sub(r"^[\s\"`＂＇]*", "", part)
        assert bare[:1] not in set(STARTERS)

    assert told.replace("'", "") == name.replace("'", "")


@pytest.mark.parametrize("name", ["Luna", "O'Neill", "a-b", "m=n", "1+1", "名前", "x@y", ""])
def test_what_begins_none_is_left_alone(name: str) -> None:
    """A sign inside a name is no formula."""
    assert cell(name) == name


@given(st.lists(text, min_size=3, max_size=3))
def test_f16_names_come_back_whole(names: list[str]) -> None:
    """Whatever a name holds, each form is read back as one row with that name, cleaned of what cannot be seen."""
    one, wanted = row(*names), clean(tuple(names))
    lines = list(csv.reader(io.StringIO(Csv().rows([one]), newline="")))
    assert [len(line) for line in lines] == [len(COLUMNS)]
    assert tuple(lines[0][5:8]) == tuple(map(cell, wanted))
    form = Json()
    read = json.loads(form.begin(TOLD) + form.rows([one]) + form.end())["rows"]
    assert [tuple(entry["labels"].values()) for entry in read] == [wanted]
    samples = OpenMetrics().rows([one]).splitlines()[2:]
    assert len(samples) == 7
    assert all(
        re.fullmatch(r"monitoring_step_response\{(\w+=\"(\\.|[^\"\\\n])*\",?)+\} -?[\d.]+ \d+", s) for s in samples
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_names_that_mean_harm(name: str) -> None:
    """Each stays readable and does nothing."""
    line = Csv().rows([row(name, "1", "x")])
    assert "\x00" not in line
    assert line.count("\r\n") == 1
    assert "\u202e" not in line
    (read,) = csv.reader(io.StringIO(line, newline=""))
    assert read[5][:1] not in set(STARTERS)


@given(st.integers(-(10**24), 10**24))
def test_numbers_stay_numbers(millionths: int) -> None:
    """Exactly, with their sign, without an exponent."""
    told = number(millionths)
    assert re.fullmatch(r"-?\d+(\.\d{1,6})?", told)
    whole, _, rest = told.lstrip("-").partition(".")
    assert (-1 if told.startswith("-") else 1) * (int(whole) * 10**6 + int(rest.ljust(6, "0"))) == millionths


def test_a_negative_number_is_no_formula() -> None:
    """It is a number in the cell, while a name that looks like one is text."""
    one = row("-5", "Nyx", "1", metric="interaction", values=(-0.5,))
    (read,) = csv.DictReader(io.StringIO(Csv().begin(TOLD).removeprefix("\ufeff") + Csv().rows([one]), newline=""))
    assert (read["persona"], read["total"], read["mean"], read["min"]) == ("'-5", "-0.5", "-0.5", "-0.5")


def test_what_is_not_known_is_empty() -> None:
    """Never 0: quantiles of too few, values where none was told, tokens where there are none."""
    one = Row(NOW - HOUR, NOW, "hour", "failure", ("llm", "run", "timeout", "1"), Rollup(count=3), partial=False)
    (read,) = csv.DictReader(io.StringIO(Csv().begin(TOLD).removeprefix("\ufeff") + Csv().rows([one]), newline=""))
    known = {name: value for name, value in read.items() if value}
    assert known == {
        "time": "2026-11-21T13:00:00Z", "end": "2026-11-21T14:00:00Z", "step": "hour", "metric": "failure",
        "unit": "failures", "service": "llm", "operation": "run", "kind": "timeout", "guild": "1", "count": "3",
        "failures": "0", "partial": "false",
    }  # fmt: skip
    form = Json()
    (entry,) = json.loads(form.begin(TOLD) + form.rows([one]) + form.end())["rows"]
    assert {name for name, value in entry.items() if value is None} == {
        "total", "mean", "min", "max", "p50", "p95", "p99", "prompt_tokens", "completion_tokens", "cached_tokens",
        "cost_dollars", "unpriced",
    }  # fmt: skip


def test_every_label_has_one_column() -> None:
    """A metric's labels are columns, none of which is called like another thing."""
    assert len(set(COLUMNS)) == len(COLUMNS)
    labels: set[Labels] = {metric.labels for metric in METRICS.values()}
    assert {name for own in labels for name in own} < set(COLUMNS)


@pytest.mark.parametrize("form", FORMS)
def test_nothing_at_all_is_a_whole_file(form: str) -> None:
    """A window without anything has the head and the end of its form."""
    made = FORMS[form]()
    told = made.begin(TOLD) + made.rows([]) + made.end()
    assert {
        "csv": lambda: len(told.splitlines()) == 1,
        "json": lambda: json.loads(told)["rows"] == [],
        "prometheus": lambda: told == "# EOF\n",
    }[form]()
