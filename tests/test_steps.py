"""Rollups as columns: few labels out of many, and two ways of adding up that say the same."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring import steps
from monitoring.rollup import TOP_BIN, Rollup, Table, merge_tables
from monitoring.step_bytes import decode, encode
from monitoring.steps import columns, merge

from .test_rollup import History, filled, histories

keeps = st.frozensets(st.sampled_from([0, 1]))


def regrouped(tables: History, keep: frozenset[int]) -> History:
    """The same with only the labels at some places, one after the other."""
    result: History = {}
    for start, table in tables.items():
        for labels, rollup in table.items():
            own = tuple(value if place in keep else "" for place, value in enumerate(labels))
            merge_tables(result.setdefault(start, {}), {own: rollup})

    return result


@given(histories, keeps)
def test_labels_that_are_not_kept_are_added_up(tables: History, keep: frozenset[int]) -> None:
    """Grouped while it is decoded, or afterwards, it is what merging label set by label set gives."""
    blob = encode(columns(tables.items()))

    assert merge([decode(blob, keep)]).tables() == regrouped(tables, keep)
    assert merge([decode(blob).kept(keep)]).tables() == regrouped(tables, keep)


@given(st.lists(histories, max_size=4), st.booleans())
def test_dense_and_sorted_sums_are_the_same(many: list[History], all_in_one: bool) -> None:
    """However large the counts are: what floats could not hold is added up as integers."""
    parts = [columns(tables.items()) for tables in many]
    place = (lambda _: (0, 2**62)) if all_in_one else None
    with patch.object(steps, "_SPARSE", 2**40):
        dense = merge(parts, place).tables()

    with patch.object(steps, "_DENSE", 0):
        by_order = merge(parts, place).tables()

    naive: History = {}
    for tables in many:
        for start, table in tables.items():
            merge_tables(naive.setdefault(0 if all_in_one else start, {}), table)

    assert dense == by_order == filled(naive)


@pytest.mark.parametrize("count", [2**53 - 1, 2**53 + 1, 2**61 + 1])
def test_counts_beyond_floats_are_exact(count: int) -> None:
    """One more is one more, where a float would not notice it."""
    tables: list[tuple[int, Table]] = [(0, {("a",): Rollup(bins={7: count})}), (0, {("a",): Rollup(bins={7: 1})})]
    merged = merge([columns([table]) for table in tables], lambda _: (0, 1))

    assert merged.tables()[0]["a",].bins == {7: count + 1}


def test_bins_that_add_up_to_nothing_are_left_out() -> None:
    """What was added and taken away again is as if it had never been, densely or not."""
    parts = [columns([(0, {("a",): Rollup(bins={7: n, 9: 1})})]) for n in (5, -5)]
    for dense in (0, 1 << 22):
        with patch.object(steps, "_DENSE", dense):
            assert merge(parts).tables()[0]["a",].bins == {9: 2}


def test_f11_a_bin_that_cannot_be_is_refused() -> None:
    """A damaged step must not make adding up reach for the memory of all bins there could be."""
    with pytest.raises(ValueError, match="step"):
        decode(encode(columns([(0, {("a",): Rollup(bins={TOP_BIN + 1: 1})})])))
