"""What settings and the configuration file name: personas, prices, probes, and the built-in rules with their limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from monitoring.alerting.rule_units import SPECIAL
from monitoring.alerting.rules import Thresholds, built_in
from monitoring.analysis.figure import Bands, Limits
from monitoring.analysis.slo import Promises
from monitoring.config_file import Config, PersonaEntry, PriceEntry, ProbeEntry, read_config
from monitoring.errors import SettingError
from monitoring.incident import Rule
from monitoring.interfaces import Clock, Probe
from monitoring.notify.dead_man import DeadMan
from monitoring.probes.http import HttpProbe
from monitoring.probes.sqlite import SqliteProbe
from monitoring.probes.tcp import TcpProbe
from monitoring.recording.personas import DEFAULT_FAILURES, PersonaConfig, Personas
from monitoring.recording.prices import Price, Prices
from monitoring.settings import Settings

ALIVE_WITHIN = 10.0
"""Seconds that judging the rules may be late in any case before the bot counts as not alive."""


def config_at_start(settings: Settings) -> tuple[Config, list[str]]:
    """The configuration file, and what is wrong with it: then it is empty.

    A monitor without a part of its configuration is better than a bot without a monitor.
    """
    try:
        return read_config(path_of(settings)), []
    except SettingError as error:
        return Config(), error.problems


def path_of(settings: Settings) -> Path | None:
    """Where the configuration file is; None without one."""
    return Path(settings.monitoring_config_file) if settings.monitoring_config_file else None


def registry_of(settings: Settings, personas: Sequence[PersonaEntry] = ()) -> Personas:
    """The personas that the settings and the file name."""
    named = {name.casefold(): PersonaConfig(name) for name in settings.persona_names}
    for one in personas:
        named[one.name.casefold()] = PersonaConfig(one.name, one.aliases, one.webhook_ids, one.user_ids)

    return Personas(
        configured=list(named.values()),
        failure_patterns=(*DEFAULT_FAILURES, *settings.response_failure_patterns),
    )


def prices_of(settings: Settings, prices: Sequence[PriceEntry] = ()) -> Prices:
    """The price list with the operator's own prices before it."""
    own = {one.model: Price(one.input, one.output, one.cached) for one in prices}
    for model, (prompt, completion) in settings.prices().items():
        own[model] = Price(Decimal(str(prompt)), Decimal(str(completion)))

    return Prices(own)


def probes_of(settings: Settings, clock: Clock, probes: Sequence[ProbeEntry] = ()) -> list[Probe]:
    """The probes that the settings and the file name, and the store's own."""
    critical = settings.critical_services
    found: list[Probe] = [SqliteProbe("store", settings.store_path, clock=clock, critical="store" in critical)]
    for part in settings.probe_http:
        name, _, address = part.partition("=")
        found.append(HttpProbe(name, address, clock=clock, critical=name in critical))

    for part in settings.probe_tcp:
        name, _, address = part.partition("=")
        host, _, port = address.rpartition(":")
        found.append(TcpProbe(name, host, int(port), clock=clock, critical=name in critical))

    return found + [_probe(one, clock, critical=one.critical or one.name in critical) for one in probes]


def _probe(entry: ProbeEntry, clock: Clock, *, critical: bool) -> Probe:
    if entry.tcp is not None:
        host, port = entry.tcp
        return TcpProbe(entry.name, host, port, clock=clock, critical=critical, limit=entry.limit, slow=entry.slow)

    return HttpProbe(
        entry.name,
        entry.http,
        clock=clock,
        critical=critical,
        body=entry.body,
        limit=entry.limit,
        slow=entry.slow,
    )


def rules_of(settings: Settings) -> tuple[Rule, ...]:
    """The built-in rules with the settings' limits, window and patience."""
    standard = Thresholds()
    rules = built_in(
        Thresholds(
            response_time_ms=settings.alert_response_time_ms,
            error_rate_percent=settings.alert_error_rate_percent,
            spike_window=settings.error_spike_window_seconds,
            cpu_percent=settings.alert_cpu_percent,
            cpu_critical_percent=max(settings.alert_cpu_percent, standard.cpu_critical_percent),
            memory_percent=settings.alert_memory_percent,
            memory_critical_percent=max(settings.alert_memory_percent, standard.memory_critical_percent),
            disk_percent=settings.alert_disk_percent,
            budget_month_dollars=settings.budget_month_dollars,
            cooldown=settings.performance_alert_cooldown,
        )
    )
    return tuple(_patient(rule, settings) for rule in rules)


def _patient(rule: Rule, settings: Settings) -> Rule:
    """A rule over the standard window takes the window and the patience that are set."""
    standard = Rule("", "", "", "")
    if rule.metric == SPECIAL or rule.window != standard.window or rule.hold != standard.hold:
        return rule

    wait = settings.alert_for_seconds
    return replace(rule, window=settings.alert_window_seconds, hold=wait, recovery_hold=wait)


def promises_of(settings: Settings) -> Promises:
    """What is promised, as shares."""
    return Promises(settings.slo_success_percent / 100, settings.slo_fast_percent / 100, settings.slo_fast_seconds)


def bands_of(settings: Settings) -> Bands:
    """Where figures become a warning, and critical."""
    warning, critical = settings.band_errors_percent
    return Bands(
        mean=Limits(*settings.band_mean_seconds),
        p95=Limits(*settings.band_p95_seconds),
        p99=Limits(*settings.band_p99_seconds),
        first_token=Limits(*settings.band_first_token_seconds),
        errors=Limits(warning / 100, critical / 100),
    )


def dead_man_of(
    settings: Settings, clock: Clock, alive: Callable[[], str], noted: Callable[[str], None]
) -> DeadMan | None:
    """What pings the service that tells of our silence; None where no address is set."""
    url = settings.dead_man_url.get_secret_value()
    return DeadMan(url, settings.dead_man_seconds, clock=clock, alive=alive, noted=noted) if url else None


def alive_within(every: float) -> float:
    """Seconds within which rules that are judged every so many seconds must have been, for the bot to be alive."""
    return max(2 * every, ALIVE_WITHIN)


def limits_of(settings: Settings) -> dict[str, float]:
    """The limits that the chart of resources draws, in the gauges' units."""
    return {
        "cpu_percent": settings.alert_cpu_percent,
        "memory_percent": settings.alert_memory_percent,
        "loop_lag": Thresholds().loop_lag_ms / 1000,
        "gateway_latency": Thresholds().gateway_latency_ms / 1000,
    }
