"""docs/failures.md is true: each exception in its table becomes what it says there, and each kind has its severity."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitoring.model import ErrorKind
from monitoring.recording.failure import classify, fingerprint

from .failure_cases import CASES

PAGE = (Path(__file__).parents[2] / "docs/failures.md").read_text()
TABLE = dict(re.findall(r"^\| (.+?) \| `(\w+)` \|$", PAGE, re.MULTILINE))
SEVERITIES = dict(re.findall(r"^\| `(\w+)` \| (low|medium|high) \|", PAGE, re.MULTILINE))


@pytest.mark.parametrize(("name", "kind"), TABLE.items())
def test_each_line_of_the_page_is_true(name, kind):
    """Made as its library makes it, it becomes what the page says."""
    assert classify(CASES[name]).value == kind


def test_the_page_leaves_nothing_out():
    """Every case that is tested stands there, and there are forty at the least."""
    assert TABLE.keys() == CASES.keys()
    assert len(TABLE) >= 40


def test_each_kind_has_the_severity_of_the_page():
    """All nine of them."""
    assert {kind.value: kind.severity for kind in ErrorKind} == SEVERITIES


@pytest.mark.parametrize("name", CASES)
def test_asking_again_gives_the_same(name):
    """The kind comes from the exception and not from what was asked before; the fingerprint is twelve digits."""
    first = classify(CASES[name]), fingerprint(CASES[name])
    assert first == (classify(CASES[name]), fingerprint(CASES[name]))
    assert re.fullmatch(r"[0-9a-f]{12}", first[1])
