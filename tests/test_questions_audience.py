"""Questions about people, asked of a real store: each guild its own, and only what is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitoring.analysis.figure import Bands
from monitoring.interfaces import Batch
from monitoring.model import DAY, HOUR, MINUTE
from monitoring.questions import Now, Questions
from monitoring.questions.audience import AudiencePage
from monitoring.rows import MessageRow, Presence
from monitoring.store import SQLiteStore
from monitoring.window import Scope, window_of
from tests.store.building import NOW, add
from tests.store.conftest import StillClock

DAY_WINDOW, WEEK, MONTH = (window_of(name, NOW) for name in ("24h", "7d", "30d"))
EVERYWHERE, HERE, THERE = Scope(None), Scope(1), Scope(2)


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[AudiencePage]:
    """The questions over a store with two guilds: in one a and b talk with Mira, in the other c alone."""
    clock = StillClock()
    store = SQLiteStore(tmp_path / "monitoring.sqlite3", clock=clock)
    await store.open()
    now = Now({}, NOW - 60 * DAY, NOW - DAY, conversations=3, active={None: 3, 1: 2})
    questions = Questions(store, clock, now=lambda: now, bands=Bands(), limits={})
    batch = Batch()
    for number, (user, persona, guild, minutes) in enumerate(
        [
            ("a", "", 1, 60),
            ("", "Mira", 1, 59),
            ("b", "", 1, 58),
            ("a", "", 1, 20),
            ("", "Mira", 1, 19),
            ("c", "", 2, 5),
        ],
        1,
    ):
        at = NOW - minutes * MINUTE
        batch.messages.append(MessageRow(number, guild, 7 * guild, at, persona, user, length=10))
        add(batch, "message", at, ("persona" if persona else "user", persona, str(guild), str(7 * guild)), 10.0)
        if user:
            batch.presences.add(Presence(at - at % HOUR, guild, "", user))

    add(batch, "answered", NOW - HOUR, ("Mira", "1"), 0.0)
    for what, value in (("length", 3.0), ("duration", 120.0), ("follow_up", 0.0)):
        add(batch, "conversation", NOW - HOUR, (what, "1"), value)

    add(batch, "command", NOW - HOUR, ("roll", "slash", "2"), 0.5)
    add(batch, "scenario", NOW - HOUR, ("heist", "started", "1"), 0.0)
    await store.append(batch)
    yield AudiencePage(questions, {1: "a", 2: "b"}.__getitem__, raw_days=7)
    questions.close()
    await store.close()


@pytest.mark.parametrize(
    ("scope", "people", "now", "score"), [(EVERYWHERE, 3, 3, 25.0), (HERE, 2, 2, 100 / 3), (THERE, 1, 0, 0.0)]
)
async def test_users(page: AudiencePage, scope: Scope, people: int, now: int, score: float) -> None:
    """Distinct people, those of the last five minutes from memory, and how much is answered."""
    found = await page.users(DAY_WINDOW, scope)

    assert (found.users.value, found.active, found.active_now) == (people, (people,) * 3, now)
    assert found.engagement.score.value == pytest.approx(score)
    assert sum(cohort.new for cohort in found.cohorts) == found.new == people
    assert len(found.days) == 31


async def test_channels(page: AudiencePage) -> None:
    """Each guild's own."""
    assert [(row.channel, row.messages.n) for row in (await page.channels(WEEK, EVERYWHERE)).rows] == [
        ("7", 5),
        ("14", 1),
    ]
    assert [row.channel for row in (await page.channels(WEEK, THERE)).rows] == ["14"]


async def test_commands_and_scenarios(page: AudiencePage) -> None:
    """Used in one guild is not used in the other."""
    assert (await page.commands(WEEK, EVERYWHERE, {"slash": ["roll"]})).unused == ()
    assert (await page.commands(WEEK, HERE, {"slash": ["roll"]})).unused == (("slash", "roll"),)
    assert [row.name for row in (await page.scenarios(MONTH, HERE)).rows] == ["heist"]
    assert (await page.scenarios(MONTH, THERE)).rows == ()


async def test_who_talks_again_is_known_as_long_as_messages_are(page: AudiencePage) -> None:
    """Within seven days from single messages; beyond, nobody knows. What goes on is known of the whole bot."""
    week, month = await page.conversations(WEEK, EVERYWHERE), await page.conversations(MONTH, HERE)

    assert (week.count.value, week.people, week.repeated, week.going_on) == (1, 2, 1, 3)
    assert (month.count.value, month.people, month.repeat_rate, month.going_on) == (1, None, None, None)
    assert (await page.conversations(WEEK, THERE)).people == 0


async def test_a_person_is_found_by_its_hash_alone(page: AudiencePage) -> None:
    """Another one's messages are not among them."""
    a, b = await page.person(1, MONTH), await page.person(2, MONTH)

    assert (a.messages, a.conversations, a.days) == (2, 2, 1)
    assert (b.messages, b.conversations) == (1, 1)
