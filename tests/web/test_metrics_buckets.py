"""A sketch as a histogram with fixed bounds: how far the counts may be off, and that sums and counts are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.analysis.buckets import ERROR, distribution
from monitoring.published import BOUNDS
from monitoring.rollup import GAMMA, Rollup

SECONDS = st.floats(1e-5, 1e4) | st.sampled_from(BOUNDS) | st.sampled_from([0.0, 1e-6])


def rollup_of(values: list[float]) -> Rollup:
    """All of them counted."""
    found = Rollup()
    for value in values:
        found.add(value, sketch=True)

    return found


@given(st.lists(SECONDS, max_size=60))
def test_f15_a_bound_counts_all_but_what_lies_within_the_stated_error_of_it(values: list[float]) -> None:
    """Between the number at or below the bound less the error, and that at or below it more the error."""
    shown = distribution(rollup_of(values), BOUNDS)
    for bound, at_most in zip(BOUNDS, shown.at_most, strict=True):
        least = sum(value * (1 + ERROR) * (1 + 1e-6) < bound for value in values)
        most = sum(value <= bound * (1 + ERROR) * (1 + 1e-6) for value in values)
        assert least <= at_most <= most

    assert list(shown.at_most) == sorted(shown.at_most)
    assert shown.count == len(values)
    assert shown.sum == pytest.approx(sum(values), abs=1e-6 * (len(values) + 1))


@given(st.lists(SECONDS, max_size=30), st.lists(SECONDS, max_size=30))
def test_histograms_of_parts_add_up_to_that_of_the_whole(some: list[float], more: list[float]) -> None:
    """As Prometheus adds them up."""
    parts = [distribution(rollup_of(values), BOUNDS) for values in (some, more)]
    whole = distribution(rollup_of(some) + rollup_of(more), BOUNDS)
    assert whole.at_most == tuple(map(sum, zip(*(part.at_most for part in parts), strict=True)))
    assert whole.count == sum(part.count for part in parts)


def test_the_stated_error_is_half_a_bin() -> None:
    """1.01 %."""
    assert pytest.approx(0.01005, abs=1e-5) == ERROR
    assert pytest.approx(GAMMA) == (1 + ERROR) ** 2


def test_failures_are_in_no_histogram() -> None:
    """They have a counter of their own."""
    found = rollup_of([1.0, 2.0])
    found.add(failed=True)
    assert distribution(found, BOUNDS).count == 2
