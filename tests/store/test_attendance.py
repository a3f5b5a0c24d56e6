"""Who was there on which local day, who takes part in conversations, and what is stored about one person."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.interfaces import Batch
from monitoring.model import DAY, HOUR, MINUTE, Instant
from monitoring.rows import Attendance, MessageChange, MessageRow, PersonRecord, Presence
from monitoring.store import SQLiteStore, talks
from monitoring.window import step_start
from tests.analysis.tables import BERLIN, at
from tests.thorough import examples

from .building import NOW
from .conftest import StillClock


def there(*seen: tuple[Instant, str], guild: int = 1, persona: str = "Mira") -> Batch:
    """Users at large and with a persona, in the hour of each instant."""
    return Batch(presences={Presence(when - when % HOUR, guild, p, user) for when, user in seen for p in ("", persona)})


def said(number: int, when: Instant, *, user: str = "", persona: str = "", channel: int = 7, **more: object) -> Batch:
    """One message of a user or a persona."""
    return Batch(messages=[MessageRow(number, 1, channel, when, persona, user, **more)])  # type: ignore[arg-type]


def counted(found: Attendance) -> list[int]:
    """How many were there on each day."""
    return [len(who) for who in found.who]


async def test_each_day_has_its_people_once(store: SQLiteStore) -> None:
    """However many hours and personas; nobody on the day between."""
    await store.append(there((NOW - 2 * DAY, "a"), (NOW - 2 * DAY + HOUR, "a"), (NOW - 2 * DAY, "b")))
    await store.append(there((NOW, "a"), (NOW, "c"), guild=2))
    found = await store.attendance(NOW - 2 * DAY, NOW + HOUR)
    midnight = step_start(NOW, DAY)

    assert found.days == (midnight - 2 * DAY, midnight - DAY, midnight)
    assert counted(found) == [2, 0, 2]
    assert sorted(found.first) == [NOW - 2 * DAY, NOW - 2 * DAY, NOW]
    assert sorted(found.last) == [NOW - 2 * DAY, NOW, NOW]
    (again,) = set(found.who[0]) & set(found.who[2])
    assert (found.first[again], found.last[again]) == (NOW - 2 * DAY, NOW)


async def test_first_sight_may_lie_before_the_span(store: SQLiteStore) -> None:
    """Who was only there before does not show; who came back is known to be no newcomer."""
    await store.append(there((NOW - 20 * DAY, "a"), (NOW - 20 * DAY, "b"), (NOW - HOUR, "a")))
    found = await store.attendance(NOW - DAY, NOW)

    assert list(found.first) == [NOW - 20 * DAY]
    assert list(found.last) == [NOW - HOUR]
    assert counted(found) == [0, 1]


async def test_guild_has_its_own_people(store: SQLiteStore) -> None:
    """First sights too: in another guild somebody was long before."""
    await store.append(there((NOW - 5 * DAY, "a"), guild=2))
    await store.append(there((NOW - HOUR, "a"), (NOW - HOUR, "b")))
    found = await store.attendance(NOW - 6 * DAY, NOW, 1)

    assert list(found.first) == [NOW - HOUR] * 2
    assert sum(counted(await store.attendance(NOW - 6 * DAY, NOW, 2))) == 1


async def test_nobody_there_has_days_all_the_same(store: SQLiteStore) -> None:
    """Empty days are days."""
    found = await store.attendance(NOW - 2 * DAY, NOW)

    assert counted(found) == [0, 0, 0]
    assert list(found.first) == []


@pytest.mark.parametrize("turn", ["2026-03-29", "2025-10-26"])
async def test_days_are_the_zones_where_clocks_change(path: Path, clock: StillClock, turn: str) -> None:
    """The day of 23 or 25 hours is one day, and the hours around its midnights belong to three different ones."""
    clock.at = at(f"{turn} 12:00", BERLIN) + 2 * DAY
    store = SQLiteStore(path, clock=clock, zone=BERLIN)
    await store.open()
    midnight = at(f"{turn} 00:00", BERLIN)
    following = step_start(midnight + 30 * HOUR, DAY, BERLIN)
    await store.append(
        there(
            (midnight - HOUR, "a"), (midnight, "b"), (following - HOUR, "b"), (following - HOUR, "c"), (following, "d")
        )
    )
    found = await store.attendance(midnight - DAY, following + DAY - 1)
    await store.close()

    assert following - midnight in (23 * HOUR, 25 * HOUR)
    assert [len(who) for day, who in zip(found.days, found.who, strict=True) if day in (midnight, following)] == [2, 1]
    assert sum(counted(found)) == 4


@settings(max_examples=examples(40), deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 24 * 6 - 1), st.integers(1, 2)), max_size=80),
    st.integers(0, 5),
    st.sampled_from([None, 1, 2]),
)
def test_attendance_is_what_counting_by_hand_gives(
    seen: list[tuple[int, int, int]], first_day: int, guild: int | None
) -> None:
    """From the packed rows as SQL would give them: days, distinct people, first and last hours."""
    from monitoring.store.attendance import QUARTER, attendance

    midnight, end = step_start(NOW, DAY) - 6 * DAY, step_start(NOW, DAY)
    hours: dict[int, set[int]] = defaultdict(set)
    for person, hour, where in seen:
        if guild in (None, where):
            hours[person].add(midnight + hour * HOUR)

    rows = [(len(of), ",".join(str((hour - end) // QUARTER) for hour in sorted(of))) for _, of in sorted(hours.items())]
    start = midnight + first_day * DAY
    found = attendance(rows, start, end, "UTC")
    inside = {person: {h for h in of if h >= start} for person, of in hours.items()}
    people = [person for person in sorted(hours) if inside[person]]

    assert list(found.first) == [min(hours[person]) for person in people]
    assert list(found.last) == [max(hours[person]) for person in people]
    by_day = {
        day: [people.index(person) for person in people if any(day <= h < day + DAY for h in inside[person])]
        for day in range(start, end, DAY)
    }
    assert {day: list(who) for day, who in zip(found.days, found.who, strict=True) if day >= start} == by_day


async def test_conversing_is_talking_with_a_persona(store: SQLiteStore) -> None:
    """Two conversations of a with half an hour between, one of b; c only talks to other people."""
    for number, (minute, user, persona, channel) in enumerate(
        [
            (0, "a", "", 7), (1, "", "Mira", 7), (2, "b", "", 7),
            (32, "a", "", 7), (40, "", "Mira", 7),
            (0, "c", "", 8), (5, "c", "", 8), (60, "", "Mira", 8),
        ],
        1,
    ):  # fmt: skip
        await store.append(said(number, NOW - 2 * HOUR + minute * MINUTE, user=user, persona=persona, channel=channel))

    assert await store.conversing(NOW - 3 * HOUR, NOW) == (2, 1)
    assert await store.conversing(NOW - 3 * HOUR, NOW, 1) == (2, 1)
    assert await store.conversing(NOW - 3 * HOUR, NOW, 2) == (0, 0)
    assert await store.conversing(NOW, NOW + HOUR) == (0, 0)


async def test_a_conversation_that_began_before_is_filed_there(store: SQLiteStore) -> None:
    """It counts in the window that its first message is in."""
    await store.append(said(1, NOW - HOUR - MINUTE, user="a"))
    await store.append(said(2, NOW - HOUR + MINUTE, persona="Mira"))
    await store.append(said(3, NOW - HOUR + 2 * MINUTE, user="a"))

    assert await store.conversing(NOW - HOUR, NOW) == (0, 0)
    assert await store.conversing(NOW - 2 * HOUR, NOW) == (1, 0)


@pytest.mark.parametrize("more", [{"failed": True}, {"placeholder": True}])
async def test_an_answer_that_is_none_makes_no_conversation(store: SQLiteStore, more: dict[str, bool]) -> None:
    """Neither one that failed nor a placeholder that was never filled."""
    await store.append(said(1, NOW - HOUR, user="a"))
    await store.append(said(2, NOW - HOUR + MINUTE, persona="Mira", **more))

    assert await store.conversing(NOW - 2 * HOUR, NOW) == (0, 0)
    await store.append(said(3, NOW - HOUR + 2 * MINUTE, persona="Mira"))
    assert await store.conversing(NOW - 2 * HOUR, NOW) == (1, 0)


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(-30 * MINUTE, 4 * HOUR), st.integers(-1, 4)), min_size=1, max_size=60
    )
)
def test_talks_are_what_counting_by_hand_gives(messages: list[tuple[int, int, int]]) -> None:
    """Runs by channel with silences up to 15 minutes, of a person (or somebody unknown) and a persona."""
    by_channel: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for channel, when, who in messages:
        by_channel[channel].append((when, who))

    parts: Counter[int] = Counter()
    for said_there in by_channel.values():
        runs: list[list[tuple[int, int]]] = []
        for when, who in sorted(said_there):
            if not runs or when - runs[-1][-1][0] > 15 * MINUTE:
                runs.append([])

            runs[-1].append((when, who))

        for run in runs:
            authors = {who for _, who in run}
            if run[0][0] >= 0 and -1 in authors and authors != {-1}:
                parts.update(who for who in authors if who > 0)

    rows = [
        (len(of), ",".join(str(when) for when, _ in of), ",".join(str(who) for _, who in of))
        for of in by_channel.values()
    ]
    assert sorted(talks.of_each(rows)) == sorted(parts.values())
    assert talks.conversing(rows) == (len(parts), sum(n > 1 for n in parts.values()))
    assert sum(talks.of_each(rows, 3)) == parts[3]


async def test_a_person_has_its_own_rows_only(store: SQLiteStore) -> None:
    """Hours, personas by hours, messages, who answered them, conversations, and how often it is named."""
    await store.append(there((NOW - DAY, "a"), (NOW - 2 * HOUR, "a"), (NOW - DAY, "b")))
    await store.append(there((NOW - HOUR, "a"), persona="Rex"))
    await store.append(said(1, NOW - 2 * HOUR, user="a"))
    await store.append(said(2, NOW - 2 * HOUR + MINUTE, persona="Mira", answers=1, named_users=("a",)))
    await store.append(said(3, NOW - HOUR, user="a"))
    await store.append(said(4, NOW - HOUR + MINUTE, user="b"))
    await store.append(said(5, NOW - HOUR + 2 * MINUTE, persona="Mira", named_users=("b",)))
    await store.append(Batch(changes=[MessageChange(5, answers=4)]))

    assert await store.person("a", NOW - 90 * DAY, NOW) == PersonRecord(
        hours=(NOW - DAY, NOW - 2 * HOUR, NOW - HOUR),
        personas=(("Mira", 2), ("Rex", 1)),
        messages=(NOW - 2 * HOUR, NOW - HOUR),
        answers={"Mira": 1},
        conversations=2,
        named=1,
    )
    assert (await store.person("b", NOW - 90 * DAY, NOW)).answers == {"Mira": 1}


async def test_a_stranger_has_nothing(store: SQLiteStore) -> None:
    """No row is made for who only asks."""
    assert await store.person("nobody", 0, NOW) == PersonRecord()
    assert await store.attendance(NOW - DAY, NOW) == await store.attendance(NOW - DAY, NOW)
