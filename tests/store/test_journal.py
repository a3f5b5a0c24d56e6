"""A row of the journal gives back what a batch added, whether a metric has bytes of its own or shares them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring import steps
from monitoring.model import MINUTE
from monitoring.rollup import Deltas, Rollup
from monitoring.store import journal
from tests.thorough import examples

METRICS = {"message": 4, "detail": 3, "operation": 6, "gauge": 1, "exchange": 0}
"""How many labels each has."""
words = st.sampled_from(["", "user", "Mira", "王", "other"])


@st.composite
def deltas(draw: st.DrawFn) -> Deltas:
    """A little of some metrics in a few minutes; of one maybe so much that it does not share."""
    found: Deltas = {}
    for metric in draw(st.sets(st.sampled_from(sorted(METRICS)), min_size=1)):
        labels = st.tuples(*[words] * METRICS[metric])
        for minute in draw(st.sets(st.integers(0, 5), min_size=1, max_size=3)):
            table = found.setdefault((metric, minute * MINUTE), {})
            for own in draw(st.lists(labels, min_size=1, max_size=6)):
                rollup = table.setdefault(own, Rollup())
                rollup.add(draw(st.floats(0, 1e6)), failed=draw(st.booleans()), sketch=metric == "operation")

    if draw(st.booleans()):
        found["topic", 0] = {(f"{i}",): Rollup(count=i) for i in range(100)}

    return found


@given(deltas())
@settings(max_examples=examples(60))
def test_what_was_added_comes_back(added: Deltas) -> None:
    """Every metric, minute, label and number."""
    found = journal.decode(journal.encode(added, {}))
    back = {(metric, at): table for metric, part in found.items() for at, table in part.rows().tables().items()}
    assert back == added

    for metric, part in found.items():
        kept = steps.merge([part.rows({0})]).tables()
        expected = {at: table for (name, at), table in added.items() if name == metric}
        assert {at: sum(one.count for one in table.values()) for at, table in kept.items()} == {
            at: sum(one.count for one in table.values()) for at, table in expected.items()
        }


def test_a_metric_that_comes_in_columns_too_is_added_up() -> None:
    """What single things and thousands at once add to it is one part."""
    table = {("a",): Rollup(count=2)}
    blob = journal.encode({("cache", 0): table, ("gauge", 0): table}, {"cache": [steps.columns([(0, table)])]})
    found = journal.decode(blob)
    assert found["cache"].rows().tables() == {0: {("a",): Rollup(count=4)}}
    assert found["gauge"].rows().tables() == {0: table}


@pytest.mark.parametrize("change", [lambda told: told[:-1], lambda told: [*told, told[0]]])
def test_f11_numbers_that_do_not_fit_are_refused(change: Any) -> None:
    """A head that was changed names other rows than there are."""
    table = {("a",): Rollup(count=2)}
    blob, told = journal._together({"one": [(0, table)], "two": [(0, table)]})
    with pytest.raises(ValueError, match="not a row of the journal"):
        journal.Lot(blob, change(told)).rows("one")
