"""What a persona's message means: an answer, a chunk, a failure, a placeholder, a turn (docs/figures.md)."""

from __future__ import annotations

from collections.abc import Callable

from monitoring.interfaces import Batch
from monitoring.model import Instant
from monitoring.recording.agenda import Agenda
from monitoring.recording.answers import ANSWERABLE, CHUNK_GAP, EDIT_GAP, find_answered, is_chunk
from monitoring.recording.conversation_runs import ConversationRuns
from monitoring.recording.exchanges import Exchanges, Said, Turn
from monitoring.recording.figures import Figures
from monitoring.recording.memory import Channel, Filling, Heard, Memory, Speech
from monitoring.recording.responses import Response, Responses, linkable
from monitoring.recording.text import Facts
from monitoring.rows import MessageChange, MessageRow


class Speaking:
    """Takes the messages of personas, as rows, with their topic words; the text stays outside."""

    def __init__(
        self, agenda: Agenda, memory: Memory, figures: Figures, exchanges: Exchanges, runs: ConversationRuns
    ) -> None:
        self._agenda, self._memory, self._figures = agenda, memory, figures
        self._exchanges, self._runs = exchanges, runs
        self.responses = Responses(agenda)

    def find(self, channel: Channel, row: MessageRow) -> Heard | None:
        """The user's message that a message answers: what the host reported of it, else what is inferred."""
        report = linkable(channel.reports, row.persona, row.at)
        heard = channel.heard.get(report.message_id or 0) if report else None
        if report is not None and heard is not None:
            report.linked = True
            return heard

        return find_answered(channel, row.persona, row.at, row.reference_id, row.named_users)

    def say(self, channel: Channel, row: MessageRow, words: tuple[str, ...], batch: Batch) -> None:
        """A text of a persona: a chunk of what it said before, or a new turn, which may answer somebody."""
        last, reports = channel.last, channel.reports
        fresh = linkable(reports, row.persona, row.at) is not None
        if last is not None and not fresh and is_chunk(last, row.persona, row.at, row.reference_id):
            self.go_on(channel, last, row._replace(chunk_of=last.first), words, batch)
            return

        heard = self.find(channel, row)
        self.turn(channel, row._replace(answers=heard.id) if heard else row, heard, words, batch)

    def turn(
        self, channel: Channel, row: MessageRow, heard: Heard | None, words: tuple[str, ...], batch: Batch
    ) -> None:
        """A new turn, which answers `heard` if there is one."""
        speech = self._speech(channel, row, words, ready=True)
        if heard is not None:
            speech.response = self._respond(channel, row, heard, row.at, row.at + CHUNK_GAP)
            self._answer(channel, heard, row.persona, batch)

        batch.messages.append(row)
        self._count(channel, row, words, heard, batch)
        if speech.turn is not None:
            self._exchanges.enter(channel.floor, speech.turn, batch)

    def go_on(self, channel: Channel, last: Speech, row: MessageRow, words: tuple[str, ...], batch: Batch) -> None:
        """A chunk: one more message, of the same answer and the same turn."""
        batch.messages.append(row)
        last.until = row.at
        if last.response is not None:
            last.response.end = max(last.response.end, row.at)
            last.response.sure_at = max(last.response.sure_at, row.at + CHUNK_GAP)

        if last.turn is not None:
            self._exchanges.chunk(channel.floor, last.turn, Said(row.at, words), batch)

        self._count(channel, row, words, None, batch)

    def fail(self, channel: Channel, row: MessageRow, batch: Batch) -> None:
        """A failed response: filed under the user's message it was for, which stays open for a better answer."""
        if row.persona:
            batch.messages.append(row._replace(failed=True))
            self._memory.know(row, counted=False)

        heard = self.find(channel, row)
        persona = row.persona or (heard.addressed[0] if heard and len(heard.addressed) == 1 else "")
        response = self._respond(channel, row._replace(persona=persona), heard, row.at, row.at + CHUNK_GAP)
        response.failed = True

    def hold(self, channel: Channel, row: MessageRow, batch: Batch) -> Filling:
        """A placeholder: takes its user's message now, and is a message once it is filled."""
        row = row._replace(length=0, words=0, question=False, emoji=0, sentiment=None, placeholder=True)
        batch.messages.append(row)
        self._memory.know(row, counted=False)
        heard = self.find(channel, row)
        speech = self._speech(channel, row, (), ready=False)
        filling = Filling(row, speech, speech.turn, heard)
        if heard is not None:
            if heard.filling is not None:
                heard.filling.heard = None

            heard.filling = filling

        channel.hold(filling)
        if speech.turn is not None:
            self._exchanges.enter(channel.floor, speech.turn, batch)

        self._runs.announce(channel.id, row.id, row.at)
        limit = (heard.at if heard else row.at) + ANSWERABLE
        self._agenda.after(limit, self._expire, channel, filling)
        return filling

    def fill(self, channel: Channel, filling: Filling, at: Instant, finish: Callable[[Batch], None]) -> None:
        """Real text came into a placeholder; `finish` is called once 30 s pass without a further edit."""
        speech, heard = filling.speech, filling.heard
        speech.until = filling.last_edit = at
        if speech.turn is not None:
            speech.turn.until = at

        if not filling.filled:
            filling.filled, speech.waiting = True, False
            if heard is not None:
                filling.response = speech.response = self._respond(channel, filling.row, heard, at, at + EDIT_GAP + 1)
                filling.response.first_at, filling.response.first_text = filling.row.at, at

            self._agenda.after(at + EDIT_GAP, self._end_edits, filling, finish)

        if filling.response is not None:
            filling.response.end = max(filling.response.end, at)
            # A moment after the last text is looked at, which says whether it failed.
            filling.response.sure_at = max(filling.response.sure_at, at + EDIT_GAP + 1)

    def filled(self, channel: Channel, filling: Filling, row: MessageRow, words: tuple[str, ...], batch: Batch) -> None:
        """The last text of a placeholder is there: it counts as the message it became, at its creation."""
        if filling.over:
            return

        filling.over, heard = True, filling.heard
        if heard is not None and row.failed:
            heard.filling = None
        elif heard is not None and not heard.answered:
            self._answer(channel, heard, row.persona, batch)

        batch.changes.append(
            MessageChange(
                row.id,
                answers=heard.id if heard and not row.failed else None,
                edited_at=filling.last_edit or None,
                length=row.length,
                words=row.words,
                question=row.question,
                emoji=row.emoji,
                mentions=row.mentions,
                sentiment=row.sentiment,
                placeholder=False,
                failed=row.failed,
            )
        )
        if row.failed:
            # Without a user's message it is filed under its own time, as any other failure is.
            response = filling.response or self._respond(channel, row, None, filling.last_edit, filling.last_edit)
            response.failed = True
        else:
            self._count(channel, row, words, heard, batch)

        if filling.turn is not None:
            filling.turn.ready, filling.turn.dropped = True, row.failed
            filling.turn.sentiment = row.sentiment
            filling.turn.messages[0] = Said(row.at, words)
            self._exchanges.go_on(channel.floor, batch)

        self._runs.leave(channel.id, row.id)

    def _expire(self, _: Instant, batch: Batch, channel: Channel, filling: Filling) -> None:
        """It is time for a placeholder to be filled; while its text still comes in, that will say what it becomes."""
        self.give_up(channel, filling, batch)
        if filling.over or not filling.filled:
            self._runs.leave(channel.id, filling.row.id)

    def give_up(self, channel: Channel, filling: Filling, batch: Batch) -> None:
        """A placeholder that got no text: no turn, and whom it took waits again. Text that comes yet is a message."""
        if filling.filled:
            return

        if filling.heard is not None and filling.heard.filling is filling:
            filling.heard.filling = None

        filling.heard = None
        if filling.turn is not None:
            filling.turn.dropped = True
            filling.turn = filling.speech.turn = None
            self._exchanges.go_on(channel.floor, batch)

    def _end_edits(self, due: Instant, batch: Batch, filling: Filling, finish: Callable[[Batch], None]) -> None:
        if due <= filling.last_edit + EDIT_GAP:
            self._agenda.after(filling.last_edit + EDIT_GAP, self._end_edits, filling, finish)
        else:
            finish(batch)

    def _speech(self, channel: Channel, row: MessageRow, words: tuple[str, ...], ready: bool) -> Speech:
        known = self._memory.known(row.reference_id)
        turn = Turn(
            row.id,
            row.at,
            row.persona,
            row.at,
            to_user=known is not None and not known.persona,
            replied_to=known.persona if known else "",
            names=tuple([name for name in row.addressed if name and name != row.persona]),
            sentiment=row.sentiment,
            messages=[Said(row.at, words)],
            ready=ready,
        )
        speech = channel.last = Speech(row.persona, row.id, row.at, turn, waiting=not ready)
        return speech

    def _respond(
        self, channel: Channel, row: MessageRow, heard: Heard | None, end: Instant, sure_at: Instant
    ) -> Response:
        response = Response(
            row.persona,
            str(channel.guild_id),
            channel.id,
            heard.id if heard else None,
            heard.at if heard else row.at,
            row.at,
            end,
            sure_at,
        )
        return self.responses.begin(channel.responses, channel.reports, response)

    def _answer(self, channel: Channel, heard: Heard, persona: str, batch: Batch) -> None:
        if heard.filling is not None and heard.filling.heard is heard and not heard.filling.filled:
            heard.filling.heard = None

        if not heard.answered:
            batch.changes.append(MessageChange(heard.id, answered=True))
            self._figures.answered(channel, heard, persona, batch)

    def _count(
        self, channel: Channel, row: MessageRow, words: tuple[str, ...], heard: Heard | None, batch: Batch
    ) -> None:
        self._memory.know(row, answers=heard.id if heard else None)
        self._runs.add(channel.id, channel.guild_id, row.at, persona=True)
        self._figures.message(row, batch)
        self._figures.words(channel, row, words, heard, batch)


def with_facts(row: MessageRow, facts: Facts, sentiment: float | None, failed: bool) -> MessageRow:
    """A placeholder's row with the facts of its last text."""
    return row._replace(
        length=facts.length,
        words=facts.words,
        question=facts.question,
        emoji=facts.emoji,
        mentions=facts.mentions,
        sentiment=sentiment,
        placeholder=False,
        failed=failed,
    )
