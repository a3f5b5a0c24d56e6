"""From settings to parts: everything the Monitor is made of, put together by constructors."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from monitoring.alerting.outbox import Outbox
from monitoring.alerting.rules import Thresholds, built_in
from monitoring.alerting.watch import Watch
from monitoring.analysis.figure import Bands, Limits
from monitoring.analysis.slo import Promises
from monitoring.bulletins import Bulletins
from monitoring.charts.drawing import Drawing
from monitoring.clock_jumps import ClockJumps
from monitoring.daily import Daily
from monitoring.incident import Rule
from monitoring.interfaces import Clock, Notifier, Probe, SystemClock
from monitoring.lookout import Look
from monitoring.model import SECOND, Instant
from monitoring.probes.http import HttpProbe
from monitoring.probes.rounds import Rounds
from monitoring.probes.sqlite import SqliteProbe
from monitoring.probes.tcp import TcpProbe
from monitoring.questions import Now, Questions
from monitoring.questions_audience import AudiencePage
from monitoring.questions_bonds import Bonds
from monitoring.questions_insight import Insight
from monitoring.questions_llm import Llm
from monitoring.questions_work import Work
from monitoring.recording.conversation import Conversations
from monitoring.recording.identity import UserHash, load_key
from monitoring.recording.operation import Instruments
from monitoring.recording.personas import DEFAULT_FAILURES, PersonaConfig, Personas
from monitoring.recording.prices import Price, Prices
from monitoring.recording.recent import Recent
from monitoring.recording.recorder import Recorder
from monitoring.recording.samplers import Samplers
from monitoring.recording.under_way import UnderWay
from monitoring.roster import Roster
from monitoring.schedule import Schedule
from monitoring.settings import Settings
from monitoring.store.sqlite import SQLiteStore


class Parts:
    """Every part, made and connected, none of them running yet."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None, read_only: bool = False) -> None:
        self.settings = settings
        self.read_only = read_only
        self.clock = clock or SystemClock()
        self.zone = settings.timezone
        """Another process records; here is only asked."""
        self.problems: list[str] = []
        """What is off and why, in sentences."""
        self.guilds: Callable[[], int] = lambda: 0
        """How many guilds the bot is in; the face that knows says it."""
        self.bands = bands_of(settings)
        self.started_at: Instant = self.clock.now()
        self.first_at: Instant | None = None
        """Since when is recorded."""
        self.open_incidents = 0
        self._make_recording()
        self._make_answers()
        self._make_alerting()
        self.clock_jumps = ClockJumps(self.store, self.recorder, self.clock)
        self.schedule = Schedule(self.clock, jumped=self._jumped)

    def _make_recording(self) -> None:
        settings, path = self.settings, self.settings.store_path
        self.store = SQLiteStore(
            path,
            clock=self.clock,
            zone=self.zone,
            raw_days=settings.metrics_retention_days,
            read_only=self.read_only,
        )
        self.registry = registry_of(settings)
        self.recent = Recent(self.clock)
        self.user_hash = UserHash(load_key(path.with_suffix(".key")))
        self.conversations = Conversations(self.registry, self.user_hash, zone=self.zone)
        self.prices = prices_of(settings)
        self.under_way = UnderWay(self.store, lambda: self.instruments.under_way(), clock=self.clock)
        self.recorder = Recorder(
            self.conversations,
            self.store.append,
            clock=self.clock,
            prices=self.prices,
            recent=self.recent,
            standing=self.under_way.standing,
            conversing=self.conversations.runs.told,
        )
        self.instruments = Instruments(
            self.recorder,
            clock=self.clock,
            limit=settings.operation_timeout_seconds,
            error_text=settings.error_text,
        )
        self.samplers = Samplers(self.recorder, self.clock, paths=[path.parent])
        self.roster = Roster(self.store, self.registry)

    def _make_answers(self) -> None:
        self.rounds = Rounds(self.recorder.record)
        for probe in probes_of(self.settings, self.clock):
            self.rounds.add(probe)

        self.drawing = Drawing()
        self.questions = Questions(
            self.store, self.clock, now=self._now, bands=self.bands, limits=limits_of(self.settings)
        )
        self.work = Work(self.questions, lambda: self.watch.incidents())
        self.audience = AudiencePage(self.questions, self.user_hash, raw_days=self.settings.metrics_retention_days)
        self.bonds = Bonds(self.questions, raw_days=self.settings.metrics_retention_days)
        self.llm = Llm(self.questions, self.settings.budget_month_dollars)
        self.insight = Insight(self.questions, promises_of(self.settings))

    def _make_alerting(self) -> None:
        settings = self.settings
        self.notifiers: dict[str, Notifier] = {}
        self.look = Look(self.recent, self.rounds)
        self.watch = Watch(
            self.store,
            self.look,
            rules=rules_of(settings),
            clock=self.clock,
            targets=self._targets,
            wake=lambda: self.outbox.wake(),
            grace=settings.alert_grace_seconds,
            every=settings.alert_interval_seconds,
        )
        self.outbox = Outbox(
            self.store,
            self.notifiers,
            clock=self.clock,
            # The same after a restart, so that what was claimed before a crash is not waited for.
            owner=f"{platform.node()}:{settings.store_path.absolute()}",
            ring=self.watch.ring,
            heard=self.watch.heard,
        )
        self.bulletins = Bulletins(
            self.store, self.watch, self.look, clock=self.clock, zone=self.zone, aside=self.questions.aside
        )
        self.daily = Daily(
            self.store,
            self.questions,
            self.watch,
            clock=self.clock,
            zone=self.zone,
            at=settings.digest_time,
            targets=self._targets,
            first_at=lambda: self.first_at,
        )

    def _now(self) -> Now:
        """What only memory knows."""
        return Now(
            slots=self.roster.slots,
            first_at=self.first_at,
            started_at=self.started_at,
            open_incidents=self.open_incidents,
            guilds=self.guilds(),
            conversations=self.conversations.runs.open(self.clock.now()),
            active=self.conversations.active_now(self.clock.now()),
        )

    def _jumped(self, seconds: float) -> None:
        """Keep a set clock in mind; what it says of the start moves along, so that nobody is up for a year."""
        self.started_at += round(seconds * SECOND)
        self.clock_jumps.noticed(seconds)

    def _targets(self) -> list[str]:
        """Who is to be told: the ops channel also while Discord is not there yet, since the outbox waits for it."""
        named = {"discord"} if self.settings.alert_discord_channel_id is not None else set()
        return sorted(named | set(self.notifiers))


