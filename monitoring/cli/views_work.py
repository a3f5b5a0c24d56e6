"""Views of work done: response times, services and their operations, failures."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from monitoring.analysis.errors import Errors
from monitoring.analysis.figure import Bands, Figure, Point, Timing
from monitoring.analysis.performance import Performance
from monitoring.analysis.services import ServicePage, Work
from monitoring.analysis.singles import Single
from monitoring.cli.figures import bar, beyond, figures, maybe, moment, named, sentence, spark, under, window_words
from monitoring.cli.tables import Cell, table
from monitoring.model import Instant
from monitoring.phrasing import FEW, NONE, count, more, pace, points, seconds, share, slower

PARTIAL = "Facts were dropped in this window: counts are right, percentiles are partial."


def performance(value: Performance, zone: str) -> RenderableType:
    """Response times, their course, and where the time goes."""
    course = [Point(one.start, _height(one.timing), one.timing.n) for one in value.points]
    parts = [
        (named(one.name), seconds(one.mean), bar(one.share), share(one.share), count(one.n) if one.n else "")
        for one in value.components
    ]
    whose = f"Response times of {value.subject}" if value.subject else "Response times"
    heads = ("part of a response", ">mean", "?", ">share", ">n?")
    return Group(
        under(whose, times(value.now, value.before, value.bands), note=window_words(value.window)),
        Text.assemble("P95  ", spark(course)) if any(one.value is not None for one in course) else Text("", end=""),
        under("Where the time goes", table(heads, parts, "No parts are reported.")),
        sentence(PARTIAL, "yellow") if value.partial else Text("", end=""),
    )


def times(now: Timing, before: Timing, bands: Bands) -> RenderableType:
    """Mean, percentiles and failures, each with its change and how it stands."""
    rows = [
        (name, Figure(new, old, now.n, limits.band(new)), seconds, slower)
        for name, new, old, limits in (
            ("Mean", now.mean, before.mean, bands.mean),
            ("P95", now.p95, before.p95, bands.p95),
            ("P99", now.p99, before.p99, bands.p99),
        )
    ]
    failed = Figure(now.rate, before.rate, now.n, bands.errors.band(now.rate))
    counted = Figure(float(now.n), float(before.n) if before.n else None, now.n)
    return figures([("Done", counted, count, more), *rows, ("Failed", failed, share, points)])


def service(value: ServicePage, zone: str) -> RenderableType:
    """One service: how reliable and how fast it is, by operation, with its slowest and failed ones."""
    if not value.service:
        return Group(under("Services", rows(value), note=window_words(value.window)))

    now = value.window.end
    return Group(
        under(
            f"{named(value.service).plain}",
            times(value.all.timing, value.before, value.bands),
            note=window_words(value.window),
        ),
        Text(f"{pace(value.all.per_minute)} a minute, {pace(value.all.per_hour)} an hour", style="dim"),
        under("Operations", rows(value)),
        under("Slowest, of the last 24 h", singles(value.slowest, zone, now, "None was recorded.")),
        under("Failed, of the last 24 h", singles(value.failed, zone, now, "None failed.")),
        sentence(PARTIAL, "yellow") if value.partial else Text("", end=""),
    )


def rows(value: ServicePage) -> RenderableType:
    """The operations of a service, or the services, side by side."""
    heads = (
        "operation" if value.service else "service",
        ">done",
        ">a minute?",
        ">mean",
        ">P95",
        ">P99?",
        ">failed",
        "",
    )
    return table(heads, (_work(one, value.bands) for one in value.rows), "Nothing was done in this window.")


def singles(found: Sequence[Single], zone: str, now: Instant, nothing: str) -> RenderableType:
    """Single operations."""
    cells = (
        (
            moment(one.at, zone, now),
            named(one.operation, 20),
            seconds(one.duration),
            maybe(one.model, 20),
            maybe(one.kind, 14),
        )
        for one in found
    )
    return table(("when", "*operation", ">took", "*model", "failed with"), cells, nothing)


def errors(value: Errors, zone: str) -> RenderableType:
    """What failed: how often, by kind, where, and the newest ones."""
    kinds = [
        (named(one.name), one.severity, count(one.count), bar(one.share), moment(one.last_at, zone, value.window.end))
        for one in value.kinds
    ]
    where = [(named(one.name), count(one.failures), count(one.attempts), share(one.rate)) for one in value.services]
    trend = f"{value.trend.word}: {value.trend.now} in 6 h, {value.trend.before} before" if value.trend else ""
    course = [Point(one.at, one.failures) for one in value.steps]
    return Group(
        under(
            "Failures" + (f" of {named(value.service).plain}" if value.service else ""), note=window_words(value.window)
        ),
        figures(
            [
                ("Failures", value.total, count, more),
                ("Error rate", value.rate, share, points),
                *([("Of answers", value.answers, share, points)] if value.answers.n else []),
            ]
        ),
        Text.assemble(spark(course), f"  {trend}"),
        under("By kind", table(("kind", "severity?", ">count", "share?", ">last"), kinds, "Nothing failed.")),
        under("By service", table(("service", ">failed", ">of", ">rate"), where, "No service failed.")),
    )


def _work(one: Work, bands: Bands) -> tuple[Cell, ...]:
    timed = one.timing
    return (
        named(one.name),
        count(timed.n),
        pace(one.per_minute),
        _time(timed.mean, timed),
        _time(timed.p95, timed),
        _time(timed.p99, timed),
        share(timed.rate),
        beyond(bands.errors.band(timed.rate)),
    )


def _time(value: float | None, timed: Timing) -> str:
    if value is not None:
        return seconds(value)

    return FEW if timed.n > timed.failures else NONE


def _height(timed: Timing) -> float | None:
    return timed.p95 if timed.p95 is not None else timed.mean
