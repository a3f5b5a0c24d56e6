"""Charts are drawn at a pace that one guild cannot take from the others."""

from __future__ import annotations

from cogs._pace import MOST_GUILDS, Pace


def test_five_in_ten_seconds_a_guild() -> None:
    """The sixth waits until the first is ten seconds old; another guild does not."""
    pace = Pace()

    assert [pace.wait(1, 100.0 + i) for i in range(5)] == [0.0] * 5
    assert pace.wait(1, 105.0) == 5.0
    assert pace.wait(2, 105.0) == 0.0
    assert pace.wait(1, 110.0) == 0.0


def test_what_waits_is_not_counted() -> None:
    """Asking again and again does not prolong the wait."""
    pace = Pace()
    for i in range(20):
        pace.wait(1, 100.0 + i / 10)

    assert pace.wait(1, 110.0) == 0.0


def test_memory_is_bounded() -> None:
    """The guild that asked longest ago is forgotten first."""
    pace = Pace()
    for guild in range(MOST_GUILDS + 50):
        pace.wait(guild, 100.0)

    assert len(pace._asked) == MOST_GUILDS
