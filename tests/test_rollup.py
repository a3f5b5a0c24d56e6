"""The algebra of rollups: what makes minutes, hours, days and clusters add up."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.rollup import ACCURACY, MICRO, Rollup, Table, bin_of, bin_value, merge_tables
from monitoring.step_bytes import decode, encode
from monitoring.steps import columns, merge

count = st.integers(0, 2**40)
extreme = st.none() | st.integers(-(2**60), 2**60)
rollups = st.builds(
    Rollup,
    count,
    count,
    st.integers(-(2**75), 2**75),
    extreme,
    extreme,
    count,
    count,
    count,
    count,
    count,
    st.dictionaries(st.integers(-2_000, 3_000), st.integers(1, 2**40), max_size=8),
)
labels = st.tuples(st.sampled_from(["Mira", "Söl", "夜", '"quoted"', ""]), st.sampled_from(["1", "2"]))
History = dict[int, Table]
histories = st.dictionaries(st.integers(-5, 5), st.dictionaries(labels, rollups, max_size=5), max_size=5)
seconds = st.floats(0.001, 10_000, allow_nan=False)


def filled(tables: History) -> History:
    """Without the steps that have no label set: columns do not know of them."""
    return {start: table for start, table in tables.items() if table}


@given(rollups, rollups, rollups)
def test_adding_is_associative(a: Rollup, b: Rollup, c: Rollup) -> None:
    """Whether minutes are added to hours first or to days at once makes no difference."""
    assert (a + b) + c == a + (b + c)


@given(rollups, rollups)
def test_adding_is_commutative(a: Rollup, b: Rollup) -> None:
    """The order in which clusters are added makes no difference."""
    assert a + b == b + a


@given(rollups)
def test_empty_rollup_adds_nothing(a: Rollup) -> None:
    """A quiet minute changes nothing, and adding leaves both sides as they were."""
    before = a.copy()

    assert a + Rollup() == a == before


@given(histories)
def test_steps_survive_their_encoding(tables: History) -> None:
    """What is decoded is what was encoded, whatever the names and however large the sums."""
    assert decode(encode(columns(tables.items()))).tables() == filled(tables)


@given(st.lists(histories, max_size=5), st.integers(1, 3))
def test_merging_columns_is_merging_one_by_one(many: list[History], width: int) -> None:
    """The vectorised merge of many steps into wider ones gives what merging label set by label set gives."""
    naive: History = {}
    for tables in many:
        for start, table in tables.items():
            if start >= 0:
                merge_tables(naive.setdefault(start - start % width, {}), table)

    def place(at: int) -> tuple[int | None, int]:
        return (None, 0) if at < 0 else (at - at % width, at - at % width + width)

    merged = merge([decode(encode(columns(tables.items()))) for tables in many], place)

    assert merged.tables() == filled(naive)
    assert {start: rows.tables() for start, rows in merged.steps()} == {s: {s: t} for s, t in filled(naive).items()}


@given(st.lists(histories, max_size=3))
def test_steps_are_in_order_of_start_and_age(many: list[History]) -> None:
    """Merged steps lie in order of start, the label sets of each in the order in which they came: first is oldest."""
    naive: History = {}
    for tables in many:
        for start, table in tables.items():
            merge_tables(naive.setdefault(start, {}), table)

    merged = merge([columns(tables.items()) for tables in many])

    assert [(start, rows.labels) for start, rows in merged.steps()] == [
        (start, list(table)) for start, table in sorted(filled(naive).items())
    ]


def test_month_of_bytes_does_not_overflow() -> None:
    """The sum of a month of memory readings, in millionths of bytes, is exact though it passes 63 bits."""
    day = Rollup()
    for _ in range(8_640):
        day.add(16e9)

    month = columns([(0, {("process_memory",): day})])
    for _ in range(5):
        month = decode(encode(merge([month] * 2)))

    assert month.tables()[0][("process_memory",)].total == 32 * 8_640 * 16 * 10**9 * MICRO


def test_bins_that_are_taken_back_are_gone() -> None:
    """A value counted and taken back (weight −1) leaves no bin behind."""
    rollup, back = Rollup(), Rollup()
    rollup.add(2.0, sketch=True)
    back.add(2.0, weight=-1, sketch=True)
    merged = merge([columns([(0, {("x",): one})]) for one in (rollup, back)]).tables()[0][("x",)]

    assert (merged.count, merged.total, merged.bins) == (0, 0, {})


def test_impossible_extreme_cannot_stop_a_flush() -> None:
    """A reading beyond 63 bits is held at the edge instead of making its step impossible to write."""
    rollup = Rollup()
    rollup.add(1e20)

    assert decode(encode(columns([(0, {("x",): rollup, ("y",): Rollup()})]))).tables()[0] == {
        ("x",): replace(rollup, low=2**62, high=2**62),
        ("y",): Rollup(),
    }


SOME = encode(columns([(0, {("a",): Rollup(1)})]))


@pytest.mark.parametrize("blob", [b"", b"x", SOME[:1] + b"\0" * 40, SOME[:-3], SOME[:1]])
def test_bytes_that_are_no_step_are_refused(blob: bytes) -> None:
    """Damaged bytes raise ValueError, never a wrong figure."""
    with pytest.raises(ValueError, match="encoded step"):
        decode(blob)


def test_other_version_of_a_step_is_refused() -> None:
    """A step of another encoding is not read as if it were this one."""
    with pytest.raises(ValueError, match="of a version that is known"):
        decode(b"\x09" + SOME[1:])


@given(st.lists(seconds, min_size=1, max_size=300), st.sampled_from([(1, 2), (95, 100), (99, 100), (0, 1), (1, 1)]))
def test_quantile_is_within_one_percent_of_nearest_rank(values: list[float], q: tuple[int, int]) -> None:
    """Every quantile lies within 1 % of the value that nearest rank names, a millionth aside."""
    rollup = Rollup()
    for value in values:
        rollup.add(value, sketch=True)

    exact = sorted(values)[max(1, math.ceil(Fraction(*q) * len(values))) - 1]
    found = rollup.quantile(q[0] / q[1])

    assert found is not None
    assert abs(found - exact) <= exact * ACCURACY * 1.000001 + 1 / MICRO


@given(seconds)
def test_bin_answers_within_its_bound(value: float) -> None:
    """The value that stands for a bin is within 1 % of each value in it."""
    assert abs(bin_value(bin_of(value)) - value) <= value * ACCURACY * 1.000001


def test_too_few_samples_have_no_quantile() -> None:
    """Below the least number of samples there is no quantile, not a bad one."""
    rollup = Rollup()
    for _ in range(19):
        rollup.add(1.0, sketch=True)

    assert rollup.quantile(0.95, least=20) is None
    assert rollup.quantile(0.5) == pytest.approx(1.0)
    assert Rollup().quantile(0.5) is None


def test_failures_are_counted_beside() -> None:
    """A failure counts as an attempt; its value stays out of mean, extremes and sketch."""
    rollup = Rollup()
    rollup.add(2.0, sketch=True)
    rollup.add(99.0, failed=True, sketch=True, weight=3)

    assert (rollup.count, rollup.failures, rollup.mean, rollup.rate) == (4, 3, 2.0, 0.75)
    assert rollup.high == 2 * MICRO
    assert Rollup().mean is None
    assert Rollup().rate is None
