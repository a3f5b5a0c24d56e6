"""A bot's own state is read now and then: what changed is told once, and nothing of the bot's is ever touched."""

from __future__ import annotations

import ast
import asyncio
import re
import sqlite3
import threading
import time
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.adapters import Follower, follow, sqlite_rows
from monitoring.errors import MonitoringError
from monitoring.model import Told
from monitoring.monitor import Monitor
from monitoring.recording.host_state import Baseline, facts_of
from monitoring.settings import load_settings

NOW = 1_780_000_000_000
PAGE = Path(__file__).parents[1] / "docs/adapters.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)


def a_monitor(folder: Path) -> Monitor:
    """One with a store in this folder."""
    return Monitor(load_settings(_env_file=None, database_url=f"sqlite:///{folder / 'store.sqlite3'}"))


@pytest.fixture
async def monitor(tmp_path: Path) -> AsyncIterator[Monitor]:
    """A running monitor."""
    it = a_monitor(tmp_path)
    await it.start()
    yield it
    await it.close()


def a_follower(monitor: Monitor, read: Any, **more: Any) -> Follower:
    """One that looks only when it is told to."""
    return Follower(monitor, read, **{"name": "x", "every": 3600.0, "limit": 5.0, **more})


async def told(monitor: Monitor) -> list[tuple[Any, ...]]:
    """Everything that was told so far: kind, persona, other, name, value."""
    await monitor.recorder.flush()
    rows = await monitor.store.told(0, monitor.clock.now() + 60_000)
    return [(one.what, one.persona, one.other, one.name, one.value) for one in rows]


def news(baseline: Baseline, state: object) -> list[tuple[Any, ...]]:
    """What a state tells: kind, persona, other, name, value."""
    return [one[:1] + one[2:6] for one in baseline.news(facts_of(state, NOW))]


LUNA: dict[str, Any] = {
    "level": 12, "xp": 3400, "traits": {"curious": 0.8}, "milestones": ["hatched"],
    "relationships": {"Rex": {"affinity": 72, "stage": "friends"}},
}  # fmt: skip


def test_the_first_look_is_a_base_line_and_then_changes_are_told():
    """Levels, traits and relationships as they are; a milestone of before is no news, a later one is."""
    baseline = Baseline()
    assert news(baseline, {"Luna": LUNA}) == [
        ("level", "Luna", "", "", 12), ("xp", "Luna", "", "", 3400), ("trait", "Luna", "", "curious", 0.8),
        ("affinity", "Luna", "Rex", "", 72), ("stage", "Luna", "Rex", "friends", None),
    ]  # fmt: skip
    assert news(baseline, {"Luna": LUNA}) == []
    later = {**LUNA, "level": 13, "milestones": ["hatched", "hundred"]}
    later["relationships"] = {"Rex": {"affinity": 72, "stage": "rivals"}}
    assert news(baseline, {"Luna": later}) == [
        ("level", "Luna", "", "", 13), ("milestone", "Luna", "", "hundred", None),
        ("stage", "Luna", "Rex", "rivals", None),
    ]  # fmt: skip


def test_rows_dataclasses_and_mappings_say_the_same():
    """However a bot keeps its state."""

    @dataclass
    class Bond:
        affinity: float
        stage: str

    @dataclass
    class Persona:
        level: int
        xp: Decimal
        traits: dict[str, float]
        milestones: list[str]
        relationships: dict[str, Bond]
        guild_id: int | None = field(default=None)

    as_object = Persona(12, Decimal(3400), {"curious": 0.8}, ["hatched"], {"Rex": Bond(72, "friends")})
    as_rows = [
        {"persona": "Luna", "level": 12, "xp": 3400},
        {"persona": "Luna", "trait": "curious", "strength": 0.8},
        {"persona": "Luna", "milestone": "hatched"},
        {"persona": "Luna", "other": "Rex", "affinity": 72, "stage": "friends"},
    ]
    states: list[object] = [{"Luna": LUNA}, {"Luna": as_object}, as_rows]
    assert len({tuple(sorted(map(str, facts_of(state, NOW).known))) for state in states}) == 1
    assert all(not facts_of(state, NOW).refused and not facts_of(state, NOW).unknown for state in states)


