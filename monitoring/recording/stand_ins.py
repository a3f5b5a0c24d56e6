"""Under overload, a few operations stand for all of their kind, each with its share of their weight (F4).

They are drawn apart for each minute and each range of durations (a stratified sample), so that counts by minute are
exact, and quantiles are off by less than the width of a range. Drawn from all durations at once, one of each kind
would miss a P95 by half, and eight by a third.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from math import log
from typing import TypeAlias

from monitoring.model import MINUTE, OperationDone
from monitoring.recording.valid import EVER, IDS, LONGEST, MOST, WEIGHT, fitting

EACH = 16
"""Operations that stand for one kind, minute and range of durations, while there is room."""
RANGES = 6
"""Ranges of durations in each factor of two: the end of one is an eighth above its start."""
WIDEST = 6
"""How often ranges are doubled at most: then nearly all durations are in one."""
LONGEST_SPAN = 6
"""How often the minute is doubled at most: to about an hour. Beyond, what finds no room is dropped."""

Kind: TypeAlias = tuple[object, ...]
Key: TypeAlias = tuple[Kind, int, int]
"""Kind, span of time, range of durations."""
_SCALE = RANGES / log(2)
_OFFSET = 1 << 12
"""Keeps the number of every range positive, so that they halve alike."""
_LEAST = 1e-6


def kind_of(done: OperationDone) -> Kind:
    """What counts are told by: operations that are alike in all of it can stand for one another."""
    # Taken apart at once, which is twice as fast as asking for each by its name.
    (
        service, operation, _, _, _, _, persona, model, feature, guild, _, _, response, first, _, completion, _, cost,
        local, weight, hit, variant, _,
    ) = done  # fmt: skip
    return (
        service, operation, model, persona, guild, feature, variant, hit, local, weight, response is None,
        first is None, cost is None, completion == 0,
    )  # fmt: skip


def like_good_ones(done: OperationDone) -> bool:
    """Whether an operation can be, given that one of the same kind can: so its names need no second look."""
    (
        service, operation, at, duration, error, fingerprint, persona, model, feature, guild, channel, message,
        response, first, prompt, completion, cached, cost, local, weight, hit, variant, detail,
    ) = done  # fmt: skip
    return (
        type(at) is type(channel) is type(guild) is type(weight) is int
        and type(prompt) is type(completion) is type(cached) is int
        and type(service) is type(operation) is type(persona) is type(model) is type(feature) is type(variant) is str
        and type(local) is bool
        and (hit is None or type(hit) is bool)
        and type(duration) is float
        and 0 <= duration <= LONGEST
        and 0 <= cached <= prompt <= MOST
        and 0 <= completion <= MOST
        and 0 <= channel <= IDS
        and message is None
        and error is None
        and (response is None or (type(response) is int and 0 <= response <= IDS))
        and (first is None or (type(first) is float and 0 <= first <= LONGEST))
        and (cost is None or (type(cost) is int and 0 <= cost <= MOST))
        and type(fingerprint) is type(detail) is str
        and not fingerprint
        and not detail
    ) or fitting(done, EVER)


class _Group:
    """A fair draw of some operations: every one that was added is in it with the same chance (Vitter's algorithm R)."""

    __slots__ = ("drawn", "number", "whole")

    def __init__(self, done: OperationDone) -> None:
        self.drawn = [done]
        self.number = 1
        """Operations that were added."""
        self.whole = True
        """None gave way so far; afterwards it may only shrink, or late ones would be drawn too often."""

    @property
    def saturated(self) -> bool:
        """One more would make weights that no fact may have."""
        return self.number + 1 > self._bears * len(self.drawn)

    @property
    def _bears(self) -> int:
        """Operations that one of them may stand for."""
        return WEIGHT // self.drawn[0].weight

    def draw(self, done: OperationDone) -> None:
        """Count one more, which takes the place of one of them as chance has it."""
        self.whole = False
        self.number += 1
        if (place := int(random.random() * self.number)) < len(self.drawn):
            self.drawn[place] = done

    def shrink(self, size: int) -> None:
        """Keep so many, or as many as can bear the weight."""
        for _ in range(len(self.drawn) - max(size, -(-self.number // self._bears))):
            self.drawn[int(random.random() * len(self.drawn))] = self.drawn[-1]
            self.drawn.pop()
            self.whole = False

    def join(self, other: _Group) -> bool:
        """Take in another group: those of one of them stay, as chance has it; false if they could not bear both."""
        number = self.number + other.number
        stays = self.drawn if random.random() * number < self.number else other.drawn
        if number > self._bears * len(stays):
            return False

        self.number, self.drawn, self.whole = number, stays, False
        return True

    def pop(self) -> OperationDone:
        """One of them, with its share of the weight of all."""
        share = self.number // len(self.drawn)
        self.number -= share
        done = self.drawn.pop()
        return done._replace(weight=done.weight * share)


class StandIns:
    """Operations that stand for others, at most `room` of them. Not safe from threads by itself.

    Where room gets short they get coarser: fewer of each, then wider ranges of durations, then longer spans of time.
    """

    def __init__(self, room: int, each: int = EACH) -> None:
        self._room = room
        self._most = each
        self._saturated: list[_Group] = []
        self._groups: dict[Key, _Group] = {}
        self._size = 0
        self._fine()

    def __len__(self) -> int:
        return self._size

    def add(self, done: OperationDone, *, roomy: bool) -> tuple[int, bool]:
        """Let an operation be stood for; tells how many gave way to others, and whether there was room at all.

        Unless `roomy`, no more than now are held. Raises ValueError for one that cannot be: it would otherwise be
        asked to stand for its good twins, and take their weight along when it is refused.
        """
        group = self._groups.get(self._key(done))
        if not (fitting(done, EVER) if group is None else like_good_ones(done)):
            raise ValueError("no operation")

        if group is None or group.saturated:
            return self._begin(done, self._room if roomy else self._size)

        if group.whole and roomy and len(group.drawn) < self._each and self._size < self._room:
            group.drawn.append(done)
            group.number += 1
            self._size += 1
            return 0, True

        group.draw(done)
        return 1, True

    def take(self, most: int) -> Iterator[OperationDone]:
        """At most so many of them, the oldest first; they are here no more."""
        for group in (*self._saturated, *self._groups.values()):
            while group.drawn and most > 0:
                most -= 1
                self._size -= 1
                yield group.pop()

        self._saturated = [group for group in self._saturated if group.drawn]
        self._groups = {key: group for key, group in self._groups.items() if group.drawn}
        if not self._size:
            self._fine()

    def clear(self) -> None:
        """Forget all of them."""
        self._groups.clear()
        self._saturated.clear()
        self._size = 0
        self._fine()

    def _fine(self) -> None:
        self._each, self._wider, self._longer = self._most, 0, 0

    def _key(self, done: OperationDone) -> Key:
        duration = done.duration
        place = int(log(duration) * _SCALE + _OFFSET) if duration > _LEAST else 0
        return kind_of(done), done.at // MINUTE >> self._longer, place >> self._wider

    def _begin(self, done: OperationDone, room: int) -> tuple[int, bool]:
        """Open a group, if need be by making the others coarser, which may bring one that fits already."""
        gone = 0
        while self._size >= room:
            # With nothing held, nothing would be won.
            if not self._size or not self._coarsen():
                return gone, False

            gone += self._regroup()
            group = self._groups.get(self._key(done))
            if group is not None and not group.saturated:
                group.draw(done)
                return gone + 1, True

        key = self._key(done)
        if key in self._groups:
            self._saturated.append(self._groups[key])

        self._groups[key] = _Group(done)
        self._size += 1
        return gone, True

    def _coarsen(self) -> bool:
        """The next step that saves room; false after the last."""
        if self._each > 1:
            self._each //= 2
        elif self._wider < WIDEST:
            self._wider += 1
        elif self._longer < LONGEST_SPAN:
            self._longer += 1
        else:
            return False

        return True

    def _regroup(self) -> int:
        """Make the groups as coarse as they shall be; tells how many operations gave way."""
        before = self._size
        groups, self._groups = self._groups, {}
        for group in groups.values():
            group.shrink(self._each)
            key = self._key(group.drawn[0])
            other = self._groups.setdefault(key, group)
            if other is not group and not other.join(group):
                self._saturated.append(group)

        held = (*self._saturated, *self._groups.values())
        self._size = sum(len(group.drawn) for group in held)
        return before - self._size
