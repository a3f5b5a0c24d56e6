"""What raw rows add up to, counted anew by the letter of the metrics' descriptions, to hold rollups against (F15)."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable

from monitoring.model import MINUTE, Instant, OperationDone
from monitoring.recording.sentiment import mood_of
from monitoring.rollup import Deltas, Labels, Rollup

COUNTED = (
    "operation", "component", "first_token", "failure", "message", "detail", "sentiment", "addressed", "answered",
    "exchange", "exchange_outcome",
)  # fmt: skip
"""Metrics of which every thing counted has left a row."""


class Recount:
    """Deltas by metric and minute, of everything that began in [start, end)."""

    def __init__(self, start: Instant, end: Instant) -> None:
        self._start, self._end = start, end
        self.deltas: Deltas = defaultdict(dict)

    def operations(self, done: Iterable[OperationDone]) -> None:
        """Count operations."""
        for one in done:
            guild, failed, weight = str(one.guild_id), one.error is not None, one.weight
            labels = (one.service, one.operation, one.model, one.persona, guild, one.feature)
            self._add("operation", one.at, labels, one.duration, failed, weight, sketch=True)
            self._spend(one, labels)
            if one.response_id is not None:
                self._add("component", one.at, (one.operation, one.persona, guild), one.duration, failed, weight)

            if one.first_token is not None:
                first = (one.model, one.persona, guild)
                self._add("first_token", one.at, first, one.first_token, failed, weight, sketch=True)

            if one.error is not None:
                self._add("failure", one.at, (one.service, one.operation, one.error.value, guild), None, False, weight)

    def _spend(self, one: OperationDone, labels: Labels) -> None:
        tokens = one.prompt_tokens + one.completion_tokens
        rollup = self._at("operation", one.at, labels)
        if rollup is not None:
            rollup.prompt += one.prompt_tokens * one.weight
            rollup.completion += one.completion_tokens * one.weight
            rollup.cached += one.cached_tokens * one.weight
            rollup.cost += (one.cost or 0) * one.weight
            rollup.unpriced += one.weight if tokens and one.cost is None else 0

    def messages(self, db: sqlite3.Connection) -> None:
        """Count messages: what they bear, their mood, and whether those that addressed a persona were answered."""
        names = dict(db.execute("SELECT id, text FROM name"))
        rows = db.execute(
            "SELECT at, guild, channel, persona, length, words, question, emoji, mentions, sentiment, addressed, "
            "answered FROM message WHERE at >= ? AND at < ? AND NOT failed AND NOT placeholder",
            (self._start, self._end),
        )
        for at, number, channel, by, length, words, question, emoji, mentions, mood, addressed, answered in rows:
            persona, guild = names.get(by, ""), str(number)
            self._add("message", at, ("persona" if persona else "user", persona, guild, str(channel)), length)
            bears = {"question": question, "emoji": emoji, "mention": mentions, "word": words}
            for what, value in bears.items():
                if value:
                    self._add("detail", at, (what, persona, guild), value)

            if persona and mood is not None:
                self._add("sentiment", at, (persona, guild, mood_of(mood)), mood)

            if not persona and addressed and answered is not None:
                for one in {"", *(names[name] for name in json.loads(addressed))}:
                    self._add("addressed", at, (one, guild), None, not answered)

    def answers(self, db: sqlite3.Connection) -> None:
        """Count answered messages, under the message that was answered."""
        rows = db.execute(
            "SELECT asked.at, name.text, asked.guild FROM message said JOIN message asked ON asked.id = said.answers "
            "JOIN name ON name.id = said.persona WHERE asked.at >= ? AND asked.at < ? AND NOT said.failed",
            (self._start, self._end),
        )
        for at, persona, guild in rows:
            self._add("answered", at, (persona, str(guild)), None)

    def exchanges(self, db: sqlite3.Connection) -> None:
        """Count exchanges, their turns, and their outcomes."""
        rows = db.execute(
            "SELECT e.at, s.text, n.text, e.guild, e.turns, e.success FROM exchange e "
            "JOIN name s ON s.id = e.starter JOIN name n ON n.id = e.ender WHERE e.at >= ? AND e.at < ?",
            (self._start, self._end),
        )
        for at, starter, ender, guild, turns, success in rows:
            self._add("exchange", at, (starter, ender, str(guild)), turns)
            if success is not None:
                self._add("exchange_outcome", at, (str(guild),), None, not success)

    def _at(self, metric: str, at: Instant, labels: Labels) -> Rollup | None:
        if not self._start <= at < self._end:
            return None

        return self.deltas[metric, at - at % MINUTE].setdefault(labels, Rollup())

    def _add(
        self,
        metric: str,
        at: Instant,
        labels: Labels,
        value: float | None,
        failed: bool = False,
        weight: int = 1,
        *,
        sketch: bool = False,
    ) -> None:
        rollup = self._at(metric, at, labels)
        if rollup is not None:
            rollup.add(value, failed=failed, weight=weight, sketch=sketch)

    def minutes(self, metric: str, width: int = MINUTE) -> dict[tuple[Instant, Labels], Rollup]:
        """What was counted of a metric, by step of a width of whole hours or minutes, and labels."""
        result: dict[tuple[Instant, Labels], Rollup] = {}
        for (name, minute), table in self.deltas.items():
            if name == metric:
                for labels, rollup in table.items():
                    result.setdefault((minute - minute % width, labels), Rollup()).merge(rollup)

        return result
