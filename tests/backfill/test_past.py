"""What the history of a channel adds: the same as it would have added live, each message once, however it is cut."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.interfaces import Batch
from monitoring.model import DAY
from monitoring.recording.conversation import Conversations
from monitoring.recording.history import HistoryMessage, Past, Standing
from tests.backfill.scripts import Line, figures, lines, merged, told
from tests.recording.stage import START, hashed, registry
from tests.thorough import examples

NOW = START + 30 * DAY


def live(messages: list[HistoryMessage]) -> Batch:
    """What they added when they were heard one by one."""
    batch, conversations = Batch(), Conversations(registry(), hashed)
    for one in messages:
        conversations.take(one.seen, batch)

    conversations.settle(NOW, batch)
    return batch


def read(messages: list[HistoryMessage], size: int = 100) -> Batch:
    """What they add when they are read in pieces."""
    past = Past(registry(), hashed, zone="UTC")
    batches = [
        past.read([(one, Standing.NEW) for one in messages[at : at + size]]) for at in range(0, len(messages), size)
    ]
    return merged([*batches, past.leave(NOW)])


@settings(max_examples=examples(150))
@given(lines(), st.integers(1, 7))
def test_history_adds_what_it_would_have_added_live(script: list[Line], size: int) -> None:
    """Rows, answers, exchanges, people and all figures, in pieces of any size."""
    messages = told(script)
    ours, theirs = read(messages, size), live(messages)
    assert figures(ours) == figures(theirs)
    assert ours.messages == theirs.messages
    assert sorted(ours.changes) == sorted(theirs.changes, key=tuple) or set(ours.changes) == set(theirs.changes)
    assert {row.id: row for row in ours.exchanges} == {row.id: row for row in theirs.exchanges}
    assert ours.presences == theirs.presences
