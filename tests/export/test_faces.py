"""The same file from Discord, over HTTP and from a terminal; and what each of them refuses."""

# ruff: noqa: ASYNC240 - a test has the loop to itself: its own small files may be touched directly.

from __future__ import annotations

import asyncio
import gzip
import hashlib
import os
import shlex
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest
import pytest_asyncio

from cogs import _export_pages
from monitoring.__main__ import main
from monitoring.export.question import question
from monitoring.export.text import FORMS, moment
from monitoring.interfaces import Batch
from monitoring.model import DAY, HOUR
from monitoring.monitor import Monitor
from monitoring.sandbox import Answer, Sandbox, interactions
from monitoring.sandbox.world import World
from monitoring.web.server import WebServer
from tests.conftest import Stage, on_stage, settings_for
from tests.web.serving import KEY

from .stock import HOSTILE, NOW, put

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def history(monitor: Monitor) -> None:
    """A week of an LLM and of personas with names of all kinds."""
    now = monitor.clock.now()
    for day in range(7):
        batch = Batch()
        for n, name in enumerate(HOSTILE):
            done = put(batch, "operation", now - day * DAY - (2 + n) * HOUR, ("llm", "run", "m", name, "1", ""), [0.5])
            done.prompt, done.completion, done.unpriced = 10, 5, 1
            put(batch, "response", now - day * DAY - (2 + n) * HOUR, (name, "1", "reported"), [0.5, 1.5])

        await monitor.store.append(batch)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(
    sandbox: Sandbox, world: World, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Stage, str]]:
    """Our bot with a week of history, and the address of its server."""
    settings = settings_for(
        sandbox,
        tmp_path_factory.mktemp("served") / "store.sqlite3",
        alert_discord_channel_id=world.ops_channel.id,
        analytics_enabled=True,
        analytics_port=0,
        analytics_api_key=KEY,
    )
    servers: list[WebServer] = []

    async def begin(monitor: Monitor) -> None:
        await history(monitor)
        servers.append(WebServer(monitor))
        monitor.faces.append(servers[0])
        await servers[0].start()

    async with on_stage(sandbox, settings, before=begin) as stage:
        yield stage, servers[0].url


async def got(url: str, **headers: str) -> tuple[int, bytes]:
    """What is at an address."""
    async with aiohttp.ClientSession() as client, client.get(url, headers=headers) as answer:
        return answer.status, await answer.read()


async def exported(stage: Stage, world: World, user: int, **options: str) -> Answer:
    """The answer to the command."""
    return await stage.sandbox.command(user, world.ops_channel.id, "monitoring export", options)


async def attached(answer: Answer) -> tuple[str, bytes]:
    """The one file of an answer, which only the one who asked sees."""
    assert answer.error is None
    assert answer.ephemeral
    (file,) = answer.message["attachments"]
    status, body = await got(file["url"])
    assert status == 200
    return file["filename"], body


async def in_terminal(monkeypatch: pytest.MonkeyPatch, stage: Stage, *arguments: str) -> int:
    """A command, run as another process would beside the bot."""
    monkeypatch.setenv("DATABASE_URL", str(stage.monitor.settings.database_url))
    monkeypatch.setenv("DISCORD_TOKEN", "a-token-that-nobody-may-see")
    monkeypatch.setenv("TIMEZONE", stage.monitor.zone)
    return await asyncio.to_thread(main, ["export", *arguments])


@pytest.mark.parametrize("form", FORMS)
async def test_three_faces_give_the_same_bytes(
    served: tuple[Stage, str],
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
    form: str,
) -> None:
    """Asked the same, Discord, API and terminal answer with one file; a pipe has it too."""
    stage, url = served
    asked = question(stage.clock.now(), stage.monitor.zone, form=form, since=stage.clock.now() - 7 * DAY)
    since, until = moment(asked.since), moment(asked.until)
    name, discord = await attached(
        await exported(stage, world, world.owner_id, format=form, window="7d", service="llm")
    )
    status, http = await got(
        f"{url}/api/export?format={form}&since={since}&until={until}&services=llm", **{"X-API-Key": KEY}
    )
    assert status == 200
    said = ("--format", form, "--since", since, "--until", until, "--service", "llm", "--output")
    assert await in_terminal(monkeypatch, stage, *said, str(tmp_path)) == 0
    (file,) = tmp_path.iterdir()
    assert file.name == name
    assert name == asked.name
    assert file.stat().st_mode & 0o777 == 0o600
    capfdbinary.readouterr()
    assert await in_terminal(monkeypatch, stage, *said, "-") == 0
    piped = capfdbinary.readouterr()
    assert piped.err == b""
    assert len({hashlib.sha256(body).hexdigest() for body in (discord, http, file.read_bytes(), piped.out)}) == 1
    assert http.count(b"llm") > 70


