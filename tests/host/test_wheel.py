"""The wheel in somebody else's bot: it works, the host keeps all that is its own, and unloading leaves nothing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from hatchling.builders.wheel import WheelBuilder

from monitoring.sandbox import Sandbox

ROOT = Path(__file__).parent.parent.parent
FOREIGN = Path(__file__).parent / "foreign"
Order = Callable[[str], Awaitable[Any]]

one_loop = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built and unpacked, as an installer would."""
    folder = tmp_path_factory.mktemp("wheel")
    built = next(iter(WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])))
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "site")

    return folder / "site"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standin() -> AsyncIterator[Sandbox]:
    """A stand-in for Discord, which the host's process talks to."""
    sandbox = Sandbox()
    await sandbox.start()
    yield sandbox
    await sandbox.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(standin: Sandbox) -> tuple[int, int, int]:
    """A guild's channel, its owner, and a webhook of the bot's."""
    guild = standin.add_guild("Elsewhere")
    channel = standin.add_channel(guild, "general")
    return channel, standin.owner_id, standin.add_webhook(channel, "personas")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def host(standin: Sandbox, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Order]:
    """The foreign bot in shards, in a process of its own, with the wheel installed; takes orders."""
    async with foreign(standin, wheel, tmp_path_factory.mktemp("host"), "sharded", content=True) as order:
        yield order


