"""Who was there in the last five minutes: exact, by guild, and bounded."""

from __future__ import annotations

import random

from monitoring.recording.active import LATELY, Active
from tests.recording.stage import GUILD, Stage, when


def test_messages_reactions_and_commands_count_for_five_minutes() -> None:
    """Each person once, however much they do."""
    stage = Stage()
    stage.user(0, "hello")
    stage.user(10, "hello?")
    stage.persona(20, "hi", 2)
    stage.react(30, 2, "👍", by="ben")
    stage.user(40, "hi", by="cleo", guild_id=GUILD + 1)
    stage.user(50, "hi", guild_id=GUILD + 1)
    active = stage.conversations.active_now
    assert active(when(60)) == {None: 3, GUILD: 2, GUILD + 1: 2}
    assert active(when(310)) == {None: 3, GUILD: 2, GUILD + 1: 2}
    assert active(when(310.001)) == {None: 3, GUILD: 1, GUILD + 1: 2}
    assert active(when(400)) == {}


def test_a_plain_recount_says_the_same() -> None:
    """Also where signs of life come late."""
    dice, active, seen = random.Random(3), Active(), []
    for step in range(3_000):
        at = step * 1_000 + dice.randint(-2_000, 0)
        sign = (at, dice.randint(1, 3), f"#{dice.randint(1, 60)}")
        active.saw(*sign)
        seen.append(sign)
        if step % 100 == 0:
            now = step * 1_000
            there = [(guild, user) for when, guild, user in seen if now - when <= LATELY]
            expected = {guild: len({u for g, u in there if g == guild}) for guild, _ in there}
            assert active.now(now) == expected | {None: len({user for _, user in there})}


def test_who_left_is_forgotten_also_after_a_sign_from_ahead() -> None:
    """A clock that ran ahead and was set back holds nobody."""
    active = Active()
    active.saw(10 * LATELY, 1, "#ahead")
    for minute in range(60):
        active.saw(minute * LATELY // 5, 1, f"#{minute}")

    assert active.now(59 * LATELY // 5) == {1: 6, None: 6}
    assert len(active._seen) <= 8


def test_no_more_than_so_many_are_remembered() -> None:
    """A raid of invented people does not fill the memory."""
    active = Active()
    for number in range(60_000):
        active.saw(1_000, 1, f"#{number}")

    assert 45_000 <= active.now(1_000)[1] <= 50_000
    assert 45_000 <= len(active._seen) <= 50_000
