"""`monitoring import`: exports of DiscordChatExporter are counted once, and what is wrong with a file is said."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.history.files import BadExport, ExportFile
from monitoring.interfaces import SystemClock
from monitoring.model import DAY
from monitoring.store.sqlite import SQLiteStore
from tests.backfill.exports import export, save
from tests.backfill.reading import everything, life
from tests.backfill.scripts import Line, lines, told
from tests.backfill.test_history import SCRIPT
from tests.cli.conftest import Ran, run
from tests.recording.stage import HOOK, START
from tests.thorough import examples

__all__ = ["run"]
BRING = ("import", "--webhook", str(HOOK), "--json")


@settings(max_examples=examples(60))
@given(lines(), st.integers(1, 300))
def test_a_file_tells_what_discord_told(script: list[Line], chunk: int) -> None:
    """Every message as it was, but for what a file does not say: whose a webhook is."""
    messages = told(script)
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        patch.setattr("monitoring.history.files.CHUNK", chunk)
        found = list(ExportFile(save(Path(folder) / "general.json", export(messages))).messages())

    assert [one._replace(seen=one.seen._replace(application_id=None)) for one in messages] == found


def test_a_file_counts_as_the_same_messages_live(run: Callable[..., Ran], tmp_path: Path) -> None:
    """All of it is counted, with answers and conversations; a second time adds nothing."""
    path = save(tmp_path / "lobby.json", export(told(SCRIPT)))
    (first,) = run(*BRING, str(path)).json["files"]
    assert (first["channel"], first["read"], first["wrong"]) == ("lobby", len(SCRIPT), "")
    assert first["users"] + first["personas"] == len(SCRIPT)
    (again,) = run(*BRING, str(path)).json["files"]
    assert (again["users"], again["personas"], again["known"]) == (0, 0, len(SCRIPT))


def test_webhooks_of_nobody_knows_whom_are_named(run: Callable[..., Ran], tmp_path: Path) -> None:
    """A file does not say whose a webhook is: without its id it is no persona's, and that is said."""
    save(tmp_path / "lobby.json", export(told(SCRIPT)))
    ran = run("import", str(tmp_path))
    assert f"{HOOK}  Luna" in ran.out
    assert "--webhook" in ran.out


def test_looking_only_changes_nothing(run: Callable[..., Ran], tmp_path: Path) -> None:
    """With --dry-run no store is made."""
    path = save(tmp_path / "lobby.json", export(told(SCRIPT)))
    ran = run(*BRING, "--dry-run", str(path))
    assert ran.json["files"][0]["read"] == len(SCRIPT)
    assert not list(tmp_path.rglob("*.sqlite3"))


async def test_f15_file_backfill_and_live_together_count_once(tmp_path: Path) -> None:
    """The same messages heard live in part, read from a file in part, and then all of them from Discord."""
    messages = told(SCRIPT)
    export_file = ExportFile(save(tmp_path / "lobby.json", export(messages[3:12])))
    async with life(tmp_path / "a.sqlite3") as one:
        await one.live(messages[:6])
        ours = [each._replace(seen=each.seen._replace(application_id=900)) for each in export_file.messages()]
        found = await one.read(ours)
        assert (found.users + found.personas, found.known) == (6, 3)
        await one.read(messages)
        assert [row.id for row in (await everything(one.store))["rows"]] == [each.seen.message_id for each in messages]
        (figures,) = (await everything(one.store))["message"]
        assert sum(rollup.count for rollup in figures.values()) == len(messages)


