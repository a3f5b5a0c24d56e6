"""Single exchanges, what banter used, growth and told bonds, out of a real store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from monitoring.analysis.exchange_tree import LONGEST
from monitoring.analysis.figure import Bands
from monitoring.interfaces import Batch
from monitoring.model import DAY, HOUR, MINUTE, SECOND, Instant, OperationDone, Told
from monitoring.questions import Now, Questions
from monitoring.questions.bonds import Bonds
from monitoring.recording.columns import gather
from monitoring.recording.counting import rollups_of
from monitoring.recording.label_numbers import LabelNumbers
from monitoring.recording.telling import count
from monitoring.rows import ExchangeRow, MessageRow
from monitoring.store import SQLiteStore
from monitoring.window import Scope, Window

NOW = 1_767_873_600_000
"""2026-01-08 12:00 UTC."""
EVERYTHING, HERE = Scope(None), Scope(1)


@dataclass
class StillClock:
    """Tells the time it was given."""

    at: Instant = NOW

    def now(self) -> Instant:
        return self.at

    def monotonic(self) -> float:
        return self.at / 1000


@dataclass
class Place:
    """A store, the questions about it, and what is written next."""

    store: SQLiteStore
    load: Questions
    bonds: Bonds
    batch: Batch = field(default_factory=Batch)

    def talk(self, number: int, at: Instant, turns: int = 2, guild: int = 1) -> None:
        """An exchange of Mira and Rex, ten seconds a turn, each turn an operation of 100 tokens."""
        names = ("Mira", "Rex")
        until = at + (turns - 1) * 10 * SECOND
        row = ExchangeRow(number, guild, 7 + guild, at, until, turns, turns, "Mira", names[turns % 2 - 1], names)
        self.batch.exchanges.append(row)
        for turn in range(turns):
            moment = at + turn * 10 * SECOND
            self.batch.messages.append(MessageRow(number + turn, guild, 7 + guild, moment, persona=names[turn % 2]))
            self.inference(moment - 3 * SECOND, names[turn % 2], guild)

    def inference(self, at: Instant, persona: str, guild: int = 1, message: int | None = None) -> None:
        """100 tokens of a local model."""
        done = OperationDone(
            "llm", "inference", at, 1.0, persona=persona, model="m", guild_id=guild, channel_id=7 + guild,
            message_id=message, prompt_tokens=90, completion_tokens=10, local=True, cost=0,
        )  # fmt: skip
        columns, refused = gather([done], NOW)
        assert not refused
        self.batch.operations.append(columns)
        for metric, more in rollups_of(columns, MINUTE, LabelNumbers()):
            self.batch.columns.setdefault(metric, []).append(more)

    def tell(self, *told: Told) -> None:
        """What the host told, kept and counted."""
        for one in told:
            count(one, self.batch)

    async def write(self) -> None:
        """Write it all."""
        await self.store.append(self.batch)
        self.batch = Batch()


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """Nothing has happened yet."""
    clock = StillClock()
    store = SQLiteStore(tmp_path / "store.sqlite3", clock=clock)
    await store.open()
    load = Questions(store, clock, now=lambda: Now({"Mira": 1}, NOW - 90 * DAY, NOW - DAY), bands=Bands(), limits={})
    yield Place(store, load, Bonds(load, raw_days=7))
    load.close()
    await store.close()


def span(length: int) -> Window:
    """The window that ends now."""
    return Window(NOW - length, NOW)


async def test_tree_of_the_last_and_the_longest(place: Place) -> None:
    """Of the window and the guild alone."""
    place.talk(100, NOW - 3 * HOUR, turns=5)
    place.talk(200, NOW - HOUR, turns=3)
    place.talk(300, NOW - MINUTE, turns=9, guild=2)
    await place.write()
    last = await place.bonds.tree(span(DAY), HERE)
    longest = await place.bonds.tree(span(DAY), HERE, LONGEST)

    assert last is not None
    assert longest is not None
    assert [(turn.persona, turn.slot) for turn in last.turns or ()] == [("Mira", 1), ("Rex", 0), ("Mira", 1)]
    assert (longest.length, longest.at) == (5, NOW - 3 * HOUR)
    assert await place.bonds.tree(span(SECOND), HERE) is None
    assert await place.bonds.tree(span(DAY), Scope(3)) is None


async def test_spend_is_of_the_windows_exchanges_and_all_of_its_tokens(place: Place) -> None:
    """Two turns of 100 tokens; 200 more went to a user and to nobody: half."""
    place.talk(100, NOW - HOUR)
    place.inference(NOW - HOUR, "Mira", message=5)
    place.inference(NOW - 2 * HOUR, "Mira")
    await place.write()
    found = await place.bonds.spend(span(DAY), EVERYTHING)

    assert found is not None
    assert (found.tokens, found.token_share, found.cost, found.whole) == (200, 0.5, 0, True)


async def test_spend_covers_what_raw_rows_cover_and_says_so(place: Place) -> None:
    """Of a month the last seven days, from a full hour on; of a window before them nothing is known."""
    place.talk(100, NOW - 6 * DAY)
    await place.write()
    found = await place.bonds.spend(span(30 * DAY), EVERYTHING)

    assert found is not None
    assert (found.whole, found.exchanges) == (False, 1)
    assert NOW - 7 * DAY <= found.window.start <= NOW - 7 * DAY + HOUR
    assert await place.bonds.spend(Window(NOW - 30 * DAY, NOW - 10 * DAY), EVERYTHING) is None


async def test_each_guild_pays_for_itself(place: Place) -> None:
    """And together they pay for all."""
    place.talk(100, NOW - HOUR)
    place.talk(200, NOW - 2 * HOUR, turns=4, guild=2)
    await place.write()
    parts = [await place.bonds.spend(span(DAY), Scope(guild)) for guild in (1, 2)]
    whole = await place.bonds.spend(span(DAY), EVERYTHING)

    assert whole is not None
    assert [part.tokens for part in parts if part] == [200, 400]
    assert [part.token_share for part in parts if part] == [1.0, 1.0]
    assert whole.tokens == 600


async def test_growth_is_told_of_the_persona_and_the_guild(place: Place) -> None:
    """XP before the window and at its end, the level's change, traits of long ago; nobody else's, no other guild's."""
    place.tell(
        Told("xp", NOW - 40 * DAY, "Mira", value=100, guild_id=1),
        Told("xp", NOW - 3 * HOUR, "Mira", value=130, guild_id=1),
        Told("xp", NOW - 2 * HOUR, "Mira", value=150),
        Told("xp", NOW - HOUR, "Mira", value=999, guild_id=2),
        Told("xp", NOW - HOUR, "Rex", value=7, guild_id=1),
        Told("level", NOW - 40 * DAY, "Mira", value=3, guild_id=1),
        Told("level", NOW - HOUR, "Mira", value=4, guild_id=1),
        Told("trait", NOW - 60 * DAY, "Mira", name="curious", value=0.5, guild_id=1),
        Told("milestone", NOW - 2 * DAY, "Mira", name="too early", guild_id=1),
        Told("milestone", NOW - HOUR, "Mira", name="first", guild_id=1),
    )
    await place.write()
    found = (await place.load.persona("Mira", span(DAY), HERE)).evolution

    assert (found.xp, found.xp_gained, found.level, found.level_before, found.level_at) == (150, 50, 4, 3, NOW - HOUR)
    assert [one.name for one in found.traits] == ["curious"]
    assert [one.name for one in found.milestones] == ["first"]
    assert (await place.load.persona("Mira", span(DAY), EVERYTHING)).evolution.xp == 999
    assert not (await place.load.persona("Zed", span(DAY), HERE)).evolution


