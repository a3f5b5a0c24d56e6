"""The fields of one rule, read one by one: each in its unit, and what is wrong said in a sentence."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from monitoring.phrasing import duration
from monitoring.quantities import did_you_mean, seconds_of, value_of


class Reader:
    """Reads fields, taking what stands before where a table does not have one; collects what is wrong."""

    def __init__(
        self,
        table: Mapping[str, object],
        name: str,
        known: Collection[str],
        problems: list[str] | None = None,
        part: str = "",
    ) -> None:
        self.name = name
        self.problems = [] if problems is None else problems
        self._table = table
        self._part = part
        for key in table:
            if key not in known:
                self.wrong(f"there is no field {key!r}{did_you_mean(key, known)}.")

    def wrong(self, sentence: str) -> None:
        """Note what is wrong, and how to mend it."""
        self.problems.append(f"rule {self.name}: {self._part}{sentence}")

    def has(self, key: str) -> bool:
        """Whether the table says it."""
        return key in self._table

    def text(self, key: str, before: str = "") -> str:
        """A text of one line."""
        value = self._table.get(key, before)
        if isinstance(value, str):
            return " ".join(value.split())

        self.wrong(f'{key} must be a text in quotes, such as {key} = "…".')
        return before

    def yes(self, key: str, before: bool) -> bool:
        """Whether it is true."""
        value = self._table.get(key, before)
        if isinstance(value, bool):
            return value

        self.wrong(f"{key} must be true or false, without quotes.")
        return before

    def seconds(self, key: str, before: int, *, least: int = 0, most: int) -> int:
        """A time in whole seconds."""
        try:
            value = round(seconds_of(self._table.get(key, before)))
        except ValueError as error:
            self.wrong(f"{key}: {error}.")
            return before

        if not least <= value <= most:
            self.wrong(f"{key} must be from {duration(least)} to {duration(most)}.")
            return before

        return value

    def whole(self, key: str, before: int, *, least: int = 0) -> int:
        """A whole number."""
        value = self._table.get(key, before)
        if isinstance(value, int) and not isinstance(value, bool) and value >= least:
            return value

        self.wrong(f"{key} must be a whole number from {least} on, such as {key} = 20.")
        return before

    def value(self, key: str, unit: str, before: float | None) -> float | None:
        """A limit in the rule's unit."""
        if key not in self._table:
            return before

        try:
            return value_of(self._table[key], unit)
        except ValueError as error:
            self.wrong(f"{key}: {error}.")
            return before

    def texts(self, key: str, before: tuple[str, ...]) -> tuple[str, ...]:
        """A list of texts; a single one is a list of one."""
        value = self._table.get(key)
        if value is None:
            return before

        found = [value] if isinstance(value, str) else value
        if isinstance(found, list | tuple) and all(isinstance(one, str) and one for one in found):
            return tuple(found)

        self.wrong(f'{key} must be a list of texts, such as {key} = ["…", "…"].')
        return before

    def pairs(self, key: str, before: Mapping[str, str], known: Collection[str]) -> dict[str, str]:
        """Labels and their values."""
        value = self._table.get(key)
        if value is None:
            return dict(before)

        if not isinstance(value, Mapping):
            self.wrong(f'{key} must be labels with their values, such as {key} = {{ persona = "Mira" }}.')
            return {}

        found = {}
        for name, one in value.items():
            if name not in known:
                self.wrong(f"{key}: {name!r} is no label of this metric{did_you_mean(name, known)}.")
            elif not isinstance(one, str | int) or isinstance(one, bool):
                self.wrong(f'{key}: {name} must be a text in quotes, such as {name} = "…".')
            else:
                found[name] = str(one)

        return found

    def tables(self, key: str) -> list[Mapping[str, object]] | None:
        """Tables inside; None where there are none."""
        value = self._table.get(key)
        if value is None:
            return None

        found = [value] if isinstance(value, Mapping) else value
        if isinstance(found, list) and all(isinstance(one, Mapping) for one in found):
            return found

        self.wrong(f'{key} must be tables, such as {key} = [{{ after = "15 min", notifiers = ["mail"] }}].')
        return []
