"""Who replied to whom: from references, else from the order."""

from __future__ import annotations

import pytest

from monitoring.analysis.exchange_tree import LAST, LONGEST, chosen, exchange_tree
from monitoring.model import SECOND
from monitoring.rows import ExchangeRow, MessageRow
from tests.analysis.tables import at

NOON = at("2026-03-10 12:00")
TALK = ExchangeRow(1, 1, 7, NOON, NOON + 60 * SECOND, 4, 5, "Mira", "Rex", ("Mira", "Rex", "Zed"), True)


def row(number: int, persona: str, **more: object) -> MessageRow:
    """A message of a persona, ten seconds after the one before."""
    return MessageRow(number, 1, 7, NOON + (number - 1) * 10 * SECOND, persona=persona)._replace(**more)


def shape(*messages: MessageRow) -> list[tuple[str, int | None, bool, int]]:
    """Name, parent, whether by reference, depth of each turn."""
    found = exchange_tree(LAST, TALK, messages, {}).turns or ()
    return [(turn.persona, turn.parent, turn.replies, turn.depth) for turn in found]


def test_without_references_each_follows_the_one_before() -> None:
    """A straight talk has no branches."""
    assert shape(row(1, "Mira"), row(2, "Rex"), row(3, "Mira")) == [
        ("Mira", None, False, 0),
        ("Rex", 0, False, 0),
        ("Mira", 1, False, 0),
    ]


def test_a_reply_to_an_earlier_turn_is_a_branch() -> None:
    """Zed replies to the first turn after Rex spoke; what follows stays in its branch."""
    talk = (
        row(1, "Mira"),
        row(2, "Rex", reference_id=1),
        row(3, "Zed", reference_id=1),
        row(4, "Mira"),
        row(5, "Mira", reference_id=2),
    )

    assert shape(*talk) == [
        ("Mira", None, False, 0),
        ("Rex", 0, True, 0),
        ("Zed", 0, True, 1),
        ("Mira", 2, False, 1),
        ("Mira", 1, True, 1),
    ]


def test_chunks_are_one_turn_and_a_reply_to_one_is_a_reply_to_it() -> None:
    """Two messages, one turn."""
    talk = (row(1, "Mira"), row(2, "Mira", chunk_of=1), row(3, "Rex", reference_id=2))
    found = exchange_tree(LAST, TALK, talk, {"Rex": 3})

    assert [(turn.persona, turn.messages, turn.parent, turn.slot) for turn in found.turns or ()] == [
        ("Mira", 2, None, 0),
        ("Rex", 1, 0, 3),
    ]


def test_a_reference_to_what_is_not_inside_is_none() -> None:
    """It follows the turn before."""
    assert shape(row(1, "Mira", reference_id=99), row(2, "Rex", reference_id=98))[1] == ("Rex", 0, False, 0)


@pytest.mark.parametrize(
    "other",
    [
        row(2, "", user="u"),
        row(2, "Rex", failed=True),
        row(2, "Rex", placeholder=True),
        row(2, "Rex", channel_id=8),
        row(2, "Guest"),
        row(9, "Rex"),
    ],
    ids=["user", "failed", "placeholder", "elsewhere", "not in it", "later"],
)
def test_what_is_no_part_of_it_is_left_out(other: MessageRow) -> None:
    """Only turns of its personas, in its channel and time."""
    assert [turn[0] for turn in shape(row(1, "Mira"), other)] == ["Mira"]


def test_without_messages_there_is_no_tree() -> None:
    """What was counted is still known."""
    found = exchange_tree(LAST, TALK, (), {})

    assert (found.turns, found.length, found.personas, found.joined) == (None, 4, ("Mira", "Rex", "Zed"), True)


def test_last_and_longest_are_chosen_of_the_guild() -> None:
    """Of equals in length the last; none where a guild had none."""
    first = TALK
    long = ExchangeRow(2, 1, 7, NOON + 1, NOON + 2, 9, 9, "Mira", "Rex", ())
    last = ExchangeRow(3, 1, 7, NOON + 5, NOON + 6, 2, 2, "Mira", "Rex", ())
    foreign = ExchangeRow(4, 2, 8, NOON + 9, NOON + 10, 30, 30, "Mira", "Rex", ())
    same = ExchangeRow(5, 1, 7, NOON + 3, NOON + 4, 9, 9, "Mira", "Rex", ())
    rows = [first, long, last, foreign]

    assert chosen(rows, LAST, 1) is last
    assert chosen(rows, LONGEST, 1) is long
    assert chosen([*rows, same], LONGEST, 1) is same
    assert chosen(rows, LAST, None) is foreign
    assert chosen(rows, LAST, 3) is None
