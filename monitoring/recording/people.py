"""The people who spoke in a channel lately, by name: whom a text names, and which words are only names."""

from __future__ import annotations

import re
import string
from collections import OrderedDict
from collections.abc import Iterable, Mapping

from monitoring.recording.names import fold, is_named
from monitoring.recording.text import cutter

MOST_PEOPLE = 200
_SHORTEST_NAME = 2
_RUN = re.compile(r"[a-z0-9_]+")
_runs_of = cutter(string.ascii_lowercase + string.digits + "_")


class People:
    """Names by keyed hash, the one who spoke last at the end; no more than 200.

    What names are made of is counted as people come and go, since in a lively channel every message brings somebody.
    """

    __slots__ = ("_begins", "_names", "_words")

    def __init__(self) -> None:
        self._names: OrderedDict[str, str] = OrderedDict()
        self._words: dict[str, int] = {}
        """In how many names a word is."""
        self._begins: dict[str, int] = {}
        """How many names have this as their first run of ASCII letters and digits; "" for those with none."""

    def meet(self, user: str, name: str) -> None:
        """Remember what somebody who speaks here is called; nobody ("") is not remembered."""
        if not user:
            return

        folded, known = fold(name.strip()), self._names.get(user)
        if known != folded:
            if known is not None:
                self._forget(known)

            self._names[user] = folded
            _count(self._words, folded.split(), 1)
            _count(self._begins, (_begin(folded),), 1)

        self._names.move_to_end(user)
        if len(self._names) > MOST_PEOPLE:
            self._forget(self._names.popitem(last=False)[1])

    def leave(self, user: str) -> None:
        """Forget somebody."""
        name = self._names.pop(user, None)
        if name is not None:
            self._forget(name)

    @property
    def words(self) -> Mapping[str, int]:
        """The words that their names are made of, folded."""
        return self._words

    def named_in(self, text: str) -> tuple[str, ...]:
        """Keyed hashes of those whom a text names."""
        folded = fold(text)
        # In ASCII, a whole name begins with a whole run of the text: where none does, nobody is named.
        if folded.isascii() and "" not in self._begins and self._begins.keys().isdisjoint(_runs_of(folded)):
            return ()

        return tuple(
            user
            for user, name in self._names.items()
            if name in folded and len(name) >= _SHORTEST_NAME and is_named(folded, name)
        )

    def _forget(self, name: str) -> None:
        _count(self._words, name.split(), -1)
        _count(self._begins, (_begin(name),), -1)


def _begin(name: str) -> str:
    found = _RUN.search(name)
    return found[0] if found else ""


def _count(numbers: dict[str, int], words: Iterable[str], step: int) -> None:
    for word in words:
        numbers[word] = numbers.get(word, 0) + step
        if not numbers[word]:
            del numbers[word]
