"""Stored rows of personas, spoken again after a restart: what was decided is taken from the row, not guessed anew."""

from __future__ import annotations

from monitoring.interfaces import Batch
from monitoring.model import Instant
from monitoring.recording.edits import Edits
from monitoring.recording.memory import Channel
from monitoring.recording.speaking import Speaking
from monitoring.recording.text import Facts
from monitoring.rows import MessageRow


def replay(speaking: Speaking, channel: Channel, row: MessageRow, batch: Batch, edits: Edits, until: Instant) -> None:
    """Speak one row of a persona; a placeholder whose text was coming in when all ended at `until` goes on."""
    if row.failed:
        speaking.fail(channel, row, batch)
    elif row.placeholder:
        filling = speaking.hold(channel, row, batch)
        if row.length:
            filling.facts = Facts(row.length, row.words, row.question, row.emoji, row.mentions)
            edits.resume(channel, filling, until)
    elif row.chunk_of is not None and channel.last is not None and channel.last.persona == row.persona:
        speaking.go_on(channel, channel.last, row, (), batch)
    else:
        heard = channel.heard.get(row.answers) if row.answers is not None else None
        speaking.turn(channel, row, heard, (), batch)
