"""Columns of whole numbers as bytes: every number comes back."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from monitoring import narrow

NUMBERS = st.one_of(
    st.lists(st.integers(-(2**63), 2**63 - 1), max_size=30),
    st.lists(st.integers(-3, 300), max_size=400),
    st.lists(st.sampled_from([2**62, -(2**62), 1180000000000000001, 7]), max_size=400),
    st.lists(st.integers(0, 90_000), max_size=400).map(sorted),
)


@given(NUMBERS, st.sampled_from([0, 0.5, 1]), st.booleans())
def test_what_is_read_is_what_was_written(numbers: list[int], below: float, few: bool) -> None:
    """However large, few, alike or in order they are."""
    values = np.array(numbers, dtype=np.int64)
    kind, base, body = narrow.write(values, below=below, few=few)

    assert narrow.read(body, kind, base, len(values)).tolist() == numbers


@given(st.integers(1, 5), st.integers(0, 40), st.integers(0, 2**31))
@example(5, 31, 640)
def test_a_grid_is_written_as_its_rows_are(rows: int, columns: int, seed: int) -> None:
    """All columns at once are the same numbers as one by one."""
    dice = np.random.default_rng(seed)
    grid = dice.integers(-(2**63), 2**63 - 1, (rows, columns)) >> dice.integers(0, 63, (rows, 1))
    read = [narrow.read(body, kind, base, columns) for kind, base, body in narrow.write_all(grid)]

    assert np.array_equal(np.array(read).reshape(grid.shape), grid)


def test_a_column_takes_as_few_bytes_as_its_numbers_need() -> None:
    """Equal numbers take none, small steps one each, few large ones one each and themselves once."""
    rising = np.cumsum(np.full(1_000, 100)) + 1_763_700_000_000
    few = np.array([1180000000000000001, 1180000000999999999] * 500)

    assert len(narrow.write(np.full(1_000, 2**60))[2]) == 0
    assert len(narrow.write(rising)[2]) == 1_000
    assert len(narrow.write(few, few=True)[2]) == 1_000 + 2 + 16


def test_a_column_is_compressed_where_that_saves_what_it_should() -> None:
    """Noise stays as it is, which is read at once; what is mostly the same becomes small."""
    noise = np.random.default_rng(5).integers(0, 2**11, 4_000)
    rare = (noise == 7).astype(np.int64)

    def sizes(values: narrow.Ints) -> list[int]:
        return [len(narrow.write(values, below=below)[2]) for below in (0, 0.5, 1)]

    whole, half, least = sizes(noise)
    assert whole == half == 8_000 > least
    whole, half, least = sizes(rare)
    assert whole == 4_000 > half == least


@given(st.lists(st.tuples(st.text(max_size=5), st.sampled_from("abc"), st.just("")), min_size=1))
def test_names_come_back_in_their_places(rows: list[tuple[str, str, str]]) -> None:
    """Whatever the names are."""
    assert narrow.read_names(*narrow.write_names(rows)) == rows


@given(
    st.lists(st.lists(st.tuples(st.text(max_size=3), st.sampled_from("abc")), min_size=1, max_size=30), max_size=5),
    st.data(),
)
def test_rows_that_only_become_more_are_written_as_they_are(
    lots: list[list[tuple[str, str]]], data: st.DataObject
) -> None:
    """Whatever of them occurs, however often it was asked before."""
    rows = narrow.Names()
    for lot in lots:
        rows.extend(lot)
        which = np.array(data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=40)), dtype=np.int64)
        names, table, numbers = narrow.write_used(rows, which)
        found = narrow.read_names(names, table)

        assert [found[number] for number in numbers] == [rows[number] for number in which]
        assert table.shape[1] == len(set(which.tolist()))
