"""What a look at the path says of the file in use."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from monitoring.errors import StoreError
from monitoring.store import SQLiteStore, migrate
from monitoring.store.faults import Suspicion
from monitoring.store.place import Place

from .building import NOW, message_batch, rows_of
from .conftest import StillClock

LOOKS = 2_000


@pytest.fixture
def place(path: Path) -> Place:
    """A sound store's place, held."""
    migrate.create(path, migrate.migrations(), NOW)
    place = Place(path, migrate.migrations())
    place.hold()
    return place


def test_f11_looks_at_the_same_time_find_a_sound_file_sound(place: Place) -> None:
    """A commit and a reader that opens look from two threads; neither takes the file for another because of that."""

    def look() -> None:
        for _ in range(LOOKS):
            place.look()

    with ThreadPoolExecutor(4) as threads:
        for looking in [threads.submit(look) for _ in range(4)]:
            looking.result()

    place.let_go()


def test_f11_what_became_of_a_file_is_seen_whatever_an_error_said(place: Place, path: Path) -> None:
    """An error may say less than a look: of an emptied file, "not a database"; of a deleted one, nothing."""
    damaged = Suspicion(damaged=True)
    assert place.seen(damaged) == damaged
    path.write_bytes(b"")
    assert place.seen(damaged) == Suspicion(moved="was emptied", damaged=True)
    path.unlink()
    assert place.seen(Suspicion()) == Suspicion(moved="was renamed or deleted")
    place.let_go()


async def test_f11_store_that_is_not_open_yet_is_not_written_to(
    path: Path, clock: StillClock, store: SQLiteStore
) -> None:
    """A file that is still looked at may be moved aside: what is written to it meanwhile would go with it."""
    await store.close()
    again = SQLiteStore(path, clock=clock)
    with pytest.raises(StoreError, match="closed"):
        await again.append(message_batch(1, [NOW]))

    await again.open()
    await again.close()
    assert rows_of(path, "SELECT count(*) FROM message") == [(0,)]
