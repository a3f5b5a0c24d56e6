"""What the page hears live: the same events as the bot, each person only what that person may see."""

from __future__ import annotations

import asyncio
import json

from monitoring.sandbox.refusals import JSON

_BACKLOG = 256
_TOLD = (
    "MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE",
    "MESSAGE_DELETE_BULK", "TYPING_START", "MODAL", "COMMANDS",
)  # fmt: skip


class PageFeed:
    """The open pages; one that reads too slowly loses its oldest events."""

    def __init__(self) -> None:
        self._pages: dict[asyncio.Queue[str], int] = {}

    def join(self, user_id: int) -> asyncio.Queue[str]:
        """A queue that fills with events for this person."""
        queue: asyncio.Queue[str] = asyncio.Queue(_BACKLOG)
        self._pages[queue] = user_id
        return queue

    def leave(self, queue: asyncio.Queue[str]) -> None:
        """Ends it."""
        self._pages.pop(queue, None)

    def tell(self, event: str, data: JSON, only_for: int | None = None) -> None:
        """Tells an event to all pages, or to those of one person."""
        if not self._pages or event not in _TOLD:
            return

        text = json.dumps({"t": event, "d": data})
        for queue, user_id in self._pages.items():
            if only_for is not None and user_id != only_for:
                continue

            if queue.full():
                queue.get_nowait()

            queue.put_nowait(text)
