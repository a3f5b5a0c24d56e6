"""Exchanges, interactions and who is ignored, as scenes worked by hand."""

from __future__ import annotations

import pytest

from monitoring.rows import ExchangeRow
from tests.recording.stage import Scene, Stage, registry


def L(stage: Stage, at: float, id: int, text: str = "hm", **more: object) -> None:  # noqa: N802 (reads as a script)
    """Luna speaks."""
    stage.persona(at, text, id, by="Luna", **more)


def M(stage: Stage, at: float, id: int, text: str = "hm", **more: object) -> None:  # noqa: N802
    """Max speaks."""
    stage.persona(at, text, id, by="Max", **more)


def U(stage: Stage, at: float, id: int, text: str = "hm") -> None:  # noqa: N802
    """A user speaks."""
    stage.user(at, text, id)


SCENES: list[tuple[str, Scene, list[tuple[int, int, int, bool | None]]]] = [
    ("two personas", lambda s: [L(s, 0, 1), M(s, 60, 2)], [(1, 2, 2, False)]),
    ("a gap of more than 60 s ends it", lambda s: [L(s, 0, 1), M(s, 60.001, 2)], []),
    ("one persona alone is none", lambda s: [L(s, 0, 1), L(s, 30, 2), L(s, 60, 3)], []),
    (
        "chunks are one turn, and the gap counts from the last",
        lambda s: [L(s, 0, 1), L(s, 9, 2), M(s, 69, 3)],
        [(1, 2, 3, False)],
    ),
    (
        "a user ends it and makes it a success",
        lambda s: [L(s, 0, 1), M(s, 20, 2), U(s, 30, 3), L(s, 40, 4), M(s, 60, 5)],
        [(1, 2, 2, True), (4, 2, 2, False)],
    ),
    ("success within 10 min", lambda s: [L(s, 0, 1), M(s, 20, 2), U(s, 620, 3)], [(1, 2, 2, True)]),
    ("not later", lambda s: [L(s, 0, 1), M(s, 20, 2), U(s, 620.001, 3)], [(1, 2, 2, False)]),
    (
        "a reply by reference to a user opens, and does not go on",
        lambda s: [U(s, 0, 9), L(s, 5, 1), M(s, 20, 2), L(s, 35, 3, reference_id=9), M(s, 50, 4)],
        [(1, 2, 2, False), (3, 2, 2, False)],
    ),
    (
        "other bots and foreign webhooks neither break nor count",
        lambda s: [L(s, 0, 1), s.user(5, "beep", 8, bot=True), M(s, 20, 2)],
        [(1, 2, 2, False)],
    ),
    (
        "a placeholder takes its turn by its creation, its gap by its text",
        lambda s: [L(s, 0, 1), M(s, 50, 2, "*typing...*"), s.edit(130, 2, "well"), L(s, 185, 3)],
        [(1, 3, 3, False)],
    ),
    (
        "an empty placeholder is no turn",
        lambda s: [L(s, 0, 1), M(s, 50, 2, "*typing...*"), L(s, 80, 3), M(s, 100, 4)],
        [(3, 2, 2, False)],
    ),
    (
        "a user between placeholder and text ends it after the turn",
        lambda s: [L(s, 0, 1), M(s, 20, 2, "*typing...*"), U(s, 25, 3), s.edit(30, 2, "well"), L(s, 70, 4)],
        [(1, 2, 2, True)],
    ),
]


@pytest.mark.parametrize(("scene", "expected"), [scene[1:] for scene in SCENES], ids=[scene[0] for scene in SCENES])
def test_exchanges(scene: Scene, expected: list[tuple[int, int, int, bool | None]]) -> None:
    """First message, turns, messages and success of each exchange are as a person would count them."""
    stage = Stage()
    scene(stage)
    last: dict[int, ExchangeRow] = {row.id: row for row in stage.settle().batch.exchanges}
    assert [(row.id, row.turns, row.messages, row.success) for row in last.values()] == expected
    assert stage.total("exchange").count == len(expected)
    assert stage.total("exchange_outcome").count == len(expected)
    assert stage.total("banter").count == sum(row.messages for row in last.values())


