"""One round of judging: all rules and groups against what is known, and the moves that come of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from monitoring.alerting import life
from monitoring.alerting.judge import judge
from monitoring.alerting.ledger import Ledger, Move, Place
from monitoring.alerting.look import Figures, Look, figures
from monitoring.alerting.notices import line, silent, told
from monitoring.incident import Incident, Rule, Stage, Verdict
from monitoring.model import SECOND, Instant
from monitoring.rollup import Rollup

log = logging.getLogger(__name__)

EDIT_EVERY = 30 * SECOND
"""Least time between two edits of a message for the sake of its value."""
STALE = 300 * SECOND
"""After so long a message is edited even if its value reads the same: its chart is old."""


class Judging:
    """The rules, and what they make of the figures. Saves nothing."""

    def __init__(
        self, ledger: Ledger, look: Look, targets: Callable[[], Sequence[str]], nonce: Callable[[], str]
    ) -> None:
        self.rules: tuple[Rule, ...] = ()
        self.no_data: frozenset[Place] = frozenset()
        """Rules and groups without data when last judged."""
        self._by_name: dict[str, Rule] = {}
        self._ledger = ledger
        self._look = look
        self._targets = targets
        self._nonce = nonce
        self._lines: dict[int, str] = {}
        """What was last told of an incident, so that an edit that changes nothing is spared."""
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
        moves: list[Move] = []
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

                moves += self._moved(before, verdict, rule, now)

        self.no_data = frozenset(blind)
        return moves + self._orphans({rule.name for rule in armed}, now)

    def _figures(self, rule: Rule, now: Instant) -> list[Figures]:
        """The rule's figures, empty ones for groups that have an incident and vanished; none if it cannot be read."""
        try:
            found = list(figures(rule, self._look, now))
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

    def _moved(self, before: Incident | None, verdict: Verdict, rule: Rule, now: Instant) -> list[Move]:
        """The move that a verdict asks for, if any; a mere figure is kept in memory."""
        after, changes = verdict.incident, tuple(c for c in verdict.changes if c != "value")
        if after is None or after.stage is Stage.PENDING:
            if changes:
                return [Move(before, after)]

            if after is not None:
                self._ledger.measure(after)

            return []

        if changes or self._worth_an_edit(after, now, rule):
            return [self.told(before, after, changes or ("value",), now)]

        self._ledger.measure(after)
        return []

    def _worth_an_edit(self, incident: Incident, now: Instant, rule: Rule) -> bool:
        """Whether its message shows an old figure, or somebody new is to be told."""
        if silent(incident, now):
            return False

        if set(self._targets()) - set(incident.targets):
            return True

        since = now - (incident.told_at or 0)
        return since >= STALE or (since >= EDIT_EVERY and line(incident, rule) != self._lines.get(incident.number))

    def told(self, before: Incident | None, after: Incident, changes: Sequence[str], now: Instant) -> Move:
        """The move to `after`, with its notices."""
        rule = self.rule(after)
        after, notices = told(after, changes, rule, now, self._targets(), self._nonce)
        self._lines[after.number] = line(after, rule)
        if after.stage is Stage.RESOLVED:
            self._lines.pop(after.number, None)

        return Move(before, after, tuple(notices))

    def _orphans(self, armed: set[str], now: Instant) -> list[Move]:
        """Incidents whose rule is gone are closed with the reason."""
        moves = []
        for (name, _), incident in self._ledger.live.items():
            if name in armed:
                continue

            if incident.stage is Stage.PENDING:
                moves.append(Move(incident, None))
                continue

            reason = "the rule was switched off" if name in self._by_name else "the rule was removed"
            moves.append(self.told(incident, life.closed(incident, reason, now), ("closed",), now))

        return moves
