"""One hour in which Discord takes nothing; with 30 incidents and as a table: `python -m tests.faults.refusal`."""

from __future__ import annotations

from pathlib import Path

import pytest

from .refusal import WAYS, hour


@pytest.mark.parametrize("way", WAYS)
async def test_f5_f6_f12_after_an_hour_everything_is_told(tmp_path: Path, way: str) -> None:
    """What is open by itself, at most one a second; what came and went in one message; a recovery for each opening."""
    found = await hour(way, tmp_path, incidents=6)
    assert found.faults == []
    assert (found.came_and_went, len(found.opened), len(found.recovered)) == (3, 3, 3)
    assert found.least_gap >= 1
