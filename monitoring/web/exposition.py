"""What is published, as Prometheus text (0.0.4) or as OpenMetrics (1.0.0).

Written here and not by a library: it is a page of rules, and a scrape costs a thirtieth so. Tests hold it
against Prometheus' own client and tool.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

from monitoring.published import BOUNDS, Distribution, Family, Published
from monitoring.rollup import Labels

Format: TypeAlias = Literal["text", "openmetrics"]
CONTENT_TYPES: Mapping[Format, str] = {
    "text": "text/plain; version=0.0.4; charset=utf-8",
    "openmetrics": "application/openmetrics-text; version=1.0.0; charset=utf-8",
}
_ESCAPED = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_BELOW = [f'le="{bound!r}"' for bound in BOUNDS]
_ALL = 'le="+Inf"'


def exposition(published: Sequence[Published], form: Format = "text") -> bytes:
    """All of it in one of the two formats; a metric without values is shown with its meaning alone."""
    found: list[str] = []
    for one in published:
        found += _heading(one.family, form)
        found += _histogram(one) if one.family.kind == "histogram" else _plain(one)

    if form == "openmetrics":
        found.append("# EOF")

    return ("\n".join(found) + "\n").encode()


def _heading(family: Family, form: Format) -> Iterator[str]:
    """OpenMetrics names a counter without its suffix, and knows units."""
    name = family.shown if form == "text" else family.name
    yield f"# HELP {name} {family.help}"
    yield f"# TYPE {name} {family.kind}"
    if form == "openmetrics" and family.unit:
        yield f"# UNIT {name} {family.unit}"


def _plain(one: Published) -> Iterator[str]:
    name, names = one.family.shown, one.family.labels
    for labels, value in one.values.items():
        told = _told(names, labels)
        yield f"{name}{{{told}}} {value!r}" if told else f"{name} {value!r}"


def _histogram(one: Published) -> Iterator[str]:
    """Cumulative counts by upper bound, and the sum."""
    name = one.family.name
    for labels, value in one.values.items():
        assert isinstance(value, Distribution), "a histogram's values are distributions"
        told = _told(one.family.labels, labels)
        first = f"{name}_bucket{{{told}," if told else f"{name}_bucket{{"
        for below, at_most in zip(_BELOW, value.at_most, strict=True):
            yield f"{first}{below}}} {at_most}"

        yield f"{first}{_ALL}}} {value.count}"
        rest = f"{{{told}}}" if told else ""
        yield f"{name}_count{rest} {value.count}"
        yield f"{name}_sum{rest} {value.sum!r}"


def _told(names: Sequence[str], labels: Labels) -> str:
    """Labels as they are written between the braces."""
    return ",".join([f'{name}="{value.translate(_ESCAPED)}"' for name, value in zip(names, labels, strict=True)])
