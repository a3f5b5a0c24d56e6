"""The demo's live traffic: it goes on by itself, reports what it does, and means what the ledger says."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest

from monitoring.model import ErrorKind, MessageEdited, MessageSeen, Seen
from monitoring.model import Told as Fact
from monitoring.recording.operation import Instruments, Kept
from monitoring.recording.persona_instruments import PersonaInstruments
from monitoring.sandbox import Sandbox
from monitoring.sandbox.ledger import Ledger
from monitoring.sandbox.llm_service import LocalModel
from monitoring.sandbox.snowflakes import time_of
from monitoring.sandbox.traffic import history
from monitoring.sandbox.traffic_live import Live
from monitoring.sandbox.trials import VARIANTS
from monitoring.sandbox.world import World, build_world, remember_recent
from tests.sandbox_traffic.recount import Recount
from tests.sandbox_traffic.virtual import VirtualTime

START = 1_795_262_400.0
MINUTES = 12


@dataclass
class Told:
    """One operation as a host would report it."""

    service: str
    operation: str
    begun: float
    model: str = ""
    variant: str = ""
    ended: float = 0.0
    first: float | None = None
    used: tuple[int, int, int] = (0, 0, 0)
    failed: ErrorKind | None = None


@dataclass
class Notebook:
    """Instruments that write down what they are told."""

    time: VirtualTime
    told: list[Told] = field(default_factory=list)
    kept: Kept = field(default_factory=Kept)
    services: dict[str, dict[str, object]] = field(default_factory=dict)
    open: int = 0
    most_open: int = 0

    def response(self, *, persona: str, guild_id: int, channel_id: int, message_id: int, feature: str = "") -> _Entry:
        """A response begins."""
        return _Entry(self, Told("bot", "response", self.time.clock()))

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
    ) -> _Entry:
        """An operation begins."""
        return _Entry(self, Told(service, operation, self.time.clock(), model, variant))

    def persona(self, name: str, guild_id: int = 0) -> PersonaInstruments:
        """What is told of a persona."""
        return Instruments(self.kept).persona(name, guild_id)

    def facts(self, service: str, **facts: object) -> None:
        """What a service says of itself."""
        self.services[service] = facts


@dataclass
class _Entry:
    book: Notebook
    told: Told

    async def __aenter__(self) -> _Entry:
        if self.told.operation == "response":
            self.book.open += 1
            self.book.most_open = max(self.book.most_open, self.book.open)

        return self

    async def __aexit__(self, *_: object) -> None:
        self.told.ended = self.book.time.clock()
        self.book.told.append(self.told)
        self.book.open -= self.told.operation == "response"

    def first_token(self) -> None:
        """The first token came."""
        self.told.first = self.book.time.clock()

    def tokens(self, prompt: int, completion: int, cached: int = 0) -> None:
        """What was used."""
        self.told.used = (prompt, completion, cached)

    def fail(self, kind: ErrorKind) -> None:
        """It failed."""
        self.told.failed = kind

    def cache(self, *, hit: bool) -> None:
        """A cache was asked."""


@dataclass
class Played:
    """A stretch of live traffic that was played in virtual time."""

    sandbox: Sandbox
    world: World
    book: Notebook
    ledger: Ledger
    live: Live
    moods: list[tuple[bool, bool]]


@asynccontextmanager
async def _playing(minutes: int) -> AsyncIterator[Played]:
    """Live traffic after so many minutes, looked at every five seconds."""
    time = VirtualTime(START)
    sandbox = Sandbox(clock=time.clock)
    world, book, ledger = build_world(sandbox), Notebook(time), Ledger()
    live = Live(world, sandbox, book, seed=3, clock=time.clock, sleep=time.sleep, ledger=ledger)
    live.start()
    moods = []
    for _ in range(minutes * 12):
        await time.pass_by(5)
        moods.append((live.mood.slow, live.mood.down))

    yield Played(sandbox, world, book, ledger, live, moods)
    await live.stop()


@pytest.fixture
async def played() -> AsyncIterator[Played]:
    async with _playing(MINUTES) as found:
        yield found


async def test_people_write_all_the_time(played: Played) -> None:
    """About one user message every two to four seconds; personas answer most of them."""
    counts = played.ledger.counts(0, 1 << 62)
    assert MINUTES * 60 / 4 < counts.user_messages < MINUTES * 60 / 2
    assert counts.answered > 0.5 * counts.user_messages
    assert len(counts.persona_messages) == 6
    assert sum(counts.reactions.values()) > 5


async def test_incidents_come_and_go(played: Played) -> None:
    """Slow after half a minute, then calm, then an outage, then calm again."""
    moods = played.moods
    assert moods[4] == (False, False)
    assert moods[8] == (True, False)
    assert (False, True) in moods
    assert moods[moods.index((False, True)) + 20] == (False, False)


async def test_slow_spell_and_outage_are_reported(played: Played) -> None:
    """The local models wait 7 to 12 s in a slow spell and fail in an outage; the hosted ones go on."""
    local = {persona.model.name for persona in played.world.personas if persona.model.local}
    inferences = [told for told in played.book.told if told.operation == "llm_inference"]
    slow = [t for t in inferences if t.ended - t.begun > 6.5]
    assert slow
    assert {t.model for t in slow} <= local
    failed = [t for t in inferences if t.failed in (ErrorKind.NETWORK, ErrorKind.TIMEOUT)]
    assert failed
    assert {t.model for t in failed} <= local
    assert all(t.first is not None and t.begun <= t.first <= t.ended and t.used[1] for t in inferences if not t.failed)


async def test_the_host_tells_what_no_event_shows(played: Played) -> None:
    """Scores, qualities, growth, scenarios with their lengths, facts of services: told as the ledger says."""
    truth, told = played.ledger.counts(0, 1 << 62), [seen for seen in played.book.kept.seen if isinstance(seen, Fact)]
    assert Counter(one.what for one in told).keys() >= {"quality", "xp", "scenario_started", "scenario_completed"}
    assert played.book.kept.refused == 0
    assert sum(one.what == "quality" for one in told) == sum(map(len, truth.qualities.values()))
    ends = [one for one in told if one.what in ("scenario_completed", "scenario_abandoned")]
    counted = {key: len(values) for key, values in truth.scenarios.items() if key[1] != "started"}
    assert Counter((one.name, one.what.removeprefix("scenario_")) for one in ends) == counted
    assert all(one.value and 20 <= one.value <= 180 for one in ends)
    assert played.book.services.keys() == {"llm", "tts", "rag"}


async def test_people_come_into_voice_and_leave_it(played: Played) -> None:
    """All have left when it is stopped, so that the ledger knows how long each was there."""
    state = played.sandbox.state
    assert any(state.guild(guild.id).voice for guild in played.world.guilds)
    await played.live.stop()
    assert not any(state.guild(guild.id).voice for guild in played.world.guilds)
    truth = played.ledger.counts(0, 1 << 62)
    assert truth.voice_joins >= 5
    assert truth.voice_seconds > 60


async def test_two_prompts_are_tried(played: Played) -> None:
    """Of one model, about evenly; the short one needs less."""
    tried = [told for told in played.book.told if told.variant and not told.failed]
    prompts = {name: [told.used[0] for told in tried if told.variant == name] for name in VARIANTS}
    assert all(len(found) > 3 for found in prompts.values())
    assert {told.model for told in tried} == {"gpt-4o-mini"}
    assert max(prompts["short prompt"]) < 0.56 * 1_450


async def test_pipelines_are_capped(played: Played) -> None:
    """Never more than six answers are being made at once."""
    assert 2 <= played.book.most_open <= 6


async def test_live_means_what_the_ledger_says(played: Played) -> None:
    """Who answered whom and the exchanges, recounted from what the sandbox shows, are what was meant."""
    await played.live.stop()
    recount = Recount(played.world, list(_seen(played)))
    found = {mid: asked.answered_by.strip("?") for mid, asked in recount.asked.items()}
    meant = {mid: entry.answered_by for mid, entry in played.ledger.asked.items()}
    assert sum(found[mid] != name for mid, name in meant.items()) <= 6, "those under way when it was stopped"
    complete = [run for run in recount.exchanges if run[-1].messages[-1].at < (START + 60 * MINUTES - 60) * 1000]
    told = {(e.first, e.last, e.turns) for e in played.ledger.exchanges}
    assert complete
    assert {(r[0].messages[0].at, r[-1].messages[-1].at, len(r)) for r in complete} <= told


async def test_history_goes_into_the_channels() -> None:
    """The last messages of the history stand in the channels, in order, with their replies."""
    sandbox = Sandbox(clock=lambda: START)
    world = build_world(sandbox)
    acts = list(history(world, now_ms=int(START * 1000), days=1))
    ids = remember_recent(sandbox, world, acts)
    lobby = sandbox.messages(world.channels[0].id)
    assert 20 < len(lobby) <= 60
    assert [int(m["id"]) for m in lobby] == sorted(int(m["id"]) for m in lobby)
    assert any(m.get("referenced_message") for m in lobby)
    assert {m["author"]["username"] for m in lobby} & {persona.name for persona in world.personas}
    assert Counter(int(m["id"]) in ids.values() for m in lobby) == {True: len(lobby)}
    filled = {act.message_id: act.content for act in acts if isinstance(act, MessageEdited)}
    shown = {int(m["id"]): m["content"] for channel in world.channels for m in sandbox.messages(channel.id)}
    assert any(old in filled for old in ids)
    assert all(shown[new] == filled[old] for old, new in ids.items() if old in filled), "as edited"


async def test_local_model_fails_when_told() -> None:
    """The model's health is JSON with model and GPU, and 503 while it fails."""
    model = LocalModel()
    await model.start()
    try:
        async with aiohttp.ClientSession() as client:
            async with client.get(model.health_url) as answer:
                assert answer.status == 200
                assert (await answer.json())["model"] == "llama3.1:8b"

            model.fail()
            async with client.get(model.health_url) as answer:
                assert answer.status == 503

            model.fail(False)
            async with client.get(model.health_url) as answer:
                assert answer.status == 200
    finally:
        await model.close()


def _seen(played: Played) -> list[Seen]:
    """The sandbox's messages as a bot would have seen them; the first text of a placeholder is its sign."""
    seen: list[Seen] = []
    for channel in played.world.channels:
        for message in played.sandbox.messages(channel.id):
            at, text = time_of(int(message["id"])), message["content"]
            if message["edited_timestamp"]:
                edit = MessageEdited(int(message["id"]), channel.guild_id, channel.id, at + 1000, text)
                seen.append(edit)
                text = "*typing...*"

            hook = message.get("webhook_id")
            seen.append(
                MessageSeen(
                    int(message["id"]), channel.guild_id, channel.id, int(message["author"]["id"]),
                    message["author"]["global_name"] or message["author"]["username"], text, at,
                    bot=bool(hook), webhook_id=int(hook) if hook else None,
                    application_id=int(message["application_id"]) if hook else None,
                    reference_id=int(replied["message_id"]) if (replied := message.get("message_reference")) else None,
                )
            )  # fmt: skip

    return seen
