"""Placeholders that are filled by edits (rule 6), edits and deletions."""

from __future__ import annotations

import pytest

from monitoring.rows import MessageChange
from tests.recording.stage import Stage, when


def placeholder_scene() -> Stage:
    """A question at 0 s and a placeholder at 2 s."""
    stage = Stage()
    stage.user(0, "hello?", 1)
    stage.persona(2, "*typing...*", 2)
    return stage


def test_filled_placeholder_is_a_message_at_its_creation_with_its_last_text() -> None:
    """First text is the first token, the last edit within 30 s of the one before ends the response."""
    stage = placeholder_scene()
    for at, text in ((62, "I th"), (92, "I think"), (122, "I think so!"), (152.001, "I think so!!")):
        stage.edit(at, 2, text)

    stage.settle()
    assert stage.total("first_token", "", "Luna", at=0).mean == pytest.approx(62)
    assert stage.total("response", "Luna", at=0).mean == pytest.approx(122)
    assert stage.total("message", "persona", "Luna", at=2).count == 1
    assert stage.answers == {2: 1}
    assert stage.rows[2].length == 12
    assert not stage.rows[2].placeholder
    assert stage.total("detail", "edit").count == 1


def test_it_takes_its_user_message_when_it_is_created() -> None:
    """Another persona that speaks meanwhile answers somebody else, or nobody."""
    stage = placeholder_scene()
    stage.persona(5, "me first", 3, by="Max")
    stage.edit(20, 2, "here I am")
    assert stage.settle().answers == {2: 1}


def test_never_filled_is_no_message_and_the_user_stays_unanswered() -> None:
    """No message, no response; the question was addressed and got nothing."""
    stage = Stage()
    stage.user(0, "Luna?", 1)
    stage.persona(2, "thinking…", 2)
    stage.settle()
    assert stage.decided == {1: False}
    assert stage.total("message", "persona").count == 0
    assert stage.total("response").count == 0
    assert stage.rows[2].placeholder


def test_filled_in_the_last_minute_is_still_an_answer() -> None:
    """A text that begins before 15 min are over is waited for."""
    stage = Stage()
    stage.user(0, "Luna?", 1)
    stage.persona(2, "thinking…", 2)
    stage.edit(895, 2, "It")
    stage.edit(920, 2, "It is done")
    assert stage.settle().decided == {1: True}
    assert stage.total("response").mean == pytest.approx(920)


def test_filled_too_late_is_a_message_but_no_answer() -> None:
    """After 15 min the user is unanswered; a text that comes yet is counted as a message."""
    stage = Stage()
    stage.user(0, "Luna?", 1)
    stage.persona(2, "thinking…", 2)
    stage.settle(1000)
    stage.edit(1001, 2, "It is done")
    assert stage.settle().decided == {1: False}
    assert stage.total("message", "persona", "Luna", at=2).count == 1
    assert stage.total("response").count == 0


def test_answer_beside_a_placeholder_that_is_deleted() -> None:
    """Some bots post the answer as a new message and delete the placeholder: before or after, it is an answer."""
    for order in ((2, 3), (3, 2)):
        stage = placeholder_scene()
        for step in order:
            if step == 2:
                stage.delete(9, 2)
            else:
                stage.persona(9, "here I am", 3)

        assert stage.settle().answers == {3: 1}, order
        assert stage.total("response").mean == pytest.approx(9)
        assert stage.total("detail", "deletion").count == 0


def test_placeholder_that_becomes_an_error_is_a_failed_response() -> None:
    """No message; the question is open again."""
    stage = placeholder_scene()
    stage.edit(10, 2, "❌ **Error:** the model is away")
    stage.settle()
    assert (stage.total("response").count, stage.total("response").failures) == (1, 1)
    assert stage.total("message", "persona").count == 0
    assert stage.answers == {}
    assert stage.rows[2].failed


def test_chunk_after_a_filled_placeholder_lengthens_the_answer() -> None:
    """A further message within 10 s of the last text is part of the answer."""
    stage = placeholder_scene()
    stage.edit(20, 2, "First half")
    stage.persona(29, "second half", 3)
    stage.settle()
    assert stage.rows[3].chunk_of == 2
    assert stage.total("response").count == 1
    assert stage.total("response").mean == pytest.approx(29)


def test_edits_are_figures_of_their_own_and_length_follows_the_last_text() -> None:
    """One edited message, two edits; the sum of lengths is that of the last text; nothing is counted twice."""
    stage = Stage()
    stage.user(0, "helo wrld", 1)
    stage.edit(70, 1, "hello world")
    stage.edit(80, 1, "hello big world")
    edits = stage.total("detail", "edit", "", at=0)
    assert (edits.count, edits.total) == (1, 2_000_000)
    length = stage.total("message", "user", at=0)
    assert (length.count, length.total, length.high) == (1, 15_000_000, 15_000_000)
    assert stage.total("detail", "word").total == 3_000_000
    assert stage.rows[1].length == 15


def test_deleted_messages_stay_counted() -> None:
    """A deletion is a figure of its own, under the minute of the message."""
    stage = Stage()
    stage.user(0, "oops", 1)
    stage.delete(90, 1)
    assert stage.total("message").count == 1
    assert stage.total("detail", "deletion", at=0).count == 1
    assert MessageChange(1, deleted_at=when(90)) in stage.batch.changes


def test_unknown_messages_are_changed_but_not_counted() -> None:
    """Nobody knows whose message it was, so no figure can bear it; the row, if there is one, learns of it."""
    stage = Stage()
    stage.edit(0, 12, "text")
    stage.delete(5, 13)
    assert stage.batch.deltas == {}
    assert [change.id for change in stage.batch.changes] == [12, 13]
