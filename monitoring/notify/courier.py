"""What every notifier has: a name, whether it is always told, a trial, and no secret in its `repr`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from monitoring.errors import DeliveryError
from monitoring.incident import Notice
from monitoring.interfaces import Clock
from monitoring.model import Instant
from monitoring.notify.news import News, is_told, test_news

When: TypeAlias = Literal["always", "fallback"]
"""Told of everything, or only of what another place did not take."""
Read: TypeAlias = Callable[[Notice], Awaitable[News]]
"""What a notice says. Raises DeliveryError (`own`) while that cannot be known."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What all notifiers are given: who reads notices for them, the time, and the zone of times."""

    read: Read
    clock: Clock
    zone: str


class Courier(ABC):
    """Carries news to one place. What it is told twice it tells once, as far as the place allows."""

    def __init__(self, name: str, kind: When, desk: Desk) -> None:
        self.name = name
        self.kind = kind
        self._desk = desk

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}, {self.kind}>"

    async def deliver(self, notice: Notice) -> None:
        """Tell it, or raise DeliveryError. Mere edits of a message are nothing to tell here."""
        if is_told(notice):
            await self.carry(await self._desk.read(notice), notice)

    async def test(self) -> None:
        """Tell something harmless. Raises DeliveryError with what is wrong."""
        now = self._desk.clock.now()
        news = test_news(self.name, now, self._desk.zone)
        await self.carry(news, Notice(f"test {now}", "test", now, "test", self.name, f"test{now}"))

    @abstractmethod
    async def carry(self, news: News, notice: Notice) -> None:
        """Bring the news of a notice there, or raise DeliveryError."""


def refused(status: int, what: str, *, retry_after: float | None = None) -> DeliveryError:
    """What an HTTP status of 300 or more means: 4xx but 408, 425 and 429, and redirects, are for good."""
    permanent = 300 <= status < 500 and status not in (408, 425, 429)
    hint = {
        401: ": the key is wrong",
        403: ": it may not be used",
        404: ": the address does not exist any more",
        410: ": the address does not exist any more",
        429: ": too much at a time",
    }.get(status, ": it points elsewhere, and redirects are not followed" if status < 400 else "")
    return DeliveryError(f"{what} answered {status}{hint}.", permanent=permanent, retry_after=retry_after)


def at_iso(at: Instant) -> str:
    """An instant as ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
