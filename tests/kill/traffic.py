"""What the worker is fed with: facts that bear their number, from several threads and the loop."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable
from typing import Any

from monitoring.model import CommandRan, ErrorKind, MessageSeen, Sample
from monitoring.monitor import Monitor

from .ledger import Ledger, Stream, fact_id
from .life import CHANNELS, GUILD, HOOK, OWN_APPLICATION, PERSONAS

MODELS = ("gpt-4o-mini", "llama3-local", "claude-3-5-sonnet")
SAID = ("Luna, are you there?", "I love this so much 😀", "what a day", "Max and Scav, come here!", "hm", "!play jazz")
ANSWERED = ("Of course I am.", "Luna, look at that", "I hate mondays", "wonderful, Max!", "❌ **Error:** gone")
GAUGE = "gateway_latency"
"""A gauge that nothing else reads here, since there is no gateway."""
PAUSE = 0.01
"""Seconds between two handfuls of facts."""


def command_name(life: int) -> str:
    """The command that is used in a life and in no other."""
    return f"life-{life}"


class Traffic:
    """Hands in facts until the process ends; each is noted in the ledger at the time of its call."""

    def __init__(self, monitor: Monitor, ledger: Ledger, life: int, rate: float) -> None:
        self._monitor = monitor
        self._ledger = ledger
        self._life = life
        self._rate = rate
        self._going = True
        self._random = random.Random(life)
        self._threads: list[threading.Thread] = []

    def begin(self) -> list[asyncio.Task[None]]:
        """Start the threads; the tasks are those of the loop."""
        self._spawn(self._work, Stream.WORK, 350)
        self._spawn(self._work, Stream.MORE_WORK, 350)
        self._spawn(self._command, Stream.COMMANDS, 75)
        self._spawn(self._read, Stream.READINGS, 75)
        return [asyncio.create_task(self._talk(120)), asyncio.create_task(self._take_long())]

    def end(self) -> None:
        """Stop the threads."""
        self._going = False
        for thread in self._threads:
            thread.join()

    @property
    def threads(self) -> frozenset[int]:
        """The threads that hand in facts, as the system numbers them."""
        return frozenset(thread.native_id or 0 for thread in self._threads)

    def _spawn(self, one: Callable[[Stream, random.Random], None], stream: Stream, pace: float) -> None:
        def run() -> None:
            dice = random.Random(self._life * 10 + stream)
            began, done = time.monotonic(), 0
            while self._going:
                time.sleep(PAUSE)
                due = int((time.monotonic() - began) * pace * self._rate)
                for _ in range(due - done):
                    one(stream, dice)

                done = due

        thread = threading.Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _note(self, stream: Stream, at: float) -> None:
        self._ledger.hand_in(stream, at)

    def _next(self, stream: Stream) -> int:
        return fact_id(self._life, stream, self._ledger.length(stream) + 1)

    def _work(self, stream: Stream, dice: random.Random) -> None:
        at = time.monotonic()
        self._monitor.instruments.record_operation(
            "llm",
            dice.choice(("llm_inference", "rag_query", "tts")),
            dice.randrange(1, 9_000_000) / 1_000_000,
            error=dice.choice([None] * 9 + [ErrorKind.TIMEOUT]),
            first_token=dice.choice((None, dice.randrange(900_000) / 1_000_000)),
            prompt_tokens=dice.randrange(900),
            completion_tokens=dice.randrange(300),
            persona=dice.choice(PERSONAS),
            model=dice.choice(MODELS),
            guild_id=GUILD,
            message_id=self._next(stream),
        )
        self._note(stream, at)

    def _command(self, stream: Stream, _: random.Random) -> None:
        """The n-th took n milliseconds, so that their sum tells which ones are there."""
        at, number = time.monotonic(), self._ledger.length(stream) + 1
        name = command_name(self._life)
        self._monitor.recorder.record(
            CommandRan(name, "slash", GUILD, CHANNELS[0], 101, self._monitor.clock.now(), number / 1_000)
        )
        self._note(stream, at)

    def _read(self, stream: Stream, _: random.Random) -> None:
        """The n-th has the value n, as above."""
        at, number = time.monotonic(), self._ledger.length(stream) + 1
        self._monitor.recorder.record(Sample(GAUGE, float(number), self._monitor.clock.now()))
        self._note(stream, at)

    async def _talk(self, pace: float) -> None:
        """People and personas, in three channels."""
        began, done = time.monotonic(), 0
        asked: dict[int, int] = {}
        while True:
            await asyncio.sleep(PAUSE)
            due = int((time.monotonic() - began) * pace * self._rate)
            for _ in range(due - done):
                self._speak(asked)

            done = due

    def _speak(self, asked: dict[int, int]) -> None:
        dice, number = self._random, self._next(Stream.TALK)
        channel, at = dice.choice(CHANNELS), time.monotonic()
        reference = asked.pop(channel, None) if dice.random() < 0.4 else None
        if reference is None and dice.random() < 0.4:
            text = dice.choice(SAID)
            seen = self._message(number, channel, text, 101 + dice.randrange(9))
            if not text.startswith("!"):  # Answers to commands take no part.
                asked[channel] = number

        else:
            seen = self._message(number, channel, dice.choice(ANSWERED), HOOK, dice.choice(PERSONAS), reference)

        self._monitor.recorder.record(seen)
        self._note(Stream.TALK, at)

    def _message(
        self, number: int, channel: int, text: str, author: int, persona: str = "", reference: int | None = None
    ) -> MessageSeen:
        now = self._monitor.clock.now()
        if not persona:
            return MessageSeen(number, GUILD, channel, author, f"user {author}", text, now)

        return MessageSeen(
            number,
            GUILD,
            channel,
            author,
            persona,
            text,
            now,
            bot=True,
            webhook_id=HOOK,
            application_id=OWN_APPLICATION,
            reference_id=reference,
        )

    async def _take_long(self) -> None:
        """Operations of up to four seconds, of which many are under way when the end comes."""
        under_way: set[asyncio.Task[None]] = set()
        while True:
            task = asyncio.create_task(self._one_long())
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            await asyncio.sleep(0.05)

    async def _one_long(self) -> None:
        at, fact = time.monotonic(), self._next(Stream.LONG)
        about: dict[str, Any] = {"persona": "Luna", "guild_id": GUILD, "message_id": fact}
        instruments = self._monitor.instruments
        response = self._random.random() < 0.5
        made = instruments.response(**about) if response else instruments.operation("tools", "search", **about)
        async with made:
            number = self._ledger.hand_in(Stream.LONG, at)
            await asyncio.sleep(self._random.uniform(0.1, 4))
            # Before the end itself: what the ledger calls under way then certainly is.
            self._ledger.put(Stream.LONG_ENDED, number, time.monotonic())
