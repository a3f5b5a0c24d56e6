"""Many values at once: what `Rollup.add` would have made of them one by one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from monitoring.rollup import MICRO, Rollup, bin_of
from monitoring.tally import Spent, bins_of, tally

LABELS = [("Mira", "1"), ("Söl", "1"), ("Söl", "2")]


class One(NamedTuple):
    which: int
    at: int
    micro: int
    failed: bool
    weight: int
    tokens: int
    cost: int


ONES = st.lists(
    st.builds(
        One,
        st.integers(0, 2),
        st.integers(1_763_700_000_000, 1_763_700_200_000),
        st.integers(0, 2_592_000_000_000),
        st.booleans(),
        st.integers(1, 1_000),
        st.integers(0, 100_000),
        st.integers(-1, 10_000),
    ),
    min_size=1,
    max_size=60,
)


@given(ONES, st.sampled_from([10_000, 60_000]), st.booleans())
def test_many_at_once_are_as_many_one_by_one(ones: list[One], width: int, sketch: bool) -> None:
    """Counts, failures, sums, extremes, tokens, money and sketch, by label set and step."""
    expected: dict[int, dict[tuple[str, str], Rollup]] = {}
    for one in ones:
        rollup = expected.setdefault(one.at - one.at % width, {}).setdefault(LABELS[one.which], Rollup())
        rollup.add(one.micro / MICRO, failed=one.failed, weight=one.weight, sketch=sketch)
        unpriced = one.weight if one.tokens and one.cost < 0 else 0
        rollup.merge(
            Rollup(
                prompt=one.tokens * one.weight,
                completion=0,
                cost=max(one.cost, 0) * one.weight,
                unpriced=unpriced,
            )
        )

    columns = np.array(ones, dtype=np.int64).reshape(len(ones), 7).T
    which, at, micro, failed, weight, tokens, cost = columns
    nothing = np.zeros(len(ones), dtype=np.int64)
    found = tally(
        LABELS,
        which,
        at,
        width,
        weight,
        failed=failed != 0,
        micro=micro,
        sketch=sketch,
        spent=Spent(tokens, nothing, nothing, cost),
    )

    assert found.tables() == expected


@given(st.lists(st.integers(0, 10**13), min_size=1, max_size=200))
def test_bins_are_those_of_single_values(micro: list[int]) -> None:
    """Many are put into the same bins as each by itself."""
    assert bins_of(np.array(micro)).tolist() == [bin_of(one / MICRO) for one in micro]
