"""Killed between "sent" and "marked": told once. Fifty times: `python -m tests.kill.delivery --times 50`."""

from __future__ import annotations

from pathlib import Path

from .delivery import Deliveries


async def test_f5_killed_between_sent_and_marked_it_is_told_once(tmp_path: Path) -> None:
    """The next life sends it again with the same nonce, by which Discord knows it: never two messages, never none."""
    story = Deliveries(tmp_path)
    await story.run(2)
    before, later = story.ways.values()
    assert (before.kills, later.kills) == (1, 1)
    assert before.marked == 0
    assert [(one.twice, one.never) for one in (before, later)] == [(0, 0), (0, 0)]
    assert len(story.sandbox.messages(story.sandbox.channel)) == 2
