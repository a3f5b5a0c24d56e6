"""The operations of a service as an embed, or all services side by side; and how much is done in an hour."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from monitoring.analysis.services import ServicePage, Work
from monitoring.analysis.singles import Single
from monitoring.analysis.throughput import Throughput
from monitoring.model import MINUTE, Band
from monitoring.phrasing import NONE, count, more, pace, seconds, share

from ._embeds import embed, no_data_embed
from ._errors_embed import of_late, recent
from ._format import BAND, against, code, dots, graded, lines, quantile, span, stamp, title_name, unmonitored
from ._performance_embed import PARTIAL

_MOST = 6


def work_embed(value: ServicePage) -> discord.Embed:
    """Count, success, times and throughput of each; the slowest, newest and failed ones of a service."""
    if not value.all.timing.n and not value.rows:
        return _nothing(value)

    timed, bands = value.all.timing, value.bands
    left = len(value.rows) - _MOST
    return embed(
        _title(value),
        lines(_summary(value), PARTIAL if value.partial else ""),
        inline=[
            ("Mean", lines(graded(seconds(timed.mean), bands.mean.band(timed.mean)), f"P50 {seconds(timed.p50)}")),
            ("P95", graded(quantile(timed.p95, timed.n), bands.p95.band(timed.p95))),
            ("P99", graded(quantile(timed.p99, timed.n), bands.p99.band(timed.p99))),
        ]
        if value.service
        else (),
        fields=[
            *((title_name(row.name, 60) or NONE, _work(value, row)) for row in value.rows[:_MOST]),
            ("Not shown", f"{left} more" if left > 0 else ""),
            (f"Slowest{of_late(value.window)}", _singles(value.slowest)),
            (f"Newest{of_late(value.window)}", _singles(value.recent)),
            (f"Failed{of_late(value.window)}", recent(value.failed)),
        ],
        footer=_footer(value),
    )


def throughput_embed(value: Throughput) -> discord.Embed:
    """How many in a minute and in an hour, the busiest moment, and how many failed."""
    n, what = value.per_hour.n, "operations" if value.service else "answers"
    if not n and not any(point.value for point in value.messages):
        return no_data_embed(value.window, value.first_at)

    change = more(value.per_hour.value, value.per_hour.before).lstrip("▲▼= ")
    whose = f"{title_name(value.service, 20)}: " if value.service else ""
    return embed(
        f"{whose}{pace(value.per_hour.value)} {what} an hour{f', {change}' if change else ''}",
        lines(_busiest(value), f"{count(value.failures)} of {count(n)} failed." if value.failures else ""),
        inline=()
        if value.service
        else [
            ("A minute", f"**{pace(value.per_minute.value)}**"),
            ("An hour", lines(f"**{pace(value.per_hour.value)}**", more(value.per_hour.value, value.per_hour.before))),
            ("Messages an hour", f"**{pace(value.messages_per_hour)}**"),
        ],
        footer=dots(span(value.window), f"n {count(n)}", _dark(value)),
    )


def _nothing(value: ServicePage) -> discord.Embed:
    """What is said of a service that did nothing, or that nobody reports of."""
    if not value.service:
        return embed(
            "⚪ No operations in this window",
            "Operations come from the host's own calls; what Discord's events tell are answers.",
            state="unknown",
            footer=_footer(value),
        )

    return embed(
        f"⚪ {title_name(value.service)} did nothing in this window",
        "A longer window shows more.",
        state="unknown",
        footer=_footer(value),
    )


def _title(value: ServicePage) -> str:
    if not value.service:
        n = len(value.rows)
        return f"{count(n)} service{'s' if n != 1 else ''}, {count(value.all.timing.n)} operations"

    rate = value.all.timing.rate
    worst = max(value.rows, key=lambda row: row.timing.rate or 0)
    if rate is None or value.bands.errors.band(worst.timing.rate) is Band.GOOD:
        return f"{title_name(value.service)}: {f'{share(rate)} of operations fail' if rate else 'nothing failed'}"

    return f"{title_name(value.service, 20)}: {share(worst.timing.rate)} of {title_name(worst.name, 20)} fail"


def _summary(value: ServicePage) -> str:
    timed = value.all.timing
    failed = f"{count(timed.failures)} failed ({share(timed.rate)})" if timed.failures else "none failed"
    return dots(f"{count(timed.n)} operations", failed, _pace(value.all))


def _pace(work: Work) -> str:
    if work.per_minute is None:
        return ""

    return f"{pace(work.per_minute)} a minute, {pace(work.per_hour)} an hour"


def _work(value: ServicePage, row: Work) -> str:
    """Two lines: how many, how many of them fail; how long they take, with the words of the bands."""
    timed, bands = row.timing, value.bands
    failed = f"{share(timed.rate)} failed {BAND[bands.errors.band(timed.rate)]}".rstrip()
    times = dots(
        f"mean {graded(seconds(timed.mean), bands.mean.band(timed.mean))}",
        f"P50 {seconds(timed.p50)}",
        f"P95 {graded(quantile(timed.p95, timed.n), bands.p95.band(timed.p95))}",
        f"P99 {graded(quantile(timed.p99, timed.n), bands.p99.band(timed.p99))}",
    )
    return lines(dots(f"n {count(timed.n)}", failed, _pace(row)), times if timed.mean is not None else "")


def _singles(singles: Sequence[Single]) -> str:
    return lines(
        *(
            dots(
                f"**{seconds(one.duration)}** {code(one.operation, 24)} {stamp(one.at, 'R')}",
                code(one.model, 24) if one.model else "",
                f"failed, {code(one.kind)}" if one.kind else "",
            )
            for one in singles
        )
    )


def _busiest(value: Throughput) -> str:
    if value.peak is None or value.peak_at is None:
        return ""

    unit = "a minute" if value.unit == MINUTE else "an hour"
    return f"Busiest {stamp(value.peak_at, 'f')}: {pace(value.peak)} {unit}."


def _dark(value: ServicePage | Throughput) -> str:
    return unmonitored(value.gaps, value.window.zone) or against(value.window)


def _footer(value: ServicePage) -> str:
    return dots(span(value.window), f"n {count(value.all.timing.n)}", unmonitored(value.gaps, value.window.zone))
