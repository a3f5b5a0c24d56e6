"""Users' messages that nobody answers: each decided after its own quarter of an hour, and none kept longer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.recording import agenda, unanswered

from .stage import CHANNEL, Stage

LIMIT = 15 * 60


def waiting(stage: Stage) -> int:
    """How many messages of the channel wait."""
    channel = stage.conversations._memory.peek(CHANNEL)
    assert channel is not None
    return len(channel.waiting)


def test_f3_who_is_answered_does_not_lie_there_for_a_quarter_of_an_hour() -> None:
    """However lively a channel is, only what is open is held."""
    stage = Stage()
    for number in range(300):
        stage.user(number * 2, "Luna, and now?")
        stage.persona(number * 2 + 1, "then so")

    assert waiting(stage) == 1
    assert len(stage.conversations._agenda) < 30


@given(
    st.lists(st.tuples(st.integers(0, LIMIT - 1), st.booleans()), min_size=1, max_size=30, unique_by=lambda one: one[0])
)
def test_each_is_decided_in_its_own_time(asked: list[tuple[int, bool]]) -> None:
    """A millisecond after its limit and not before; what is no question to a persona is never decided."""
    stage = Stage()
    ids = {stage.user(at, "Luna?" if addressed else "hm"): (at, addressed) for at, addressed in sorted(asked)}
    for number, (at, addressed) in ids.items():
        stage.settle(at + LIMIT)
        assert number not in stage.decided
        stage.settle(at + LIMIT + 0.001)
        assert (number in stage.decided) is addressed

    assert waiting(stage) == 0


def test_one_that_comes_late_is_decided_first() -> None:
    """Discord may tell of a message after a younger one."""
    stage = Stage()
    young, old = stage.user(10, "Luna?"), stage.user(8, "Luna?", by="ben")
    stage.settle(8 + LIMIT + 0.001)
    assert stage.decided == {old: False}
    stage.settle(10 + LIMIT + 0.001)
    assert stage.decided == {old: False, young: False}


def test_an_answer_that_still_comes_in_is_waited_for() -> None:
    """Thirty seconds after its last edit it is the answer."""
    stage = Stage()
    asked = stage.user(0, "Luna?", 1)
    stage.user(5, "Luna!", 2, by="ben")
    answer = stage.persona(LIMIT - 2, "*typing...*", 3, reference_id=1)
    stage.edit(LIMIT - 1, answer, "Well")
    stage.edit(LIMIT + 20, answer, "Well, yes")
    stage.settle(LIMIT + 40)
    assert stage.decided == {2: False}
    stage.settle(LIMIT + 60)
    assert stage.decided == {2: False, asked: True}


def test_f3_no_more_than_so_many_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond, they are counted nowhere; there is room again once some are decided."""
    monkeypatch.setattr(unanswered, "_MOST", 3)
    stage = Stage()
    ids = [stage.user(number, "Luna?") for number in range(5)]
    stage.settle(LIMIT + 60)
    assert list(stage.decided) == ids[:3]
    later = stage.user(2_000, "Luna?")
    stage.settle(2_000 + LIMIT + 1)
    assert list(stage.decided) == [*ids[:3], later]


def test_f3_where_the_agenda_was_full_they_are_decided_once_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """The channel is not given up for good."""
    stage = Stage()
    monkeypatch.setattr(agenda, "_MOST", 0)
    first = stage.user(0, "Luna?")
    monkeypatch.undo()
    second = stage.user(5, "Luna?")
    stage.settle(LIMIT + 6)
    assert stage.decided == {first: False, second: False}


def test_who_is_forgotten_is_forgotten_here_too() -> None:
    """Also where so much was said since that the channel holds the message no longer."""
    stage = Stage()
    stage.user(0, "Luna, dragons?")
    for number in range(250):
        stage.user(number / 10, "hm", by="ben")

    stage.conversations.leaving.ask("#101")
    stage.settle(60)
    channel = stage.conversations._memory.peek(CHANNEL)
    assert channel is not None
    assert [(one.user, one.words) for one in channel.waiting] == [("", ())]
