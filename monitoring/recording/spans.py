"""The door for spans of OpenTelemetry; what is behind it is loaded only once somebody wants them."""

from __future__ import annotations

import logging
import sys
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

from monitoring.errors import MonitoringError
from monitoring.recording.operation import Instruments

if TYPE_CHECKING:
    from monitoring.recording.otel import GenAISpans

log = logging.getLogger(__name__)

_BEHIND, _SDK = "monitoring.recording.otel", "opentelemetry.sdk.trace"
MISSING = "OpenTelemetry is not installed, so that its spans are not seen: pip install greenroom[otel]."
WAITING = "OTEL_SPANS waits for the bot to set up a TracerProvider of the OpenTelemetry SDK."


class Spans:
    """Takes the spans of instrumented model clients as operations, from `start` to `close`.

    `wanted`: from the process's global TracerProvider, by itself, which `regularly` is looked for. `problems`:
    sentences for people, of which it keeps its own up to date.
    """

    def __init__(
        self,
        instruments: Instruments,
        problems: list[str],
        *,
        wanted: bool,
        regularly: Callable[[Callable[[], Awaitable[None]]], None],
    ) -> None:
        self._intake = instruments._intake
        self._problems = problems
        self._wanted = wanted
        self._regularly = regularly
        self._added = False

    def processor(self) -> GenAISpans:
        """A span processor for a TracerProvider: `provider.add_span_processor(monitor.spans.processor())`.

        It is always the same one, so that what is added once serves the Monitor of a reloaded extension too; added
        twice, it counts once. Raises MonitoringError where OpenTelemetry is not installed.
        """
        try:
            from monitoring.recording.otel import PROCESSOR
        except ImportError as error:
            raise MonitoringError(MISSING) from error

        PROCESSOR.serve(self._intake)
        return PROCESSOR

    async def start(self) -> None:
        """Go on with a processor that was handed out before, and look for the global provider where that is wanted."""
        loaded = sys.modules.get(_BEHIND)
        if loaded is not None and loaded.PROCESSOR.is_left:
            self.processor()

        if self._wanted:
            self._regularly(self.look)

    async def look(self) -> None:
        """Add the processor to the global provider, once there is one that takes it: the host may set it up late."""
        if self._added:
            return

        if _SDK not in sys.modules:
            # Nobody can have a provider then, and loading it here would hold up the event loop.
            self._say(WAITING if find_spec("opentelemetry") is not None else MISSING)
            return

        try:
            self._added = self.processor().add_to_global()
        except MonitoringError as error:
            self._say(str(error))
        else:
            self._say("" if self._added else WAITING)

    async def close(self) -> None:
        """Take nothing any more; the processor stays with its provider, which gives none back, and does nothing."""
        loaded = sys.modules.get(_BEHIND)
        if loaded is not None:
            loaded.PROCESSOR.leave(self._intake)

        self._added = False

    def _say(self, sentence: str) -> None:
        if sentence and sentence in self._problems:
            return

        self._problems[:] = [one for one in self._problems if one not in (MISSING, WAITING)]
        if sentence:
            log.warning("%s", sentence)
            self._problems.append(sentence)
