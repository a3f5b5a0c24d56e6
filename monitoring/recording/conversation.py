"""Who answered whom, how fast, and what goes on between personas: rows and figures from what is seen.

The readings are those of docs/figures.md; each rule is in the module of its name (answers, responses, exchanges,
votes, topics). Here events meet: a message is looked at once, its facts become a row, and its text is dropped. All
times are those of the events. Messages of other bots, of the monitor, and answers to commands take no part.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from monitoring.interfaces import Batch
from monitoring.model import (
    SECOND,
    CommandRan,
    Instant,
    MessageDeleted,
    MessageEdited,
    MessageSeen,
    OperationDone,
    ReactionSeen,
)
from monitoring.operations import Operations
from monitoring.recording.agenda import Agenda
from monitoring.recording.authors import Authors
from monitoring.recording.conversation_runs import ConversationRuns
from monitoring.recording.deltas import add
from monitoring.recording.edits import Edits, said_words
from monitoring.recording.exchanges import Exchanges
from monitoring.recording.figures import Figures
from monitoring.recording.leaving import Leaving
from monitoring.recording.memory import Channel, Heard, Memory
from monitoring.recording.message_row import row_of
from monitoring.recording.personas import Author, Personas
from monitoring.recording.reactions import Reactions
from monitoring.recording.replay import replay
from monitoring.recording.sentiment import Sentiment
from monitoring.recording.speaking import Speaking
from monitoring.recording.text import plain
from monitoring.recording.unanswered import Unanswered
from monitoring.rows import MessageChange, MessageRow

DEFAULT_COMMANDS = r"(?:[!$%/;?.]|[A-Za-z]{1,2}!)[A-Za-z][\w-]*(?:\s|\Z)"
"""What a prefix command looks like. The host's own prefixes are better known from CommandRan, which comes later."""
_COMMAND_NEAR = 5 * SECOND
Seen = MessageSeen | MessageEdited | MessageDeleted | ReactionSeen | CommandRan | OperationDone


