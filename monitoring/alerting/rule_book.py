"""All rules in force: built in, from the file, made in Discord; of the same name the later one counts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from monitoring.alerting.documents_of_rules import RULE, body_of, rule_from
from monitoring.alerting.rule_words import rule_of, tables_of
from monitoring.alerting.shelf import Documents, Shelf
from monitoring.errors import SettingError, StoreError, UnknownName
from monitoring.incident import Rule
from monitoring.quantities import did_you_mean
from monitoring.rows import Change, Document

log = logging.getLogger(__name__)

DISCORD, FILE = "discord", "file"
LLM = "{llm}"
"""Stands in `depends_on` for the services that answer with a model."""


class RuleBook:
    """Keeps the rules of all three sources and gives the watch those in force. A rule's name is its identity."""

    def __init__(
        self,
        store: Documents,
        built_in: Sequence[Rule],
        *,
        changed: Callable[[Sequence[Rule]], None],
        targets: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        self._shelf = Shelf(store)
        self._built_in = tuple(built_in)
        self._changed = changed
        self._targets = targets
        self._of_file: tuple[Rule, ...] = ()
        self._documents: dict[str, Document] = {}
        self.loaded = False
        """Whether those made in Discord were read."""
        self._services: tuple[str, ...] = ()
        self._said: dict[str, Rule] = {}
        """As they were said, with what stands for services."""
        self._all: tuple[Rule, ...] = ()
        self._put_together()

    def all(self) -> tuple[Rule, ...]:
        """Every rule, those that are switched off included."""
        return self._all

    def get(self, name: str) -> Rule:
        """One rule. Raises UnknownName, with the name that was probably meant."""
        names = [rule.name for rule in self._all]
        for rule in self._all:
            if rule.name == name:
                return rule

        raise UnknownName(f"There is no rule {name} here{did_you_mean(name, names)}")

    def check(self, said: str | Mapping[str, object]) -> Rule | list[str]:
        """The rule that a text (TOML) or its fields say, as it would be added; or all that is wrong with it.

        Fields that it leaves out are those of the rule of this name, if there is one.
        """
        tables = tables_of(said) if isinstance(said, str) else [said]
        if len(tables) != 1 or isinstance(tables[0], str):
            return (
                [str(one) for one in tables] if tables and isinstance(tables[0], str) else ["Say one rule at a time."]
            )

        name = tables[0].get("name")
        base = next((rule for rule in self._all if rule.name == name), None)
        rule, problems = rule_of(tables[0], base, source=DISCORD)
        if rule is None:
            return problems

        others = [one for one in self._all if one.name != rule.name]
        return wrong_names([rule], [*others, rule], self._targets()) or rule

    async def load(self) -> None:
        """Read the rules that were made in Discord. Raises StoreError."""
        found = {document.key: document for document in await self._shelf.load(RULE)}
        self.loaded = True
        if found != self._documents:
            self._documents = found
            self._put_together()

    async def add(self, rule: Rule, by: str) -> Rule:
        """Keep a rule made in Discord, in the place of one of the same name. Raises StoreError."""
        said = self._said.get(rule.name)
        if said is not None and rule.depends_on == self._known_services(said).depends_on:
            # Services that are learnt later explain it too.
            rule = replace(rule, depends_on=said.depends_on)

        rule = replace(rule, source=DISCORD)
        await self._save(rule.name, {**body_of(rule), "changed_by": by})
        return self.get(rule.name)

    async def remove(self, name: str) -> None:
        """Forget what was made in Discord of this name; what stands below it counts again.

        Raises UnknownName where there is no such rule, or it stands in the file or is built in; StoreError.
        """
        rule = self.get(name)
        if rule.source != DISCORD and name not in self._documents:
            where = "stands in the file: take it out there" if rule.source == FILE else "is built in"
            raise UnknownName(f"The rule {name} {where}. It can be switched off.")

        await self._save(name, None)

    async def enable(self, name: str, on: bool) -> Rule:
        """Switch a rule on or off, wherever it is from. Raises UnknownName, StoreError."""
        self.get(name)
        known = self._documents.get(name)
        await self._save(name, {**(known.body if known else {}), "enabled": on})
        return self.get(name)

    def set_file(self, tables: Sequence[Mapping[str, object]]) -> None:
        """Take the rules of the file. Raises SettingError with every mistake; then the old ones stay."""
        rules: dict[str, Rule] = {}
        problems: list[str] = []
        built_in = {rule.name: rule for rule in self._built_in}
        for table in tables:
            rule, wrong = rule_of(table, built_in.get(str(table.get("name"))), source=FILE)
            problems += wrong
            if rule is None:
                continue

            if rule.name in rules:
                problems.append(f"rule {rule.name}: there are two of this name; give one of them another.")

            rules[rule.name] = rule

        merged = built_in | rules
        problems += wrong_names(list(rules.values()), list(merged.values()), self._targets())
        if problems:
            raise SettingError(problems)

        self._of_file = tuple(rules.values())
        self._put_together()

    def know_services(self, names: Iterable[str]) -> None:
        """Say which services answer with a model, so that rules may depend on them."""
        found = tuple(sorted(names))
        if found != self._services:
            self._services = found
            self._put_together()

    async def _save(self, name: str, body: dict[str, object] | None) -> None:
        """Put a document in the place of the one before, or take it away; another cluster's change is taken first."""
        for _ in range(5):
            known = self._documents.get(name)
            if body is None and known is None:
                return

            document = Document(RULE, name, known.version if known else 0, body or {})
            if await self._shelf.save([Change(document, delete=body is None)]):
                await self.load()
                return

            await self.load()

        raise StoreError(f"The rule {name} keeps being changed by others.")

    def _put_together(self) -> None:
        """The rules in force, in order: built in, then the file's, then Discord's; each name once."""
        rules = {rule.name: rule for rule in (*self._built_in, *self._of_file)}
        for name, document in self._documents.items():
            made = rule_from(document, rules.get(name))
            if made is not None:
                rules[name] = made
            else:
                log.warning("the stored rule %s is of another version and is left out", name)

        self._said = rules
        found = tuple(self._known_services(rule) for rule in rules.values())
        if found != self._all:
            self._all = found
            self._changed(found)

    def _known_services(self, rule: Rule) -> Rule:
        """The rule with the services by name in the place of what stands for them."""
        if not any(LLM in one for one in rule.depends_on):
            return rule

        named = [
            one.replace(LLM, service)
            for one in rule.depends_on
            for service in (self._services if LLM in one else ("",))
        ]
        return replace(rule, depends_on=tuple(named))


def wrong_names(rules: Sequence[Rule], everything: Sequence[Rule], targets: Iterable[str]) -> list[str]:
    """What rules name that is not there: rules they depend on, notifiers; and circles of rules that hide each other."""
    names = {rule.name for rule in everything}
    places = set(targets)
    problems = []
    for rule in rules:
        for one in rule.depends_on:
            name = one.partition(":")[0]
            if name not in names:
                problems.append(f"rule {rule.name}: depends_on {name!r} is no rule{did_you_mean(name, names)}.")

        told = {*rule.notifiers, *(name for step in rule.escalation for name in step.notifiers)}
        for name in sorted(told - places):
            hint = did_you_mean(name, places) or "; set one up first"
            problems.append(f"rule {rule.name}: there is no notifier {name!r}{hint}.")

    return problems or _circles(rules, everything)


def _circles(rules: Sequence[Rule], everything: Sequence[Rule]) -> list[str]:
    after = {rule.name: {one.partition(":")[0] for one in rule.depends_on} for rule in everything}
    found = []
    for rule in rules:
        reached, waiting = set(), set(after[rule.name])
        while waiting:
            one = waiting.pop()
            reached.add(one)
            waiting |= after.get(one, set()) - reached

        if rule.name in reached:
            found.append(f"rule {rule.name}: depends_on leads back to itself, so that neither would ever be told.")

    return found
