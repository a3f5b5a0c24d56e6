"""Failures that discord.py tells nobody but its log: of slash commands, context menus, components and modals.

It has no event for them, and a handler of ours in the place of its own would change the host. So its loggers are
listened to, by a filter that lets everything pass. A host with handlers of its own keeps these loggers silent; it may
say what failed itself (docs/host.md).
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import discord

from ._interactions import Interaction, owner_in

LOGGERS = ("discord.app_commands.tree", "discord.ui.view", "discord.ui.modal")
_DEEPEST = 12
"""Calls between this filter and the function of discord.py that writes to the log."""
Hear = Callable[[Interaction, BaseException, object], None]

log = logging.getLogger(__name__)


class Overheard(logging.Filter):
    """Hears of exceptions as discord.py logs them, in the very call; lets every record pass as it is."""

    def __init__(self, client: discord.Client, hear: Hear) -> None:
        super().__init__()
        self._client = client
        self._hear = hear

    def listen(self) -> None:
        """Begin."""
        for name in LOGGERS:
            logging.getLogger(name).addFilter(self)

    def stop(self) -> None:
        """End, and leave nothing behind."""
        for name in LOGGERS:
            logging.getLogger(name).removeFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        """True, always; before that, tell of the exception and the interaction it belongs to."""
        try:
            error = record.exc_info[1] if record.exc_info else None
            if error is not None:
                found, owner = _under_way(sys._getframe(1))
                if found is not None and found.client is self._client:
                    self._hear(found, error, owner)
        except Exception:
            # Recording must never disturb the bot it watches.
            log.exception("A failure could not be recorded")

        return True


def _under_way(frame: FrameType | None) -> tuple[Interaction | None, object]:
    """The interaction, and the view or modal, of the function of discord.py that is writing to the log."""
    for _ in range(_DEEPEST):
        if frame is None:
            break

        if str(frame.f_globals.get("__name__", "")).startswith("discord."):
            seen: dict[str, Any] = dict(frame.f_locals)
            found = seen.get("interaction")
            return (found, owner_in(seen)) if isinstance(found, discord.Interaction) else (None, None)

        frame = frame.f_back

    return None, None