class Conversations:
    """Derives rows, changes, presences and figures from events; one instance for one run of time.

    A backfill of the past wants an instance of its own (with the same Personas), since it has its own time.
    """

    def __init__(
        self,
        personas: Personas,
        hash_user: Callable[[int], str],
        *,
        zone: str = "UTC",
        is_monitor_post: Callable[[int], bool] = lambda _: False,
        command_pattern: str = DEFAULT_COMMANDS,
    ) -> None:
        self._personas, self._hash_user, self._is_monitor_post = personas, hash_user, is_monitor_post
        self._command = re.compile(command_pattern) if command_pattern else None
        self._agenda, self._memory, self._figures = Agenda(), Memory(), Figures(zone)
        self._exchanges = Exchanges(self._agenda, self._figures.topics)
        self.runs, self.authors = ConversationRuns(self._agenda), Authors()
        self._speaking = Speaking(self._agenda, self._memory, self._figures, self._exchanges, self.runs)
        self._sentiment, self._unanswered = Sentiment(), Unanswered(self._agenda, self._figures)
        self._reactions = Reactions(personas, hash_user, self._memory, self._figures, self.authors)
        self._edits = Edits(
            personas, self._memory, self._figures, self._speaking, self._sentiment, self._reactions.votes
        )
        self.leaving = Leaving(self._memory, self._figures.active, self._figures.topics, self._reactions.votes)

    def move(self, zone: str) -> None:
        """Count days in another zone from now on."""
        self._figures.move(zone)

    def take(self, seen: Seen, batch: Batch) -> None:
        """Derive what follows from one event; decisions due before its time are made first."""
        self.settle(seen.at, batch)
        if isinstance(seen, MessageSeen):
            self._message(seen, batch)
        elif isinstance(seen, MessageEdited):
            self._edits.edited(seen, batch)
        elif isinstance(seen, ReactionSeen):
            self._reactions.take(seen, batch)
        elif isinstance(seen, OperationDone):
            self._operation(seen, batch)
        elif isinstance(seen, MessageDeleted):
            self._edits.deleted(seen, batch)
        else:
            self._command_ran(seen, batch)

    def settle(self, now: Instant, batch: Batch) -> None:
        """Write what is decided by now: unanswered after 15 min, exchanges and their outcomes, finished responses.

        `now` should be a little behind the wall clock, by as much as events may be late; what happened exactly at a
        limit still counts, so a decision falls a millisecond after it.
        """
        self.leaving.carry_out()
        self._agenda.run(now, batch)
        if now > batch.settled:
            batch.settled = now

    def learn(self, operations: Operations) -> None:
        """Operations that were done, by which a vote on an answer finds the model that wrote it."""
        self.authors.keep(operations)

    def warm(self, rows: Sequence[MessageRow], until: Instant, back: Instant = 0, runs: object = None) -> None:
        """Rebuild the state from stored rows after a restart; what was decided by `until` is not written again.

        `rows` should reach an hour back, more where personas talk without end. `until` is the time of the last event
        that was stored or the last `settle`. Not in rows, and so not known until seen again: names of users, votes,
        reports of the host, words, the times of edits. From `until` to `back` nobody listened: what fell due meanwhile
        is decided at the next `settle`, but for what users alone decide. `runs`: what was `told` of longer ones.
        """
        forgotten = Batch()
        self.runs.recall(runs)
        for row in sorted(rows, key=lambda row: (row.at, row.id)):
            self._agenda.run(row.at, forgotten)
            channel = self._memory.channel(row.channel_id, row.guild_id)
            if row.persona:
                self._personas.add(row.persona)
                replay(self._speaking, channel, row, forgotten, self._edits, until)
            else:
                known = self._memory.known(row.reference_id)
                replied = known.persona if known else ""
                named = tuple(name for name in row.addressed if name not in ("", replied))
                self._hear(channel, row, named, (), forgotten)

        self._agenda.run(until, forgotten)
        self.runs.replayed()
        self._exchanges.absent = (until, back)

    def active_now(self, now: Instant) -> dict[int | None, int]:
        """Distinct people who wrote, reacted or used a command in the last 5 min, by guild; under None of all."""
        return self._figures.active.now(now)

    def open_turns(self) -> int:
        """Turns of the longest exchange that is going on, 0 without one; may be asked from any thread."""
        runs = (floor.run for floor in self._memory.floors())
        return max((run.turns for run in runs if run is not None and run.exchange and not run.closed), default=0)

    def _message(self, seen: MessageSeen, batch: Batch) -> None:
        if seen.interaction or self._is_monitor_post(seen.message_id) or self._memory.known(seen.message_id):
            return

        author = self._personas.author(seen)
        if author.kind == "user":
            self._from_user(seen, batch)
        elif author.kind == "persona" or author.failed:
            self._from_persona(seen, author, batch)

    def _from_user(self, seen: MessageSeen, batch: Batch) -> None:
        channel = self._memory.channel(seen.channel_id, seen.guild_id)
        user, text = self._hash_user(seen.author_id), plain(seen.content)
        command = bool(self._command and self._command.match(seen.content))
        named: tuple[str, ...] = ()
        addressed: tuple[str, ...] = ()
        words: tuple[str, ...] = ()
        if not command:
            named, addressed = self._addressed(seen, text)
            words = said_words(text, channel, self._personas) if user else ()

        row = row_of(seen, seen.content, user=user, addressed=addressed, command=command)
        self._hear(channel, row, named, words, batch)
        channel.people.meet(user, seen.author_name)

    def _addressed(self, seen: MessageSeen, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The personas that a user's message names or mentions; and those it addresses, by a reply too."""
        mentioned = self._personas.mentioned(seen.mention_ids, seen.mention_names, seen.role_ids)
        named = self._personas.named_in(text)
        if mentioned:
            named = tuple(dict.fromkeys((*named, *filter(None, mentioned))))

        known = self._memory.known(seen.reference_id)
        replied = known.persona if known else ""
        addressed = (*named, replied) if replied and replied not in named else named
        return named, addressed or (("",) if mentioned else ())

    def _hear(
        self, channel: Channel, row: MessageRow, named: tuple[str, ...], words: tuple[str, ...], batch: Batch
    ) -> None:
        # Of who opted out, no row is kept; in sums of all, nobody can be found.
        if row.user:
            batch.messages.append(row)

        self._memory.know(row)
        self._figures.message(row, batch)
        self._figures.present(batch, row.at, row.guild_id, row.user)
        for persona in row.addressed:
            if persona:
                self._figures.present(batch, row.at, row.guild_id, row.user, persona)

        heard = Heard(row.id, row.at, row.user, named, row.addressed, row.command, words)
        channel.hear(heard)
        channel.last = None
        asks = row.question and not row.command
        self.runs.add(channel.id, channel.guild_id, row.at, persona=False, question=asks)
        self._exchanges.user_spoke(channel.floor, row.at, batch)
        if row.addressed:
            self._unanswered.wait(channel, heard)

    def _from_persona(self, seen: MessageSeen, author: Author, batch: Batch) -> None:
        known = self._memory.known(seen.reference_id)
        if known is not None and known.command:
            return

        channel = self._memory.channel(seen.channel_id, seen.guild_id)
        text = plain(author.text)
        row = self._persona_row(channel, seen, author, text)
        if author.failed:
            self._speaking.fail(channel, row, batch)
        elif author.placeholder:
            self._speaking.hold(channel, row, batch)
        else:
            self._speaking.say(channel, row, said_words(text, channel, self._personas), batch)

    def _persona_row(self, channel: Channel, seen: MessageSeen, author: Author, text: str) -> MessageRow:
        known = self._memory.known(seen.reference_id)
        named = [name for name in self._personas.named_in(text) if name != author.persona]
        if known is not None and known.persona and known.persona not in (author.persona, *named):
            named.append(known.persona)

        users = channel.people.named_in(text)
        if seen.mention_ids:
            mentioned = (self._hash_user(one) for one in seen.mention_ids if not self._personas.is_account(one))
            users = tuple(dict.fromkeys(filter(None, (*mentioned, *users))))

        mood = None if author.failed or author.placeholder else self._sentiment.of(author.text)
        return row_of(seen, author.text, author.persona, "", mood, tuple(named), users)

    def _command_ran(self, seen: CommandRan, batch: Batch) -> None:
        user, channel = self._hash_user(seen.user_id), self._memory.peek(seen.channel_id)
        self._figures.present(batch, seen.at, seen.guild_id, user)
        if seen.kind != "prefix" or channel is None:
            return

        for heard in reversed(channel.heard.values()):
            if heard.user == user and abs(heard.at - seen.at) <= _COMMAND_NEAR:
                heard.command = True
                return

    def _operation(self, seen: OperationDone, batch: Batch) -> None:
        """Count a response that the host reports, in the place of the inferred one."""
        if seen.operation != "response":
            return

        known = self._memory.known(seen.message_id)
        channel = self._memory.channel(known.channel_id if known else seen.channel_id, seen.guild_id)
        persona = self._personas.canonical(seen.persona)
        counts, persona = self._speaking.responses.reported(seen, persona, channel.responses, channel.reports)
        if not counts:
            return

        at, guild = (known.at, known.guild_id) if known else (seen.at, seen.guild_id)
        labels, failed = (persona, str(guild), "reported"), seen.error is not None
        add(batch, "response", at, labels, seen.duration, failed=failed, weight=seen.weight)
        heard = channel.heard.get(seen.message_id or 0)
        if heard is not None and heard.open and not failed:
            batch.changes.append(MessageChange(heard.id, answered=True))
            self._figures.answered(channel, heard, persona, batch)
