"""What a message and its answer add to the rollups, each under the minute of the message it is about."""

from __future__ import annotations

from monitoring.interfaces import Batch
from monitoring.model import HOUR, MINUTE, Instant
from monitoring.recording.active import Active
from monitoring.recording.deltas import add, adjust, rollup_at
from monitoring.recording.memory import Channel, Heard, Known
from monitoring.recording.sentiment import mood_of
from monitoring.recording.topics import Topics
from monitoring.rollup import Deltas, Rollup
from monitoring.rows import MessageRow, Presence
from monitoring.window import step_start

_QUARTER = HOUR // 4
_make = tuple.__new__
"""Makes a named tuple of all its fields in their order, without the call of its constructor."""


class Figures:
    """Counts messages, answers and people; hours are those of the zone that days are counted in."""

    def __init__(self, zone: str = "UTC") -> None:
        self._zone = zone
        self._hours: dict[int, Instant] = {}
        self._deltas: Deltas = {}
        """Of the batch that is being filled; not the batch, whose rows tell of people who may be forgotten."""
        self._details: dict[tuple[int, int, str], dict[str, Rollup]] = {}
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
        details = self._details_of(batch, (at // MINUTE, row.guild_id, persona))
        borne = (("question", row.question), ("emoji", row.emoji), ("mention", row.mentions), ("word", row.words))
        for what, many in borne:
            if many:
                rollup = details.get(what)
                if rollup is None:
                    rollup = details[what] = rollup_at(batch, "detail", at, (what, persona, guild))

                rollup.add(many)

        if persona and row.sentiment is not None:
            add(batch, "sentiment", at, (persona, guild, mood_of(row.sentiment)), row.sentiment)

    def present(self, batch: Batch, at: Instant, guild_id: int, user: str, persona: str = "") -> None:
        """Note that a user was there in that hour, at large or with a persona; who opted out ("") was not."""
        if user:
            self.active.saw(at, guild_id, user)
            hour = self._hours.get(at // _QUARTER) or self._hour(at)
            batch.presences.add(_make(Presence, (hour, guild_id, persona, user)))

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

    def _details_of(self, batch: Batch, place: tuple[int, int, str]) -> dict[str, Rollup]:
        """What the messages of one author bear, by minute and guild: looked up once in a flush, not for each message.

        Nobody but the store hears of these.
        """
        if batch.deltas is not self._deltas:
            self._deltas = batch.deltas
            self._details.clear()

        found = self._details.get(place)
        if found is None:
            found = self._details[place] = {}

        return found

    def _hour(self, at: Instant) -> Instant:
        if len(self._hours) > 1_000:
            self._hours.clear()

        hour = self._hours[at // _QUARTER] = step_start(at, HOUR, self._zone)
        return hour