def test_drifting_values_are_told_once_they_moved():
    """From the value that was told last, so that a slow drift is not lost."""
    baseline = Baseline()
    news(baseline, {"Luna": {"traits": {"calm": 0.5}, "relationships": {"Rex": 50}}})
    drifts = [news(baseline, {"Luna": {"traits": {"calm": 0.5 + n / 1000}}}) for n in range(1, 12)]
    assert [one[0][4] for one in drifts if one] == [0.505, 0.51]
    assert news(baseline, {"Luna": {"relationships": {"Rex": 50.4}}}) == []
    assert news(baseline, {"Luna": {"relationships": {"Rex": 50.6}}}) == [("affinity", "Luna", "Rex", "", 50.6)]


def test_the_milestones_of_a_new_persona_are_no_news():
    """One that was there without any has them from then on."""
    baseline = Baseline()
    news(baseline, {"Luna": {"milestones": []}})
    state = {"Luna": {"milestones": ["first"]}, "Rex": {"milestones": ["old"]}}
    assert news(baseline, state) == [("milestone", "Luna", "", "first", None)]
    state["Rex"] = {"milestones": ["old", "new"]}
    assert news(baseline, state) == [("milestone", "Rex", "", "new", None)]


def test_what_is_gone_and_comes_back_is_not_told_again():
    """An empty table tells nothing, and neither does its return."""
    baseline = Baseline()
    news(baseline, {"Luna": LUNA})
    assert news(baseline, {}) == news(baseline, None) == news(baseline, {"Luna": LUNA}) == []


def test_guilds_are_told_apart():
    """The same persona may be of another level elsewhere."""
    rows = [{"persona": "Luna", "level": 1, "guild_id": 7}, {"persona": "Luna", "level": 2, "guild_id": 8}]
    assert [(one.guild_id, one.value) for one in facts_of(rows, NOW).known.values()] == [(7, 1), (8, 2)]


@pytest.mark.parametrize(
    ("row", "refused"),
    [
        ({"level": -1}, 1),
        ({"level": float("nan")}, 1),
        ({"level": "twelve"}, 1),
        ({"level": True}, 1),
        ({"traits": {"calm": 1.2, "bold": None}}, 2),
        ({"relationships": {"Luna": 50}}, 1),
        ({"relationships": {"Rex": {"affinity": 101, "stage": ""}}}, 2),
        ({"milestones": ["x" * 101, "", 5]}, 3),
        ({"level": 3, "mood": "sad"}, 0),
    ],
)
def test_what_cannot_be_is_counted_and_the_rest_is_taken(row, refused):
    """By the rules that hold for what a host tells itself."""
    facts = facts_of({"Luna": row, "Rex": {"level": 3}}, NOW)
    assert facts.refused == refused
    assert facts.known[("level", "Rex", "", "", 0)].value == 3
    assert facts.unknown == ({"mood"} if "mood" in row else set())


_odd = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.binary(max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=8,
)
_columns = ("level", "xp", "traits", "milestones", "relationships", "guild_id", "trait", "other", "milestone")


@given(st.one_of(_odd, st.dictionaries(st.text(max_size=5), st.dictionaries(st.sampled_from(_columns), _odd))))
def test_f17_no_state_does_more_than_be_refused(state):
    """What is taken can be told; anything else is a ValueError or a TypeError, which the follower counts."""
    try:
        facts = facts_of(state, NOW)
    except (ValueError, TypeError):
        return

    assert all(isinstance(one, Told) for one in facts.known.values())
    assert len(Baseline().news(facts)) <= len(facts.known)


