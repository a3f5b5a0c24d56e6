"""Views of what goes on now: the live figures, and single things as they happen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from monitoring.analysis.figure import Point
from monitoring.cli.figures import Listed, maybe, named, precise, sentence, spark
from monitoring.happenings import Happening
from monitoring.model import Band, Health, Instant
from monitoring.phrasing import NONE, count, pace, share
from monitoring.realtime import Course, Realtime

MOST_PERSONAS = 6
_COLOURS = {"user": "", "persona": "cyan", "operation": "dim", "incident": "bold"}
_BANDS = {Band.WARNING: "yellow", Band.CRITICAL: "bold red"}


def now(value: Realtime, course: Course) -> RenderableType:
    """The figures of the last minutes, with their course of half an hour."""
    shown = Table.grid(padding=(0, 2))
    shown.add_column(no_wrap=True)
    shown.add_column(justify="right", no_wrap=True, min_width=8)
    shown.add_column(no_wrap=True)
    rows: Sequence[tuple[str, str, Sequence[float | None]]] = (
        ("People", count(value.active_users), ()),
        ("Messages a minute", pace(value.messages_per_minute), course.messages_per_minute),
        ("Mean response", _milliseconds(value.avg_response_time_ms), course.avg_response_time_ms),
        ("Error rate", share(value.error_rate), course.error_rate),
    )
    for name, words, line in rows:
        shown.add_row(Text(name), Text(words, style="bold"), _line(line))

    return Group(shown, services(value), personas(value))


def services(value: Realtime) -> Text:
    """Services in a line: those that are unwell by name."""
    health = value.services or {}
    bad = [name for name, one in health.items() if one in (Health.UNHEALTHY, Health.DEGRADED)]
    if bad:
        return Text("Services unwell: " + ", ".join(named(name).plain for name in bad), style="yellow")

    return Text(f"Services: all {len(health)} answer" if health else "Services: none was probed lately", style="dim")


def personas(value: Realtime) -> RenderableType:
    """Who spoke in the last minutes, most first."""
    spoken = sorted(value.personas.items(), key=lambda one: (-one[1].messages, one[0]))
    told = [f"{named(name, 16).plain} {one.messages}" for name, one in spoken[:MOST_PERSONAS]]
    rest = [f"{len(spoken) - MOST_PERSONAS} more"] if len(spoken) > MOST_PERSONAS else []
    return Listed([*told, *rest] or ["No persona spoke"], "dim")


def line(one: Happening, zone: str) -> Text:
    """One thing that happened: time, what it is about, and what it was."""
    colour = _BANDS.get(one.band, _COLOURS.get(one.kind, ""))
    sign = {Band.WARNING: "▲ ", Band.CRITICAL: "■ "}.get(one.band, "")
    subject = Text(f"incident {one.subject}") if one.kind == "incident" else maybe(one.subject, 20)
    if one.kind == "user":
        subject = Text("")

    return Text.assemble(
        (precise(one.at, zone), "dim"),
        "  ",
        (subject.plain.ljust(14) + " ", "bold" if one.kind == "persona" else colour),
        (sign + sentence(one.text).plain, colour),
        no_wrap=True,
    )


def _line(values: Sequence[float | None]) -> Text:
    at: Instant = 0
    return spark([Point(at, value) for value in values], 40) if any(v is not None for v in values) else Text("")


def _milliseconds(value: float | None) -> str:
    return NONE if value is None else f"{value:,.0f} ms"
