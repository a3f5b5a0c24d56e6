"""Satisfaction from reactions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.recording.stage import Stage

CLEARED: dict[str, Any] = {"by": "everybody", "added": False}
"""What a moderator does."""


def voted(scene: Callable[[Stage], object]) -> list[float]:
    """The votes after a scene, as the sum and number of the rollup say: [mean, count]."""
    stage = Stage()
    stage.persona(0, "hello", 1)
    stage.user(1, "mine", 2)
    scene(stage)
    rollup = stage.total("satisfaction", "Luna", None, "reaction", at=0)
    assert stage.total("satisfaction").count == rollup.count
    return [rollup.mean or 0, rollup.count]


@pytest.mark.parametrize(
    ("scene", "expected"),
    [
        (lambda s: s.react(100, 1, "👍"), [5, 1]),
        (lambda s: s.react(100, 1, "👎🏿"), [1, 1]),
        (lambda s: (s.react(100, 1, "👍"), s.react(101, 1, "❤️")), [5, 1]),
        (lambda s: (s.react(100, 1, "👍"), s.react(101, 1, "👎")), [3, 1]),
        (lambda s: (s.react(100, 1, "👍"), s.react(101, 1, "👎", by="ben")), [3, 2]),
        (lambda s: (s.react(0, 1, "👍"), s.react(3600, 1, "👍", added=False)), [0, 0]),
        (lambda s: (s.react(0, 1, "👍"), s.react(3600.001, 1, "👍", added=False)), [5, 1]),
        (lambda s: (s.react(0, 1, "👍"), s.react(1, 1, "👎"), s.react(2, 1, "👍", added=False)), [1, 1]),
        (lambda s: (s.react(0, 1, "👍"), s.react(1, 1, "❤"), s.react(2, 1, "👍", added=False)), [5, 1]),
        (lambda s: (s.react(0, 1, "👍"), s.react(1, 1, "👎", by="ben"), s.react(9, 1, "", **CLEARED)), [0, 0]),
        (lambda s: (s.react(0, 1, "👍"), s.react(1, 1, "👎", by="ben"), s.react(9, 1, "👎🏽", **CLEARED)), [5, 1]),
        (lambda s: (s.react(0, 1, "👍"), s.react(3601, 1, "", **CLEARED)), [5, 1]),
        (lambda s: s.react(100, 1, "👍", bot=True), [0, 0]),
        (lambda s: s.react(100, 1, "🍕"), [0, 0]),
        (lambda s: s.react(100, 2, "👍"), [0, 0]),
        (lambda s: s.react(100, 1, "👍", added=False), [0, 0]),
    ],
    ids=[
        "glad",
        "sad in any skin",
        "two glad are one vote",
        "both are 3",
        "one vote a person",
        "taken back within the hour",
        "taken back later stays",
        "the sad one remains",
        "another glad one remains",
        "a moderator clears all",
        "a moderator clears one emoji",
        "cleared later stays",
        "bots do not vote",
        "no vote",
        "not on users' messages",
        "never given",
    ],
)
def test_votes(scene: Callable[[Stage], object], expected: list[float]) -> None:
    """One vote per person and message, filed under the message."""
    assert voted(scene) == expected


@pytest.mark.parametrize("at", [5, 25, 49])
def test_votes_on_a_placeholder_count_once_it_is_a_message(at: float) -> None:
    """Given before its text, while it comes or within 30 s after it: one vote, under the minute of the message."""
    stage = Stage()
    stage.user(0, "hello?", 1)
    stage.persona(2, "*typing...*", 2)
    for moment, step in sorted([(20, "I th"), (30, "I think"), (at, "👍")]):
        if step == "👍":
            stage.react(moment, 2, step)
        else:
            stage.edit(moment, 2, step)

    assert stage.total("satisfaction").count == 0
    stage.react(55, 2, "👍", by="ben")
    stage.react(56, 2, "👍", by="ben", added=False)
    stage.settle(70).react(80, 2, "👎")
    votes = stage.total("satisfaction", "Luna", None, "reaction", at=2)
    assert (votes.count, votes.mean) == (1, 3)


def test_votes_on_what_never_becomes_a_message_are_none() -> None:
    """A placeholder without text, and one that became an error."""
    stage = Stage()
    for id in (2, 3):
        stage.persona(id, "*typing...*", id)
        stage.react(10, id, "👍")

    stage.edit(12, 3, "❌ **Error:** the model is away")
    assert stage.settle().total("satisfaction").count == 0


def test_who_reacts_is_active() -> None:
    """A reaction is a presence at large, whatever it is on."""
    stage = Stage()
    stage.react(0, 55, "🍕", by="dora")
    assert {(one.persona, one.user) for one in stage.batch.presences} == {("", "#104")}
