"""The demo's moods: slow spells and outages of the local language model, so that incidents open and close."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Protocol

from monitoring.model import ErrorKind
from monitoring.sandbox.answering import Timing, draw
from monitoring.sandbox.cast import Persona

Sleep = Callable[[float], Awaitable[object]]

_FIRST_SPELL_AFTER, _SPELL, _OUTAGE = 30.0, 150.0, 90.0
_SLOW_INFERENCE = (9.0, 16.0)


class Model(Protocol):
    """The local model's endpoint, which goes with the mood."""

    def fail(self, failing: bool = True) -> None:
        """Answers 503 from now on, or not any more."""

    def slow(self, seconds: float = 0.0) -> None:
        """Answers after so many seconds from now on."""


@dataclass(slots=True)
class Mood:
    """How the local model is right now."""

    slow: bool = False
    down: bool = False

    def timing(self, rng: Random, persona: Persona, words: int) -> Timing:
        """The times of one run of the pipeline in this mood, in seconds."""
        timing = draw(rng, persona, 1.0, words)
        if not (self.slow and persona.model.local):
            return timing

        inference = rng.uniform(*_SLOW_INFERENCE)
        return replace(timing, inference=inference, first_token=inference * rng.uniform(0.7, 0.85))

    def failure(self, rng: Random, persona: Persona) -> ErrorKind | None:
        """Whether, and how, this run fails."""
        chance = rng.random()
        if self.down and persona.model.local:
            return ErrorKind.NETWORK if chance < 0.75 else ErrorKind.TIMEOUT

        return ErrorKind.RATE_LIMIT if chance < 0.006 and not persona.model.local else None


async def script(mood: Mood, model: Model | None, rng: Random, sleep: Sleep) -> None:
    """Half a minute of calm, a slow spell, calm, an outage, some minutes of calm, and so on for ever."""
    await sleep(_FIRST_SPELL_AFTER)
    while True:
        mood.slow = True
        if model is not None:
            model.slow(1.2)

        await sleep(_SPELL)
        mood.slow = False
        if model is not None:
            model.slow()

        await sleep(rng.uniform(70, 150))
        mood.down = True
        if model is not None:
            model.fail()

        await sleep(_OUTAGE)
        mood.down = False
        if model is not None:
            model.fail(False)

        await sleep(rng.uniform(180, 330))
