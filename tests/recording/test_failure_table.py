"""docs/failures.md is true: each exception in its table becomes what it says there, and each kind has its severity."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitoring.model import ErrorKind
from monitoring.recording.failure import classify, fingerprint

PAGE = (Path(__file__).parents[2] / "docs/failures.md").read_text()
TABLE = dict(re.findall(r"^\| (.+?) \| `(\w+)` \|$", PAGE, re.MULTILINE))
SEVERITIES = dict(re.findall(r"^\| `(\w+)` \| (low|medium|high) \|", PAGE, re.MULTILINE))


@pytest.fixture(scope="module")
def cases() -> dict[str, BaseException]:
    """An exception for each line; imported here, since collecting would otherwise load all their libraries."""
    from .failure_cases import CASES

    return CASES


def test_each_line_of_the_page_is_true(cases):
    """Made as its library makes it, it becomes what the page says."""
    assert {name: classify(cases[name]).value for name in TABLE} == TABLE


def test_the_page_leaves_nothing_out(cases):
    """Every case that is tested stands there, and there are forty at the least."""
    assert TABLE.keys() == cases.keys()
    assert len(TABLE) >= 40


def test_each_kind_has_the_severity_of_the_page():
    """All nine of them."""
    assert {kind.value: kind.severity for kind in ErrorKind} == SEVERITIES


def test_asking_again_gives_the_same(cases):
    """The kind comes from the exception and not from what was asked before; the fingerprint is twelve digits."""
    for name, error in cases.items():
        first = classify(error), fingerprint(error)
        assert first == (classify(error), fingerprint(error)), name
        assert re.fullmatch(r"[0-9a-f]{12}", first[1]), name
