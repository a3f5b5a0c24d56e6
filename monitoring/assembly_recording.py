"""From settings to the parts that record: store, recorder, instruments, and who is known."""

from __future__ import annotations

from monitoring.audit import Audit
from monitoring.chosen import KEY, KIND, Chosen
from monitoring.configured import config_at_start, prices_of, registry_of
from monitoring.history import History
from monitoring.history.backfill import Backfill
from monitoring.interfaces import Clock
from monitoring.recording.conversation import Conversations
from monitoring.recording.identity import UserHash, load_key
from monitoring.recording.operation import Instruments
from monitoring.recording.opt_outs import OptOuts
from monitoring.recording.recent import Recent
from monitoring.recording.recorder import Recorder
from monitoring.recording.samplers import Samplers
from monitoring.recording.spans import Spans
from monitoring.recording.totals import Totals
from monitoring.recording.under_way import UnderWay
from monitoring.roster import Roster
from monitoring.schedule import Schedule
from monitoring.settings import Settings
from monitoring.store.glance import glance
from monitoring.store.sqlite import SQLiteStore


class RecordingParts:
    """What is between an event and the store, made and connected."""

    def __init__(self, settings: Settings, *, clock: Clock, read_only: bool) -> None:
        self.settings, self.clock, self.read_only = settings, clock, read_only
        self.chosen = Chosen(lambda: self.settings, lambda: self.store, glance(settings.store_path, KIND, KEY))
        self.zone = self.chosen.zone
        self.config, self._wrong_config = config_at_start(settings)
        path = settings.store_path
        self.store = SQLiteStore(
            path,
            clock=self.clock,
            zone=self.zone,
            raw_days=settings.metrics_retention_days,
            read_only=self.read_only,
        )
        self.audit = Audit(self.store, self.clock)
        self.registry = registry_of(settings, self.config.personas)
        self.registry.take(self.chosen.webhook_ids, self.chosen.aliases)
        self.totals = Totals()
        published = settings.analytics_enabled or settings.otlp_metrics
        self.recent = Recent(self.clock, also=self.totals.feed if published else None)
        self.opt_outs = OptOuts(path.with_suffix(".opt-outs"))
        self.opt_outs.load()
        self.user_hash = UserHash(load_key(path.with_suffix(".key")), self.opt_outs)
        self.conversations = Conversations(self.registry, self.user_hash, zone=self.zone)
        self.prices = prices_of(settings, self.config.prices)
        self.under_way = UnderWay(self.store, lambda: self.instruments.under_way(), clock=self.clock)
        self._make_recorder()
        self.roster = Roster(self.store, self.registry)
        self.history = History(
            self.store,
            self.recorder,
            self.registry,
            self.user_hash,
            self.clock,
            lambda: self.zone,
            settings.metrics_retention_days,
        )
        self.conversations.leaving.also(self.history)
        self.backfill = Backfill(self.history, self.recorder, self.clock)

    def _make_recorder(self) -> None:
        """What takes facts in, and what hands them to it."""
        settings = self.settings
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
        self.samplers = Samplers(self.recorder, self.clock, paths=[settings.store_path.parent])

    def _make_spans(self, problems: list[str], schedule: Schedule) -> Spans:
        return Spans(
            self.instruments,
            problems,
            wanted=self.settings.otel_spans,
            regularly=lambda job: schedule.every(10, "spans", job),
        )
