"""Histories of one channel: scripts of lines as hypothesis makes them, and how they are told live and read later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from monitoring.history.spans import id_at
from monitoring.interfaces import Batch
from monitoring.model import MessageSeen
from monitoring.recording.history import HistoryMessage
from monitoring.rollup import Rollup, merge_tables
from tests.recording.stage import APPLICATION, CHANNEL, GUILD, HOOK, START, USERS

SPEAKERS = ("ann", "ben", "cleo", "Luna", "Max", "Luna", "Max")
TEXTS = (
    "hm",
    "ok then?",
    "luna, listen",
    "Max and Luna!",
    "I love it 🎉",
    "*typing...*",
    "❌ **Error:** gone",
    "!play jazz",
)
GAPS = (0, 0.5, 3, 9.5, 11, 31, 59, 61, 119, 130, 620, 899, 901)
SILENCE = 7_200
"""Seconds after which nothing that was said bears on what follows."""


@dataclass(frozen=True)
class Line:
    """One line: who says what, how many seconds after the one before, and to which line it replies."""

    gap: float
    speaker: str
    text: str
    reply: int | None = None


def lines(most: int = 20) -> st.SearchStrategy[list[Line]]:
    """Scripts."""
    line = st.builds(
        Line,
        st.sampled_from(GAPS),
        st.sampled_from(SPEAKERS),
        st.sampled_from(TEXTS),
        st.none() | st.none() | st.integers(1, 4),
    )
    return st.lists(line, min_size=1, max_size=most)


def told(script: Sequence[Line], start: int = START, channel: int = CHANNEL) -> list[HistoryMessage]:
    """The messages of a script, with ids as Discord gives them."""
    at, found = float(start), []
    for number, line in enumerate(script):
        at += line.gap * 1000
        reply = found[number - line.reply].seen.message_id if line.reply and number >= line.reply else None
        found.append(HistoryMessage(said(round(at), number, line.speaker, line.text, channel, reference_id=reply)))

    return found


def said(at: int, number: int, speaker: str, text: str, channel: int = CHANNEL, **more: Any) -> MessageSeen:
    """One message of a user, or of a persona through the bot's own webhook."""
    user = speaker in USERS
    origin = {} if user else {"webhook_id": HOOK, "application_id": APPLICATION, "bot": True}
    author = USERS[speaker] if user else HOOK
    return MessageSeen(id_at(at) + number, GUILD, channel, author, speaker, text, at, **origin, **more)


def merged(batches: Sequence[Batch]) -> Batch:
    """All that several batches write, in one."""
    whole = Batch()
    for batch in batches:
        whole.messages += batch.messages
        whole.changes += batch.changes
        whole.exchanges += batch.exchanges
        whole.presences |= batch.presences
        for key, table in batch.deltas.items():
            merge_tables(whole.deltas.setdefault(key, {}), table)

    return whole


def figures(batch: Batch, *without: str) -> dict[tuple[str, int, tuple[str, ...]], Rollup]:
    """The rollups of a batch by metric, minute and labels."""
    return {
        (metric, minute, labels): rollup
        for (metric, minute), table in batch.deltas.items()
        for labels, rollup in table.items()
        if metric not in without and rollup != Rollup()
    }
