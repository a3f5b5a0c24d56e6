"""What the demo's live host tells besides answers: scores, growth, scenarios, facts of services, people in voice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random

from monitoring.model import Instant
from monitoring.sandbox.cast import Persona
from monitoring.sandbox.host_tells import FRIENDS, SCENARIOS
from monitoring.sandbox.ledger import Ledger
from monitoring.sandbox.moods import Sleep
from monitoring.sandbox.pipeline import Instruments, Stand
from monitoring.sandbox.world import Guild, World

_BETWEEN = 12.0
_FACTS: dict[str, dict[str, object]] = {
    "llm": {"model": "llama3.1:8b", "gpu": "NVIDIA RTX 4090, 24 GB"},
    "tts": {"engine": "piper", "voice": "en_GB-alan-medium"},
    "rag": {"documents": 1_284, "collections": 3, "vector dimension": 768, "embedding model": "nomic-embed-text"},
}


class Telling:
    """Tells with a chance of its own, so that who says what when does not depend on it."""

    def __init__(
        self, world: World, stand: Stand, tools: Instruments, ledger: Ledger, rng: Random,
        clock: Callable[[], float], sleep: Sleep,
    ) -> None:  # fmt: skip
        self.rng = rng
        self._world, self._stand, self._tools, self._ledger = world, stand, tools, ledger
        self._clock, self._sleep = clock, sleep
        self._voice: dict[tuple[int, int], Instant] = {}
        """Who is in voice, by guild and person, and since when."""
        self._affinity = 78.0

    async def play(self) -> None:
        """Tells something every few seconds, for ever; people leave the voice channels when it ends."""
        for service, facts in _FACTS.items():
            self._tools.facts(service, **facts)

        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    await self._sleep(self.rng.expovariate(1 / _BETWEEN))
                    self._one_thing(group)
        finally:
            for guild_id, person_id in list(self._voice):
                self._leave(guild_id, person_id)

    def answered(self, persona: Persona, guild_id: int) -> None:
        """An answer was posted: now and then it is judged or scored, and the persona grows by it."""
        rng, told, now = self.rng, self._tools.persona(persona.name, guild_id), self._now()
        if rng.random() < 0.12:
            values = {name: round(rng.uniform(0.6, 1.0), 3) for name in ("coherence", "relevance", "helpfulness")}
            told.quality(**values)
            for name, value in values.items():
                self._ledger.judged(now, persona.name, name, value)

        if rng.random() < 0.06:
            score = rng.choices((5, 4, 3, 2, 1), (9, 7, 3, 1, 1))[0]
            told.satisfaction(score, persona.model.name)
            self._ledger.scored(now, persona.name, persona.model.name, score)

        if rng.random() < 0.2:
            told.xp(12 * len(self._ledger.spoken) // len(self._world.personas))

    def _one_thing(self, group: asyncio.TaskGroup) -> None:
        """Somebody comes into voice or leaves, a scenario begins, documents are looked up, or two grow closer."""
        guild, chance = self.rng.choice(self._world.guilds), self.rng.random()
        if chance < 0.45:
            self._come_or_go(guild)
        elif chance < 0.65:
            group.create_task(self._scenario(guild))
        elif chance < 0.95:
            group.create_task(self._look_up())
        else:
            self._affinity = min(100.0, max(0.0, self._affinity + self.rng.uniform(-1.0, 1.2)))
            one, other = FRIENDS
            self._tools.persona(one, self._world.guilds[0].id).relationship(other, affinity=round(self._affinity, 1))

    def _come_or_go(self, guild: Guild) -> None:
        there = [person_id for guild_id, person_id in self._voice if guild_id == guild.id]
        if there and self.rng.random() < 0.2 + 0.15 * len(there):
            self._leave(guild.id, self.rng.choice(there))
            return

        person_id = self.rng.choice(sorted(guild.member_ids - set(there)))
        self._voice[guild.id, person_id] = self._now()
        self._stand.voice(guild.id, person_id, guild.voice_channel_id)

    def _leave(self, guild_id: int, person_id: int) -> None:
        self._ledger.in_voice(self._voice.pop((guild_id, person_id)), self._now())
        self._stand.voice(guild_id, person_id, None)

    async def _scenario(self, guild: Guild) -> None:
        """From its start to its end, or to where it is given up."""
        rng, name = self.rng, self.rng.choice(SCENARIOS)
        told, began = self._tools.persona(rng.choice(self._world.personas).name, guild.id), self._now()
        told.scenario_started(name)
        self._ledger.played(began, name, "started", 0.0)
        await self._sleep(rng.uniform(20, 180))
        seconds = (self._now() - began) / 1000
        outcome = "completed" if rng.random() < 0.75 else "abandoned"
        (told.scenario_completed if outcome == "completed" else told.scenario_abandoned)(name, seconds)
        self._ledger.played(self._now(), name, outcome, seconds)

    async def _look_up(self) -> None:
        """A search among documents, which a cache answers half of the time."""
        hit = self.rng.random() < 0.55
        persona = self.rng.choice(self._world.personas).name
        async with self._tools.operation(
            "rag", "retrieval", persona=persona, model="nomic-embed-text", feature="chat", local=True
        ) as running:
            running.cache(hit=hit)
            await self._sleep(self.rng.uniform(0.001, 0.01) if hit else self.rng.uniform(0.04, 0.3))

    def _now(self) -> Instant:
        return round(self._clock() * 1000)
