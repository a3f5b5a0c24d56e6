"""Where the scenes of the demo's history are played: ids, chance, what is seen of them, and the ledger's notes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from monitoring.model import (
    ErrorKind,
    Instant,
    MessageDeleted,
    MessageEdited,
    MessageSeen,
    OperationDone,
    ReactionSeen,
    Seen,
)
from monitoring.sandbox import phrases
from monitoring.sandbox.cast import Persona
from monitoring.sandbox.ledger import Ledger
from monitoring.sandbox.snowflakes import EPOCH_MS
from monitoring.sandbox.weather import Weather
from monitoring.sandbox.world import Channel, Person, World


@dataclass(slots=True)
class Place:
    """What a channel remembers between scenes."""

    channel: Channel
    ready: Instant
    """From when on the next scene may begin."""
    quiet: Instant = 0
    """From when on a persona may speak unasked, so that nobody takes it for an answer or a turn."""
    open_until: Instant = 0
    """Until when somebody's open message could be taken for the one that a persona answers."""
    last: tuple[int, Persona, Instant] | None = None
    """The latest persona message, to which people may reply."""

    def left_open(self, at: Instant) -> None:
        """A user's message of that moment stays without an answer: 120 s and a little long it must be minded."""
        self.open_until = max(self.open_until, at + 125_000)
        self.quiet = max(self.quiet, self.open_until)

    def spoken(self, at: Instant) -> None:
        """A persona spoke: 60 s and a little long, unasked words would be a turn of an exchange."""
        self.quiet = max(self.quiet, at + 65_000)