def test_outcome_is_undecided_until_ten_minutes() -> None:
    """An exchange is written when it is over, without an outcome, and again (in its place) with it."""
    stage = Stage()
    L(stage, 0, 1)
    M(stage, 20, 2)
    assert [row.success for row in stage.settle(81).batch.exchanges] == [None]
    assert stage.total("exchange_outcome").count == 0
    assert [row.success for row in stage.settle().batch.exchanges] == [False]
    assert stage.total("exchange_outcome", at=0).failures == 1


def test_exchange_is_filed_under_its_first_message() -> None:
    """Starter, ender, length and time of an exchange over three minutes."""
    stage = Stage(registry("Luna", "Max", "Rex"))
    L(stage, 10, 1)
    M(stage, 65, 2)
    stage.persona(120, "woof", 3, by="Rex")
    stage.settle()
    (row,) = {row.id: row for row in stage.batch.exchanges}.values()
    assert (row.starter, row.ender, row.personas) == ("Luna", "Rex", ("Luna", "Max", "Rex"))
    assert (row.at, row.until - row.at) == (stage.rows[1].at, 110_000)
    assert stage.total("exchange", "Luna", "Rex", at=10).total == 3_000_000


def test_banter_and_interactions_are_counted_while_it_goes_on() -> None:
    """A runaway exchange is seen before it ends."""
    stage = Stage()
    for n in range(50):
        stage.persona(n * 20, "ha", 100 + n, by=("Luna", "Max")[n % 2])

    assert stage.counts("banter") == {("Luna",): (25, 0), ("Max",): (25, 0)}
    assert stage.counts("interaction") == {("Luna", "Max"): (24, 0), ("Max", "Luna"): (25, 0)}
    assert stage.batch.exchanges == []


def test_interaction_is_with_whom_a_turn_replies_to_else_follows() -> None:
    """Rex replies to Luna although he follows Max; his next turn follows his own, which is nobody else's."""
    stage = Stage(registry("Luna", "Max", "Rex"))
    L(stage, 0, 1, "I love this wonderful day")
    M(stage, 15, 2, "great")
    stage.persona(30, "ok", 3, by="Rex", reference_id=1)
    stage.persona(50, "ok then", 4, by="Rex")
    assert stage.counts("interaction") == {("Max", "Luna"): (1, 0), ("Rex", "Luna"): (1, 0)}
    assert stage.total("interaction", "Max").mean == pytest.approx(0.6249)


def test_ignored_is_named_and_silent_for_a_minute() -> None:
    """Luna names Rex, who keeps silent: ignored; Max names Luna, who speaks: not."""
    stage = Stage(registry("Luna", "Max", "Rex"))
    L(stage, 0, 1, "Rex, what do you say")
    M(stage, 15, 2, "luna, tell me")
    L(stage, 75, 3, "no")
    stage.settle()
    assert stage.counts("ignored") == {("Luna",): (1, 1), ("Max",): (1, 0)}


def test_nobody_is_ignored_outside_an_exchange() -> None:
    """A persona that talks to itself and names another is in no exchange."""
    stage = Stage()
    L(stage, 0, 1, "Max?")
    stage.settle()
    assert stage.counts("ignored") == {}


def test_an_exchange_is_counted_while_it_goes_on() -> None:
    """Its turns are known before it is over, so that one without end is noticed."""
    stage = Stage()
    for turn in range(60):
        (L if turn % 2 else M)(stage, turn * 5, turn + 1)

    assert stage.conversations.open_turns() == 60
    assert stage.settle().conversations.open_turns() == 0


def test_conversations_going_on() -> None:
    """A user and a persona, the last message at most 15 min ago."""
    stage = Stage()
    U(stage, 0, 1)
    at = stage.batch.messages[0].at
    assert stage.conversations.runs.open(at) == 0
    L(stage, 5, 2)
    assert stage.conversations.runs.open(at + 905_000) == 1
    assert stage.conversations.runs.open(at + 905_001) == 0
    L(stage, 1_000, 3)
    assert stage.conversations.runs.open(at + 1_000_000) == 0
