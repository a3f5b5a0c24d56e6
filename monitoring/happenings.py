"""What happens, one thing after another, as it comes into the store: for somebody who watches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from monitoring.incident import Incident, Stage
from monitoring.model import MINUTE, SECOND, Band, Instant, OperationDone, Severity
from monitoring.phrasing import count, seconds
from monitoring.rows import MessageRow
from monitoring.stored_answers import StoredAnswers

BACK, BUSY_BACK = 5 * MINUTE, 10 * SECOND
"""How far back is looked for what came late, such as an operation that took long; and where there is much."""
MUCH = 5_000
FIRST = 20
"""Of what was there before, as many are told at first."""
COLUMNS = ("which", "manner", "at", "duration", "prompt", "completion")


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened; who wrote is told of personas only."""

    at: Instant
    """When it was over."""
    kind: str
    """user, persona, operation or incident."""
    subject: str
    """The persona, service or number that it is about; "" for none."""
    text: str
    band: Band = Band.UNKNOWN
    """warning: something failed; critical: a critical incident."""


class Happenings:
    """Tells each thing once, in order of time as far as it is known together."""

    def __init__(self, answers: StoredAnswers) -> None:
        self._answers = answers
        self._back = BACK
        self._told: dict[object, Instant] = {}
        self._first = True

    async def new(self) -> list[Happening]:
        """What came since the last time. Raises StoreError."""
        answers, now = self._answers, self._answers.clock.now()
        rows = await answers.store.messages(now - self._back, now + 1)
        done = await answers.store.operations(now - self._back, now + 1, COLUMNS)
        self._back = BUSY_BACK if len(rows) + len(done) > MUCH else BACK
        found = [
            *((row.id, _message(row)) for row in rows if row.chunk_of is None),
            *((tuple(one), _operation(one)) for one in done),
            *_incidents(await answers.incidents(open_only=False), now - self._back),
        ]
        fresh = [one for key, one in found if key not in self._told]
        self._told = {key: at for key, at in self._told.items() if at >= now - 2 * BACK}
        self._told.update((key, one.at) for key, one in found)
        fresh.sort(key=lambda one: one.at)
        if self._first:
            self._first = False
            return fresh[-FIRST:]

        return fresh


def _message(row: MessageRow) -> Happening:
    if not row.persona:
        to = next((name for name in row.addressed if name), "")
        return Happening(row.at, "user", to, f"somebody wrote to {to}" if to else "somebody wrote")

    if row.failed:
        return Happening(row.at, "persona", row.persona, "said that it failed", Band.WARNING)

    if row.placeholder:
        return Happening(row.at, "persona", row.persona, "is thinking")

    what = "answered" if row.answers or row.reference_id else "wrote"
    return Happening(row.at, "persona", row.persona, f"{what}, {count(row.length)} characters")


def _operation(done: OperationDone) -> Happening:
    tokens = done.prompt_tokens + done.completion_tokens
    parts = [done.operation, seconds(done.duration), done.model, f"{count(tokens)} tokens" if tokens else ""]
    text = " · ".join(part for part in parts if part)
    at = done.at + round(done.duration * SECOND)
    if done.error is None:
        return Happening(at, "operation", done.service, text)

    return Happening(at, "operation", done.service, f"{text} · failed: {done.error.value}", Band.WARNING)


def _incidents(incidents: Iterable[Incident], since: Instant) -> Iterator[tuple[object, Happening]]:
    for one in incidents:
        if one.stage is Stage.PENDING:
            continue

        band = Band.CRITICAL if one.severity is Severity.CRITICAL else Band.WARNING
        for at, words in one.history:
            if at >= since:
                told = Happening(at, "incident", str(one.number), f"{one.title or one.rule}: {words}", band)
                yield ("incident", one.number, at, words), told
