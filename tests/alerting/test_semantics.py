"""Prometheus' and Alertmanager's cases, run here; the table of docs/alerts.md is made from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import semantics_told
from .semantics import CASES, Case, table

DOCS = Path(__file__).parents[2] / "docs/alerts.md"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_what_the_table_says_holds(case: Case) -> None:
    """What is said of it in the docs is what happens."""
    await case.story()


def test_the_docs_have_the_table() -> None:
    """Word for word as `tests.alerting.semantics.table()` makes it."""
    assert table() in DOCS.read_text()


def test_what_differs_says_how() -> None:
    """No case is left without a word on what is done here."""
    assert all(case.same or case.ours for case in CASES)
    assert len({case.name for case in CASES}) == len(CASES) >= 40
    assert {case.story.__module__ for case in CASES} >= {semantics_told.__name__}
