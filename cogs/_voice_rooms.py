"""Who is in the voice channels of each guild, and for how long: whiles in which their number stays the same."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from monitoring.model import MINUTE, Instant
from monitoring.seen import VoiceStay

AT_MOST = 5 * MINUTE
"""After a longer while without a look (a machine that slept) nobody knows who was there: it is not counted."""


@dataclass(slots=True)
class _Room:
    people: set[int] = field(default_factory=set)
    since: Instant = 0
    joined: int = 0


class VoiceRooms:
    """Counts people and tells whiles; `record` takes them, `now` is the time. Ids leave it nowhere."""

    def __init__(self, record: Callable[[VoiceStay], None], now: Callable[[], Instant]) -> None:
        self._record, self._now = record, now
        self._rooms: dict[int, _Room] = {}

    def moved(self, guild_id: int, user_id: int, *, here: bool) -> None:
        """Somebody came, went, or moved on to another channel, which changes nothing."""
        room = self._rooms.setdefault(guild_id, _Room())
        if (user_id in room.people) != here:
            self._tell(guild_id, room)
            (room.people.add if here else room.people.discard)(user_id)
            room.joined += here

    def found(self, guild_id: int, people: Collection[int]) -> None:
        """These are there, as the gateway says at a start; since when is not known, so they count from now."""
        room = self._rooms.setdefault(guild_id, _Room())
        self._tell(guild_id, room)
        room.people = set(people)

    def lost(self, guild_id: int) -> None:
        """A guild is gone or cannot be heard any more."""
        room = self._rooms.pop(guild_id, None)
        if room is not None:
            self._tell(guild_id, room)

    def tell(self) -> None:
        """Tell what was until now; each minute, so that little is lost with the process, and at the end."""
        for guild_id, room in self._rooms.items():
            self._tell(guild_id, room)

    def _tell(self, guild_id: int, room: _Room) -> None:
        now, since, joined = self._now(), room.since, room.joined
        room.since, room.joined = now, 0
        if joined or (room.people and 0 < now - since <= AT_MOST):
            until = now if 0 <= now - since <= AT_MOST else since
            self._record(VoiceStay(guild_id, since, until, len(room.people), joined))
