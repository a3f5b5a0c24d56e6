"""Views of what was, what is promised and what is worth doing: incidents, promises, uptime, advice, the machine."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from monitoring.analysis.advice import Insights
from monitoring.analysis.health import Resources
from monitoring.analysis.incidents import IncidentLog
from monitoring.analysis.slo import Slo
from monitoring.cli.figures import band, figures, moment, named, sentence, severity, spark, under, window_words
from monitoring.cli.tables import table
from monitoring.cli.views_health import GAUGE_WORDS
from monitoring.digest.plain import without_marks
from monitoring.phrasing import count, duration, in_unit, more, share, slower, well

MOST = 15
_PROMISES = {"success": "answers that succeed", "fast": "answers in time", "uptime": "uptime"}


def incidents(value: IncidentLog, zone: str) -> RenderableType:
    """The incidents of a window, newest first."""
    now = value.window.end
    titles = {one.number: rule.title for rule in value.rules for one in rule.courses}
    rows = [
        (
            str(one.number),
            severity(one.severity),
            named(titles[one.number], 36),
            moment(one.opened_at, zone, now),
            duration(((one.ended_at or now) - one.opened_at) / 1000),
            "" if one.ended_at is not None else "open",
        )
        for one in reversed(value.courses[-MOST:])
    ]
    heads = (">number", "severity", "*what", "opened?", ">lasted", "")
    shown = figures(
        [
            ("Opened", value.opened, count, more),
            ("Acknowledged after", value.to_acknowledge, duration, slower),
            ("Over after", value.to_resolve, duration, slower),
        ]
    )
    return Group(
        under("Incidents", shown, note=window_words(value.window)), Text(""), table(heads, rows, "There was none.")
    )


def insights(value: Insights, zone: str) -> RenderableType:
    """What is worth doing."""
    parts: list[RenderableType] = []
    for one in value.recommendations:
        parts.append(Text.assemble((f"{one.priority.word}  ", "dim"), (_plain(one.title), "bold")))
        parts.append(Padding(Text(_plain(one.evidence)), (0, 0, 0, 2)))
        parts.append(Padding(Text(f"→ {_plain(one.action)}", style="cyan"), (0, 0, 0, 2)))

    coming = [
        Text(f"{named(name.replace('_', ' ')).plain} reaches {count(one.limit)} about {moment(one.at, zone, 0)}")
        for name, one in value.reaches
    ]
    shown = parts or [Text("Nothing stands out.", style="dim")]
    return under("Worth doing", *shown, *coming, note=window_words(value.window))


def promises(value: Sequence[Slo], zone: str) -> RenderableType:
    """What is promised, and what is left of what may be bad."""
    rows = [
        (
            Text.assemble(_PROMISES.get(one.what, one.what), f" of {named(one.subject).plain}" if one.subject else ""),
            well(one.target),
            well(one.value),
            "" if one.budget is None else "used up" if one.budget < 0 else share(one.budget),
            band(one.state),
        )
        for one in value
    ]
    return under(
        "Promises, 30 days", table(("promise", ">aim", ">kept", ">left", "state"), rows, "Nothing is promised.")
    )


def resources(value: Resources, zone: str) -> RenderableType:
    """The machine and the event loop over a window."""
    rows = [
        (
            GAUGE_WORDS.get(one.name, one.name.replace("_", " ")),
            in_unit(one.now, one.unit),
            in_unit(one.peak, one.unit),
            in_unit(one.limit, one.unit) if one.limit is not None else "",
            spark(one.points, 24),
        )
        for one in value.lines
    ]
    return under("Machine", table(("", ">now", ">peak", ">limit", "?"), rows, ""), note=window_words(value.window))


def _plain(text: str) -> str:
    return sentence(without_marks(text)).plain
