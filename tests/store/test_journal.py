"""A row of the journal gives back what a batch added, whether a metric has bytes of its own or shares them."""

from __future__ import annotations

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
    again = journal.decode(journal.encode(added, {}))
    back = {(metric, at): table for metric, part in found.items() for at, table in part.rows().tables().items()}
    assert back == added

    for metric, part in found.items():
        twice = steps.merge(journal.rows_of([part, again[metric]])).tables()
        expected = {at: table for (name, at), table in added.items() if name == metric}
        assert twice == {at: {own: one + one for own, one in table.items()} for at, table in expected.items()}
        kept = steps.merge([part.rows({0})]).tables()
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


@pytest.mark.parametrize(
    "blob",
    [
        b"[]", b"{", b"\xff", b'{"one": 1}', b'{"one": [[0, ["a"], [1]]]}',
        b'{"one": [[0, ["a"], [1, 0, 0, 1.5], []]]}',
        b'{"one": [[0, ["a"], [1], []], [0, ["a", "b"], [1], []]]}', b'{"one": [[0, [1], [1], []]]}',
        b'{"one": [["0", ["a"], [1], []]]}', b'{"one": [[0, ["a"], [1], [1]]]}', b'{"one": [[0, ["a"], [1], [[1]]]]}',
        b'{"one": [[0, ["a"], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], []]]}',
    ],
)  # fmt: skip
def test_f11_what_is_no_lot_is_refused(blob: bytes) -> None:
    """Bytes that were changed give an error that is known, whatever they are, and no figures."""
    with pytest.raises(ValueError, match=r"."):
        journal.Lot(blob).tables("one")
