"""Counting the past into a store: each message once, whatever breaks off, comes twice or was heard live."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.model import DAY, HOUR, Sample
from monitoring.recording.identity import UserHash
from monitoring.recording.opt_outs import OptOuts
from tests.backfill.reading import NOW, USER_HASH, Life, everything, life
from tests.backfill.scripts import SILENCE, Line, lines, told
from tests.recording.stage import CHANNEL, START, USERS
from tests.thorough import examples

SCRIPT = [
    Line(0, "ann", "luna, listen"), Line(3, "Luna", "ok then?"), Line(9.5, "Luna", "hm"), Line(31, "Max", "hm"),
    Line(9, "Luna", "I love it 🎉"), Line(120, "ben", "hm", 1), Line(3, "Max", "hm"),
    Line(899, "cleo", "Max and Luna!"), Line(700, "ann", "hm"), Line(SILENCE, "ann", "ok then?"),
    Line(3, "Luna", "hm"), Line(61, "Max", "hm"), Line(30, "Luna", "luna, listen"), Line(30, "Max", "hm"),
    Line(901, "ben", "luna, listen"),
]  # fmt: skip


async def test_f15_history_read_twice_counts_once(tmp_path: Path) -> None:
    """The second reading finds everything counted, and changes no figure."""
    messages = told(SCRIPT)
    async with life(tmp_path / "a.sqlite3") as one:
        first = await one.read(messages)
        before = await everything(one.store)
        again = await one.read(messages)
        assert (first.users + first.personas, first.known) == (len(messages), 0)
        assert (again.users, again.personas) == (0, 0)
        assert await everything(one.store) == before


async def test_f15_what_was_heard_live_counts_once(tmp_path: Path) -> None:
    """Read over a time that was heard live, nothing is added."""
    messages = told(SCRIPT)
    async with life(tmp_path / "a.sqlite3") as one:
        await one.live(messages)
        before = await everything(one.store)
        found = await one.read(messages)
        assert found.known == len(messages)
        assert await everything(one.store) == before


async def test_a_gap_in_what_was_heard_live_is_filled(tmp_path: Path) -> None:
    """While the bot was off, people wrote: the reading adds just that."""
    messages = told(SCRIPT)
    async with life(tmp_path / "a.sqlite3") as one:
        await one.live(messages[:4])
        await one.live(messages[10:])
        found = await one.read(messages)
        assert (found.users + found.personas, found.known) == (6, len(messages) - 6)
        rows = await one.store.messages(START - HOUR, NOW)
        assert [row.id for row in rows] == [one.seen.message_id for one in messages]
        whole = (await one.store.series("message", START - HOUR, NOW, 0)).steps[0]
        assert sum(rollup.count for rollup in whole.values()) == len(messages)


@settings(max_examples=examples(20))
@given(lines(16), st.integers(1, 5), st.lists(st.integers(1, 6), max_size=3))
async def test_f15_a_kill_anywhere_changes_nothing(script: list[Line], size: int, kills: list[int]) -> None:
    """Read in pieces and broken off after some of them, again and again: all is as if it had been read at once."""
    messages = told(script)
    with TemporaryDirectory() as folder:
        async with life(Path(folder) / "whole.sqlite3") as one:
            await one.read(messages)
            expected = await everything(one.store, "topic", "banter_topic")

        for most in kills:
            async with life(Path(folder) / "broken.sqlite3") as one:
                await one.read(messages, size, most)

        async with life(Path(folder) / "broken.sqlite3") as one:
            await one.read(messages, size)
            assert await everything(one.store, "topic", "banter_topic") == expected


@settings(max_examples=examples(15))
@given(st.lists(lines(6), min_size=2, max_size=4), st.randoms(use_true_random=False))
async def test_pieces_in_any_order_give_the_same_figures(scripts: list[list[Line]], shuffled: object) -> None:
    """A history cut where nobody spoke for an hour, its pieces read in any order, and each of them twice."""
    pieces = [told(script, START + number * 3 * HOUR) for number, script in enumerate(scripts)]
    with TemporaryDirectory() as folder:
        async with life(Path(folder) / "whole.sqlite3") as one:
            await one.read([message for piece in pieces for message in piece])
            expected = await everything(one.store, "topic", "banter_topic")

        order = [*pieces, *pieces]
        shuffled.shuffle(order)  # type: ignore[attr-defined]  # hypothesis says only that it is an object
        async with life(Path(folder) / "pieces.sqlite3") as one:
            for piece in order:
                await one.read(piece)

            assert await everything(one.store, "topic", "banter_topic") == expected


async def connected(one: Life, hour: int, readings: int) -> None:
    """The bot is connected for a part of an hour: a reading every ten seconds."""
    for number in range(readings):
        one.recorder.record(Sample("gateway_latency", 0.1, hour + number * 10_000))

    await one.recorder.flush()
    await one.history.prepare(START - DAY)


@pytest.mark.parametrize(
    ("readings", "raw_days", "counted"),
    [(360, 30, 0), (360, 1, 0), (100, 30, 3), (100, 1, 0), (0, 1, 3)],
    ids=["all of it", "all of it, long ago", "a part", "a part, long ago", "nothing"],
)
async def test_f15_without_rows_the_hours_tell_what_was_heard(
    tmp_path: Path, readings: int, raw_days: int, counted: int
) -> None:
    """Where rows are gone, an hour in which the bot was connected counts as heard: in doubt, nothing counts twice."""
    hour = START - START % HOUR
    messages = told([Line(0, "ann", "hm"), Line(3, "Luna", "hm"), Line(60, "ben", "hm")], hour + 600_000)
    async with life(tmp_path / "a.sqlite3", raw_days=raw_days) as one:
        await connected(one, hour, readings)
        found = await one.read(messages)
        assert found.users + found.personas == counted


async def test_f15_who_opted_out_is_not_counted_twice(tmp_path: Path) -> None:
    """No row tells of their messages: in an hour that was heard in part they count as heard."""
    hour = START - START % HOUR
    messages = told([Line(0, "ann", "hm"), Line(30, "ben", "hm")], hour + 600_000)
    outs = OptOuts(tmp_path / "outs")
    outs.add(USERS["ann"])
    async with life(tmp_path / "a.sqlite3") as one:
        one.history.user_hash = UserHash(bytes(range(32)), outs)
        await connected(one, hour, 100)
        found = await one.read(messages)
        (figures,) = (await everything(one.store))["message"]
        assert (found.users, found.known) == (1, 1)
        assert sum(rollup.count for rollup in figures.values()) == 1


async def test_who_is_deleted_while_history_is_read_is_not_remembered(tmp_path: Path) -> None:
    """What comes afterwards names nobody who was deleted."""
    messages = told([Line(0, "ann", "luna, listen"), Line(3, "Luna", "ann, I do"), Line(3, "Luna", "so, ann?")])
    async with life(tmp_path / "a.sqlite3") as one:
        channel = await one.history.channel(CHANNEL)
        await channel.add(messages[:2])
        one.history.forget(USER_HASH(USERS["ann"]))
        await channel.add(messages[2:])
        await channel.close(NOW)
        _, before, after = await one.store.messages(START - HOUR, NOW)
        assert (len(before.named_users), len(after.named_users)) == (1, 0)
