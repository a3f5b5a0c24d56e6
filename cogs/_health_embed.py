"""`/health` as an embed: is everything well, and what to do if not."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from monitoring.analysis.figure import Bands, Figure
from monitoring.analysis.health import Books, HealthPage, Pings, Reading
from monitoring.metrics import GAUGES
from monitoring.model import Health, Instant, Service
from monitoring.phrasing import NB, NONE, count, duration, in_unit, seconds, share
from monitoring.safe_text import code_text, safe_text

from ._embeds import EMOJI, OF_HEALTH, embed
from ._format import bold, cut, dots, graded, lines, since, stamp, table, title_name

VERB = {
    Health.HEALTHY: "answers",
    Health.DEGRADED: "is degraded",
    Health.UNHEALTHY: "does not answer",
    Health.UNKNOWN: "has not been probed yet",
}
MOST_LISTED = 12
MOST_REASONS = 6
DROPPING = (
    "🔶 More comes in than can be recorded: the least important facts are dropped. "
    "Counts stay right, percentiles are partial."
)
_GAUGE_WORDS = {"cpu_percent": "CPU", "memory_percent": "memory", "disk_percent": "disk"}


def health_embed(
    page: HealthPage,
    *,
    errors: Figure,
    incidents: Sequence[tuple[int, str]] = (),
    last_ended: Instant | None = None,
    bands: Bands,
) -> discord.Embed:
    """The whole page. `incidents` are open ones as (number, link); `errors` is the error rate of 24 h."""
    well = page.overall is Health.HEALTHY
    uptimes = [service.uptime_24h for service in page.services if service.uptime_24h is not None]
    figures = (
        _speed(page, bands),
        ("Errors, 24 h", graded(share(errors.value), bands.errors.band(errors.value))),
        ("Uptime, 24 h", f"**{_uptime(min(uptimes, default=None))}**"),
    )
    return embed(
        _title(page),
        lines(DROPPING if page.dropping else "", _state(page, incidents, last_ended, bands)),
        state=OF_HEALTH[page.overall],
        inline=figures if well else (),
        fields=[
            *(_all_well(page) if well else _attention_first(page)),
            ("Machine", _machine(page)),
            ("Recording, facts since the start", _books(page.books)),
            ("Dead-man ping", pings_line(page.pings)),
        ],
        footer=f"Probed every {duration(page.interval)}",
        at=page.at,
    )


def service_embed(service: Service, interval: float, now: Instant) -> discord.Embed:
    """One service: how it is, since when, how often it was up, and what it says of itself."""
    state = OF_HEALTH[service.health]
    time = f" in {probe_time(service.response_time)}" if service.health is Health.HEALTHY else ""
    facts = dots(*(f"{safe_text(key, 24)} {bold(value, 64)}" for key, value in service.facts[:12]))
    return embed(
        f"{EMOJI[state]} {service.health.value.capitalize()}: {title_name(service.name)} {VERB[service.health]}{time}",
        lines(_probed(service), safe_text(service.detail, 300) if service.detail else ""),
        state=state,
        inline=[
            ("Uptime, 24 h", f"**{_uptime(service.uptime_24h)}**"),
            ("7 d", f"**{_uptime(service.uptime_7d)}**"),
            ("30 d", f"**{_uptime(service.uptime_30d)}**"),
        ],
        fields=[("What it says of itself", facts)] if facts else [],
        footer=dots(f"Probed every {duration(interval)}", "critical service" if service.critical else ""),
        at=now,
    )


def _state(page: HealthPage, incidents: Sequence[tuple[int, str]], last_ended: Instant | None, bands: Bands) -> str:
    if page.overall is Health.HEALTHY:
        return _calm(last_ended, calm=not page.dropping)

    return _alarm(page, incidents, bands)


def _speed(page: HealthPage, bands: Bands) -> tuple[str, str]:
    """P95 of the last hour, or the mean where there are too few answers for one."""
    if page.p95 is None and page.mean is not None:
        return "Mean response", graded(seconds(page.mean), bands.mean.band(page.mean))

    return "P95 response", graded(seconds(page.p95), bands.p95.band(page.p95))


def probe_time(value: float | None) -> str:
    """The time of a probe: milliseconds below a tenth of a second."""
    return seconds(value, always_ms=value is not None and value < 0.0995)


def _title(page: HealthPage) -> str:
    state = OF_HEALTH[page.overall]
    word = page.overall.value.capitalize()
    troubled = _troubled(page)
    if page.overall is Health.UNKNOWN or not page.services:
        text = "no service has been probed yet"
    elif page.overall is Health.HEALTHY:
        text = f"all {len(page.services)} services answer" if len(page.services) > 1 else "the service answers"
    elif len(troubled) == 1:
        text = f"{title_name(troubled[0].name)} {VERB[troubled[0].health]}"
    elif troubled:
        text = f"{len(troubled)} of {len(page.services)} services need you"
    else:
        text = f"{safe_text(page.critical_figures[0], 30)} is critical" if page.critical_figures else "see below"

    return f"{EMOJI[state]} {word}: {text}"


def _calm(last_ended: Instant | None, *, calm: bool) -> str:
    ended = f"The last incident ended {stamp(last_ended, 'R')}." if last_ended is not None else ""
    return f"Nothing needs you. {ended}".rstrip() if calm else ended


def _alarm(page: HealthPage, incidents: Sequence[tuple[int, str]], bands: Bands) -> str:
    figures = ""
    if page.critical_figures:
        figures = f"Critical now: {', '.join(safe_text(name, 30) for name in page.critical_figures[:4])}."
    elif page.p95 is not None:
        figures = f"Answers take {graded(seconds(page.p95), bands.p95.band(page.p95))} at P95 in the last hour."

    links = ", ".join(f"[incident {number}]({link})" for number, link in incidents[:3])
    more = f" and {len(incidents) - 3} more" if len(incidents) > 3 else ""
    following = f"**Next:** see {links}{more}." if links else ""
    return lines(figures, following) or "No figure is beyond its limits."


def _all_well(page: HealthPage) -> list[tuple[str, str]]:
    rows = [
        (probe_time(service.response_time), _uptime(service.uptime_30d, exact=True), code_text(service.name))
        for service in page.services
    ]
    if len(rows) < 3:
        listed = dots(*(f"{bold(service.name)} {probe_time(service.response_time)}" for service in page.services))
        return [("Services", listed)] if listed else []

    rest = f", 10 of {len(rows)}" if len(rows) > 10 else ""
    return [(f"Services: probe, uptime 30 d{rest}", table(rows))]


def _attention_first(page: HealthPage) -> list[tuple[str, str]]:
    troubled = _troubled(page)
    attention = [_trouble(service) for service in troubled[:6]]
    if len(troubled) > 6:
        attention.append(f"and {len(troubled) - 6} more")

    well = [service for service in page.services if service.health is Health.HEALTHY]
    listed = dots(
        *(f"{bold(service.name, 20)} {probe_time(service.response_time)}" for service in well[:MOST_LISTED]),
        f"{len(well) - MOST_LISTED} more" if len(well) > MOST_LISTED else "",
    )
    unknown = [service for service in page.services if service.health is Health.UNKNOWN]
    quiet = dots(*(bold(service.name, 20) for service in unknown[:MOST_LISTED]))
    fields = [("Needs attention", "\n".join(attention))] if attention else []
    if well:
        fields.append(("Healthy", f"🟢 {listed}"))

    return [*fields, ("Not known yet", f"⚪ {quiet}")] if unknown else fields


def _troubled(page: HealthPage) -> list[Service]:
    return [service for service in page.services if service.health in (Health.UNHEALTHY, Health.DEGRADED)]


def _trouble(service: Service) -> str:
    time = f"probe {probe_time(service.response_time)}" if service.response_time is not None else ""
    began = f"since {since(service.since)}" if service.since is not None else ""
    failed = f"{service.failures} failed in a row" if service.failures else ""
    first = dots(
        f"{EMOJI[OF_HEALTH[service.health]]} {bold(service.name, 24)} {service.health.value} {began}".rstrip(),
        time,
        failed,
    )
    return lines(first, cut(safe_text(service.detail, 100), 110) if service.detail else "")


def _probed(service: Service) -> str:
    if service.probed_at is None:
        return "Not probed yet."

    last = f"Last probe {stamp(service.probed_at, 'R')}"
    well = service.succeeded_at
    if service.health is not Health.HEALTHY and well is not None:
        return f"{last}, last well {stamp(well, 'R')}."

    began = f", {service.health.value} since {stamp(service.since, 'f')}" if service.since is not None else ""
    return f"{last}{began}."


def _machine(page: HealthPage) -> str:
    gateway = f"Gateway {probe_time(page.gateway_latency)}" if page.gateway_connected else "🟥 Gateway disconnected"
    return lines(
        dots(*(_reading(reading) for reading in page.readings[:6])),
        dots(
            gateway,
            f"loop lag {seconds(page.loop_lag, always_ms=True)}" if page.loop_lag is not None else "",
            f"up {duration(page.uptime)}" if page.uptime is not None else "",
        ),
    )


def _books(books: Books | None) -> str:
    """Accepted = stored + waiting + dropped, and what was dropped why."""
    if books is None:
        return ""

    rows = [
        f"{safe_text(kind, 20)} {safe_text(reason, 20)} {count(n)}" for kind, reason, n in books.dropped[:MOST_REASONS]
    ]
    return lines(
        dots(
            f"{count(books.accepted)} accepted",
            f"{count(books.stored)} stored",
            f"{count(books.buffered)} waiting",
            f"{count(books.total_dropped)} dropped",
        ),
        f"Dropped: {', '.join(rows)}" if rows else "",
    )


def pings_line(pings: Pings | None, *, why: bool = True) -> str:
    """How the dead-man pings go, with why they do not arrive; "" where there are none."""
    if pings is None:
        return ""

    last = f"last answer {stamp(pings.answered_at, 'R')}" if pings.answered_at is not None else "no answer yet"
    failed = f"{count(pings.failed)} failed" if pings.failed else ""
    withheld = f"{count(pings.withheld)} withheld" if pings.withheld else ""
    wrong = f"🔶 {cut(safe_text(pings.wrong, 200), 200)}" if pings.wrong and why else ""
    return lines(wrong, dots(f"Every {duration(pings.every)}", last, failed, withheld))


def _reading(reading: Reading) -> str:
    name = _GAUGE_WORDS.get(reading.name, reading.name.replace("_", " "))
    return f"{safe_text(name, 24)} {in_unit(reading.value, GAUGES.get(reading.name, ''))}"


def _uptime(value: float | None, *, exact: bool = False) -> str:
    if value is None:
        return NONE

    if exact or (0.9 < value < 0.9995):
        return f"{value * 100:.2f}{NB}%"

    return f"{value * 100:.0f}{NB}%"
