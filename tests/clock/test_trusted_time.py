"""The time by which things are let go of: jumps and restarts do not move it, a day of proof does (F10)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.model import DAY, HOUR, MINUTE, SECOND
from monitoring.store.trusted_time import Trust, TrustedTime
from tests.thorough import examples

from .walls import EVENTS, FAR, TRUE, YEAR, Event, Walls, never_a_day_ahead


def play(events: list[Event], walls: Walls, trust: Trust) -> Trust:
    """What is believed after these events; a process that was off begins with what was believed before."""
    trusted = TrustedTime(walls)
    trusted.trust = trust
    for kind, amount in events:
        if kind == "run":
            walls.run(amount)
        elif kind == "set":
            walls.wrong = amount
        else:
            walls.sleep(amount)

        assert trusted.now() <= walls.now()

    return trusted.trust


@given(EVENTS)
def test_f10_it_is_never_ahead_of_the_true_time(events: list[Event]) -> None:
    """However the clock jumps and the bot starts and stops, as long as no wrong time stands for a day of running."""
    walls = Walls()
    trust = Trust.begun(TRUE, TRUE)
    for event in never_a_day_ahead(events):
        trust = play([event], walls, trust)
        assert trust.at <= walls.true


@settings(max_examples=examples(40))
@given(EVENTS, st.integers(10 * MINUTE, HOUR))
def test_f10_two_days_with_the_right_time_mend_everything(events: list[Event], step: int) -> None:
    """Whatever was before, it is the true time again: clean-up does not stop for good."""
    walls = Walls()
    trust = play([*events, ("set", 0)], walls, Trust.begun(TRUE, TRUE))
    steps = 2 * DAY // step + 2
    assert play([("run", step)] * steps, walls, trust).at == walls.true


@given(st.lists(FAR, max_size=20))
def test_f10_jumps_alone_move_nothing(jumps: list[int]) -> None:
    """Within a day, only the time that passed counts."""
    walls = Walls()
    events: list[Event] = [event for jump in jumps for event in (("set", jump), ("run", HOUR))]
    trust = play(events, walls, Trust.begun(TRUE, TRUE))
    assert trust.at == TRUE + len(jumps) * HOUR


def test_f10_a_wrong_time_is_believed_after_a_day_of_running_and_not_before() -> None:
    """Nothing but time can tell a clock that was set right from one that was set wrong."""
    walls = Walls()
    trust = play([("set", YEAR), *[("run", MINUTE)] * 1440], walls, Trust.begun(TRUE, TRUE))
    assert trust.at == walls.true
    trust = play([("run", MINUTE)] * 1440, walls, trust)
    assert trust.at == walls.true + YEAR


def test_f10_an_absence_is_caught_up_with_after_a_day() -> None:
    """A month off could be a clock that was set; two days later at the most, it is known to be a month."""
    walls = Walls()
    trust = play([("run", HOUR), ("off", 30 * DAY), *[("run", HOUR)] * 24], walls, Trust.begun(TRUE, TRUE))
    assert trust.at == TRUE + 25 * HOUR
    assert play([("run", HOUR)] * 24, walls, trust).at == walls.true


def test_f10_a_bot_that_starts_every_hour_is_believed_too() -> None:
    """The proof goes on over restarts, of which each costs a minute here."""
    walls = Walls()
    trust = play([("run", HOUR), ("off", MINUTE)] * 240, walls, Trust.begun(TRUE, TRUE))
    assert 0 <= walls.true - trust.at <= 50 * MINUTE


@pytest.mark.parametrize("drift", [0.0005, -0.0005])
def test_f10_a_clock_that_is_slewed_is_followed(drift: float) -> None:
    """NTP corrects by half a millisecond a second at most: 43 seconds a day, taken over a day later."""
    walls = Walls()
    trust = Trust.begun(TRUE, TRUE)
    for minute in range(10 * 1440):
        trust = play([("set", round(minute * MINUTE * drift)), ("run", MINUTE)], walls, trust)

    assert abs(trust.at - walls.now()) < 90 * SECOND
