"""From settings to parts: everything the Monitor is made of, put together by constructors."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import replace

from monitoring.alerting.outbox import Outbox
from monitoring.alerting.silences import quiet_hours
from monitoring.alerting.watch import Watch
from monitoring.assembly_recording import RecordingParts
from monitoring.bulletins import Bulletins
from monitoring.charts.drawing import Drawing
from monitoring.clock_jumps import ClockJumps
from monitoring.configured import (
    alive_within,
    bands_of,
    dead_man_of,
    limits_of,
    path_of,
    probes_of,
    promises_of,
    rules_of,
)  # fmt: skip
from monitoring.digests import Digests, timetable_by
from monitoring.errors import SettingError
from monitoring.export import Export
from monitoring.faces import Faces
from monitoring.forgetting import Privacy
from monitoring.habits import Habits
from monitoring.interfaces import Clock, Notifier, SystemClock
from monitoring.lookout import Look
from monitoring.model import SECOND, Instant
from monitoring.notifying import Reader, always_told, notifiers_of
from monitoring.outlook import Outlook
from monitoring.probes.rounds import Rounds
from monitoring.questions import Now, Questions
from monitoring.questions.audience import AudiencePage
from monitoring.questions.bonds import Bonds
from monitoring.questions.digest import Editions
from monitoring.questions.insight import Insight
from monitoring.questions.llm import Llm
from monitoring.questions.work import Work
from monitoring.rules import Rules
from monitoring.schedule import Schedule
from monitoring.settings import Settings
from monitoring.special_figures import SpecialFigures


class Parts(RecordingParts):
    """Every part, made and connected, none of them running yet."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None, read_only: bool = False) -> None:
        super().__init__(settings, clock=clock or SystemClock(), read_only=read_only)
        self.chosen.changed = self._take_chosen
        self.when_chosen: list[Callable[[], None]] = []
        """Called after what was chosen changed."""
        self.problems: list[str] = []
        """What is off and why, in sentences."""
        self.guilds: Callable[[], int] = lambda: 0
        """How many guilds the bot is in; the face that knows says it."""
        self.place_name: Callable[[str], str] = lambda number: ""
        """What a guild or channel is called, by its id as labels have it; "" for one that is not seen. As `guilds`."""
        self.message_link: Callable[[int, int], str] = lambda channel, message: ""
        """The address of a message in Discord, of a channel and a message id; the face that knows says it."""
        self.faces = Faces()
        self.bands = bands_of(settings)
        self.judged_at: float | None = None
        """When the rules were last judged, by the monotonic clock."""
        self.started_at: Instant = self.clock.now()
        self.first_at: Instant | None = None
        """Since when is recorded."""
        self.open_incidents = 0
        self._make_answers()
        self._make_alerting()
        self.privacy = Privacy(
            self.store, self.recorder, self.conversations, self.user_hash, clock=self.clock, tell=self.problems.append
        )
        self.faces.behind.append(self.backfill)
        self.clock_jumps = ClockJumps(self.store, self.recorder, self.clock)
        self.schedule = Schedule(self.clock, jumped=self._jumped)
        self.spans = self._make_spans(self.problems, self.schedule)
        self.faces.behind.append(self.spans)
        self.dead_man = dead_man_of(settings, self.clock, self._alive, self._note_pings)
        if self.dead_man is not None:
            self.faces.append(self.dead_man)

    def _make_answers(self) -> None:
        self.rounds = Rounds(self.recorder.record)
        for probe in probes_of(self.settings, self.clock, self.config.probes):
            self.rounds.add(probe)

        self.drawing = Drawing()
        self.questions = Questions(
            self.store, self.clock, now=self._now, bands=self.bands, limits=limits_of(self.settings)
        )
        self.work = Work(self.questions, lambda: self.watch.incidents())
        self.audience = AudiencePage(self.questions, self.user_hash.of, raw_days=self.settings.metrics_retention_days)
        self.bonds = Bonds(self.questions, raw_days=self.settings.metrics_retention_days)
        self.llm = Llm(self.questions, self.settings.budget_month_dollars)
        self.insight = Insight(self.questions, promises_of(self.settings))
        self.export = Export(self.questions)

    def _make_alerting(self) -> None:
        settings = self.settings
        self.reader = Reader(
            self.zone,
            incident=lambda number: self.watch.get(number),
            digest=lambda notice: self.digests.in_words(notice.body),
            link=lambda channel, message: self.message_link(channel, message),
        )
        self.notifiers = self._make_notifiers(self.reader)
        self._make_rules()
        self.outbox = Outbox(
            self.store,
            self.notifiers,
            clock=self.clock,
            # The same after a restart, so that what was claimed before a crash is not waited for.
            owner=f"{platform.node()}:{settings.store_path.absolute()}",
            ring=self.watch.ring,
            heard=self.watch.heard,
            incidents=self.watch,
            noted=self._note_target,
        )
        self.bulletins = Bulletins(
            self.store,
            self.watch,
            self.look,
            clock=self.clock,
            zone=self.zone,
            aside=self.questions.aside,
            explain=self.insight.why,
        )
        self._make_digests()

    def _make_digests(self) -> None:
        self.editions = Editions(
            self.questions,
            self.insight,
            self.llm,
            zone=self.zone,
            incidents=self.watch.incidents,
            rules=lambda: self.watch.rules,
        )
        self.digests = Digests(
            self.store,
            self.editions,
            clock=self.clock,
            zone=self.zone,
            standard=timetable_by(self.settings),
            targets=self._targets,
            first_at=lambda: self.first_at,
        )

    def _make_rules(self) -> None:
        """What rules look at, the watch that judges them, and the book that has them."""
        settings = self.settings
        self.habits = Habits(self.questions, self.zone, lambda: self.started_at, lambda: self.first_at)
        special = SpecialFigures(
            self.questions,
            self.habits,
            promises=promises_of(settings),
            budget=settings.budget_month_dollars,
            open_turns=self.conversations.open_turns,
        )
        self.outlook = Outlook(self.questions, special, self.habits, lambda: self.watch.rules)
        self.look = Look(self.recent, self.rounds, self.outlook)
        self.quiet = quiet_hours(settings.quiet_hours, settings.quiet_severity, self.zone)
        self.watch = Watch(
            self.store,
            self.look,
            rules=(),
            clock=self.clock,
            targets=self._targets,
            wake=lambda: self.outbox.wake(),
            grace=settings.alert_grace_seconds,
            every=settings.alert_interval_seconds,
            quiet=self.quiet,
        )
        self.rules = Rules(
            self.questions,
            self.habits,
            rules_of(settings),
            path=path_of(settings),
            config=self.config,
            wrong=self._wrong_config,
            changed=self.watch.set_rules,
            targets=self._known_targets,
        )

    async def _take_chosen(self) -> None:
        """What was chosen holds from now on. Raises StoreError where the days cannot be counted anew; then again."""
        self.registry.take(self.chosen.webhook_ids, self.chosen.aliases)
        for told in self.when_chosen:
            told()

        await self._count_days_in(self.chosen.zone)

    async def _count_days_in(self, zone: str) -> None:
        """Count days in another zone, also those that are stored, as far back as their hours are."""
        if zone == self.zone:
            return

        await self.store.move(zone)
        self.zone = zone
        for part in (self.conversations, self.reader, self.habits, self.bulletins, self.editions, self.digests):
            part.move(zone)

        if self.quiet is not None:
            self.quiet.hours = replace(self.quiet.hours, zone=zone)

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
        return always_told(self.notifiers, ops=self.chosen.ops_channel_id is not None)

    async def _judge(self) -> None:
        """Judge the rules, once all of them are known: the incident of one that is not would be closed."""
        if not self.rules.loaded:
            await self.rules.tend()

        await self.watch.tick()
        self.judged_at = self.clock.monotonic()

    def _alive(self) -> str:
        """Nothing ("") while the rules are judged; else what keeps the dead-man ping back."""
        if self.judged_at is None:
            return "no rule has been judged yet"

        late = self.clock.monotonic() - self.judged_at
        return f"the rules were last judged {late:.0f} s ago" if late > alive_within(self.watch.every) else ""

    async def _tend_rules(self) -> None:
        """Take rules that changed, and read what rules look at beyond memory."""
        await self.rules.tend()
        await self.outlook.refresh()

    def _no_longer(self, sentence: str) -> None:
        """A problem that was told is mended."""
        if sentence in self.problems:
            self.problems.remove(sentence)

    def _make_notifiers(self, reader: Reader) -> dict[str, Notifier]:
        """Those of settings and file; where the file is wrong, those of the settings. Raises SettingError for these."""
        try:
            return notifiers_of(self.settings, self.clock, reader, self.config.notifiers)
        except SettingError as error:
            found = notifiers_of(self.settings, self.clock, reader)
            self._wrong_config = [*self._wrong_config, *error.problems]
            return found

    def _known_targets(self) -> set[str]:
        """Who may be told: those that are there, those that the file names, and the ops channel."""
        named = {name for one in self.config.notifiers if isinstance(name := one.get("name", one.get("kind")), str)}
        return {"discord", *self.notifiers, *named}

    def _note_pings(self, why: str) -> None:
        """Keep in mind why dead-man pings do not arrive; with "" that they do."""
        self.problems[:] = [problem for problem in self.problems if not problem.startswith("Dead-man pings ")]
        if why:
            self.problems.append(why)

    def _note_target(self, target: str, why: str) -> None:
        """Keep in mind that a target refuses notices, and why; with "" that it takes them again."""
        begins = f"Notices do not reach {target}: "
        self.problems[:] = [problem for problem in self.problems if not problem.startswith(begins)]
        if why:
            self.problems.append(begins + why)
