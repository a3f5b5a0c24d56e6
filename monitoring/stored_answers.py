"""Answers beside the bot that records: what that one has in memory is put together from what it last wrote."""

from __future__ import annotations

from dataclasses import dataclass, replace

from monitoring.analysis.health import HealthPage
from monitoring.analysis.last_probes import last_probes
from monitoring.analysis.overview import Overview
from monitoring.analysis.pulse import Pulse, pulse
from monitoring.answers import Answers
from monitoring.errors import StoreError
from monitoring.incident import Incident
from monitoring.model import DAY, HOUR, MINUTE, Health, Instant
from monitoring.realtime import SPAN, Realtime, realtime
from monitoring.recording.conversation import Conversations
from monitoring.recording.recent import KEPT, Recent
from monitoring.settings import Settings
from monitoring.window import Scope, Window

FED = ("message", "response", "sentiment")
"""Metrics of the live figures."""
REST = 10
"""Messages are read again after so many times as long as that took."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything at a glance: whether it records, health, what is open, and the figures of a window."""

    pulse: Pulse
    health: HealthPage
    incidents: tuple[Incident, ...]
    """Open ones, oldest first."""
    overview: Overview


class StoredAnswers(Answers):
    """Reads only. Minutes are the finest that is stored: live figures are of the last five to six minutes.

    What is known of now is as new as the last `catch_up`. Only the bot itself knows how many guilds it is in, and what
    its recorder holds.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, read_only=True)
        self.last_at: Instant | None = None
        """The newest sign of life of the bot that records."""
        self._file: int | None = None
        """By which the file is known again."""
        self._hear_at = 0.0
        """When messages are to be read again, by the monotonic clock."""

    async def catch_up(self) -> None:
        """Take in what was written since. Raises StoreError, also where another file was put in the store's place."""
        self._still_there()
        now = self.clock.now()
        marks = await self.store.load("mark")
        signs = [at for mark in marks if isinstance(at := mark.body.get("at"), int)]
        self.last_at = max(signs, default=None)
        await self._fill_ring(now)
        await self._learn_services(now)
        await self._learn_start(now)
        await self._hear(now)
        self.watch.reread()
        self.open_incidents = len(await self.watch.incidents(open_only=True))

    async def summary(self, window: Window, scope: Scope) -> Summary:
        """Everything at a glance."""
        return Summary(
            pulse=self.pulse(),
            health=await self.health(host=scope.guild_id is None, scope=scope),
            incidents=tuple(await self.incidents()),
            overview=await self.overview(window, scope),
        )

    def pulse(self) -> Pulse:
        """Whether the bot records."""
        return pulse(self.last_at, self.watch.open_numbers, self.clock.now())

    async def health(self, *, host: bool, scope: Scope) -> HealthPage:
        """As the bot itself answers, but for what its recorder holds; where it does not run, health is not known."""
        page = await super().health(host=host, scope=scope)
        if not self._runs():
            page = replace(page, overall=Health.UNKNOWN, uptime=None)

        return replace(page, books=None)

    async def overview(self, window: Window, scope: Scope) -> Overview:
        """As the bot itself answers; its uptime only while it runs."""
        value = await super().overview(window, scope)
        return value if self._runs() else replace(value, uptime=None)

    def realtime(self) -> Realtime:
        """The last five to six minutes: whole minutes, and the one that has begun."""
        now = self.clock.now()
        services = {service.name: service.health for service in self.rounds.services()}
        active = self.conversations.active_now(now)
        since = (now - SPAN) // MINUTE * MINUTE
        return realtime(self.recent, active, now, services, self.watch.open_numbers, since=since)

    def _runs(self) -> bool:
        return self.pulse().state in (Health.HEALTHY, Health.DEGRADED)

    def _still_there(self) -> None:
        path = self.settings.store_path
        try:
            file = path.stat().st_ino
        except OSError as error:
            raise StoreError(f"The store at {path} is gone: {error.strerror or error}.") from error

        if self._file not in (None, file):
            raise StoreError(f"Another store was put at {path}.")

        self._file = file

    async def _fill_ring(self, now: Instant) -> None:
        """The last half hour, minute by minute, with the newest reading of each gauge."""
        recent, first = Recent(self.clock), (now - KEPT) // MINUTE * MINUTE
        for metric in FED:
            series = await self.store.series(metric, first, now + 1, MINUTE)
            for at, step in zip(series.starts, series.steps, strict=True):
                for labels, rollup in step.items():
                    recent.add(metric, at, labels, rollup)

        gauges = await self.store.series("gauge", first, now + 1, MINUTE)
        steps = zip(gauges.starts, gauges.steps, strict=True)
        recent.feed([("gauge", at, labels, one.mean, False, 1) for at, step in steps for labels, one in step.items()])
        self.recent = recent

    async def _learn_services(self, now: Instant) -> None:
        first = (now - KEPT) // MINUTE * MINUTE
        probe = await self.store.series("probe", first, now + 1, MINUTE, ("service", "health"))
        for service in last_probes(probe, self.settings.critical_services):
            self.rounds.know(service)

        facts = await self.setting("service_facts")
        if isinstance(facts, dict):
            self.instruments.service_facts.recall(facts, now)

    async def _learn_start(self, now: Instant) -> None:
        """When the bot began, to the minute; to the hour or day where that is longer ago than minutes are kept."""
        for width, span in ((MINUTE, 2 * DAY), (HOUR, 90 * DAY), (DAY, 730 * DAY)):
            found = await self.store.series("event", now - span, now + 1, width, ("event",), {"event": "start"})
            begun = [at for at, step in zip(found.starts, found.steps, strict=True) if step]
            if begun:
                self.started_at = begun[-1]
                return

    async def _hear(self, now: Instant) -> None:
        """Who is there and which conversations go on, from the messages of the last hour, as after a restart.

        Of a very busy hour that takes a while, so it is not done each time.
        """
        began = self.clock.monotonic()
        if began < self._hear_at:
            return

        rows = await self.store.messages(now - HOUR, now + 1)
        marks = await self.store.load("mark", key="recording")
        told = marks[0].body.get("conversations") if marks else None
        fresh = Conversations(self.registry, self.user_hash, zone=self.zone)
        await self.questions.aside(lambda: fresh.warm(rows, now, now, told))
        self.conversations = fresh
        self._hear_at = began + REST * (self.clock.monotonic() - began)
