"""Canaries: unmistakable texts, names and ids go in wherever people can put them, and must come out nowhere."""

from __future__ import annotations

import contextlib
import json
import logging
import sqlite3
import struct
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from discord.ext import commands

from monitoring.export.question import Question
from monitoring.export.text import FORMS
from monitoring.metrics import METRICS
from monitoring.model import DAY, HOUR
from monitoring.sandbox import Sandbox
from monitoring.sandbox.world import World, build_world
from monitoring.web.api import ROUTES
from monitoring.web.server import WebServer
from tests.conftest import Stage, on_stage, settings_for

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEY = "hR7xkQ2mWv9LcT4nBz8JdF5sYp3GuE6a"
WORDS = (
    "zephyrquokka", "moonbadgerly", "vexingheron", "quillwombats", "gnarlywyvern", "fuzzlewick", "brambletoad",
    "oozingkraken", "twistednewt", "pluckyibis",
)  # fmt: skip
(SAID, EDITED, DIRECT, WEBHOOK, OPTION, RAISED, PROMPT, ANSWER, NAME, NICK) = WORDS


class Scene:
    """What ran, and everything that it left or answered, by where it was found."""

    def __init__(self, stage: Stage, people: list[int], logs: list[str]) -> None:
        self.stage, self.people, self.logs = stage, people, logs
        self.answers: dict[str, bytes] = {}

    def found(self) -> Iterator[tuple[str, bytes]]:
        """Every file as it is, everything in the store as it reads, every answer and every line of the log."""
        folder = self.stage.monitor.store.path.parent
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield str(path.relative_to(folder)), path.read_bytes()
                yield f"{path.relative_to(folder)} unpacked", unpacked(path.read_bytes())

        yield from self.answers.items()
        yield "log", "\n".join(self.logs).encode()


class Lines(logging.Handler):
    """Keeps what is logged, with tracebacks."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self._lines.append(self.format(record))


@contextlib.contextmanager
def logged() -> Iterator[list[str]]:
    """Every line that is logged by us, the lowest level included; discord.py's own log is the host's."""
    lines: list[str] = []
    handler, loggers = Lines(lines), [logging.getLogger(name) for name in ("monitoring", "cogs", "bot")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)

    yield lines
    for logger, level in zip(loggers, before, strict=True):
        logger.removeHandler(handler)
        logger.setLevel(level)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """A bot that people did all sorts of things to, with what it then answered."""
    world = build_world(sandbox)
    store = tmp_path_factory.mktemp("canary") / "store.sqlite3"
    settings = settings_for(
        sandbox, store, alert_discord_channel_id=world.ops_channel.id, analytics_enabled=True, analytics_port=0,
        analytics_api_key=KEY,
    )  # fmt: skip
    with logged() as lines:
        async with on_stage(sandbox, settings) as stage:
            people = await happen(stage, world)
            it = Scene(stage, people, lines)
            await answer_everything(it, world)
            yield it


async def happen(stage: Stage, world: World) -> list[int]:
    """Messages, edits, reactions, private words, webhooks, command options, failures, prompts: each with its canary."""
    sandbox, guild = stage.sandbox, world.guilds[0]
    channel = guild.channels[0]
    people = [sandbox.add_user(f"{NAME} {number}") for number in range(4)]
    for user in people:
        sandbox.add_member(guild.id, user, nick=f"{NICK}{user % 7}")

    async def confess(context: commands.Context[Any], *, text: str) -> None:
        raise RuntimeError(f"{RAISED} {text} {context.author.id} {context.author.display_name}")

    stage.bot.add_command(commands.Command(confess, name="confess"))
    asked = await sandbox.say(channel.id, people[0], f"scav, what is a {SAID}? ask <@{people[1]}>")
    said = await sandbox.persona_say(channel.webhook_id, "scav", f"{NAME} 0, it is a {ANSWER} <@{people[0]}>")
    await sandbox.edit(channel.id, asked, f"scav, what is an {EDITED}?")
    await sandbox.edit(channel.id, said, f"it is a {EDITED}")
    await sandbox.react(channel.id, said, people[1], "👍")
    await sandbox.persona_say(channel.foreign_webhook_id, "news", f"{WEBHOOK} https://evil.example/{WEBHOOK}")
    await sandbox.say_privately(people[2], f"{DIRECT} do not tell")
    await sandbox.say(channel.id, people[3], f"<@{world.bot_user_id}> confess {OPTION}")
    # What nobody waits for is in order: this is heard after it.
    await stage.command(world.owner_id, channel.id, "health")
    await stage.command(world.owner_id, world.ops_channel.id, "stats persona", {"name": OPTION})
    for prompt in (PROMPT, f"Bearer sk-{PROMPT} of {people[0]}"):
        with contextlib.suppress(ValueError):
            async with stage.monitor.instruments.operation("llm", "llm_inference", model="m", persona="scav"):
                raise ValueError(f'{{"messages": [{{"role": "user", "content": "{prompt}"}}]}}')

    stage.clock.ahead += 3_600
    await stage.monitor.recorder.flush()
    await stage.monitor.store.tend(stage.clock.now(), backup=True)
    return people


async def answer_everything(scene: Scene, world: World) -> None:
    """Every API answer, every export, the charts, Discord's posts, and `/privacy export` of one of them."""
    stage, monitor = scene.stage, scene.stage.monitor
    server = WebServer(monitor)
    await server.start()
    port = server.url.rpartition(":")[2]
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"}) as client:
        for path in [*(route.path for route in ROUTES if "{" not in route.path), "/metrics"]:
            async with client.get(f"http://127.0.0.1:{port}{path}") as response:
                scene.answers[path] = await response.read()

    await server.close()
    now = stage.clock.now()
    for form in FORMS:
        asked = Question(now - DAY, now, monitor.zone, form, "hour")
        scene.answers[f"export.{form}"] = b"".join([block async for block in monitor.export.chunks(asked)])

    for kind in ("overview", "errors", "users", "channels", "persona"):
        options = {"kind": kind} | ({"persona": "scav"} if kind == "persona" else {})
        answer = await stage.command(world.owner_id, world.ops_channel.id, "report", options)
        scene.answers[f"/report {kind}"] = json.dumps(answer.message, ensure_ascii=False).encode()
        for name, content in stage.sandbox.files(answer.message).items():
            scene.answers[f"/report {kind} {name}"] = content + unpacked(content)

    mine = await stage.command(scene.people[0], world.guilds[0].channels[0].id, "privacy export")
    for name, content in stage.sandbox.files(mine.message).items():
        scene.answers[f"/privacy export {name}"] = content

    posted = stage.sandbox.messages(world.ops_channel.id)
    scene.answers["ops channel"] = json.dumps([one["embeds"] for one in posted], ensure_ascii=False).encode()


