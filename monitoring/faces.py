"""What is shown outside Discord in the Monitor's own time: begun after all else, ended before all else."""

from __future__ import annotations

import asyncio
import logging

from monitoring.interfaces import Face

_log = logging.getLogger(__name__)

LEAVE_WITHIN = 4.0
"""Seconds that one has to end."""


class Faces(list[Face]):
    """The web server, where it is on. What fails here harms neither the recording nor the host."""

    def __init__(self) -> None:
        super().__init__()
        self.behind: list[Face] = []
        """What begins and ends with them and shows nothing: it listens to the host."""

    async def start(self) -> None:
        """Begin with each."""
        for face in (*self.behind, *self):
            try:
                await face.start()
            except Exception:
                _log.exception("%s could not begin", type(face).__name__)

    async def close(self) -> None:
        """End each, the last one first."""
        for face in reversed((*self.behind, *self)):
            try:
                await asyncio.wait_for(face.close(), LEAVE_WITHIN)
            except Exception:
                # Also the end of its time: what is stored does not wait for it.
                _log.exception("%s did not end as it should", type(face).__name__)
