"""Who exists in the demo: two guilds, their channels, six personas with their models, forty people."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from monitoring.model import Instant, MessageEdited, MessageSeen, Seen
from monitoring.sandbox.building import Building
from monitoring.sandbox.cast import CHANNELS, GUILDS, PEOPLE, PERSONAS, Persona
from monitoring.sandbox.snowflakes import EPOCH_MS

_FIXED_MS = EPOCH_MS + 280_000_000_000
_STAFF = ("kira", "tomasz")


@dataclass(frozen=True, slots=True)
class Person:
    """One user; `keenness` weighs how much they write, `since` is when in the history they came (0 first, 1 last)."""

    id: int
    name: str
    keenness: float
    since: float


@dataclass(frozen=True, slots=True)
class Channel:
    """A text channel; `weight` is its share of the traffic, 0 for none."""

    id: int
    guild_id: int
    name: str
    topic: str
    weight: float
    webhook_id: int
    """The shared webhook of the bot's application."""
    own_webhook_id: int
    """The webhook of the persona that has one to itself."""
    foreign_webhook_id: int
    """A webhook of somebody else's application."""


@dataclass(frozen=True, slots=True)
class Guild:
    """A guild and its channels."""

    id: int
    name: str
    channels: tuple[Channel, ...]
    member_ids: frozenset[int]
    roles: Mapping[str, int] = field(default_factory=dict)
    voice_channel_id: int = 0


@dataclass(frozen=True, slots=True)
class World:
    """Everybody and everything with ids; the first person is the bot's owner."""

    application_id: int
    bot_user_id: int
    foreign_application_id: int
    """An application that is not ours, whose webhooks post too."""
    guilds: tuple[Guild, ...]
    people: tuple[Person, ...]
    personas: tuple[Persona, ...] = PERSONAS

    @property
    def owner_id(self) -> int:
        """The bot's owner, olivia."""
        return self.people[0].id

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Every channel in which people and personas talk."""
        return tuple(channel for guild in self.guilds for channel in guild.channels if channel.weight)

    @property
    def ops_channel(self) -> Channel:
        """Where notices are meant to go."""
        return next(channel for channel in self.guilds[0].channels if channel.name == "bot-ops")

    def webhook(self, persona: Persona, channel: Channel) -> int:
        """The webhook a persona speaks through in a channel."""
        return channel.own_webhook_id if persona.own_webhook else channel.webhook_id


class Builder(Protocol):
    """What a sandbox must offer so that the world can be built in it."""

    @property
    def application_id(self) -> int:
        """The id of the bot's application."""

    @property
    def bot_user_id(self) -> int:
        """The id of the bot's account."""

    @property
    def owner_id(self) -> int:
        """The id of the account that owns the application."""

    def add_user(self, name: str, bot: bool = False) -> int:
        """A new account."""

    def add_guild(self, name: str, owner_id: int) -> int:
        """A new guild."""

    def add_channel(self, guild_id: int, name: str, kind: str = "text") -> int:
        """A new channel, text or voice."""

    def add_role(self, guild_id: int, name: str) -> int:
        """A new role without permissions of its own."""

    def add_member(self, guild_id: int, user_id: int, roles: tuple[int, ...] = ()) -> None:
        """A user joins a guild."""

    def add_webhook(self, channel_id: int, name: str, application_id: int) -> int:
        """A new webhook that belongs to the application."""


class FixedIds:
    """Gives ids without a sandbox, the same every time, for tests and histories."""

    def __init__(self) -> None:
        self._count = 0
        self.bot_user_id = self.application_id = self._next()
        self.owner_id = self._next()

    def _next(self) -> int:
        self._count += 1
        return ((_FIXED_MS - EPOCH_MS + self._count) << 22) | self._count

    def add_user(self, name: str, bot: bool = False) -> int:
        """The next id."""
        return self._next()

    def add_guild(self, name: str, owner_id: int) -> int:
        """The next id."""
        return self._next()

    def add_channel(self, guild_id: int, name: str, kind: str = "text") -> int:
        """The next id."""
        return self._next()

    def add_role(self, guild_id: int, name: str) -> int:
        """The next id."""
        return self._next()

    def add_member(self, guild_id: int, user_id: int, roles: tuple[int, ...] = ()) -> None:
        """Nothing to keep."""

    def add_webhook(self, channel_id: int, name: str, application_id: int) -> int:
        """The next id."""
        return self._next()


