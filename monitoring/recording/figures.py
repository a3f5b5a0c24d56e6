"""What a message and its answer add to the rollups, each under the minute of the message it is about."""

from __future__ import annotations

from monitoring.interfaces import Batch
from monitoring.model import HOUR, Instant
from monitoring.recording.active import Active
from monitoring.recording.deltas import add, adjust
from monitoring.recording.memory import Channel, Heard, Known
from monitoring.recording.sentiment import mood_of
from monitoring.recording.topics import Topics
from monitoring.rows import MessageRow, Presence
from monitoring.window import step_start


class Figures:
    """Counts messages, answers and people; hours are those of the zone that days are counted in."""

    def __init__(self, zone: str = "UTC") -> None:
        self._zone = zone
        self._hours: dict[int, Instant] = {}
        self.topics = Topics(zone)
        self.active = Active()

    def move(self, zone: str) -> None:
        """Count hours and days in another zone from now on."""
        self._zone = zone
        self._hours = {}
        self.topics.move(zone)

    def message(self, row: MessageRow, batch: Batch) -> None:
        """Count a message and what it bears. Mood is counted of personas only: users' feelings are not followed."""
        at, persona, guild = row.at, row.persona, str(row.guild_id)
        author = "persona" if persona else "user"
        add(batch, "message", at, (author, persona, guild, str(row.channel_id)), row.length)
        if row.question:
            add(batch, "detail", at, ("question", persona, guild), 1)

        if row.emoji:
            add(batch, "detail", at, ("emoji", persona, guild), row.emoji)

        if row.mentions:
            add(batch, "detail", at, ("mention", persona, guild), row.mentions)

        if row.words:
            add(batch, "detail", at, ("word", persona, guild), row.words)

        if persona and row.sentiment is not None:
            add(batch, "sentiment", at, (persona, guild, mood_of(row.sentiment)), row.sentiment)

    def present(self, batch: Batch, at: Instant, guild_id: int, user: str, persona: str = "") -> None:
        """Note that a user was there in that hour, at large or with a persona; who opted out ("") was not."""
        if user:
            self.active.saw(at, guild_id, user)
            batch.presences.add(Presence(self._hour(at), guild_id, persona, user))

    def answered(self, channel: Channel, heard: Heard, persona: str, batch: Batch) -> None:
        """A user's message got its answer: it is decided, and the user is one of the persona's."""
        heard.answered = True
        add(batch, "answered", heard.at, (persona, str(channel.guild_id)))
        self.present(batch, heard.at, channel.guild_id, heard.user, persona)
        self.decided(channel, heard, True, batch)

    def decided(self, channel: Channel, heard: Heard, answered: bool, batch: Batch) -> None:
        """Count an addressed message once for each persona addressed and once in total, the first time it is decided.

        The bot at large ("" among the addressed) counts in the total only.
        """
        if heard.decided or not heard.addressed:
            return

        heard.decided = True
        guild = str(channel.guild_id)
        for persona in {"", *heard.addressed}:
            add(batch, "addressed", heard.at, (persona, guild), failed=not answered)

    def edited(self, known: Known, length: int | None, words: int | None, batch: Batch) -> None:
        """Count an edit under its message: the message once, its edits in the total. Length follows the last text.

        Only length and words do; what else a message bears, its mood too, is that of the text it was sent with.
        """
        guild = str(known.guild_id)
        edits = ("edit", known.persona, guild)
        if known.edited:
            adjust(batch, "detail", known.at, edits, 0, 1)
        else:
            known.edited = True
            add(batch, "detail", known.at, edits, 1)

        if length is not None and length != known.length:
            author = "persona" if known.persona else "user"
            labels = (author, known.persona, guild, str(known.channel_id))
            adjust(batch, "message", known.at, labels, known.length, length)
            known.length = length

        if words is not None and words != known.words:
            adjust(batch, "detail", known.at, ("word", known.persona, guild), known.words, words)
            known.words = words

    def deleted(self, known: Known, batch: Batch) -> None:
        """Count a deletion under its message, which stays counted."""
        add(batch, "detail", known.at, ("deletion", known.persona, str(known.guild_id)), 1)

    def words(
        self, channel: Channel, row: MessageRow, words: tuple[str, ...], heard: Heard | None, batch: Batch
    ) -> None:
        """Count the topic words of a persona's message, and those of the user's message that it answers."""
        guild, person = str(channel.guild_id), heard.user if heard else ""
        self.topics.take(batch, row.at, row.persona, guild, words, person)
        if heard is not None and heard.words:
            self.topics.take(batch, heard.at, row.persona, guild, heard.words, heard.user)
            heard.words = ()

    def _hour(self, at: Instant) -> Instant:
        quarter = at // (HOUR // 4)
        hour = self._hours.get(quarter)
        if hour is None:
            if len(self._hours) > 1_000:
                self._hours.clear()

            hour = self._hours[quarter] = step_start(at, HOUR, self._zone)

        return hour
