"""Says once that facts begin to be dropped for want of room, and once that it is over (F4)."""

from __future__ import annotations

import logging

log = logging.getLogger(__name__)

CALM = 10.0
"""Seconds without a drop after which an episode of drops has ended."""


class DropEpisode:
    """Watches how many facts were dropped so far."""

    def __init__(self) -> None:
        self.going_on = False
        """Whether something found no room within the last seconds."""
        self._drops = 0
        self._since = 0.0

    def look(self, now: float, drops: int) -> None:
        """So many were dropped until now (monotonic seconds)."""
        if drops > self._drops:
            self._since = now
            if not self.going_on:
                self.going_on = True
                log.warning("More is seen than can be recorded: facts are dropped, the least important first.")
        elif self.going_on and now - self._since >= CALM:
            self.going_on = False
            log.warning("Everything is recorded again; %d facts were dropped or sampled since the start.", drops)

        self._drops = drops
