"""Reads what somebody wrote about a notifier, and says in words what is wrong with it without repeating secrets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import cast
from urllib.parse import urlsplit

from monitoring.notify.courier import When

ENVIRONMENT = "env:"
"""A value that begins so is the name of an environment variable, for secrets that should not stand in a file."""


class Table:
    """One `[[notifier]]` table. What is asked for and missing or wrong goes into `problems`, as sentences.

    `called`: key → the setting that it comes from.
    """

    def __init__(
        self,
        values: Mapping[str, object],
        name: str,
        environment: Mapping[str, str],
        called: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self._called = called or {}
        self.problems: list[str] = []
        self._values = values
        self._environment = environment
        self._asked = {"name", "type", "when"}

    def __repr__(self) -> str:
        return f"<Table {self.name}>"

    @property
    def when(self) -> When:
        """Whether it is always told, or only where another place did not take the news."""
        return cast("When", self.choice("when", ("always", "fallback"), "always"))

    def text(self, key: str, default: str | None = None) -> str:
        """A text; without a default it has to be there."""
        value = self._value(key)
        if value is None and default is not None:
            return default

        if not isinstance(value, str) or not value.strip():
            self.wrong(key, "must be a text" if value is not None else "is missing")
            return ""

        return value.strip()

    def secret(self, key: str) -> str:
        """A text that is optional, and kept as it is."""
        value = self._value(key)
        if value is None or value == "":
            return ""

        if not isinstance(value, str):
            self.wrong(key, "must be a text")
            return ""

        return value

    def address(self, key: str = "url") -> str:
        """An http or https address that has to be there."""
        value = self.text(key)
        try:
            parts = urlsplit(value)
            valid = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            valid = False

        if value and not valid:
            self.wrong(key, "must be an address that begins with https:// or http://")

        return value

    def number(self, key: str, default: int, most: int) -> int:
        """A whole number from 1 on."""
        value = self._value(key)
        if value is None:
            return default

        number = int(value) if isinstance(value, str) and value.isdecimal() else value
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= most:
            self.wrong(key, f"must be a whole number from 1 to {most}")
            return default

        return number

    def words(self, key: str) -> tuple[str, ...]:
        """One text or several, at least one."""
        value = self._value(key)
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, Sequence) or not all(isinstance(part, str) for part in parts):
            self.wrong(key, 'must be a list of texts, such as ["ops@example.com"]')
            return ()

        found = tuple(part.strip() for part in parts if part.strip())
        if not found:
            self.wrong(key, "must not be empty")

        return found

    def choice(self, key: str, allowed: Sequence[str], default: str) -> str:
        """One of some words."""
        value = self._value(key)
        if value is None:
            return default

        if value not in allowed:
            self.wrong(key, f"must be {', '.join(allowed[:-1])} or {allowed[-1]}")
            return default

        return str(value)

    def wrong(self, key: str, what: str) -> None:
        """Note what is wrong with a key, by the name of the setting that it is from, if it is from one."""
        self.problems.append(f"{self._called.get(key) or f'Notifier {self.name}: {key}'} {what}.")

    def finish(self) -> None:
        """Note the keys that nobody asked for: a slip of the pen would otherwise be silent."""
        known = ", ".join(sorted(self._asked))
        for key in self._values:
            if key not in self._asked:
                self.problems.append(f"Notifier {self.name}: {str(key)[:32]} is not known; known are {known}.")

    def _value(self, key: str) -> object:
        self._asked.add(key)
        value = self._values.get(key)
        if isinstance(value, float) and not math.isfinite(value):
            return None

        if not isinstance(value, str) or not value.startswith(ENVIRONMENT):
            return value

        name = value.removeprefix(ENVIRONMENT).strip()
        if not self._environment.get(name):
            self.wrong(key, f"names the environment variable {name[:64]}, which is not set")

        return self._environment.get(name, "") or None