def build_world(sandbox: Building) -> World:
    """Creates all guilds, channels, roles, people and webhooks in the sandbox, before a bot connects to it."""
    world = _build(sandbox)
    owner = sandbox.state.user(world.owner_id)
    owner |= {"username": world.people[0].name, "global_name": world.people[0].name}
    for guild in world.guilds:
        for channel in guild.channels:
            sandbox.state.channel(channel.id)["topic"] = channel.topic

    return world


def fixed_world() -> World:
    """The world without a sandbox, with the same ids every time."""
    return _build(FixedIds())


def remember_recent(sandbox: Building, world: World, acts: Iterable[Seen], each: int = 60) -> dict[int, int]:
    """Puts the last messages of each channel into the sandbox, edits done; gives the id there of each message."""
    recent: dict[int, deque[MessageSeen]] = defaultdict(lambda: deque(maxlen=each))
    texts: dict[int, tuple[str, Instant]] = {}
    for act in acts:
        if isinstance(act, MessageSeen) and not act.interaction:
            recent[act.channel_id].append(act)
        elif isinstance(act, MessageEdited) and act.content is not None:
            texts[act.message_id] = act.content, act.at

    ids: dict[int, int] = {}
    for seen in sorted((seen for channel in recent.values() for seen in channel), key=lambda seen: seen.at):
        reference = ids.get(seen.reference_id) if seen.reference_id else None
        text, edited = texts.get(seen.message_id, (seen.content, None))
        ids[seen.message_id] = sandbox.remember(
            seen.channel_id,
            seen.author_id,
            text,
            seen.at,
            webhook_id=seen.webhook_id,
            name=seen.author_name if seen.webhook_id else None,
            reference=reference,
            # The same as was told, so that reading the history again finds nothing new.
            message_id=seen.message_id,
            edited_ms=edited,
        )

    return ids


def _build(sandbox: Builder) -> World:
    people = tuple(_people(sandbox))
    foreign = sandbox.add_user("Release Feed", bot=True)
    guilds = tuple(_guild(sandbox, index, people, foreign) for index in range(len(GUILDS)))
    return World(
        application_id=sandbox.application_id,
        bot_user_id=sandbox.bot_user_id,
        foreign_application_id=foreign,
        guilds=guilds,
        people=people,
    )


def _people(sandbox: Builder) -> Iterable[Person]:
    """The owner first; a few write much, most little, and a third comes in the course of the month."""
    for place, name in enumerate(PEOPLE):
        user_id = sandbox.owner_id if place == 0 else sandbox.add_user(name)
        since = 0.0 if place < 26 else (place - 25) / 15 * 0.9
        yield Person(user_id, name, 1.0 / (1 + place % 26) ** 0.6, since)


def _guild(sandbox: Builder, index: int, people: tuple[Person, ...], foreign: int) -> Guild:
    """One guild: viewers and operators by role, everybody else a plain member."""
    name, owner = GUILDS[index]
    by_name = {person.name: person.id for person in people}
    guild_id = sandbox.add_guild(name, by_name[owner])
    roles = {title: sandbox.add_role(guild_id, title) for title in ("monitoring-viewer", "monitoring-operator")}
    members = [person for place, person in enumerate(people) if index == 0 or place % 3 != 2]
    for person in members:
        held = tuple(role for role, staff in zip(roles.values(), _STAFF, strict=True) if person.name == staff)
        sandbox.add_member(guild_id, person.id, held)

    channels = tuple(_channel(sandbox, guild_id, *row, foreign=foreign) for row in CHANNELS[index])
    voice = sandbox.add_channel(guild_id, "campfire", "voice")
    return Guild(guild_id, name, channels, frozenset(person.id for person in members), roles, voice)


def _channel(sandbox: Builder, guild_id: int, name: str, topic: str, weight: float, *, foreign: int) -> Channel:
    """One channel with its webhooks; a channel without traffic has none."""
    channel_id = sandbox.add_channel(guild_id, name)
    hooks = (0, 0, 0)
    if weight:
        own = next(persona.name for persona in PERSONAS if persona.own_webhook)
        hooks = (
            sandbox.add_webhook(channel_id, "Personas", sandbox.application_id),
            sandbox.add_webhook(channel_id, own, sandbox.application_id),
            sandbox.add_webhook(channel_id, "Release Feed", foreign),
        )

    return Channel(channel_id, guild_id, name, topic, weight, *hooks)