def unpacked(content: bytes) -> bytes:
    """What compressed parts of a file say: SQLite's blobs of columns, PNG's texts."""
    found, at = [], 0
    while (at := content.find(b"\x78", at)) >= 0:
        try:
            found.append(zlib.decompressobj().decompress(content[at:], 1 << 22))
        except zlib.error:
            found.append(b"")

        at += 1

    return b"\n".join(found)


async def test_it_was_all_heard(scene: Scene) -> None:
    """Else nothing would be shown by what is not there."""
    monitor, now = scene.stage.monitor, scene.stage.clock.now()
    messages = await monitor.store.series("message", now - DAY, now + HOUR, 0, by=["author"])
    counts = {author: one.count for author, one in messages.total(lambda labels: labels[0]).items()}
    assert counts["user"] >= 2
    assert counts["persona"] >= 1
    failures = await monitor.store.series("failure", now - DAY, now + HOUR, 0)
    assert failures.sum().count >= 3
    assert (await monitor.store.series("satisfaction", now - DAY, now + HOUR, 0)).sum().count == 1
    assert len((await monitor.privacy.rows(scene.people[0])).named_by) == 1
    assert len(scene.answers) > 25
    assert all(scene.answers.values())
    with_names = {
        name.partition(" ")[0].rpartition("-")[0] or name for name, content in scene.found() if b"scav" in content
    }
    assert {"backups/store", "/api/personas", "export.csv", "export.json", "/report persona"} <= with_names, with_names
    assert any(name.startswith("store.sqlite3") for name in with_names), "a persona's name is where users' are not"


@pytest.mark.parametrize("word", WORDS)
async def test_no_text_and_no_name_comes_out_anywhere(scene: Scene, word: str) -> None:
    """In no file, log, backup, export, picture, answer; whole or in the words that topics are made of."""
    forms = {word.encode(), word.upper().encode(), word.capitalize().encode(), word.encode("utf-16-le")}
    assert [name for name, content in scene.found() if any(form in content for form in forms)] == []


async def test_no_user_id_comes_out_in_the_clear(scene: Scene) -> None:
    """Neither written nor as a number of eight bytes; not in a column of any table either."""
    for user in scene.people:
        forms = (str(user).encode(), struct.pack(">q", user), struct.pack("<q", user))
        assert [name for name, content in scene.found() if any(form in content for form in forms)] == []

    with closing(sqlite3.connect(scene.stage.monitor.store.path)) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        cells = {cell for table in tables for row in db.execute(f'SELECT * FROM "{table}"') for cell in row}

    assert not cells & set(scene.people)


async def test_no_label_and_no_detail_holds_them_once_decoded(scene: Scene) -> None:
    """All labels of all metrics, and what operations say of how they failed."""
    monitor, now = scene.stage.monitor, scene.stage.clock.now()
    words: set[str] = set()
    for metric in METRICS:
        series = await monitor.store.series(metric, now - DAY, now + HOUR, 0)
        words |= {value for step in series.steps for labels in step for value in labels}

    done = await monitor.store.operations(now - DAY, now + HOUR)
    words |= {text for manner in done.manners for text in manner if isinstance(text, str)}
    texts = " ".join(words).casefold()
    assert not [word for word in WORDS if word in texts]
    assert not [user for user in scene.people if str(user) in texts]