def registry_of(settings: Settings) -> Personas:
    """The personas that the settings name."""
    return Personas(
        configured=[PersonaConfig(name) for name in settings.persona_names],
        failure_patterns=(*DEFAULT_FAILURES, *settings.response_failure_patterns),
    )


def prices_of(settings: Settings) -> Prices:
    """The price list with the operator's own prices before it."""
    own = {
        model: Price(Decimal(str(prompt)), Decimal(str(completion)))
        for model, (prompt, completion) in settings.prices().items()
    }
    return Prices(own)


def probes_of(settings: Settings, clock: Clock) -> list[Probe]:
    """The probes that the settings name, and the store's own."""
    critical = settings.critical_services
    found: list[Probe] = [SqliteProbe("store", settings.store_path, clock=clock, critical="store" in critical)]
    for part in settings.probe_http:
        name, _, address = part.partition("=")
        found.append(HttpProbe(name, address, clock=clock, critical=name in critical))

    for part in settings.probe_tcp:
        name, _, address = part.partition("=")
        host, _, port = address.rpartition(":")
        found.append(TcpProbe(name, host, int(port), clock=clock, critical=name in critical))

    return found


def promises_of(settings: Settings) -> Promises:
    """What is promised, as shares."""
    return Promises(settings.slo_success_percent / 100, settings.slo_fast_percent / 100, settings.slo_fast_seconds)


def rules_of(settings: Settings) -> tuple[Rule, ...]:
    """The built-in rules with the settings' limits, window and patience."""
    standard = Thresholds()
    rules = built_in(
        Thresholds(
            response_time_ms=settings.alert_response_time_ms,
            error_rate_percent=settings.alert_error_rate_percent,
            cpu_percent=settings.alert_cpu_percent,
            cpu_critical_percent=max(settings.alert_cpu_percent, standard.cpu_critical_percent),
            memory_percent=settings.alert_memory_percent,
            memory_critical_percent=max(settings.alert_memory_percent, standard.memory_critical_percent),
            disk_percent=settings.alert_disk_percent,
            cooldown=settings.performance_alert_cooldown,
        )
    )
    return tuple(_patient(rule, settings) for rule in rules)


def _patient(rule: Rule, settings: Settings) -> Rule:
    """A rule over the standard window takes the window and the patience that are set."""
    standard = Rule("", "", "", "")
    if rule.window != standard.window or rule.hold != standard.hold:
        return rule

    wait = settings.alert_for_seconds
    return replace(rule, window=settings.alert_window_seconds, hold=wait, recovery_hold=wait)


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


def limits_of(settings: Settings) -> dict[str, float]:
    """The limits that the chart of resources draws, in the gauges' units."""
    return {
        "cpu_percent": settings.alert_cpu_percent,
        "memory_percent": settings.alert_memory_percent,
        "loop_lag": Thresholds().loop_lag_ms / 1000,
        "gateway_latency": Thresholds().gateway_latency_ms / 1000,
    }