def test_a_file_that_ends_in_the_middle_counts_up_to_there(run: Callable[..., Ran], tmp_path: Path) -> None:
    """It is said where it ends; the whole file, brought later, adds the rest, as if it had been whole at once."""
    path = save(tmp_path / "lobby.json", export(told(SCRIPT)))
    whole = path.read_text()
    path.write_text(whole[: len(whole) * 2 // 3])
    ran = run(*BRING, str(path))
    (first,) = ran.json["files"]
    assert ran.status == 1
    assert "the file ends in the middle" in ran.err
    assert 0 < first["read"] < len(SCRIPT)
    path.write_text(whole)
    (rest,) = run(*BRING, str(path)).json["files"]
    assert rest["read"] == len(SCRIPT) - first["read"]


async def test_a_store_in_use_is_left_alone(run: Callable[..., Ran], tmp_path: Path) -> None:
    """While a bot has it open, nothing is brought, and what to do is said."""
    store = SQLiteStore(tmp_path / "monitoring.sqlite3", clock=SystemClock())
    await store.open()
    path = save(tmp_path / "lobby.json", export(told(SCRIPT)))
    ran = await asyncio.to_thread(run, *BRING, str(path))
    await store.close()
    assert ran.status == 1
    assert "Stop the bot first" in ran.err


WRONG: dict[str, tuple[Any, str]] = {
    "nothing": ("", "ends in the middle"),
    "no JSON": ("<html>no</html>", "there should be {"),
    "another JSON": ({"messages": []}, "which guild and channel"),
    "a list": ([1, 2], "there should be {"),
    "no messages": ({"guild": {"id": "1"}, "channel": {"id": "2"}}, "there are no messages"),
    "private": (export([], guild={"id": "0", "name": "Direct Messages"}), "private messages"),
    "deep": ('{"guild": ' + "[" * 200_000, "nested too deeply"),
    "numbers": ('{"guild": ' + "9" * 5_000 + "}", "no JSON"),
    "reversed": (export(reversed(told(SCRIPT))), "oldest first"),
    "bytes": (b"\xff\xfe\x00{", "no UTF-8"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_file_is_said_with_its_place(name: str, tmp_path: Path) -> None:
    """One sentence with the file's name; never a traceback."""
    content, expected = WRONG[name]
    path = tmp_path / "odd.json"
    path.write_bytes(content if isinstance(content, bytes) else _text(content).encode())
    with pytest.raises(BadExport, match=expected) as caught:
        list(ExportFile(path).messages())

    assert str(caught.value).startswith("odd.json, at character ")


def _text(content: object) -> str:
    return content if isinstance(content, str) else json.dumps(content)


HOSTILE: list[object] = [
    None, 7, [], {}, {"id": "x"}, {"id": "1", "type": "Default"}, {"id": "1", "type": "Default", "author": None},
    {"id": "9" * 19, "type": "Default", "author": {"id": "1", "name": "a"}, "content": "from the future"},
    {"id": "-5", "type": "Default", "author": {"id": "1", "name": "a"}, "content": "x"},
    {"id": "10", "type": "Default", "author": {"id": "1", "name": {"a": 1}}, "content": ["x"]},
    {"id": "10", "type": "Reply", "author": {"id": "1", "name": "a"}, "content": "x" * 50_000, "reference": 7},
    {"id": "10", "type": "Default", "author": {"id": "1", "name": "a"}, "content": "x", "mentions": [3]},
]  # fmt: skip


def test_f17_hostile_messages_harm_no_others(run: Callable[..., Ran], tmp_path: Path) -> None:
    """What cannot be a message is left out and counted; the others are there, now and when the file comes again."""
    value = export(told(SCRIPT))
    value["messages"] = [*HOSTILE[:7], HOSTILE[8], *HOSTILE[9:], *value["messages"], HOSTILE[7]]
    path = save(tmp_path / "lobby.json", value)
    (found,) = run(*BRING, str(path)).json["files"]
    assert (found["users"] + found["personas"], found["wrong"]) == (len(SCRIPT), "")
    assert found["refused"] == len(HOSTILE)
    more = save(tmp_path / "more.json", export([told(SCRIPT, START + DAY)[0]]))
    assert run(*BRING, str(more)).json["files"][0]["users"] == 1, "a message from the future covers nothing"
