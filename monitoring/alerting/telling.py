"""From what was judged to what is saved: every move with its notices, those of one message together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from monitoring.alerting import flapping, grouping
from monitoring.alerting.dependencies import symptoms_of
from monitoring.alerting.escalation import targets_of
from monitoring.alerting.grouping import Told
from monitoring.alerting.judge import noted
from monitoring.alerting.ledger import Ledger, Move
from monitoring.alerting.life import LIVE
from monitoring.alerting.more_targets import opening_for
from monitoring.alerting.muting import MAJOR, hushed
from monitoring.alerting.notices import line, quiet_news, told
from monitoring.incident import Incident, Rule, Stage
from monitoring.model import SECOND, Instant

EDIT_EVERY = 30 * SECOND
"""Least time between two edits of a message for the sake of its value."""
STALE = 300 * SECOND
"""After so long a message is edited even if its value reads the same: its chart is old."""


@dataclass(frozen=True, slots=True)
class Step:
    """One incident before and after a round, and what changed."""

    before: Incident | None
    after: Incident | None
    changes: tuple[str, ...] = ()


class Telling:
    """Knows what was last told of each incident, so that an edit that changes nothing is spared. Saves nothing."""

    def __init__(
        self,
        ledger: Ledger,
        rule: Callable[[Incident], Rule],
        targets: Callable[[], Sequence[str]],
        nonce: Callable[[], str],
    ) -> None:
        self._ledger = ledger
        self._rule = rule
        self._targets = targets
        self._nonce = nonce
        self._lines: dict[int, str] = {}

    def moves(self, steps: Iterable[Step], now: Instant) -> list[Move]:
        """The moves of a round; figures of which nothing is to be said are kept in memory only."""
        found: list[Move] = []
        stepped: dict[int, Step] = {}
        for step in steps:
            after = step.after
            if after is not None and after.stage is not Stage.PENDING:
                changes = tuple(word for word in step.changes if word != "value")
                stepped[after.number] = replace(step, changes=changes)
            elif step.changes:
                found.append(Move(step.before, after))
            elif after is not None:
                self._ledger.measure(after)

        stepped = self._batched(stepped, now)
        everybody = self._ledger.numbered() | {n: s.after for n, s in stepped.items() if s.after is not None}
        for batch in sorted({s.after.batch for s in stepped.values() if s.after is not None and s.after.batch}):
            found += self._together(batch, stepped, everybody, now)

        for step in stepped.values():
            if step.after is not None and not step.after.batch:
                found += self._alone(step, step.after, everybody, now)

        return found

    def also(self, incident: Incident, targets: Sequence[str], now: Instant) -> list[Move]:
        """The moves that tell more places of an open incident, and of those in one message with it."""
        everybody = self._ledger.numbered()
        one_message = [i for i in everybody.values() if incident.batch and i.batch == incident.batch] or [incident]
        found = []
        for one in sorted(one_message, key=lambda i: i.number):
            if one.batch:
                # A place that cannot be shown one message for all is told of each.
                one_after, notices = opening_for(replace(one, batch=0), self._rule(one), now, targets)
                after = replace(one_after, batch=one.batch)
            else:
                after, notices = opening_for(one, self._rule(one), now, targets)

            if notices:
                found.append(Move(one, after, tuple(notices)))

        return found

    def overdue(self, now: Instant) -> list[Move]:
        """The moves that tell what came and went in quiet hours that are over."""
        late = [incident for incident in self._ledger.kept.values() if incident.late]
        by_target: dict[str, list[Incident]] = {}
        for incident in late:
            for target in targets_of(incident, self._rule(incident), self._targets()):
                by_target.setdefault(target, []).append(incident)

        notices = [quiet_news(of, self._rule, now, target, self._nonce()) for target, of in by_target.items()]
        after = [noted(replace(incident, late=False), now, "told after quiet hours") for incident in late]
        moves = [Move(before, one) for before, one in zip(late, after, strict=True)]
        return [replace(moves[0], notices=tuple(notices)), *moves[1:]] if by_target else []

    def _batched(self, stepped: dict[int, Step], now: Instant) -> dict[int, Step]:
        """The steps, those that are told for the first time together in one message."""
        everybody = self._ledger.numbered() | {n: s.after for n, s in stepped.items() if s.after is not None}
        stepped = {number: _parted(step, everybody) for number, step in stepped.items()}
        fresh = {
            number: targets_of(step.after, self._rule(step.after), self._targets())
            for number, step in stepped.items()
            if step.after is not None and _is_fresh(step.after, step.changes)
        }
        if not fresh:
            return stepped

        known = [i for i in everybody.values() if i.stage in LIVE and i.number not in fresh]
        heads = grouping.batches(fresh, known, now)
        for number, head in heads.items():
            incident = everybody[number]
            step = stepped.get(number, Step(incident, incident))
            assert step.after is not None
            stepped[number] = replace(step, after=replace(step.after, batch=head))

        return stepped

    def _alone(self, step: Step, after: Incident, everybody: dict[int, Incident], now: Instant) -> list[Move]:
        """The move of an incident that has a message of its own."""
        rule = self._rule(after)
        symptoms = [incident.title for incident in symptoms_of(after.number, everybody.values())]
        wanted = targets_of(after, rule, self._targets())
        text = "\n".join([line(after, rule), *symptoms])
        if not step.changes and not self._worth_an_edit(after, wanted, text, now):
            self._ledger.measure(after)
            return []

        if _too_often(after, step.changes, now):
            return [Move(step.before, after)] if step.changes else []

        if after.stage is Stage.RESOLVED:
            after = _over(after)

        after, notices = told(after, step.changes or ("value",), rule, now, wanted, self._nonce, symptoms)
        self._note(after, text)
        return [Move(step.before, after, tuple(notices))]

    def _together(
        self, batch: int, stepped: dict[int, Step], everybody: dict[int, Incident], now: Instant
    ) -> list[Move]:
        """The moves of all incidents that share a message."""
        numbers = sorted(
            (n for n, incident in (everybody | _afters(stepped)).items() if incident.batch == batch),
            key=lambda n: (n != batch, n),
        )
        steps = {n: stepped.get(n, Step(everybody[n], everybody[n])) for n in numbers}
        members = [self._member(steps[n]) for n in numbers]
        text = "\n".join(line(one.incident, one.rule) for one in members)
        newest = max((one.incident for one in members), key=lambda i: i.told_at or 0)
        changed = [n for n in numbers if steps[n].changes]
        wanted = tuple(dict.fromkeys(target for one in members for target in one.targets))
        if not changed and not self._worth_an_edit(newest, wanted, text, now):
            for one in members:
                if one.incident.stage in LIVE:
                    self._ledger.measure(one.incident)

            return []

        members = grouping.ordered(members, changed)
        after, notices = grouping.told_together(members, now, self._nonce)
        for incident in after.values():
            self._note(incident, text)

        moves = [Move(steps[n].before, after[n]) for n in numbers if _differs(steps[n].before, after[n])]
        return [replace(moves[0], notices=tuple(notices)), *moves[1:]]

    def _member(self, step: Step) -> Told:
        assert step.after is not None
        rule = self._rule(step.after)
        return Told(step.after, step.changes, rule, targets_of(step.after, rule, self._targets()))

    def _worth_an_edit(self, incident: Incident, wanted: Sequence[str], text: str, now: Instant) -> bool:
        """Whether its message shows old news, or somebody new is to be told."""
        if incident.stage is Stage.RESOLVED or (hushed(incident) and not incident.targets):
            return False

        if not hushed(incident) and set(wanted) - set(incident.targets):
            return True

        since = now - (incident.told_at or 0)
        quiet = hushed(incident) or incident.flapping_since is not None
        often = flapping.EDIT_EVERY if quiet else EDIT_EVERY
        if incident.muted == "silenced":
            return False

        return since >= STALE or (since >= often and text != self._lines.get(incident.number))

    def _note(self, incident: Incident, text: str) -> None:
        if incident.stage is Stage.RESOLVED:
            self._lines.pop(incident.number, None)
        else:
            self._lines[incident.number] = text


def _afters(stepped: dict[int, Step]) -> dict[int, Incident]:
    return {number: step.after for number, step in stepped.items() if step.after is not None}


def _is_fresh(incident: Incident, changes: Sequence[str]) -> bool:
    """Whether it is told for the first time now."""
    told_before = incident.targets or incident.batch
    return incident.stage in LIVE and bool(MAJOR & set(changes)) and not told_before and not hushed(incident)


def _parted(step: Step, everybody: dict[int, Incident]) -> Step:
    """One that opens again after all in its message were over goes on by itself."""
    after = step.after
    if after is None or not after.batch or "reopened" not in step.changes:
        return step

    others = [i for i in everybody.values() if i.batch == after.batch and i.number != after.number]
    if any(incident.stage in LIVE for incident in others):
        return step

    targets = after.targets if after.batch == after.number else ()
    return replace(step, after=replace(after, batch=0, targets=targets, known=()))


def _too_often(incident: Incident, changes: Sequence[str], now: Instant) -> bool:
    """Whether the message of a flapping incident was edited only just now."""
    if incident.flapping_since is None or MAJOR & set(changes):
        return False

    return 0 <= now - (incident.told_at or 0) < flapping.EDIT_EVERY


def _over(incident: Incident) -> Incident:
    """Resolved; what came and went in quiet hours without having been told waits for its line."""
    quiet = incident.muted == "quiet hours" or incident.owed == "quiet_over"
    return replace(incident, late=quiet and incident.missed and not incident.known)


def _differs(before: Incident | None, after: Incident) -> bool:
    return before is None or replace(before, told_at=after.told_at) != after
