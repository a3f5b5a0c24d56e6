"""Distinct users, counted exactly and by local day."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from monitoring.interfaces import Batch, People
from monitoring.model import DAY, HOUR, MINUTE, Instant
from monitoring.rows import MessageRow, Presence
from monitoring.store import SQLiteStore
from monitoring.window import step_start

from .building import NOW
from .conftest import StillClock

START = NOW - 7 * DAY


def there(*seen: tuple[Instant, str, str], guild: int = 1) -> Batch:
    """Presences of (instant, persona, user), each in the guild at large too."""
    return Batch(
        presences={Presence(at - at % HOUR, guild, p, user) for at, persona, user in seen for p in ("", persona)}
    )


async def test_users_are_counted_once(store: SQLiteStore) -> None:
    """A user is one user however often seen, for each persona and in all."""
    await store.append(there((NOW - HOUR, "Mira", "a"), (NOW - 2 * HOUR, "Mira", "a"), (NOW - HOUR, "Söl", "a")))
    await store.append(there((NOW - HOUR, "Mira", "a"), (NOW - HOUR, "Mira", "b")))

    assert await store.people(START, NOW) == {
        "": People(2, 0, 2),
        "Mira": People(2, 0, 2),
        "Söl": People(1, 0, 1),
    }


async def test_nobody_there(store: SQLiteStore) -> None:
    """Without presences there is nobody to speak of."""
    assert await store.people(START, NOW) == {}
    assert await store.people(NOW, NOW) == {}


async def test_repeat_users_came_on_two_local_days(path: Path, clock: StillClock) -> None:
    """Two days are those of the zone: 23:00 and 01:00 in Berlin are two, though one day in UTC."""
    midnight = step_start(NOW, DAY, "Europe/Berlin")
    for zone, repeat in (("Europe/Berlin", 1), ("UTC", 0)):
        store = SQLiteStore(path.with_name(f"{repeat}.sqlite3"), clock=clock, zone=zone)
        await store.open()
        await store.append(there((midnight - HOUR, "Mira", "a"), (midnight, "Mira", "a"), (midnight, "Mira", "b")))
        assert (await store.people(START, NOW))["Mira"] == People(2, repeat, 2)
        await store.close()


async def test_new_users_were_not_there_before(store: SQLiteStore) -> None:
    """New with a persona is who was never with it before, whatever else they did."""
    await store.append(there((START - DAY, "Mira", "a"), (NOW - HOUR, "Mira", "a"), (NOW - HOUR, "Söl", "a")))
    people = await store.people(START, NOW)

    assert (people["Mira"].new, people["Söl"].new, people[""].new) == (0, 1, 0)


async def test_guilds_are_counted_apart(store: SQLiteStore) -> None:
    """One guild's figure knows nothing of the other's; the whole bot counts a user of both once."""
    await store.append(there((NOW - HOUR, "Mira", "a"), (NOW - HOUR, "Mira", "b")))
    await store.append(there((NOW - HOUR, "Mira", "a"), guild=2))
    await store.append(there((START - DAY, "Mira", "a"), guild=1))

    assert (await store.people(START, NOW, 1))[""] == People(2, 0, 1)
    assert (await store.people(START, NOW, 2))[""] == People(1, 0, 1)
    assert (await store.people(START, NOW))[""] == People(2, 0, 1)
    assert await store.people(START, NOW, 3) == {}


async def test_window_is_taken_to_the_hour(store: SQLiteStore) -> None:
    """The hour that a window begins in counts, the one that begins at its end does not."""
    await store.append(there((NOW, "Mira", "a"), (NOW + HOUR, "Mira", "b")))

    assert (await store.people(NOW + HOUR // 2, NOW + HOUR))[""].users == 1
    assert (await store.people(NOW + HOUR // 2, NOW + HOUR + 1))[""].users == 2
    assert (await store.people(NOW - HOUR, NOW)) == {}


async def test_who_is_deleted_and_comes_back_is_the_same_person_to_all_rows(store: SQLiteStore, path: Path) -> None:
    """Of who is nowhere any more the hash goes; its number, were it still believed, would soon be somebody else's."""
    await store.append(there((NOW - 40 * DAY, "Mira", "ann"), guild=7))
    await store.forgetting.guild(7, NOW - 30 * DAY)
    await store.append(there((NOW - HOUR, "Mira", "ben")))
    await store.append(there((NOW - HOUR, "Mira", "ann")))

    assert (await store.people(START, NOW))["Mira"].users == 2
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(DISTINCT hash) FROM presence JOIN person ON id = user").fetchone() == (2,)


async def test_users_are_noted_as_seen_once_an_hour(store: SQLiteStore, path: Path) -> None:
    """Each flush of a lively guild has dozens of them, who were all there in the one before."""
    seen = []
    for minutes in (0, 10, 59, 60, 61, 125):
        at = START + minutes * MINUTE
        await store.append(Batch(messages=[MessageRow(minutes + 1, 1, 2, at, user="ann")]))
        with contextlib.closing(sqlite3.connect(path)) as db:
            seen += [(row - START) // MINUTE for (row,) in db.execute("SELECT seen FROM person")]

    assert seen == [0, 0, 0, 60, 60, 125]