async def test_xp_that_was_never_told_before_counts_from_its_first_value(place: Place) -> None:
    """Also where it is told with every answer."""
    place.tell(*(Told("xp", NOW - HOUR + k * SECOND, "Mira", value=10 + k, guild_id=1) for k in range(200)))
    await place.write()
    found = (await place.load.persona("Mira", span(DAY), HERE)).evolution

    assert (found.xp, found.xp_gained) == (209, 199)


async def test_told_bonds_come_out_of_the_store(place: Place) -> None:
    """On the page of relationships, and on the persona's own."""
    place.tell(
        Told("affinity", NOW - 2 * DAY, "Rex", "Mira", value=40, guild_id=1),
        Told("affinity", NOW - HOUR, "Rex", "Mira", value=66, guild_id=1),
        Told("stage", NOW - HOUR, "Rex", "Mira", "rivals", guild_id=1),
    )
    await place.write()
    (pair,) = (await place.load.relationships(span(DAY), HERE)).pairs
    (bond,) = (await place.load.persona("Mira", span(DAY), HERE)).bonds

    assert (pair.before, pair.affinity, pair.stage, pair.source) == (40, 66, "rivals", "reported")
    assert (bond.other, bond.affinity, bond.stage, bond.source) == ("Rex", 66, "rivals", "reported")
    assert (await place.load.relationships(span(DAY), Scope(2))).pairs == ()


@pytest.mark.parametrize(("length", "bars"), [(HOUR, 12), (6 * HOUR, 24), (DAY, 24), (7 * DAY, 7)])
async def test_short_windows_have_bars_enough_to_tell_a_course(place: Place, length: int, bars: int) -> None:
    """Five minutes within an hour, fifteen within six; hours and days else."""
    talk = await place.load.banter(span(length), EVERYTHING)
    page = await place.load.persona("Mira", span(length), EVERYTHING)

    assert bars <= len(talk.days) <= bars + 1
    assert bars <= len(page.days) <= bars + 1
    assert len(page.hours) == 24
