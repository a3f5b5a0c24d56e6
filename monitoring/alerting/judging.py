"""One round of judging: all rules and groups against what is known, and the moves that come of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from monitoring.alerting import life
from monitoring.alerting.dependencies import OPEN, cause_of, symptoms_of
from monitoring.alerting.escalation import climbed
from monitoring.alerting.judge import judge
from monitoring.alerting.ledger import Ledger, Move, Place
from monitoring.alerting.look import Figures, Look, Unread, figures
from monitoring.alerting.muting import mute_of, settled
from monitoring.alerting.silences import QuietHours, Silence
from monitoring.alerting.telling import Step, Telling
from monitoring.incident import Incident, Rule, Stage, Verdict
from monitoring.model import Instant
from monitoring.rollup import Rollup

log = logging.getLogger(__name__)


class Judging:
    """The rules, and what they make of the figures. Saves nothing."""

    def __init__(
        self,
        ledger: Ledger,
        look: Look,
        targets: Callable[[], Sequence[str]],
        nonce: Callable[[], str],
        silences: Callable[[], Sequence[Silence]] = tuple,
        quiet: QuietHours | None = None,
    ) -> None:
        self.silences = silences
        self.quiet = quiet
        self.rules: tuple[Rule, ...] = ()
        self.no_data: frozenset[Place] = frozenset()
        """Rules and groups without data when last judged."""
        self._by_name: dict[str, Rule] = {}
        self._ledger = ledger
        self._look = look
        self._telling = Telling(ledger, self.rule, targets, nonce)
        self._faulty: set[str] = set()

    def set_rules(self, rules: Sequence[Rule]) -> None:
        """Take other rules; a changed rule keeps its incident, one that is gone closes it in the next round."""
        self.rules = tuple(rules)
        self._by_name = {rule.name: rule for rule in rules}
        self._faulty.clear()

    def rule(self, incident: Incident) -> Rule:
        """The incident's rule, or one that stands for it if it is gone."""
        found = self._by_name.get(incident.rule)
        return found or Rule(incident.rule, incident.title or incident.rule, "", "", unit=incident.unit)

    def moves(self, now: Instant) -> list[Move]:
        """The moves of all rules and groups."""
        steps: dict[Place, Step] = {}
        blind: set[Place] = set()
        number = self._ledger.newest
        armed = [rule for rule in self.rules if rule.enabled]
        for rule in armed:
            for figure in self._figures(rule, now):
                place = (rule.name, figure[0])
                before = self._ledger.live.get(place)
                verdict = self._verdict(rule, figure, before, now, number + 1)
                if verdict.no_data:
                    blind.add(place)

                if verdict.incident is not None:
                    number = max(number, verdict.incident.number)

                steps[place] = Step(before, verdict.incident, verdict.changes)

        self.no_data = frozenset(blind)
        steps |= self._orphans({rule.name for rule in armed}, now)
        # A rule that cannot be read now keeps its incidents, whose silences end all the same.
        steps |= {place: Step(one, one) for place, one in self._ledger.live.items() if place not in steps}
        moves = self._telling.moves(self._settled(steps.values(), now), now)
        waits = self.quiet is not None and self.quiet.hours.span(now) is not None
        return moves if waits else [*moves, *self._telling.overdue(now)]

    def tell(self, changed: Sequence[tuple[Incident, Incident]], word: str, now: Instant) -> list[Move]:
        """The moves to what somebody made of incidents, shown in their messages; without a word, only saved."""
        if not word:
            return [Move(before, after) for before, after in changed]

        return self._telling.moves([Step(before, after, (word,)) for before, after in changed], now)

    def tell_also(self, incident: Incident, targets: Sequence[str], now: Instant) -> list[Move]:
        """The moves that tell more places that it is open."""
        return self._telling.also(incident, targets, now)

    def symptoms(self, number: int) -> list[Incident]:
        """What is quiet because of an incident, or was until it ended, as far as memory reaches."""
        return symptoms_of(number, self._ledger.numbered().values())

    def batch(self, number: int) -> list[Incident]:
        """All incidents in one message with this one, itself included, in order; one alone is none."""
        known = self._ledger.numbered()
        batch = known[number].batch if number in known else 0
        return sorted((i for i in known.values() if batch and i.batch == batch), key=lambda i: i.number)

    def _settled(self, steps: Iterable[Step], now: Instant) -> list[Step]:
        """The steps with what silences, causes, quiet hours and patience make of them."""
        steps = list(steps)
        alive = [step.after for step in steps if step.after is not None and step.after.stage in OPEN]
        return [self._circumstanced(step, alive, now) for step in steps]

    def _circumstanced(self, step: Step, alive: Sequence[Incident], now: Instant) -> Step:
        incident = step.after
        if incident is None or incident.stage not in OPEN:
            return step

        rule, quiet = self.rule(incident), self.quiet
        cause = cause_of(incident, alive, self._by_name)
        if cause is not None and quiet is not None and not cause.known and quiet.holds(cause.severity, now):
            # Nobody hears of the cause before morning: it must not keep back what is worse.
            cause = cause if quiet.holds(incident.severity, now) else None

        mute = mute_of(incident, rule, now, silences=self.silences(), cause=cause, quiet=quiet)
        changes = tuple(word for word in step.changes if word != "value")
        incident, changes = settled(incident, changes, rule, mute, cause, now)
        incident, more = climbed(incident, rule, now)
        return replace(step, after=incident, changes=(*changes, *more))

    def _figures(self, rule: Rule, now: Instant) -> list[Figures]:
        """The rule's figures, empty ones for groups that have an incident and vanished; none if it cannot be read."""
        try:
            found = list(figures(rule, self._look, now))
        except Unread:
            return []
        except (ValueError, KeyError, TypeError) as error:
            if rule.name not in self._faulty:
                self._faulty.add(rule.name)
                log.exception("rule %s cannot be judged", rule.name, exc_info=error)

            return []

        groups = {group for group, _, _ in found}
        gone = [group for name, group in self._ledger.live if name == rule.name and group not in groups]
        return found + [(group, Rollup(), None) for group in gone]

    def _verdict(self, rule: Rule, figure: Figures, before: Incident | None, now: Instant, number: int) -> Verdict:
        group, rollup, value = figure
        last = self._ledger.last.get((rule.name, group))
        return judge(rule, rollup, before, now, number=number, value=value, last=last, group=group)

    def _orphans(self, armed: set[str], now: Instant) -> dict[Place, Step]:
        """Incidents whose rule is gone are closed with the reason."""
        steps: dict[Place, Step] = {}
        for place, incident in self._ledger.live.items():
            if place[0] in armed:
                continue

            if incident.stage is Stage.PENDING:
                steps[place] = Step(incident, None, ("dropped",))
                continue

            reason = "the rule was switched off" if place[0] in self._by_name else "the rule was removed"
            steps[place] = Step(incident, life.closed(incident, reason, now), ("closed",))

        return steps