@contextlib.asynccontextmanager
async def foreign(standin: Sandbox, wheel: Path, home: Path, kind: str, *, content: bool) -> AsyncIterator[Order]:
    """The foreign bot of a kind; its end is its own, and clean."""
    shutil.copytree(FOREIGN, home, dirs_exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ}
    environment = kept | {
        "PYTHONPATH": str(wheel),
        "STANDIN_API": standin.api_url,
        "STANDIN_GATEWAY": standin.gateway_url,
        "STANDIN_TOKEN": standin.token,
        "DATABASE_URL": f"sqlite:///{home}/store.sqlite3",
        "HOST_KIND": kind,
        "HOST_CONTENT": "1" if content else "0",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "host.py", cwd=home, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin
    assert process.stdout
    stdin, stdout = process.stdin, process.stdout

    async def order(what: str) -> Any:
        if what:
            stdin.write(f"{what}\n".encode())

        line = await asyncio.wait_for(stdout.readline(), 60)
        assert line, "the host's process has ended"
        answer = json.loads(line)
        assert not (isinstance(answer, dict) and "failed" in answer), answer
        return answer

    try:
        assert await order("") == "ready"
        yield order
        stdin.close()
        assert await asyncio.wait_for(process.wait(), 10) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def test_the_wheel_is_one_package_and_holds_every_file(wheel: Path) -> None:
    """Nothing but `monitoring` at the top, with the cogs, and every file beside the code as in the checkout."""
    tops = {path.name for path in wheel.iterdir() if not path.name.endswith(".dist-info")}
    assert tops == {"monitoring"}

    for source, inside in (("monitoring", "monitoring"), ("cogs", "monitoring/cogs"), ("assets", "monitoring/assets")):
        files = [path for path in (ROOT / source).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        assert files
        for path in files:
            packed = wheel / inside / path.relative_to(ROOT / source)
            assert packed.read_bytes() == path.read_bytes(), path


def test_an_editable_install_serves_the_checkout(tmp_path: Path) -> None:
    """It copies nothing: what is imported is what is edited."""
    built = next(iter(WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["editable"])))
    with zipfile.ZipFile(built) as archive:
        archive.extractall(tmp_path / "site")

    assert not list((tmp_path / "site").rglob("*.py"))
    code = (
        f"import site; site.addsitedir({str(tmp_path / 'site')!r}); import importlib.util as u, monitoring.assets as a;"
        "print(a.__file__, u.find_spec('cogs').origin, a.asset('charts.mplstyle'), sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=20, check=True
    )
    assert [Path(line).parent for line in done.stdout.split("\n")[:3]] == [
        ROOT / "monitoring", ROOT / "cogs", ROOT / "assets",
    ]  # fmt: skip


@one_loop
async def test_f17_the_host_keeps_what_is_its_own(
    host: Order, standin: Sandbox, place: tuple[int, int, int], wheel: Path
) -> None:
    """Its /health, its events and its error handlers; the clash is said; every other command of ours answers."""
    channel, owner, hook = place
    before = await host("state")
    loaded = await host("load")
    assert Path(loaded["from"]).is_relative_to(wheel)
    registered = await host("registered")
    for said in (registered["problems"], registered["warnings"]):
        assert any("/health" in line and "MONITORING_COMMAND_GROUP" in line for line in said), said

    heard = await host("heard")
    asked = await standin.say(channel, owner, "Scav, are you there?")
    spoken = await standin.persona_say(hook, "Scav", "cheeki breeki", reference=asked)
    await standin.react(channel, spoken, owner, "👍")
    own = await standin.command(owner, channel, "health")
    assert own.message["content"] == "The host says: fit as a fiddle."
    broken = await standin.command(owner, channel, "boom")
    assert broken.message["content"] == "The host says: that broke."
    assert await host("stored") >= 2

    for name, options in (
        ("stats overview", {"window": "1h"}),
        ("stats persona", {"name": "Scav", "window": "1h"}),
        ("stats performance", {"window": "1h"}),
        ("report", {"kind": "relationships", "window": "24h"}),
    ):
        answer = await standin.command(owner, channel, name, options)
        assert answer.error is None, (name, answer.error, standin.refused)
        assert answer.message["embeds"], (name, answer.message)
        if name == "stats persona":
            assert standin.files(answer.message), "the chart is drawn with the wheel's own style"

    after = await host("heard")
    gained = {name: after.get(name, 0) - heard.get(name, 0) for name in after}
    assert gained.pop("message") >= 2
    assert gained == {"reaction": 1, "tree_error": 1}, "and no error of ours reached the host"

    left = await host("unload")
    assert left["cogs"] == before["cogs"] == ["Own", "Personas"]
    assert _sameness(left) == _sameness(before)


@one_loop
@pytest.mark.parametrize(
    ("kind", "content", "lengths"),
    [("single", False, {"GLaDOS": 0, "HAL": 25, "Sage": 0, "Scav": 0}), ("client", True, {"Greenroom": 15})],
)
async def test_f17_other_kinds_of_bots(
    standin: Sandbox, wheel: Path, tmp_path: Path, kind: str, content: bool, lengths: dict[str, int]
) -> None:
    """Without shards and the texts, and one that was a plain client: what can be seen is, what is missing is said."""
    guild = standin.add_guild(f"Of {kind}")
    channel, owner = standin.add_channel(guild, "general"), standin.owner_id
    async with foreign(standin, wheel, tmp_path / "host", kind, content=content) as order:
        before = await order("state")
        await order("load")
        await order("registered")
        mention = "" if content else f"<@{standin.state.bot_id}> "
        for name in ("scav", "glados", "hal", "sage") if kind == "single" else ("small",):
            await standin.say(channel, owner, f"{mention}{name}, are you there?")

        found = await _until(order, "figures", lambda found: len(found["rows"]) >= len(lengths))
        assert {name: length for name, length, _ in found["rows"]} == lengths
        assert await order("intents") == ([] if content else ["message_content"])
        own = await standin.command(owner, channel, "health")
        assert own.message["content"] == "The host says: fit as a fiddle."
        assert _sameness(await order("unload")) == _sameness(before)


@one_loop
async def test_f17_each_way_of_being_a_persona_is_recorded_right(
    host: Order, standin: Sandbox, place: tuple[int, int, int]
) -> None:
    """A shared webhook, one of its own, a prefix, and a placeholder that fills: once each, with its last length."""
    channel, owner, _ = place
    await host("load")
    before = await host("figures")
    for name in ("scav", "glados", "hal", "sage"):
        await standin.say(channel, owner, f"{name}, are you there?")

    await _until(host, "figures", lambda found: ["Sage", 20, False] in found["rows"])
    await asyncio.sleep(0.1)
    await host("later 40")
    figures = await _until(host, "figures", lambda found: ["Sage", 54, True] in found["rows"])
    gained = [row for row in figures["rows"] if row not in before["rows"]]
    assert sorted(gained) == [
        ["GLaDOS", 29, True], ["HAL", 25, True], ["Sage", 54, True], ["Scav", 21, True],
    ]  # fmt: skip
    assert figures["users"] == before["users"] + 4


@one_loop
async def test_f17_its_prefix_commands_and_their_errors_stay_its_own(
    host: Order, standin: Sandbox, place: tuple[int, int, int]
) -> None:
    """Answered and broken as before, with us listening."""
    channel, owner, _ = place
    heard = await host("heard")
    await standin.say(channel, owner, "!roll 20")
    await standin.say(channel, owner, "!broken")
    await standin.until(lambda: "Something broke: KeyError" in [one["content"] for one in standin.messages(channel)])
    assert "You rolled 20." in [one["content"] for one in standin.messages(channel)]
    after = await host("heard")
    assert after["command_error"] == heard.get("command_error", 0) + 1
    assert after.get("error", 0) == heard.get("error", 0)
    await host("unload")


@one_loop
async def test_f17_reloading_a_hundred_times_leaves_nothing(host: Order) -> None:
    """No task, thread, process, file, listener, command or button more than after the first time."""
    first = await host("reload 1")
    for _ in range(4):
        last = await host("reload 25")

    assert _sameness(last) == _sameness(first)
    assert last["files"] <= first["files"]
    assert last["count"] <= first["count"]


async def _until(host: Order, order: str, test: Callable[[Any], bool]) -> Any:
    """What the host answers, once it is as it should be."""
    for _ in range(100):
        found = await host(order)
        if test(found):
            return found

        await asyncio.sleep(0.05)

    raise AssertionError(found)


def _sameness(state: dict[str, Any]) -> dict[str, Any]:
    """What must not differ at all; the count of open files and tasks moves with the host's own connections."""
    return {name: value for name, value in state.items() if name not in ("files", "count")}
