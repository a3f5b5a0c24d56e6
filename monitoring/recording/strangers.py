"""Webhooks that were heard and are no persona's: kept in memory only, so that an operator can say that they are."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from monitoring.model import Instant, MessageSeen

MOST = 50
"""Webhooks that are remembered, those heard last."""
MOST_NAMES = 5


@dataclass(frozen=True, slots=True)
class Stranger:
    """A webhook, and the last names that it wrote under."""

    webhook_id: int
    guild_id: int
    channel_id: int
    made_by: int | None
    """The application that made it; None: a person."""
    names: tuple[str, ...]
    messages: int
    last_at: Instant


class Strangers:
    """The webhooks heard last that are no persona's."""

    def __init__(self) -> None:
        self._heard: OrderedDict[int, Stranger] = OrderedDict()

    def saw(self, seen: MessageSeen) -> None:
        """A message of one of them."""
        webhook = seen.webhook_id or 0
        before = self._heard.pop(webhook, None)
        names = [name for name in (before.names if before else ()) if name != seen.author_name]
        self._heard[webhook] = Stranger(
            webhook,
            seen.guild_id,
            seen.channel_id,
            seen.application_id,
            (*names, seen.author_name)[-MOST_NAMES:],
            (before.messages if before else 0) + 1,
            seen.at,
        )
        if len(self._heard) > MOST:
            self._heard.popitem(last=False)

    def forget(self, webhook_id: int) -> None:
        """It is a persona's now."""
        self._heard.pop(webhook_id, None)

    def all(self) -> list[Stranger]:
        """Those heard last, the last first."""
        return list(reversed(list(self._heard.values())))
