"""The rules of a running monitor: the file read again when it changes, rules rehearsed and limits proposed."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from monitoring.alerting.past import Past
from monitoring.alerting.rehearse import NOT_YET, rehearse
from monitoring.alerting.rule_book import RuleBook
from monitoring.alerting.rule_units import SPECIAL
from monitoring.alerting.suggest import Suggestion, suggest, suggestible
from monitoring.alerting.thresholds import INFERENCE
from monitoring.analysis.figure import Gap
from monitoring.analysis.rehearsal import Rehearsal
from monitoring.analysis.series import label
from monitoring.config_file import Config, read_config
from monitoring.errors import SettingError, StoreError
from monitoring.habits import Habits
from monitoring.incident import Rule
from monitoring.model import DAY, HOUR, MINUTE, Instant
from monitoring.questions.loading import Loading
from monitoring.window import Window, step_start

log = logging.getLogger(__name__)

BACK = 30 * DAY
FINE = 2 * DAY - HOUR
"""As far back as minutes are kept for sure."""
SERVICES_EVERY = 10 * MINUTE
SAID = 5
"""Mistakes of the file that are told at once; the rest is counted."""


class Rules(RuleBook):
    """The rule book with its file, and with the store's past to try rules on."""

    def __init__(
        self,
        load: Loading,
        habits: Habits,
        built_in: Sequence[Rule],
        *,
        path: Path | None,
        config: Config,
        wrong: Sequence[str] = (),
        changed: Callable[[Sequence[Rule]], None],
        targets: Callable[[], Iterable[str]],
    ) -> None:
        super().__init__(load.store, built_in, changed=changed, targets=targets)
        self.tell: Callable[[str], None] = lambda sentence: log.warning("%s", sentence)
        """Says a sentence to people, and keeps it among the problems."""
        self.mended: Callable[[str], None] = lambda _: None
        """Takes a problem back that was told."""
        self._load = load
        self._habits = habits
        self._path = path
        self._config = config
        self._looks = self._signature()
        self._wrong = ""
        self._unsaid: list[str] = []
        self._services_at: Instant | None = None
        self._take(config)
        if wrong:
            self._complain(wrong)

    @property
    def problem(self) -> str:
        """What is wrong with the file, in a sentence; "" while it is in force as it stands."""
        return self._wrong

    async def tend(self) -> None:
        """Look whether the file changed, take what was made elsewhere, learn which services answer. Raises nothing."""
        self._say()
        try:
            await self.reload()
            await self.load()
            await self._learn_services()
        except StoreError as error:
            log.info("rules cannot be read just now: %s", error)

    async def reload(self, *, always: bool = False) -> bool:
        """Read the file again if it changed (or `always`); whether it did. A wrong file leaves the old rules."""
        looks = await self._load.aside(self._signature)
        if looks == self._looks and not always:
            return False

        self._looks = looks
        try:
            config = await self._load.aside(lambda: read_config(self._path))
        except SettingError as error:
            self._complain(error.problems)
        else:
            self._take(config)

        self._say()
        return True

    async def rehearse(self, rule: Rule) -> Rehearsal:
        """What the rule would have told in the last 30 days. Raises StoreError."""
        window = self._window()
        if rule.metric == SPECIAL:
            return Rehearsal(rule, window, why_not=NOT_YET)

        past = await self._past(rule, window, await self._load.gaps(window, self._habits.first_at))
        failing = await self._load.series("response", window, HOUR, ())
        first_at = self._habits.first_at
        return await self._load.aside(lambda: rehearse(rule, past, window, first_at, failing))

    async def suggest(self) -> tuple[Suggestion, ...]:
        """Better limits from the last 30 days, for the rules that are switched on. Raises StoreError."""
        window, found = self._window(), []
        gaps = await self._load.gaps(window, self._habits.first_at)
        for rule in self.all():
            if not rule.enabled or not suggestible(rule):
                continue

            past = await self._past(rule, window, gaps)
            one = await self._load.aside(partial(suggest, rule, past, window))
            if one is not None:
                found.append(one)

        return tuple(sorted(found, key=lambda one: -one.times_now))

    def _window(self) -> Window:
        now = self._load.clock.now()
        zone = self._habits.zone
        return Window(step_start(now - BACK, HOUR, zone), now, zone, "30d")

    async def _past(self, rule: Rule, window: Window, gaps: tuple[Gap, ...]) -> Past:
        """Hours of the window, minutes of the last two days."""
        of_probe = rule.metric == "probe" and rule.statistic == "last"
        by = ("service", "health") if of_probe else (*(name for name, _ in rule.where), *([rule.by] if rule.by else []))
        only = dict(rule.where) or None
        series = self._load.store.series
        fine = max(window.end - FINE, window.start)
        hours = await series(rule.metric, window.start, window.end, HOUR, by, only)
        minutes = await series(rule.metric, step_start(fine, HOUR, window.zone), window.end, MINUTE, by, only)
        habits = await self._habits.of_rule(rule, window.end) if rule.statistic == "anomaly" else None
        return Past(hours, minutes, gaps, habits)

    async def _learn_services(self) -> None:
        """Which services answered with a model in the last week."""
        now = self._load.clock.now()
        if self._services_at is not None and 0 <= now - self._services_at < SERVICES_EVERY:
            return

        self._services_at = now
        by, only = ("service", INFERENCE[0]), dict([INFERENCE])
        found = await self._load.store.series("operation", now - 7 * DAY, now, 0, by, only)
        self.know_services(name for name in found.total(label("operation", "service")) if name)

    def _signature(self) -> tuple[int, int, int] | None:
        """By what a changed file is known; None without one."""
        if self._path is None:
            return None

        try:
            found = os.stat(self._path)
        except OSError:
            return None

        return found.st_mtime_ns, found.st_size, found.st_ino

    def _take(self, config: Config) -> None:
        try:
            self.set_file(config.rules)
        except SettingError as error:
            self._complain(error.problems)
            return

        if (config.probes, config.personas, config.prices, config.notifiers) != (
            self._config.probes,
            self._config.personas,
            self._config.prices,
            self._config.notifiers,
        ):
            log.info("probes, notifiers, personas and prices of the file take effect at the next start")

        if self._wrong:
            self.mended(self._wrong)
            self._wrong = ""
            self._unsaid = [f"{self._name} is right again; its rules are in force."]

    def _complain(self, problems: Sequence[str]) -> None:
        """Say what is wrong with the file; the rules of before stay."""
        rest = f" And {len(problems) - SAID} more." if len(problems) > SAID else ""
        sentence = f"{self._name} is not right, so the rules of before stay. {' '.join(problems[:SAID])}{rest}"
        if sentence == self._wrong:
            return

        if self._wrong:
            self.mended(self._wrong)

        self._wrong = sentence
        self._unsaid = [sentence]

    def _say(self) -> None:
        for sentence in self._unsaid:
            self.tell(sentence)

        self._unsaid = []

    @property
    def _name(self) -> str:
        return self._path.name if self._path else "The file of rules"
