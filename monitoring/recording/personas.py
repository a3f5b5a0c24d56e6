"""Which messages are a persona's: a registry of those configured and those learnt from webhooks and prefixes.

The order is that: the configured registry (names, aliases, webhook or bot ids); a webhook of the bot's own
application; a text prefix in a message of the bot's account; the bot's account itself. A webhook of another application
is never a persona because of its name, and one of no application (made by hand) only if its id is configured.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from monitoring.model import MessageSeen
from monitoring.recording.names import display, fold, is_named
from monitoring.recording.strangers import Strangers

DEFAULT_FAILURES: tuple[str, ...] = (r"\s*❌\s*(?:\*\*)?\s*error\b",)
DEFAULT_PLACEHOLDERS: tuple[str, ...] = (r"\s*([*_]{0,3})(?=[^\n]{1,20}\1\s*\Z)[^\n]*?(?:…|\.{3})\1\s*\Z",)
"""Emphasised or bare text of at most 20 characters that ends in an ellipsis."""
DEFAULT_PREFIX = r"\s*\*\*\[(?P<name>[^\]\n]{1,100})\](?:\*\*\s*:|:\s*\*\*)\s*"
_MOST = 1_000
"""Personas that may be known; a webhook that takes ever new names must not fill the memory."""


@dataclass(frozen=True, slots=True)
class PersonaConfig:
    """A persona as the operator configured it; ids are those of webhooks, or of accounts of bots."""

    name: str
    aliases: tuple[str, ...] = ()
    webhook_ids: tuple[int, ...] = ()
    user_ids: tuple[int, ...] = ()


class Author(NamedTuple):
    """Who wrote a message: kind is persona, user, own (the bot's account, but no persona) or other (not ours).

    `text` is without its prefix; `failed` and `placeholder` say what a persona's or own text is.
    """

    kind: str
    persona: str = ""
    text: str = ""
    failed: bool = False
    placeholder: bool = False


class Personas:
    """The registry: configured personas, and those learnt from webhooks and prefixes.

    Names are compared trimmed and case-folded; the first spelling seen stays. Raises re.error for a wrong pattern.
    """

    def __init__(
        self,
        *,
        configured: Sequence[PersonaConfig] = (),
        own_application_id: int | None = None,
        own_user_id: int | None = None,
        failure_patterns: Sequence[str] = DEFAULT_FAILURES,
        placeholder_patterns: Sequence[str] = DEFAULT_PLACEHOLDERS,
        prefix_pattern: str = DEFAULT_PREFIX,
        monitor_only_names: Iterable[str] = (),
        own_role_ids: Iterable[int] = (),
    ) -> None:
        self._own_application, self._own_user, self._own_name = own_application_id, own_user_id, ""
        self._own_roles = set(own_role_ids)
        self._failures = [re.compile(pattern, re.IGNORECASE) for pattern in failure_patterns]
        self._placeholders = [re.compile(pattern, re.IGNORECASE) for pattern in placeholder_patterns]
        self._prefix = re.compile(prefix_pattern) if prefix_pattern else None
        self._monitor_only = frozenset(fold(display(name)) for name in monitor_only_names)
        self._names: dict[str, str] = {}
        self._known_words: tuple[int, frozenset[str]] = (0, frozenset())
        self._webhooks: dict[int, list[str]] = {}
        self._accounts: dict[int, str] = {}
        self._trusted: frozenset[int] = frozenset()
        """Webhooks whose author names are personas, whoever made them."""
        self._merged: dict[str, str] = {}
        self._ways: dict[str, str] = {}
        self.strangers = Strangers()
        self._elsewhere: set[str] = set()
        """Personas that speak through a webhook, a prefix or an account of their own."""
        self._only = ""
        """The one persona configured, if there is just one."""
        for persona in configured:
            self._configure(persona)

        if len(configured) == 1:
            self._only = self.canonical(configured[0].name)

    def identify(
        self, application_id: int | None, user_id: int | None, name: str, role_ids: Iterable[int] = ()
    ) -> None:
        """Say who this bot is, once that is known (at login); `role_ids` are its own roles in its guilds."""
        self._own_application, self._own_user, self._own_name = application_id, user_id, display(name)
        self._own_roles.update(role_ids)

    def add(self, name: str, aliases: Sequence[str] = ()) -> str:
        """Make a persona known and give its display name; aliases lead to it unless they are names already."""
        shown = self._learn(name)
        for alias in aliases:
            key = fold(display(alias))
            if key and shown:
                self._names.setdefault(key, shown)

        return shown

    def take(self, webhook_ids: Iterable[int], aliases: Mapping[str, str]) -> None:
        """What was chosen while running: webhooks whose names are personas, and names that count for another one."""
        self._trusted = frozenset(webhook_ids)
        for webhook in self._trusted:
            self.strangers.forget(webhook)

        for name in self._merged.keys() - aliases.keys():
            # Apart again: it is a persona of its own with its next message.
            self._names.pop(fold(name), None)

        self._merged = dict(aliases)
        for name, into in aliases.items():
            shown = self._names.setdefault(fold(display(into)), display(into))
            for key in [key for key, known in self._names.items() if known == display(name)]:
                self._names[key] = shown

            self._names[fold(display(name))] = shown

        self._known_words = (0, frozenset())

    def ways(self) -> dict[str, str]:
        """By what each persona was recognised last: webhook, prefix or account; "" for none of them yet."""
        return {name: self._ways.get(name, "") for name in self.names()}

    def names(self) -> list[str]:
        """The display names of all personas known, in the order they became known."""
        return list(dict.fromkeys(self._names.values()))

    def canonical(self, name: str) -> str:
        """The display name of a persona by any spelling or alias; an unknown name as it is shown."""
        shown = display(name)
        return self._names.get(fold(shown), shown)

    def author(self, seen: MessageSeen) -> Author:
        """Whose message it is."""
        if seen.interaction:
            return Author("own" if seen.own else "other", text=seen.content)

        if seen.webhook_id is not None:
            persona = self._webhook_persona(seen)
            if not persona:
                self.strangers.saw(seen)
                return Author("other", text=seen.content)

            self._elsewhere.add(persona)
            self._ways[persona] = "webhook"
            return self._told(persona, seen.content)

        own = seen.own or (self._own_user is not None and seen.author_id == self._own_user)
        persona = self._accounts.get(seen.author_id, "")
        if persona:
            self._ways[persona] = "account"
            return self._told(persona, seen.content)

        if own:
            return self._own_account(seen)

        return Author("other" if seen.bot else "user", "", seen.content)

    def text_of(self, content: str) -> str:
        """A persona's text without its prefix."""
        match = self._prefix.match(content) if self._prefix else None
        return content[match.end() :] if match else content

    def is_failure(self, text: str) -> bool:
        """Whether a text without prefix says that the response failed."""
        return any(pattern.match(text) for pattern in self._failures)

    def is_placeholder(self, text: str) -> bool:
        """Whether a text without prefix only stands in for one that is being made."""
        return any(pattern.match(text) for pattern in self._placeholders)

    def named_in(self, text: str) -> tuple[str, ...]:
        """The personas that a text names, as whole words in any case; aliases count."""
        folded = fold(text)
        found = [shown for key, shown in self._names.items() if key in folded and is_named(folded, key)]
        return tuple(dict.fromkeys(found)) if found else ()

    def mentioned(self, ids: Sequence[int], names: Sequence[str] = (), role_ids: Sequence[int] = ()) -> tuple[str, ...]:
        """The personas among mentioned accounts; "" where the bot or its role is mentioned and no persona is meant.

        The bot's account stands for its persona: the one configured for it, or the only one there is.
        """
        if not (ids or names or role_ids):
            return ()

        found: dict[str, None] = {}
        for user_id in ids:
            if user_id in self._accounts:
                found[self._accounts[user_id]] = None
            elif user_id == self._own_user:
                found[self._of_bot()] = None

        for name in names:
            shown = self._names.get(fold(display(name)))
            if shown:
                found[shown] = None

        if not self._own_roles.isdisjoint(role_ids):
            found[self._of_bot()] = None

        return tuple(found)

    def is_account(self, user_id: int) -> bool:
        """Whether an id is the bot's own account or a persona's, and so no user's."""
        return user_id == self._own_user or user_id in self._accounts

    @property
    def name_words(self) -> frozenset[str]:
        """The words that names and aliases are made of, folded."""
        if self._known_words[0] != len(self._names):
            self._known_words = (len(self._names), frozenset(" ".join(self._names).split()))

        return self._known_words[1]

    def _configure(self, persona: PersonaConfig) -> None:
        shown = self.add(persona.name, persona.aliases)
        if persona.webhook_ids or persona.user_ids:
            self._elsewhere.add(shown)

        for webhook in persona.webhook_ids:
            self._webhooks.setdefault(webhook, []).append(shown)

        for account in persona.user_ids:
            self._accounts.setdefault(account, shown)

    def _learn(self, name: str) -> str:
        shown = display(name)
        key = fold(shown)
        if not key or key in self._monitor_only:
            return ""

        if key not in self._names and len(self._names) >= _MOST:
            return ""

        return self._names.setdefault(key, shown)

    def _webhook_persona(self, seen: MessageSeen) -> str:
        configured = self._webhooks.get(seen.webhook_id or 0, [])
        if configured:
            named = self.canonical(seen.author_name)
            if named in configured:
                return named

            return configured[0] if len(configured) == 1 else self._learn(seen.author_name)

        ours = seen.application_id is not None and seen.application_id == self._own_application
        return self._learn(seen.author_name) if ours or seen.webhook_id in self._trusted else ""

    def _own_account(self, seen: MessageSeen) -> Author:
        match = self._prefix.match(seen.content) if self._prefix else None
        persona = self._learn(match["name"]) if match else ""
        if persona:
            self._elsewhere.add(persona)
            self._ways[persona] = "prefix"
            return self._told(persona, seen.content)

        mine = display(self._own_name or seen.author_name)
        if self._only and self._only not in self._elsewhere and self.names() == [self._only]:
            return self._told(self._only, seen.content)

        if any(fold(mine) != fold(name) for name in self.names()):
            # Its characters speak through webhooks or prefixes, so what it says itself is no character's.
            return Author("own", text=seen.content, failed=self.is_failure(seen.content))

        persona = self._learn(mine)
        return self._told(persona, seen.content) if persona else Author("own", text=seen.content)

    def _of_bot(self) -> str:
        names = self.names()
        if len(names) == 1:
            return names[0]

        return self._names.get(fold(self._own_name), "") if self._own_name else ""

    def _told(self, persona: str, content: str) -> Author:
        text = self.text_of(content)
        failed = self.is_failure(text)
        return Author("persona", persona, text, failed, not failed and self.is_placeholder(text))
