"""The wheel in somebody else's bot: it works, the host keeps all that is its own, and unloading leaves nothing."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from monitoring.sandbox import Sandbox

from .hosting import ROOT, Order, answered, ask, foreign, sameness

one_loop = pytest.mark.asyncio(loop_scope="module")


def test_the_wheel_is_one_package_and_holds_every_file(wheel: Path) -> None:
    """Nothing but `monitoring` at the top, with the cogs, and every file beside the code as in the checkout."""
    tops = {path.name for path in wheel.iterdir() if not path.name.endswith((".dist-info", ".pth"))}
    assert tops == {"monitoring"}
    assert (wheel.parent.parent.parent / "bin" / "monitoring").is_file(), "and the command of the terminal"

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
    vote = await ask(standin, channel, owner, "!vote", "Up?")
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
    fumbled = await standin.command(owner, channel, "fumble")
    assert fumbled.message["content"] == "The cog says: dropped."
    voted = await standin.click(owner, vote, "vote:up")
    assert voted.message["content"] == "The host says: counted."
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
    assert gained == {"reaction": 1, "tree_error": 2}, "and no error of ours reached the host"

    during = await host("state")
    assert during["process"] == before["process"], "the process is the host's, also while we are there"
    left = await host("unload")
    assert left["cogs"] == before["cogs"] == ["Games", "Own", "Personas"]
    assert sameness(left) == sameness(before)


@one_loop
@pytest.mark.parametrize(
    ("kind", "content", "lengths"),
    [("single", False, {"GLaDOS": 0, "HAL": 25, "Sage": 0, "Scav": 0}), ("client", True, {"Greenroom": 15})],
)
async def test_f17_other_kinds_of_bots(
    standin: Sandbox, python: Path, tmp_path: Path, kind: str, content: bool, lengths: dict[str, int]
) -> None:
    """Without shards and the texts, and one that was a plain client: what can be seen is, what is missing is said."""
    guild = standin.add_guild(f"Of {kind}")
    channel, owner = standin.add_channel(guild, "general"), standin.owner_id
    async with foreign(standin, python, tmp_path / "host", kind, content=content) as order:
        before = await order("state")
        await order("load")
        await order("registered")
        mention = "" if content else f"<@{standin.state.bot_id}> "
        for name in ("scav", "glados", "hal", "sage") if kind == "single" else ("small",):
            await standin.say(channel, owner, f"{mention}{name}, are you there?")

        found = await answered(order, "figures", lambda found: {row[0] for row in found["rows"]} == set(lengths))
        assert {name: length for name, length, _ in found["rows"]} == lengths
        assert await order("intents") == ([] if content else ["message_content"])
        own = await standin.command(owner, channel, "health")
        assert own.message["content"] == "The host says: fit as a fiddle."
        assert sameness(await order("unload")) == sameness(before)


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

    await answered(host, "figures", lambda found: ["Sage", 20, False] in found["rows"])
    await asyncio.sleep(0.1)
    await host("later 40")
    figures = await answered(host, "figures", lambda found: ["Sage", 54, True] in found["rows"])
    gained = [row for row in figures["rows"] if row not in before["rows"]]
    assert sorted(gained) == [
        ["GLaDOS", 29, True], ["HAL", 25, True], ["Sage", 54, True], ["Scav", 21, True],
    ]  # fmt: skip
    assert figures["users"] == before["users"] + 4
    await host("unload")


@one_loop
async def test_f17_its_prefix_commands_and_their_errors_stay_its_own(
    host: Order, standin: Sandbox, place: tuple[int, int, int]
) -> None:
    """Answered and broken as before, with us listening."""
    channel, owner, _ = place
    await host("load")
    heard = await host("heard")
    await ask(standin, channel, owner, "!roll 20", "You rolled 20.")
    await ask(standin, channel, owner, "!fumble", "The cog says: you dropped it.")
    await ask(standin, channel, owner, "!broken", "Something broke: KeyError")
    said = [one["content"] for one in standin.messages(channel)]
    assert [said.count(one) for one in ("You rolled 20.", "The cog says: you dropped it.")] == [1, 1]
    after = await host("heard")
    assert after["command_error"] == heard.get("command_error", 0) + 2
    assert after.get("error", 0) == heard.get("error", 0)
    await host("unload")


@one_loop
async def test_f17_a_group_solves_the_clash(empty: Sandbox, python: Path, tmp_path: Path) -> None:
    """Our line in its `setup_hook`, before it copies and syncs its commands to its guild: both are there, once each."""
    standin = empty
    guild = standin.add_guild("At home")
    channel, owner = standin.add_channel(guild, "general"), standin.owner_id
    more = {"HOST_MORE": "monitoring.cogs", "HOST_HOME": str(guild), "MONITORING_COMMAND_GROUP": "greenroom"}
    async with foreign(standin, python, tmp_path / "host", "single", **more) as order:
        registered = await order("registered")
        assert registered["problems"] == []
        assert standin.commands.listed(None) == []
        own = await standin.command(owner, channel, "health")
        assert own.message["content"] == "The host says: fit as a fiddle."
        ours = await standin.command(owner, channel, "greenroom health")
        assert ours.message["embeds"][0]["title"]
        names = sorted(one["name"] for one in standin.commands.listed(guild))
        assert names == ["boom", "fumble", "greenroom", "health"]


@one_loop
@pytest.mark.parametrize("number", range(3))
async def test_each_bot_on_the_page_works_as_shown(empty: Sandbox, python: Path, tmp_path: Path, number: int) -> None:
    """Its class after the change, line by line as it stands in docs/host.md: a command of ours answers."""
    page = (ROOT / "docs" / "host.md").read_text()
    lines = re.findall(r"```diff\n(.*?)```", page, re.DOTALL)[number].splitlines()
    code = "\n".join(line[1:] for line in lines if not line.startswith("-"))
    guild = empty.add_guild("Reader's")
    channel, owner = empty.add_channel(guild, "general"), empty.owner_id
    async with foreign(empty, python, tmp_path / "host", "page", HOST_CODE=code) as order:
        assert (await order("registered"))["problems"] == []
        ours = await empty.command(owner, channel, "health")
        assert ours.message["embeds"][0]["title"]
        if "hello yourself" in code:
            await ask(empty, channel, owner, "hello", "hello yourself")
