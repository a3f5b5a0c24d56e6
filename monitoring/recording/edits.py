"""What becomes of a message later: edits, the text of a placeholder among them, and its deletion."""

from __future__ import annotations

from monitoring.interfaces import Batch
from monitoring.model import Instant, MessageDeleted, MessageEdited
from monitoring.recording.figures import Figures
from monitoring.recording.memory import Channel, Filling, Memory
from monitoring.recording.personas import Personas
from monitoring.recording.sentiment import Sentiment
from monitoring.recording.speaking import Speaking, with_facts
from monitoring.recording.text import count_mentions, facts_of, plain
from monitoring.recording.topics import topic_words
from monitoring.recording.votes import Votes
from monitoring.rows import MessageChange


class Edits:
    """Takes edits and deletions. The text of a placeholder is kept until 30 s after its last edit, no other."""

    def __init__(
        self,
        personas: Personas,
        memory: Memory,
        figures: Figures,
        speaking: Speaking,
        sentiment: Sentiment,
        votes: Votes,
    ) -> None:
        self._personas, self._memory, self._figures = personas, memory, figures
        self._speaking, self._sentiment, self._votes = speaking, sentiment, votes

    def edited(self, seen: MessageEdited, batch: Batch) -> None:
        """An edit: of a placeholder its text, of any other message a figure of its own."""
        channel, known = self._memory.peek(seen.channel_id), self._memory.known(seen.message_id)
        filling = channel.fillings.get(seen.message_id) if channel else None
        text = seen.content
        if text is not None and known is not None and known.persona:
            text = self._personas.text_of(text)

        if channel is not None and filling is not None and not filling.over:
            if text and (filling.filled or not self._personas.is_placeholder(text)):
                self._fill(channel, filling, text, seen.at, batch)
            return

        facts = facts_of(text) if text is not None else None
        length, words = (facts.length, facts.words) if facts else (None, None)
        batch.changes.append(MessageChange(seen.message_id, edited_at=seen.at, length=length, words=words))
        if known is not None and known.counted:
            self._figures.edited(known, length, words, batch)

    def deleted(self, seen: MessageDeleted, batch: Batch) -> None:
        """A deletion: a placeholder without text is given up, anything else stays counted."""
        channel = self._memory.peek(seen.channel_id)
        filling = channel.fillings.get(seen.message_id) if channel else None
        if channel is not None and filling is not None and not filling.over:
            if filling.filled:
                self._finish(channel, filling, batch)
            else:
                self._speaking.give_up(channel, filling, batch)
                filling.over = True

        batch.changes.append(MessageChange(seen.message_id, deleted_at=seen.at))
        known = self._memory.known(seen.message_id)
        if known is not None and known.counted:
            self._figures.deleted(known, batch)

    def resume(self, channel: Channel, filling: Filling, until: Instant) -> None:
        """A placeholder whose text was coming in when the process ended: its answer counts, its time is not known."""
        self._speaking.fill(channel, filling, until, lambda later: self._finish(channel, filling, later))
        if filling.response is not None:
            filling.response.given_up = True

    def _fill(self, channel: Channel, filling: Filling, text: str, at: Instant, batch: Batch) -> None:
        first = not filling.filled
        filling.text, filling.facts = text, facts_of(text, count_mentions(text))
        self._speaking.fill(channel, filling, at, lambda later: self._finish(channel, filling, later))
        if first:
            # Should the process end before the last edit, the row says that there was a text.
            facts = filling.facts
            batch.changes.append(MessageChange(filling.row.id, edited_at=at, length=facts.length, words=facts.words))

    def _finish(self, channel: Channel, filling: Filling, batch: Batch) -> None:
        text, filling.text = filling.text or "", None
        row = with_facts(filling.row, filling.facts, self._sentiment.of(text), self._personas.is_failure(text))
        if filling.turn is not None:
            named = (name for name in self._personas.named_in(plain(text)) if name != row.persona)
            filling.turn.names = tuple(dict.fromkeys((*named, *filling.turn.names)))

        words = () if row.failed else said_words(plain(text), channel, self._personas)
        self._speaking.filled(channel, filling, row, words, batch)
        if not row.failed:
            self._votes.release(row.id, row.persona, row.guild_id, row.at, batch)


def said_words(text: str, channel: Channel, personas: Personas) -> tuple[str, ...]:
    """Topic words of a text without links and markup; the names of personas and of the people here are none."""
    return topic_words(text, personas.name_words, channel.people.words)
