"""A Monitor under load is killed and started again: little is lost, nothing is counted twice (F1, F15).

The long version, with its table: `python -m tests.kill.loop --times 200 --upgrades 50`.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from monitoring.store import migrate

from .old_store import with_another
from .story import Story
from .upgrades import Upgrade

NEWEST = len(migrate.migrations())


def test_f1_f15_killed_under_load_and_started_again(tmp_path: Path) -> None:
    """Anywhere, and in the middle of a write, a fold, a clean-up and a save; each life goes on with the file.

    Lost: at most 250 ms or 500 facts. Kept: everything acknowledged. Rollups equal a recount of the rows.
    """
    story = Story(tmp_path, seed=5, longest=0.5)
    lives = [story.live(stage) for stage in ("append", "fold", "", "clean", "save")]
    assert story.checker.faults == []
    assert sum(one.loss.stored for one in lives) > 1_000
    assert story.checker.compared > 300
    assert story.checker.interrupted > 5


@pytest.mark.parametrize("version", range(1, NEWEST + 2))
def test_f14_killed_in_an_upgrade_it_is_the_old_version_or_the_new(tmp_path: Path, version: int) -> None:
    """Whole, with a backup of the old one; the next start leads to the new one. 1 is the creation of a store."""
    source = with_another(tmp_path) if version > NEWEST else migrate.SCHEMAS
    upgrade = Upgrade(tmp_path, version, source, rows=500)
    upgrade.prepare()
    dice = random.Random(version)
    for _ in range(2):
        upgrade.kill(dice)

    assert upgrade.faults == []
    assert upgrade.old + upgrade.whole == 2