class Stage:
    """Plays on behalf of a whole history; nothing is told until `commit`, so a scene can be dropped."""

    def __init__(self, world: World, weather: Weather, rng: Random, extra: Random, ledger: Ledger) -> None:
        self.world, self.weather, self.rng, self.ledger = world, weather, rng, ledger
        self.extra = extra
        """Chance for what the host tells besides, so that it changes nothing of what people say."""
        self.acts: list[tuple[Instant, int, Seen]] = []
        self.latest: Instant = 0
        self._count = 0
        self._new: list[tuple[Instant, int, Seen]] = []
        self._notes: list[tuple[Callable[..., None], tuple[Any, ...]]] = []
        self._audience: dict[int, tuple[list[Person], list[float]]] = {}

    def commit(self) -> None:
        """Lets the scene have happened."""
        self.acts.extend(self._new)
        for note, facts in self._notes:
            note(*facts)

        self.drop()

    def drop(self) -> None:
        """Forgets what was played since the last commit."""
        self._new, self._notes, self.latest = [], [], 0

    def new_day(self, at: Instant) -> None:
        """Decides who comes by today: the keen nearly daily, others now and then, some only later in the month."""
        progress = self.weather.progress(at)
        present = [
            person
            for person in self.world.people
            if person.since <= progress and self.rng.random() < 0.22 + 0.7 * person.keenness
        ]
        present = present if len(present) > 3 else list(self.world.people[:6])
        for guild in self.world.guilds:
            here = [person for person in present if person.id in guild.member_ids] or [self.world.people[0]]
            self._audience[guild.id] = (here, [person.keenness for person in here])

    def id_at(self, at: Instant) -> int:
        """A new id made at that moment."""
        self._count = (self._count + 1) & 0x3FFFFF
        return ((at - EPOCH_MS) << 22) | self._count

    def somebody(self, channel: Channel, *others: Person) -> Person:
        """A person of the channel's guild, not one of these if there are more."""
        people, keenness = self._audience[channel.guild_id]
        chosen = self.rng.choices(people, keenness)[0]
        for _ in range(4):
            if chosen not in others:
                break

            chosen = self.rng.choice(people)

        return chosen

    def some_persona(self, *others: Persona) -> Persona:
        """A persona by its share of the talk, none of these."""
        left = [persona for persona in self.world.personas if persona not in others]
        return self.rng.choices(left, [persona.weight for persona in left])[0]

    def some_by(self, rng: Random) -> Persona:
        """A persona by its share of the talk, drawn by another chance."""
        return rng.choices(self.world.personas, [persona.weight for persona in self.world.personas])[0]

    def emit(self, at: Instant, act: Seen) -> None:
        """Something is seen at that moment."""
        self._count = (self._count + 1) & 0x3FFFFF
        self._new.append((at, self._count, act))
        if at > self.latest:
            self.latest = at

    def note(self, note: Callable[..., None], *facts: Any) -> None:
        """Something the ledger shall know."""
        self._notes.append((note, facts))

    def user_says(
        self, channel: Channel, at: Instant, person: Person, text: str, addressed: tuple[str, ...] = (), *,
        reply_to: int | None = None, mentions: tuple[int, ...] = (), ping: bool = False,
    ) -> int:  # fmt: skip
        """A user writes; gives the message's id."""
        message_id = self.id_at(at)
        self.emit(
            at,
            MessageSeen(
                message_id, channel.guild_id, channel.id, person.id, person.name, text, at,
                reference_id=reply_to, mention_ids=mentions, reply_ping=ping,
            ),
        )  # fmt: skip
        self.note(self.ledger.user_spoke, at, message_id, person.id, channel.id, addressed, phrases.asks(text))
        return message_id

    def persona_says(
        self, place: Place, at: Instant, persona: Persona, text: str, *, reply_to: int | None = None,
        mentions: tuple[int, ...] = (), counts: bool = True,
    ) -> int:  # fmt: skip
        """A persona's webhook writes; `counts` is False for failures and for what stays a placeholder."""
        message_id, channel = self.id_at(at), place.channel
        webhook = self.world.webhook(persona, channel)
        self.emit(
            at,
            MessageSeen(
                message_id, channel.guild_id, channel.id, webhook, persona.name, text, at, bot=True,
                webhook_id=webhook, application_id=self.world.application_id, reference_id=reply_to,
                mention_ids=mentions,
            ),
        )  # fmt: skip
        if counts:
            self.note(self.ledger.persona_spoke, at, message_id, persona.name, channel.id)
            place.last = (message_id, persona, at)

        return message_id

    def edit(self, channel: Channel, at: Instant, message_id: int, text: str) -> None:
        """A message gets another text."""
        self.emit(at, MessageEdited(message_id, channel.guild_id, channel.id, at, text))

    def later(self, at: Instant, act: MessageDeleted | MessageEdited | ReactionSeen) -> bool:
        """Something that comes after the scene; False when the history ends before it or nobody watches then."""
        if at >= self.weather.end or not self.weather.monitored(at):
            return False

        latest = self.latest
        self.emit(at, act)
        self.latest = latest
        return True

    def report(self, done: list[tuple[Instant, OperationDone]]) -> None:
        """The host reports its operations as they end."""
        for ended, operation in done:
            self.emit(ended, operation)
            if operation.prompt_tokens:
                self.note(
                    self.ledger.used, operation.at, operation.model, operation.prompt_tokens,
                    operation.completion_tokens,
                )  # fmt: skip

    def react(self, channel: Channel, message_id: int, at: Instant, glad: float) -> None:
        """Up to three people react to a persona's message in the minutes after; some take it back."""
        people, _ = self._audience[channel.guild_id]
        for person in self.rng.sample(people, min(len(people), self.rng.choice((1, 1, 1, 2, 3)))):
            emoji = self.rng.choice(("👍", "👍", "❤️")) if self.rng.random() < glad else "👎"
            when = at + self.rng.randint(6_000, 400_000)
            if not self._reaction(channel, message_id, person, emoji, True, when):
                continue

            if self.rng.random() < 0.05:
                self._reaction(channel, message_id, person, emoji, False, when + self.rng.randint(9_000, 2_400_000))
            elif self.rng.random() < 0.03:
                other = "👎" if emoji != "👎" else "👍"
                self._reaction(channel, message_id, person, other, True, when + self.rng.randint(4_000, 60_000))

    def _reaction(
        self, channel: Channel, message_id: int, person: Person, emoji: str, added: bool, at: Instant
    ) -> bool:
        """One reaction given or taken back."""
        act = ReactionSeen(message_id, channel.guild_id, channel.id, person.id, emoji, added, at)
        told = self.later(at, act)
        if told:
            self.note(self.ledger.reacted, message_id, person.id, emoji, added, at)

        return told

    def fails(self, persona: Persona, at: Instant) -> ErrorKind | None:
        """Whether, and how, the persona's model fails at that moment."""
        chance = self.rng.random()
        if persona.model.local and self.weather.factor(at) == 0.0:
            return (ErrorKind.NETWORK if chance < 0.6 else ErrorKind.TIMEOUT) if chance < 0.9 else None

        if chance > 0.013:
            return None

        if persona.model.local:
            return ErrorKind.TIMEOUT if chance < 0.009 else ErrorKind.MEMORY

        return ErrorKind.RATE_LIMIT if chance < 0.009 else ErrorKind.TIMEOUT
