"""Steps wider than the stored ones, as the store adds them up: the same that comes of adding up tables afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.analysis.series import regroup
from monitoring.interfaces import Batch
from monitoring.model import DAY, HOUR, MINUTE, Instant
from monitoring.rollup import Rollup, Series
from monitoring.steps import columns
from monitoring.store import SQLiteStore
from monitoring.store.layout import Layout
from monitoring.store.segments import Span
from monitoring.window import step_start
from tests.thorough import THOROUGH, examples

from .building import NOW, add
from .conftest import StillClock

ZONES = ["UTC", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo"]
TURNS = [1_774_746_000_000, 1_792_890_000_000, 1_775_314_800_000, 1_788_667_200_000, 1_776_981_600_000, NOW]
"""Near clocks that are moved in one of the zones, in 2026."""
WIDTHS = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, DAY]


def history(seen: list[tuple[Instant, str]], width: int, zone: str) -> dict[Instant, dict[tuple[str, ...], Rollup]]:
    """Tables of the steps in which something was seen."""
    tables: dict[Instant, dict[tuple[str, ...], Rollup]] = {}
    for at, name in seen:
        rollup = tables.setdefault(step_start(at, width, zone), {}).setdefault((name,), Rollup())
        rollup.add(at % 977 / 7, failed=at % 5 == 0, sketch=True)

    return tables


@given(
    st.sampled_from(ZONES),
    st.sampled_from(TURNS),
    st.sampled_from([(MINUTE, 2 * DAY), (HOUR, 9 * DAY), (DAY, 40 * DAY)]),
    st.sampled_from(WIDTHS),
    st.lists(st.tuples(st.floats(0, 1), st.sampled_from(["Mira", "Söl"])), max_size=20),
    st.integers(0, 2 * HOUR),
)
@settings(max_examples=examples(60), deadline=None)
def test_wider_steps_are_the_stored_ones_added_up(
    zone: str, turn: Instant, stored: tuple[int, int], wider: int, seen: list[tuple[float, str]], shift: int
) -> None:
    """In any zone, on days of 23 to 25 hours too, wherever the span begins: starts, ends and every number."""
    width, length = stored
    start, end = turn - length // 2 - shift, turn + length // 2
    tables = history([(start + int(share * (end - start)), name) for share, name in seen], width, zone)
    narrow, wide = (Layout.of(start, end, width, zone, one) for one in (None, wider))
    span = Span(width, narrow.starts[0], narrow.ends[-1])
    one_by_one = Series("x", narrow.starts, narrow.ends, tuple(tables.get(at, {}) for at in narrow.starts))
    # As they are stored, an hour in which clocks are moved by half of one (Lord Howe) is two steps.
    expected = regroup(one_by_one, wider, zone) if wider > width else one_by_one

    found = wide.tables([columns(sorted(tables.items()))], span)
    assert (wide.starts, wide.ends) == (expected.starts, expected.ends)
    assert [found.get(at, {}) for at in wide.starts] == list(expected.steps)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kolkata"] if THOROUGH else ["Asia/Kolkata"])
async def test_the_store_answers_in_wider_steps(tmp_path: Path, zone: str) -> None:
    """With all labels or some, of what is folded and what is not, asked once or again."""
    store = SQLiteStore(tmp_path / "x.sqlite3", clock=StillClock(), backups=0, zone=zone)
    await store.open()
    try:
        for number in range(300):
            batch = Batch()
            for at in (NOW - number * 9 * MINUTE - 1, NOW - number * 3 * HOUR - 1):
                add(batch, "message", at, ("user", ("Mira", "")[number % 2], str(number % 3), "7"), float(number))

            await store.append(batch)
            if number == 200:
                await store.tend(NOW)

        for width, start in ((MINUTE, NOW - DAY - 7 * MINUTE), (HOUR, NOW - 30 * DAY), (DAY, NOW - 30 * DAY)):
            for wider in WIDTHS:
                for by in (None, (), ("guild", "persona"), ("guild", "persona")):
                    narrow = await store.series("message", start, NOW, width, by)
                    assert narrow.sum().count > 100
                    found = await store.series("message", start, NOW, width, by, wider=wider)
                    assert found == regroup(narrow, max(width, wider), zone)
    finally:
        await store.close()


async def test_nothing_asked_is_nothing_answered(store: SQLiteStore) -> None:
    """A span in which no step begins."""
    assert await store.series("message", NOW + 1, NOW + 2, HOUR, wider=DAY) == Series("message", (), (), ())
