"""Causes that were planted are found, and none is found where none was: twenty seeds of each kind.

`python tests/benchmarks/run.py --only forecasts` does more of them, and of more kinds.
"""

from __future__ import annotations

import pytest

from monitoring.analysis.why import why
from tests.analysis.planted import CAUSES, WINDOW, Planted, evidence, named


@pytest.mark.parametrize("kind", [cause.name for cause in CAUSES if cause.quick])
def test_a_planted_cause_is_named(kind: str) -> None:
    """In nineteen of twenty cases, and never another one."""
    cause = next(one for one in CAUSES if one.name == kind)
    found = [named(cause, seed) for seed in range(20)]

    assert found.count("right") >= 19, found
    assert "wrong" not in found


def test_no_cause_is_named_where_there_is_none() -> None:
    """Forty pairs of ordinary windows, three figures each."""
    for seed in range(40):
        told = evidence(Planted(), Planted(), 1_000 + seed)
        for figure in ("mean", "p95", "errors", "messages"):
            assert why(WINDOW, figure, told).top is None, (seed, figure)