async def test_what_was_told_is_remembered_over_a_restart(tmp_path):
    """What changed meanwhile is told once, nothing else again."""
    state = {"Luna": dict(LUNA)}
    first = a_monitor(tmp_path)
    await first.start()
    assert await a_follower(first, lambda: state).poll() == 5
    await first.close()

    state["Luna"]["level"] = 13
    state["Luna"]["milestones"] = ["hatched", "hundred"]
    second = a_monitor(tmp_path)
    await second.start()
    assert await a_follower(second, lambda: state).poll() == 2
    assert await a_follower(second, lambda: state).poll() == 0
    assert [one[:4] for one in await told(second)][-2:] == [
        ("level", "Luna", "", ""), ("milestone", "Luna", "", "hundred"),
    ]  # fmt: skip
    await second.close()


async def test_it_looks_by_itself_and_stops_with_the_monitor(tmp_path):
    """A function of either kind; one name is followed once."""
    monitor = a_monitor(tmp_path)
    await monitor.start()
    looked = asyncio.Event()

    async def state() -> dict[str, Any]:
        looked.set()
        return {"Luna": {"level": 1}}

    follower = await follow(monitor, state, name="evolution")
    await asyncio.wait_for(looked.wait(), 5)
    with pytest.raises(MonitoringError, match="another name"):
        await follow(monitor, state, name="evolution")

    await monitor.close()
    assert [task for task in asyncio.all_tasks() if "adapter" in task.get_name()] == []
    assert follower.total_failures == 0


async def test_a_function_that_raises_is_counted_and_said_once(monitor, caplog):
    """Until it works again; its text, which may hold anything, is not repeated."""
    broken = True

    def state() -> dict[str, Any]:
        if broken:
            raise RuntimeError("CANARY")

        return {"Luna": {"level": 1}}

    follower = a_follower(monitor, state)
    for _ in range(3):
        assert await follower.poll() == 0

    said = "The adapter x could not read the bot's state (RuntimeError); it tries again."
    assert (follower.total_failures, monitor.problems.count(said)) == (3, 1)
    assert [record.message for record in caplog.records if record.name == "monitoring.adapters"] == [said]
    assert "CANARY" not in caplog.text
    broken = False
    assert await follower.poll() == 1
    assert said not in monitor.problems


@pytest.mark.parametrize("error", [StopIteration, SystemExit, asyncio.CancelledError, KeyboardInterrupt])
async def test_f17_whatever_it_raises_stays_there(monitor, error):
    """In a thread and on the loop; the next look comes."""

    def read() -> None:
        raise error

    async def waiting() -> None:
        raise asyncio.CancelledError

    for function in (read, waiting):
        follower = a_follower(monitor, function)
        assert await follower.poll() == 0
        assert follower.total_failures == 1


async def test_a_reading_has_a_limit(monitor):
    """Of either kind; while a thread still reads, no second one is begun."""
    release, begun = threading.Event(), []

    def slow() -> dict[str, Any]:
        begun.append(threading.current_thread())
        release.wait(20)
        return {}

    async def endless() -> None:
        await asyncio.Event().wait()

    follower = a_follower(monitor, slow, limit=0.01)
    assert await follower.poll() == await follower.poll() == 0
    assert (follower.total_failures, len(begun)) == (2, 1)
    assert begun[0].daemon
    release.set()
    await asyncio.to_thread(begun[0].join)
    waiting = a_follower(monitor, endless, limit=0.01)
    assert await waiting.poll() == 0
    assert "took too long" in monitor.problems[-1]


async def test_plain_functions_never_stop_the_event_loop(monitor):
    """They run in a thread of their own, the others where the bot's objects are."""
    seen: list[threading.Thread] = []

    def read() -> None:
        seen.append(threading.current_thread())

    class Asked:
        async def __call__(self) -> None:
            seen.append(threading.current_thread())

    await a_follower(monitor, read).poll()
    await a_follower(monitor, Asked()).poll()
    assert [one is threading.main_thread() for one in seen] == [False, True]


