"""The algebra of rollups: what makes minutes, hours, days and clusters add up."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.rollup import ACCURACY, MICRO, Labels, Rollup, Table, bin_of, bin_value, merge_tables
from monitoring.steps import combine, decode, encode

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
tables = st.dictionaries(labels, rollups, max_size=5)
seconds = st.floats(0.001, 10_000, allow_nan=False)


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


@given(tables)
def test_step_survives_its_encoding(table: Table) -> None:
    """What is decoded is what was encoded, whatever the names and however large the sums."""
    assert decode(encode(table)).table() == table


@given(st.lists(tables, max_size=5), st.booleans())
def test_combining_is_merging_one_by_one(many: list[Table], by_guild: bool) -> None:
    """The vectorised merge of many steps gives what merging label set by label set gives."""

    def key(values: Labels) -> Labels | None:
        return values[1:] if by_guild else (values if values[0] != "Mira" else None)

    naive: Table = {}
    for table in many:
        for values, rollup in table.items():
            if (name := key(values)) is not None:
                merge_tables(naive, {name: rollup})

    assert combine([decode(encode(table)) for table in many], key) == naive


def test_month_of_bytes_does_not_overflow() -> None:
    """The sum of a month of memory readings, in millionths of bytes, is exact though it passes 63 bits."""
    day = Rollup()
    for _ in range(8_640):
        day.add(16e9)

    month = combine([decode(encode({("process_memory",): day}))] * 30, lambda values: values)

    assert month[("process_memory",)].total == 30 * 8_640 * 16 * 10**9 * MICRO


def test_impossible_extreme_cannot_stop_a_flush() -> None:
    """A reading beyond 63 bits is held at the edge instead of making its step impossible to write."""
    rollup = Rollup()
    rollup.add(1e20)

    assert decode(encode({("x",): rollup})).table()[("x",)].high == 2**62


@pytest.mark.parametrize("blob", [b"", b"x", b"\x01" + b"\0" * 40, encode({("a",): Rollup(1)})[:-3]])
def test_bytes_that_are_no_step_are_refused(blob: bytes) -> None:
    """Damaged bytes raise ValueError, never a wrong figure."""
    with pytest.raises(ValueError, match="encoded step"):
        decode(blob)


def test_other_version_of_a_step_is_refused() -> None:
    """A step of another encoding is not read as if it were this one."""
    with pytest.raises(ValueError, match="version 9"):
        decode(b"\x09" + encode({("a",): Rollup(1)})[1:])


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


def test_share_above_a_limit() -> None:
    """The share above a limit counts the values beyond it, to the width of a bin."""
    rollup = Rollup()
    for value in (1.0, 2.0, 6.0, 7.0):
        rollup.add(value, sketch=True)

    assert rollup.share_above(5.0) == 0.5
    assert Rollup().share_above(5.0) is None
