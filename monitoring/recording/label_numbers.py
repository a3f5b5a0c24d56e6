"""The label sets that operations have had, numbered once: a flush of thousands looks each up and makes none anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import numpy as np

from monitoring.narrow import Ints, Names
from monitoring.recording.valid import are_words, is_id
from monitoring.rollup import Labels

MOST = 8_192
"""Label sets that are remembered; then it begins anew."""


class Unfit(Exception):
    """Something among many cannot be."""


class _Keys(dict[tuple[Any, ...], int]):
    """Numbers of keys; a new one is added as it is asked for."""

    def __init__(self, add: Callable[[tuple[Any, ...]], int]) -> None:
        super().__init__()
        self._add = add

    def __missing__(self, key: tuple[Any, ...]) -> int:
        number = self[key] = self._add(key)
        return number


class Part:
    """Some of the labels of each set, numbered too: those of another metric."""

    def __init__(self, *places: int) -> None:
        self._pick = itemgetter(*places) if len(places) > 1 else itemgetter(slice(places[0], places[0] + 1))
        self.labels: list[Labels] = Names()
        self._numbers: dict[Labels, int] = {}
        self._of: list[int] = []
        self._array: Ints = np.zeros(0, np.int64)

    def add(self, labels: Labels) -> None:
        """One more label set."""
        own = self._pick(labels)
        number = self._numbers.setdefault(own, len(self.labels))
        if number == len(self.labels):
            self.labels.append(own)

        self._of.append(number)

    def of(self, which: Ints) -> Ints:
        """Which part each label set has."""
        if len(self._array) != len(self._of):
            self._array = np.array(self._of, dtype=np.int64)

        return self._array[which]

    def among(self, labels: Labels, which: Ints) -> bool:
        """Whether one of these label sets has this part."""
        number = self._numbers.get(labels)
        return number is not None and bool((self.of(which) == number).any())


class LabelNumbers:
    """Numbers label sets; what is not a label set is refused with Unfit. For one thread at a time."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forget all of them."""
        self.labels: list[Labels] = Names()
        """All label sets so far; only ever added to, so that it can be shared."""
        self.operation = Part(1)
        self.model = Part(2)
        self.component = Part(1, 3, 4)
        """Operation, persona, guild."""
        self.first_token = Part(2, 3, 4)
        """Model, persona, guild."""
        self.cache = Part(0, 5, 2, 4)
        """Service, feature, model, guild."""
        self._keys = _Keys(self._add)

    def which(self, columns: Sequence[Sequence[Any]]) -> Ints:
        """The numbers of many, given by service, operation, model, persona, guild (a number) and feature."""
        return np.fromiter(map(self._keys.__getitem__, zip(*columns, strict=True)), np.int64, len(columns[0]))

    def _add(self, key: tuple[Any, ...]) -> int:
        service, operation, model, persona, guild, feature = key
        if not (are_words(service, operation, model, persona, feature) and service and operation and is_id(guild)):
            raise Unfit

        labels = (service, operation, model, persona, str(guild), feature)
        self.labels.append(labels)
        for part in (self.operation, self.model, self.component, self.first_token, self.cache):
            part.add(labels)

        return len(self.labels) - 1