async def test_all_of_it_is_the_same_too(
    served: tuple[Stage, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every metric of a window that is over, with names as hostile as they come."""
    stage, url = served
    end = stage.clock.now() - HOUR
    asked = question(end, stage.monitor.zone, since=end - 3 * DAY)
    since, until = moment(asked.since), moment(asked.until)
    _, http = await got(f"{url}/api/export?since={since}&until={until}", Authorization=f"Bearer {KEY}")
    assert await in_terminal(monkeypatch, stage, "--since", since, "--until", until, "-o", str(tmp_path / "a")) == 0
    assert (tmp_path / "a").read_bytes() == http
    assert "'=cmd|' /C calc'!A0" in http.decode()


async def test_what_discord_does_not_take_is_packed_or_elsewhere(
    served: tuple[Stage, str], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above the guild's limit it comes packed, with the same bytes inside; above that it is said where it is."""
    stage, _ = served
    asked = {"format": "csv", "window": "7d", "service": "llm"}
    name, plain = await attached(await exported(stage, world, world.owner_id, **asked))
    monkeypatch.setattr(interactions, "FILE_LIMIT", len(plain) - 1)
    again, packed = await attached(await exported(stage, world, world.owner_id, **asked))
    assert again == f"{name}.gz"
    assert gzip.decompress(packed) == plain
    monkeypatch.setattr(interactions, "FILE_LIMIT", 100)
    answer = await exported(stage, world, world.owner_id, **asked)
    assert not answer.message["attachments"]
    (embed,) = answer.message["embeds"]
    assert embed["title"] == "The file is larger than this server takes"
    assert "monitoring export --format csv --since " in embed["description"]
    assert "--service llm\n" in embed["description"]
    assert "&services=llm\n" in embed["description"]


async def test_it_is_written_down_who_took_what(served: tuple[Stage, str], world: World) -> None:
    """Form, window and name; where there was no such service, nothing was taken."""
    stage, _ = served
    before = len(await stage.monitor.audit.newest(50))
    await exported(stage, world, world.owner_id, format="json", window="24h")
    deed = (await stage.monitor.audit.newest(1))[0]
    assert (deed.what, deed.text) == ("export", "Took json of 24h away.")
    await exported(stage, world, world.owner_id, format="csv", service="nothing")
    assert len(await stage.monitor.audit.newest(50)) == before + 1


async def test_only_owners_may(served: tuple[Stage, str], world: World) -> None:
    """Staff with every role but that gets the one refusal."""
    stage, _ = served
    staff = next(person.id for person in world.people if person.id != world.owner_id)
    answer = await exported(stage, world, staff, format="csv")
    assert answer.error or "not here, or not for you" in answer.message["content"]


async def test_a_terminal_says_what_is_wrong(
    served: tuple[Stage, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On stderr, with an exit status; nothing is left of what was not written, and what was there before stays."""
    stage, _ = served
    monkeypatch.chdir(tmp_path)
    kept = tmp_path / "kept.csv"
    kept.write_text("before")
    for arguments, status, words in (
        (("--service", "llmm"), 1, "did you mean llm?"),
        (("--since", "soon"), 2, "no moment such as 7d"),
        (("--since", "2026-01-02", "--until", "2026-01-01"), 2, "window is empty"),
        (("--since", "0001-01-01"), 2, "window is empty"),
        (("--format", "xml"), 2, "xml"),
    ):
        capsys.readouterr()
        assert await in_terminal(monkeypatch, stage, *arguments, "-o", "kept.csv") == status
        said = capsys.readouterr()
        assert said.out == ""
        assert words in " ".join(said.err.replace("│", " ").split())

    assert await in_terminal(monkeypatch, stage, "-o", str(tmp_path / "nowhere" / "a.csv")) == 1
    assert os.listdir(tmp_path) == ["kept.csv"]
    assert kept.read_text() == "before"
    assert await in_terminal(monkeypatch, stage, "--json", "-o", "kept.csv") == 0
    assert kept.read_bytes().startswith(b"\xef\xbb\xbftime,")
    assert kept.stat().st_mode & 0o777 == 0o600


async def test_names_in_addresses_are_read(served: tuple[Stage, str]) -> None:
    """Services with commas between them, whatever they are called; one that is not there is named."""
    _, url = served
    status, body = await got(f"{url}/api/export?services={quote('llm, =nope')}", **{"X-API-Key": KEY})
    assert status == 404
    assert b"There is no service =nope in this window" in body


@pytest.mark.parametrize("name", HOSTILE)
async def test_how_to_get_it_elsewhere_is_inert(name: str) -> None:
    """A service's name ends neither the block nor the shell's quotes, and fits."""
    asked = question(NOW, "UTC", services=(f"{name}```<@&1> '",))
    words, *blocks = _export_pages.elsewhere(asked)
    assert "`" not in words
    for block in blocks:
        assert block.startswith("```\n")
        assert block.endswith("\n```")
        assert "`" not in block[3:-3]

    assert shlex.split(blocks[0][4:-4])[-2] == "--service"
    assert sum(map(len, (words, *blocks))) < 2_000
