"""What the demo's live traffic acts on: the host's instruments, and the stand-in for Discord."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from monitoring.model import ErrorKind


class Running(Protocol):
    """A piece of work that goes on."""

    def first_token(self) -> None:
        """The first token came just now."""

    def tokens(self, prompt: int, completion: int, cached: int = 0) -> None:
        """What the model read and wrote."""

    def fail(self, kind: ErrorKind) -> None:
        """It failed, though nothing was raised."""

    def cache(self, *, hit: bool) -> None:
        """A cache was asked, and had it or not."""


class PersonaTold(Protocol):
    """What a host tells of one persona."""

    def xp(self, points: int) -> None:
        """So many points it has now."""

    def relationship(self, other: str, *, affinity: float) -> None:
        """How it stands to another persona now, 0-100."""

    def satisfaction(self, score: int, model: str) -> None:
        """How content somebody was with it and its model, 1-5."""

    def quality(self, *, coherence: float, relevance: float, helpfulness: float) -> None:
        """How good an answer was, each 0-1."""

    def scenario_started(self, name: str) -> None:
        """A scenario began."""

    def scenario_completed(self, name: str, seconds: float) -> None:
        """It came to its end."""

    def scenario_abandoned(self, name: str, seconds: float) -> None:
        """It was given up."""


class Instruments(Protocol):
    """How the pipeline reports what it does; nested operations belong to the response around them."""

    def response(
        self, *, persona: str, guild_id: int, channel_id: int, message_id: int, feature: str = ""
    ) -> AbstractAsyncContextManager[Running]:
        """From a user's message to the persona's answer."""

    def operation(
        self,
        service: str,
        operation: str,
        *,
        persona: str = "",
        model: str = "",
        feature: str = "",
        local: bool = False,
        variant: str = "",
    ) -> AbstractAsyncContextManager[Running]:
        """One timed piece of work of a service."""

    def persona(self, name: str, guild_id: int = 0) -> PersonaTold:
        """What there is to tell of a persona."""

    def facts(self, service: str, **facts: object) -> None:
        """What a service says of itself."""


class Stand(Protocol):
    """What people and personas can do in the sandbox; new messages are given by id."""

    async def say(self, channel_id: int, user_id: int, content: str, *, reference: int | None = None) -> int:
        """A person writes."""

    async def persona_say(self, webhook_id: int, name: str, content: str, *, reference: int | None = None) -> int:
        """A persona writes."""

    async def edit(self, channel_id: int, message_id: int, content: str) -> None:
        """A message gets another text."""

    async def react(self, channel_id: int, message_id: int, user_id: int, emoji: str) -> None:
        """A person reacts."""

    def voice(self, guild_id: int, user_id: int, channel_id: int | None) -> None:
        """A person joins a voice channel, or leaves with None."""
