"""Whatever happened to the store while the bot was down, it opens in time, and nothing that was there is deleted."""

# ruff: noqa: ASYNC240 - a test has the loop to itself: its own small files may be touched directly.

from __future__ import annotations

import time
from pathlib import Path

import pytest

from monitoring.errors import StoreTooNew
from monitoring.model import DAY
from monitoring.store import SQLiteStore
from tests.store.building import NOW, message_batch
from tests.store.conftest import StillClock

from . import causes
from .causes import DAMAGES, Cause

STAMP = "20260108T120000Z"
BEFORE, AFTER = 900, 7
"""Messages before the last backup and after it."""


async def filled(path: Path, clock: StillClock) -> None:
    """A store with a backup and some more since."""
    store = SQLiteStore(path, clock=clock)
    await store.open()
    await store.append(message_batch(1, [NOW - i for i in range(BEFORE)]))
    await store.tend(NOW, backup=True)
    await store.append(message_batch(5_000, [NOW] * AFTER))
    await store.close()


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
async def test_f11_damage_is_found_at_the_start(path: Path, clock: StillClock, damage: Cause) -> None:
    """A damaged store goes aside and the newest good backup takes over; one that only lost its log is used."""
    await filled(path, clock)
    damage(path)
    began = time.monotonic()
    store = SQLiteStore(path, clock=clock)
    await store.open()
    await store.append(message_batch(9_000, [NOW]))
    assert time.monotonic() - began < 3

    rows = {row.id for row in await store.messages(0, NOW + 1)}
    only_the_log = damage is causes.garbage_log
    assert len(rows) == (BEFORE + AFTER if only_the_log else BEFORE) + 1
    assert ("took its place" in store.mended) is not only_the_log
    assert causes.side(path, f".corrupt-{STAMP}").exists() is not only_the_log
    await store.close()


@pytest.mark.parametrize("cause", [causes.directory, causes.foreign, causes.text])
async def test_f11_what_is_no_store_goes_aside(path: Path, clock: StillClock, cause: Cause) -> None:
    """A directory, another program's database, a text: aside, and the newest good backup takes over."""
    await filled(path, clock)
    cause(path)
    store = SQLiteStore(path, clock=clock)
    await store.open()
    assert "was moved aside to" in store.mended
    assert len(await store.messages(0, NOW + 1)) == BEFORE
    await store.close()


async def test_f11_log_of_a_lost_store_is_not_played_into_a_fresh_one(path: Path, clock: StillClock) -> None:
    """The file is gone, its log is left: it is kept under another name, and the fresh store is empty and sound."""
    store = SQLiteStore(path, clock=clock)
    await store.open()
    await store.append(message_batch(1, [NOW]))
    log = causes.side(path, "-wal").read_bytes()
    await store.close()
    path.unlink()
    causes.side(path, "-wal").write_bytes(log)

    again = SQLiteStore(path, clock=clock)
    await again.open()
    assert await again.messages(0, NOW + 1) == []
    await again.append(message_batch(2, [NOW]))
    await again.close()
    (kept,) = path.parent.glob("*.corrupt-*-wal")
    assert kept.read_bytes() == log


async def test_f14_newer_store_is_not_touched(path: Path, clock: StillClock) -> None:
    """Not a byte in its folder changes, and the error says what to do."""
    await filled(path, clock)
    causes.newer(path)
    before = {p: p.read_bytes() for p in path.parent.rglob("*") if p.is_file()}
    with pytest.raises(StoreTooNew, match="restore a backup"):
        await SQLiteStore(path, clock=clock).open()

    assert {p: p.read_bytes() for p in path.parent.rglob("*") if p.is_file()} == before


async def test_f1_large_store_is_used_at_once_and_looked_through_beside(
    path: Path, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a large store only the ends are looked at before it is used; damage in the middle is found soon after."""
    monkeypatch.setattr("monitoring.store.mend.WHOLE", 0)
    monkeypatch.setattr("monitoring.store.sqlite.WHOLE", 0)
    await filled(path, clock)
    causes.middle_leaf(path)
    told: list[str] = []
    store = SQLiteStore(path, clock=clock)
    store.tell = told.append
    await store.open()
    assert store.mended == ""
    await store.append(message_batch(9_000, [NOW]))
    check = store._checking._running
    assert check is not None
    await check

    assert len(told) == 1
    assert told[0].endswith("took its place. What was in memory was written to it.")
    await store.append(message_batch(9_001, [NOW + DAY]))
    assert len(await store.messages(0, NOW + 2 * DAY)) == BEFORE + 2
    assert (await store.series("message", NOW - DAY, NOW + 2 * DAY, 0)).sum().count == BEFORE + 2
    await store.close()