async def test_what_it_does_not_know_is_said(monitor):
    """Columns and values; mended, it is said no more."""
    state: dict[str, Any] = {"Luna": {"levle": 3, "xp": -1}}
    follower = a_follower(monitor, lambda: state)
    await follower.poll()
    assert [one for one in monitor.problems if "adapter" in one] == [
        "The adapter x was given what it does not know: levle.",
        "The adapter x was given values that cannot be; docs/adapters.md says which can.",
    ]
    state["Luna"] = {"level": 3}
    await follower.poll()
    assert not [one for one in monitor.problems if "adapter" in one]


async def test_while_the_store_cannot_be_read_nothing_is_told(tmp_path):
    """Without it nobody knows what was told before."""
    monitor = a_monitor(tmp_path)
    follower = a_follower(monitor, lambda: {"Luna": {"level": 1}})
    assert await follower.poll() == 0
    await monitor.start()
    assert await follower.poll() == 1
    await monitor.close()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A bot's own file, as docs/adapters.md reads it."""
    path = tmp_path / "data" / "personas.db"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as db:
        db.executescript(
            """
            CREATE TABLE personas (name TEXT, level INT, xp INT);
            INSERT INTO personas VALUES ('Luna', 12, 3400), ('Rex', 3, 10);
            CREATE TABLE traits (persona TEXT, trait TEXT, value INT);
            INSERT INTO traits VALUES ('Luna', 'curious', 80);
            CREATE TABLE achievements (persona TEXT, title TEXT);
            INSERT INTO achievements VALUES ('Luna', 'hatched');
            CREATE TABLE relationships (a TEXT, b TEXT, score INT, kind TEXT);
            INSERT INTO relationships VALUES ('Luna', 'Rex', 44, 'friends');
            """
        )

    return path


async def test_a_sqlite_file_is_read_and_never_written(monitor, database):
    """What a query tries to write fails; the bytes of the file stay as they are."""
    before = database.read_bytes()
    assert await a_follower(monitor, sqlite_rows(database, "SELECT name AS persona, level FROM personas")).poll() == 2
    writing = a_follower(monitor, sqlite_rows(database, "DELETE FROM personas"), name="y")
    assert await writing.poll() == 0
    missing = a_follower(monitor, sqlite_rows(database.parent / "nothing.db", "SELECT 1"), name="z")
    assert await missing.poll() == 0
    assert (writing.total_failures, missing.total_failures) == (1, 1)
    assert database.read_bytes() == before
    assert [path.name for path in database.parent.iterdir()] == [database.name]


def test_a_query_without_end_is_given_up(database):
    """After its limit."""
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) AS level FROM n"
    began = time.monotonic()
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        sqlite_rows(database, endless, limit=0.05)()

    assert time.monotonic() - began < 5


async def test_the_examples_of_the_page_run(monitor, database, monkeypatch):
    """As they stand there, and bring what they promise."""
    monkeypatch.chdir(database.parent.parent)
    luna = SimpleNamespace(name="Mira", level=5, xp=70, traits={}, milestones=[], bonds={"Luna": 20})
    cog = SimpleNamespace(monitor=monitor)
    names: dict[str, Any] = {"bot": SimpleNamespace(get_cog={"Greenroom": cog}.get, personas=[luna])}
    for block in BLOCKS:
        await eval(compile(block, str(PAGE), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)

    for follower in monitor.faces.behind:
        if isinstance(follower, Follower):
            await follower.poll()
            assert (follower.total_failures, follower.total_refused) == (0, 0)

    found = await told(monitor)
    assert ("level", "Mira", "", "", 5) in found
    assert ("affinity", "Luna", "Rex", "", 72) in found
    assert ("trait", "Luna", "", "curious", 0.8) in found
