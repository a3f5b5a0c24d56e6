"""Rows of an export as text: CSV for spreadsheets, JSON for programs, OpenMetrics to fill a Prometheus backwards."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol

from monitoring.analysis.figure import Gap
from monitoring.export.rows import COUNTS, FIGURES, NAMES, Row, figures, unit
from monitoring.metrics import METRICS
from monitoring.model import Instant
from monitoring.rollup import MICRO, Labels

VERSION = 1
"""Of the form of exports; a column more makes no new one."""
LABELS = tuple(dict.fromkeys(name for metric in METRICS.values() for name in metric.labels))
"""All labels, each once, in the order in which the list of metrics has them."""
COLUMNS = ("time", "end", "step", "metric", "unit", *LABELS, *FIGURES, "partial")
"""Of the CSV form."""
FAMILY = "monitoring_step_"
"""What Prometheus calls a metric begins so; none of the live metrics does."""
_FORMULA = re.compile(r"""((?:^|[;,|])[\s"'`＂＇]*)(?=[=+\-@\t\r\n＝＋－＠])""")
_ESCAPED = {ord("\\"): r"\\", ord('"'): r"\"", ord("\n"): r"\n"}


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of an export before its first row."""

    since: Instant
    until: Instant
    zone: str
    step: str
    guild: str | None
    services: tuple[str, ...]
    metrics: tuple[str, ...]
    gaps: tuple[Gap, ...]
    drops: Mapping[str, int]
    """Facts that are missing, by reason."""


class Form(Protocol):
    """One form of exports. A form whose rows must lie metric by metric has `by_metric`."""

    ending: str
    kind: str
    by_metric: bool

    def begin(self, told: Told) -> str:
        """What is before the rows."""

    def rows(self, rows: Iterable[Row]) -> str:
        """Rows, where others may have come before."""

    def end(self) -> str:
        """What is after them."""


class Csv:
    """A line for each row, with a column for each label."""

    ending, kind, by_metric = "csv", "text/csv; charset=utf-8; header=present", False

    def begin(self, told: Told) -> str:
        """The names of the columns; the mark at the start tells spreadsheets that names are in UTF-8."""
        return "\ufeff" + _lines([COLUMNS])

    def rows(self, rows: Iterable[Row]) -> str:
        """As it is read by every spreadsheet; no cell begins a formula."""
        return _lines(
            (
                *(moment(row.start), moment(row.end), row.step, row.metric, unit(row)),
                *_label_cells(row.metric, row.labels),
                *("" if value is None else value for value in _values(row)),
                "true" if row.partial else "false",
            )
            for row in rows
        )

    def end(self) -> str:
        """Nothing."""
        return ""


class Json:
    """One document: what was asked, gaps and drops, and a line for each row."""

    ending, kind, by_metric = "json", "application/json; charset=utf-8", False

    def __init__(self) -> None:
        self._first = True

    def begin(self, told: Told) -> str:
        """Everything but the rows."""
        gaps = [{"since": moment(gap.start), "until": moment(gap.end)} for gap in told.gaps]
        head = {
            "version": VERSION,
            "since": moment(told.since),
            "until": moment(told.until),
            "zone": told.zone,
            "step": told.step,
            "guild": told.guild,
            "services": list(told.services) or None,
            "partial": any(told.drops.values()),
            "drops": dict(sorted(told.drops.items())),
            "gaps": gaps,
            "metrics": {
                name: {"unit": METRICS[name].unit, "labels": METRICS[name].labels, "help": METRICS[name].help}
                for name in told.metrics
            },
        }
        return _json(head)[:-1] + ',"rows":['

    def rows(self, rows: Iterable[Row]) -> str:
        """Labels under their names; null is not known, or too few to tell."""
        text = ",".join("\n" + _record(row) for row in rows)
        if not text:
            return ""

        first, self._first = self._first, False
        return text if first else f",{text}"

    def end(self) -> str:
        """The rest of the document."""
        return "\n]}\n"


class OpenMetrics:
    """A family for each metric, with the figure under the label `stat`; stamped with the end of the step."""

    ending, kind, by_metric = "prom", "application/openmetrics-text; version=1.0.0; charset=utf-8", True

    def __init__(self) -> None:
        self._family = ""

    def begin(self, told: Told) -> str:
        """Nothing."""
        return ""

    def rows(self, rows: Iterable[Row]) -> str:
        """What is over: a step that goes on would be another one when it is filled in again."""
        return "".join(text for row in rows for text in self._samples(row))

    def end(self) -> str:
        """The end, without which it is not taken for whole."""
        return "# EOF\n"

    def _samples(self, row: Row) -> Iterator[str]:
        name = family(row.metric)
        if name != self._family:
            self._family = name
            metric = METRICS[row.metric]
            # OpenMetrics wants quotes escaped here, the older text form forbids it: so there are none.
            about = _escaped(f"{metric.help} Unit: {metric.unit}.".replace('"', "'"))
            yield f"# TYPE {name} gauge\n# HELP {name} {about}\n"

        labels, at = _openmetrics_labels(row.metric, row.labels, row.step), row.end // 1000
        for stat, value in zip(FIGURES, _values(row), strict=True):
            if value is not None:
                yield f'{name}{{stat="{stat}",{labels}}} {value} {at}\n'


_COUNTS = tuple(name in COUNTS for name in FIGURES)
FORMS: Mapping[str, type[Csv] | type[Json] | type[OpenMetrics]] = {
    "csv": Csv,
    "json": Json,
    "prometheus": OpenMetrics,
}


def family(metric: str) -> str:
    """What Prometheus calls a metric; a name must not say "gauge"."""
    return FAMILY + ("sample" if metric == "gauge" else metric)


@lru_cache(maxsize=1024)
def moment(at: Instant) -> str:
    """An instant in UTC, to the second: steps begin at full ones."""
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def cell(text: str) -> str:
    """A name as a spreadsheet may show it: nothing in it begins a formula, whatever separates the cells there.

    After OWASP's page on CSV injection; an apostrophe before it makes it text.
    """
    return _FORMULA.sub(r"\1'", text)


def number(millionths: int) -> str:
    """Whole millionths as a decimal number, exactly."""
    whole, rest = divmod(abs(millionths), MICRO)
    text = f"{whole}.{rest:06}".rstrip("0") if rest else str(whole)
    return f"-{text}" if millionths < 0 else text


def _values(row: Row) -> list[str | None]:
    """The figures of a row as numbers, None for what is not known."""
    told = zip(figures(row.metric, row.rollup), _COUNTS, strict=True)
    return [None if value is None else str(value) if count else number(value) for value, count in told]


def _lines(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


@lru_cache(maxsize=NAMES)
def _label_cells(metric: str, labels: Labels) -> tuple[str, ...]:
    told = dict(zip(METRICS[metric].labels, labels, strict=True))
    return tuple(cell(told.get(name, "")) for name in LABELS)


@lru_cache(maxsize=NAMES)
def _json_labels(metric: str, labels: Labels) -> str:
    return _json(dict(zip(METRICS[metric].labels, labels, strict=True)))


@lru_cache(maxsize=NAMES)
def _openmetrics_labels(metric: str, labels: Labels, step: str) -> str:
    """What is empty is left out, which is the same to Prometheus."""
    told = [(name, value) for name, value in zip(METRICS[metric].labels, labels, strict=True) if value]
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in (*told, ("step", step)))


def _record(row: Row) -> str:
    values = (f'"{name}":{value or "null"}' for name, value in zip(FIGURES, _values(row), strict=True))
    return (
        f'{{"time":"{moment(row.start)}","end":"{moment(row.end)}","step":"{row.step}","metric":"{row.metric}",'
        f'"unit":{_json(unit(row))},"labels":{_json_labels(row.metric, row.labels)},{",".join(values)},'
        f'"partial":{"true" if row.partial else "false"}}}'
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _escaped(text: str) -> str:
    return text.translate(_ESCAPED)
