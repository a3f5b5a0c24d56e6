"""Random lives of many incidents: causes, silences, quiet hours, flapping, grouping, restarts, broken parts, clocks."""

from __future__ import annotations

import pytest

from tests.thorough import THOROUGH

from .lives import live, script_of


@pytest.mark.parametrize("first", range(0, 30 if THOROUGH else 20, 10))
async def test_f5_every_opening_has_one_recovery_wherever_it_was_told(first: int) -> None:
    """Nothing is told twice, nothing is forgotten, and what is open at the end is known as open."""
    for seed in range(first, first + 10):
        script, broken = script_of(seed)
        await live(script, broken_at_the_end=broken)
