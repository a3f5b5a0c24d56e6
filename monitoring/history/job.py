"""Where one reading of the history stands, as it is stored and shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from monitoring.history import Counts
from monitoring.model import Instant
from monitoring.recording.history import HistoryMessage

KIND, KEY, SPANS = "backfill", "job", "spans"
"""Where the job is stored, and the spans of time whose history was read."""
ACCOUNT = "account"
"""The setting that holds which account the bot had at its last login."""


@dataclass(slots=True)
class Job:
    """One reading: channels by their ids in their order, once they are `listed`, of which `done` are read to the end.

    No names: those of threads are texts that people wrote.
    """

    since: Instant
    until: Instant
    places: list[int] = field(default_factory=list)
    listed: bool = False
    """Whether it is known which channels there are."""
    who: str = ""
    only: int | None = None
    """The one channel that was asked for."""
    closed: list[int] = field(default_factory=list)
    """Channels that are closed to the bot."""
    began: Instant = 0
    state: str = "running"
    """running, done, stopped or failed."""
    done: int = 0
    counts: Counts = field(default_factory=Counts)
    first: Instant | None = None
    """The oldest message that was counted."""
    ended: Instant | None = None
    channel_id: int = 0
    message_id: int = 0
    """The message that shows it."""
    content: bool = True
    """Whether texts could be read."""
    reached: Instant = 0
    """Up to when the channel at hand is read."""
    doing: str = ""
    """What is waited for; "" while it reads."""

    @property
    def share(self) -> float:
        """How much is read, 0..1; of the channel at hand by time, since nobody knows how many messages there are."""
        if not self.listed:
            return 0.0

        if not self.places or self.done >= len(self.places):
            return 1.0

        part = (self.reached - self.since) / max(self.until - self.since, 1) if self.reached else 0.0
        return min((self.done + min(max(part, 0.0), 1.0)) / len(self.places), 1.0)

    def take(self, counts: Counts, messages: Sequence[HistoryMessage]) -> None:
        """Some more messages were read."""
        self.counts.add(counts)
        if counts.users + counts.personas:
            self.first = min(self.first or self.until, messages[0].seen.at)

    def moved_on(self) -> Job:
        """The same, with the channel at hand read to its end."""
        return replace(self, done=self.done + 1)

    def left(self, now: Instant) -> float | None:
        """Seconds that it may still take, at the pace so far; None while that cannot be told."""
        if self.share < 0.02:
            return None

        return (now - self.began) / 1000 * (1 - self.share) / self.share

    def document(self) -> dict[str, object]:
        """What is stored of it."""
        body = asdict(self)
        # The audit says who it was, and for how long that is kept.
        del body["doing"], body["reached"], body["who"]
        return body

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Job | None:
        """That of a stored document; None for one that is of another program."""
        try:
            known = dict(body)
            known["counts"] = Counts(**known["counts"])
            return cls(**known)
        except (KeyError, TypeError, ValueError):
            return None
