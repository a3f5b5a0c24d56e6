"""The demo's live traffic: people write, personas answer through an instrumented pipeline with real waiting times.

Every answer refers to its message and every turn of banter to the turn before, so that who answers whom is certain.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from monitoring.model import ErrorKind, Instant
from monitoring.sandbox import phrases, trials
from monitoring.sandbox.answering import Timing
from monitoring.sandbox.cast import Persona
from monitoring.sandbox.ledger import Exchange, Ledger
from monitoring.sandbox.live_tells import Telling
from monitoring.sandbox.moods import Model, Mood, Sleep, script
from monitoring.sandbox.pipeline import Instruments, Stand
from monitoring.sandbox.refusals import Refusal
from monitoring.sandbox.snowflakes import time_of
from monitoring.sandbox.world import Channel, Person, World

_BETWEEN_MESSAGES = 2.4
_MOST_SCENES = 6


@dataclass(frozen=True, slots=True)
class Answer:
    """A persona's answer that was posted: its id, and when it was complete."""

    message_id: int
    at: Instant


class Live:
    """Plays until stopped; `clock` gives seconds since 1970. At most one scene a channel, and six in all."""

    def __init__(
        self, world: World, sandbox: Stand, instruments: Instruments, *, seed: int = 7,
        clock: Callable[[], float] = time.time, sleep: Sleep = asyncio.sleep, ledger: Ledger | None = None,
        model: Model | None = None,
    ) -> None:  # fmt: skip
        self.world, self.mood = world, Mood()
        self.ledger = Ledger() if ledger is None else ledger
        self._sandbox, self._instruments, self._clock, self._sleep = sandbox, instruments, clock, sleep
        self._rng, self._model = Random(seed), model
        self._busy: set[int] = set()
        self._people = {
            guild.id: [person for person in world.people if person.id in guild.member_ids] for guild in world.guilds
        }
        self._telling = Telling(world, sandbox, instruments, self.ledger, Random(f"told:{seed}"), clock, sleep)
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to play in the background."""
        self._running = asyncio.create_task(self.play(), name="sandbox-traffic")

    async def stop(self) -> None:
        """Ends the play; what is under way is dropped. Raises what went wrong while playing."""
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running

            self._running = None

    async def play(self) -> None:
        """Plays for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(script(self.mood, self._model, Random(self._rng.random()), self._sleep))
            group.create_task(self._telling.play())
            while True:
                await self._sleep(self._rng.expovariate(1 / _BETWEEN_MESSAGES))
                self.ledger.now = round(self._clock() * 1000)
                free = [channel for channel in self.world.channels if channel.id not in self._busy]
                if free and len(self._busy) < _MOST_SCENES:
                    channel = self._rng.choices(free, [channel.weight for channel in free])[0]
                    self._busy.add(channel.id)
                    group.create_task(self._scene(channel))

    async def _scene(self, channel: Channel) -> None:
        """One scene in a channel, which is its own meanwhile."""
        try:
            chance = self._rng.random()
            if chance < 0.22:
                await self._chatter(channel)
            elif chance < 0.25:
                await self._ignored(channel)
            else:
                await self._dialogue(channel)
        except Refusal:
            # Somebody who tries the sandbox by hand took the message or the channel away; the play goes on.
            return
        finally:
            self._busy.discard(channel.id)

    def _somebody(self, channel: Channel) -> Person:
        people = self._people[channel.guild_id]
        return self._rng.choices(people, [person.keenness for person in people])[0]

    def _some_persona(self, *others: Persona) -> Persona:
        left = [persona for persona in self.world.personas if persona not in others]
        return self._rng.choices(left, [persona.weight for persona in left])[0]

    async def _say(self, channel: Channel, person: Person, text: str, addressed: tuple[str, ...] = ()) -> int:
        """A user writes."""
        message_id = await self._sandbox.say(channel.id, person.id, text)
        self.ledger.user_spoke(time_of(message_id), message_id, person.id, channel.id, addressed, phrases.asks(text))
        return message_id

    async def _speak(
        self, channel: Channel, persona: Persona, text: str, reference: int | None, *, counts: bool = True
    ) -> int:
        """A persona writes."""
        webhook = self.world.webhook(persona, channel)
        message_id = await self._sandbox.persona_say(webhook, persona.name, text, reference=reference)
        if counts:
            self.ledger.persona_spoke(time_of(message_id), message_id, persona.name, channel.id)

        return message_id

    async def _chatter(self, channel: Channel) -> None:
        """Somebody says something to nobody."""
        word = phrases.topic(self._rng, self._rng.choice(self.world.personas))
        await self._say(channel, self._somebody(channel), phrases.chatter(self._rng, word))

    async def _ignored(self, channel: Channel) -> None:
        """Somebody addresses a persona and gets nothing."""
        persona = self._some_persona()
        await self._say(
            channel, self._somebody(channel), phrases.question(self._rng, persona, "name"), (persona.name,)
        )  # fmt: skip

    async def _dialogue(self, channel: Channel) -> None:
        """A question and its answer, sometimes a reaction, sometimes banter about it."""
        rng, person, persona = self._rng, self._somebody(channel), self._some_persona()
        by_name = rng.random() < 0.45
        text = phrases.question(rng, persona, "name" if by_name else "")
        asked = await self._say(channel, person, text, (persona.name,) if by_name else ())
        answer = await self._respond(channel, persona, asked)
        if answer is None:
            return

        self.ledger.answered(asked, persona.name, (answer.at - time_of(asked)) / 1000)
        self.ledger.wrote(answer.message_id, persona.model.name)
        self._telling.answered(persona, channel.guild_id)
        if rng.random() < 0.18:
            await self._banter(channel, persona, answer)

        if rng.random() < 0.2:
            await self._sleep(rng.uniform(1.5, 6.0))
            await self._react(channel, answer.message_id, person)

    async def _react(self, channel: Channel, message_id: int, person: Person) -> None:
        """Somebody reacts to a persona's message; in a slow spell less gladly."""
        glad = 0.45 if self.mood.slow else 0.86
        emoji = self._rng.choice(("👍", "❤️")) if self._rng.random() < glad else "👎"
        await self._sandbox.react(channel.id, message_id, person.id, emoji)
        self.ledger.reacted(message_id, person.id, emoji, True, round(self._clock() * 1000))

    async def _respond(self, channel: Channel, persona: Persona, asked: int) -> Answer | None:
        """The pipeline from a user's message to the answer; None when the model failed."""
        rng, tools = self._rng, self._instruments
        text = phrases.answer(rng, persona)[0]
        timing, kind = self.mood.timing(rng, persona, len(text.split())), self.mood.failure(rng, persona)
        timing, variant = trials.tried(self._telling.rng, persona, timing)
        feature = trials.feature(self._telling.rng, timing)
        place = {"guild_id": channel.guild_id, "channel_id": channel.id, "message_id": asked}
        async with tools.response(persona=persona.name, feature=feature, **place) as response:
            async with tools.operation("bot", "context_building", persona=persona.name):
                await self._sleep(timing.context)

            sign = None
            if persona.placeholders and kind is None:
                sign = await self._speak(channel, persona, phrases.PLACEHOLDERS[0], asked)

            if not await self._infer(persona, timing, kind, feature, variant):
                assert kind is not None
                response.fail(kind)
                self.ledger.failed(time_of(asked), persona.name)
                await self._speak(channel, persona, phrases.FAILURES[kind.value], asked, counts=False)
                return None

            return await self._deliver(channel, persona, text, timing, asked, sign)

    async def _infer(
        self, persona: Persona, timing: Timing, kind: ErrorKind | None, feature: str, variant: str = ""
    ) -> bool:
        """The language model's part; False when it failed."""
        begun = round(self._clock() * 1000)
        model = persona.model
        async with self._instruments.operation(
            "llm", "llm_inference", persona=persona.name, model=model.name, feature=feature, local=model.local,
            variant=variant,
        ) as running:  # fmt: skip
            if kind is not None:
                await self._sleep(self._rng.uniform(0.3, 1.6))
                running.fail(kind)
                return False

            await self._sleep(timing.first_token)
            running.first_token()
            await self._sleep(timing.inference - timing.first_token)
            running.tokens(timing.prompt, timing.completion, timing.cached)
            if not model.local:
                running.cache(hit=timing.cached > 0)

        self.ledger.used(begun, model.name, timing.prompt, timing.completion)
        return True

    async def _deliver(
        self, channel: Channel, persona: Persona, text: str, timing: Timing, asked: int, sign: int | None
    ) -> Answer:
        """Processing, voice and sending; a placeholder is filled instead."""
        tools, name = self._instruments, persona.name
        async with tools.operation("bot", "response_processing", persona=name):
            await self._sleep(timing.processing)

        if timing.speech:
            async with tools.operation("tts", "tts_generation", persona=name):
                await self._sleep(timing.speech)

        async with tools.operation("discord", "discord_send", persona=name):
            await self._sleep(timing.send)
            if sign is None:
                message_id = await self._speak(channel, persona, text, asked)
                return Answer(message_id, time_of(message_id))

            await self._sandbox.edit(channel.id, sign, text)
            return Answer(sign, round(self._clock() * 1000))

    async def _banter(self, channel: Channel, persona: Persona, answer: Answer) -> None:
        """Another persona takes up the answer, and they go on for a turn or three."""
        rng = self._rng
        pair = (self._some_persona(persona), persona)
        before, last, turns = answer.message_id, answer.at, 1
        for number in range(rng.randint(1, 3)):
            speaker, other = pair[number % 2], pair[(number + 1) % 2]
            text = phrases.turn(rng, speaker, other)
            timing = self.mood.timing(rng, speaker, len(text.split()))
            await self._sleep(rng.uniform(1.0, 4.0))
            if self.mood.failure(rng, speaker) or not await self._infer(speaker, timing, None, "banter"):
                break

            before = await self._speak(channel, speaker, text, before)
            last, turns = time_of(before), turns + 1

        if turns > 1:
            names = (persona.name, pair[0].name)
            first = time_of(answer.message_id)
            self.ledger.exchanges.append(Exchange(channel.id, first, last, turns, names))
