"""A small player: what a script says, as the facts that the bot would have seen, in the order in which they came."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from monitoring.model import (
    MINUTE,
    CommandRan,
    ErrorKind,
    Instant,
    MessageDeleted,
    MessageEdited,
    MessageSeen,
    OperationDone,
    ReactionSeen,
    Sample,
    Seen,
    Told,
)
from monitoring.seen import VoiceStay

ZONE = "Europe/Berlin"
APPLICATION, BOT, HOOK = 901, 902, 903
GUILDS = {"tavern": 1, "hall": 1, "lounge": 2, "attic": 3}
CHANNELS = {"tavern": 11, "hall": 12, "lounge": 21, "attic": 31}
USERS = {"ana": 101, "ben": 102, "cem": 103, "dora": 104, "eva": 105, "finn": 106}
DAYS = {
    "1 Jan": "2026-01-01",
    "26 Jan": "2026-01-26",
    "27 Jan": "2026-01-27",
    "2 Feb": "2026-02-02",
    "25 Feb": "2026-02-25",
    "Thu 5": "2026-03-05",
    "Fri 6": "2026-03-06",
    "Sat 7": "2026-03-07",
    "Sun 8": "2026-03-08",
    "Mon": "2026-03-09",
    "Tue": "2026-03-10",
    "Wed": "2026-03-11",
    "Thu": "2026-03-12",
}
"""The days of the script by name; from Monday to Thursday those of March 9 to 12."""


def when(clock: str, plus: float = 0) -> Instant:
    """The instant of "Mon 18:00" in the zone, and so many seconds later."""
    day, _, time = clock.rpartition(" ")
    moment = datetime.fromisoformat(f"{DAYS[day]} {time}").replace(tzinfo=ZoneInfo(ZONE))
    return round(moment.timestamp() * 1000) + round(plus * 1000)


class Play:
    """Collects facts. Messages are known by the names that the script gives them; each call is one line of it."""

    def __init__(self) -> None:
        self._facts: list[tuple[Instant, int, Seen]] = []
        self._places: dict[str, tuple[int, str]] = {}
        """Number and channel of each message that has a name."""

    @property
    def facts(self) -> list[Seen]:
        """All facts in the order in which they came: an operation when it ended, all else when it happened."""
        return [seen for _, _, seen in sorted(self._facts, key=lambda entry: entry[:2])]

    def monitored(self, first: str, last: str) -> None:
        """The monitor was alive: a mark every minute."""
        for at in range(when(first), when(last), MINUTE):
            self._see(at, Sample("alive", 1.0, at))

    def user(self, at: Instant, channel: str, who: str, text: str, name: str = "") -> None:
        """A user writes."""
        self._write(at, channel, USERS[who], who, text, name)

    def persona(self, at: Instant, channel: str, who: str, text: str, name: str = "", **more: Any) -> None:
        """A persona writes through the bot's webhook; `to` is the name of the message that it replies to."""
        to = more.pop("to", "")
        origin = {"webhook_id": HOOK, "application_id": APPLICATION, "bot": True}
        reference = {"reference_id": self._places[to][0]} if to else {}
        self._write(at, channel, HOOK, who, text, name, **origin, **reference, **more)

    def bot(self, at: Instant, channel: str, text: str, to: str) -> None:
        """The bot's own account answers."""
        self._write(at, channel, BOT, "Inn", text, "", bot=True, own=True, reference_id=self._places[to][0])

    def edit(self, at: Instant, name: str, text: str) -> None:
        """A message gets another text."""
        number, channel = self._places[name]
        self._see(at, MessageEdited(number, GUILDS[channel], CHANNELS[channel], at, text))

    def delete(self, at: Instant, name: str) -> None:
        """A message is deleted."""
        number, channel = self._places[name]
        self._see(at, MessageDeleted(number, GUILDS[channel], CHANNELS[channel], at))

    def react(self, at: Instant, name: str, who: str, emoji: str, *, added: bool = True, bot: bool = False) -> None:
        """Somebody reacts to a message, or takes it back."""
        number, channel = self._places[name]
        user = 777 if bot else USERS[who]
        self._see(at, ReactionSeen(number, GUILDS[channel], CHANNELS[channel], user, emoji, added, at, bot))

    def command(self, at: Instant, kind: str, name: str, who: str, seconds: float, **more: Any) -> None:
        """A command is used; `error` is how it failed."""
        channel, error = more.get("channel", "tavern"), more.get("error")
        ran = CommandRan(
            name, kind, GUILDS[channel], CHANNELS[channel], USERS[who], at, seconds, ErrorKind(error) if error else None
        )
        self._see(at + round(seconds * 1000), ran)

    def operation(self, at: Instant, channel: str, what: str, seconds: float, **more: Any) -> None:
        """A piece of work, `what` being "service operation"; `message` is the name of what it is for."""
        service, _, operation = what.partition(" ")
        number = self._places[more.pop("message")][0] if "message" in more else None
        error = more.pop("error", "")
        done = OperationDone(
            service,
            operation,
            at,
            seconds,
            error=ErrorKind(error) if error else None,
            guild_id=GUILDS[channel],
            channel_id=CHANNELS[channel],
            message_id=number,
        )
        self._see(at + round(seconds * 1000), done._replace(**more))

    def told(self, at: Instant, what: str, persona: str, value: float | None = None, **more: Any) -> None:
        """The host tells something of a persona."""
        self._see(at, Told(what, at, persona=persona, value=value, **({"guild_id": 1} | more)))

    def voice(self, start: Instant, end: Instant, people: int, joined: int) -> None:
        """So many were in voice channels for a while."""
        self._see(end, VoiceStay(1, start, end, people, joined))

    def _write(self, at: Instant, channel: str, author: int, called: str, text: str, name: str, **more: Any) -> None:
        number = 1_000 + len(self._facts)
        if name:
            self._places[name] = number, channel

        self._see(at, MessageSeen(number, GUILDS[channel], CHANNELS[channel], author, called, text, at, **more))

    def _see(self, at: Instant, seen: Seen) -> None:
        self._facts.append((at, len(self._facts), seen))
