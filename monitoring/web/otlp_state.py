"""How pushing by OTLP goes: counted, and said once when it fails and once when it works again."""

from __future__ import annotations

import logging
from collections.abc import Callable

from monitoring.rollup import Labels

_log = logging.getLogger(__name__)

BEGINS = "Figures do not reach the OpenTelemetry collector: "


class Pushing:
    """The books of it; `noted` hears why it fails, and "" when it works again."""

    def __init__(self, noted: Callable[[str], None]) -> None:
        self.taken = 0
        self.failed = 0
        self.why = ""
        """Why the last push failed; "": it did not."""
        self._noted = noted

    def counts(self) -> dict[Labels, float]:
        """Pushes by their outcome."""
        return {("taken",): float(self.taken), ("failed",): float(self.failed)}

    def went_well(self) -> None:
        """One was taken."""
        self.taken += 1
        if self.why:
            _log.warning("Figures reach the OpenTelemetry collector again.")
            self._tell("")

    def went_wrong(self, why: str) -> None:
        """One was not."""
        self.failed += 1
        if not self.why:
            _log.warning("%s%s", BEGINS, why)

        if why != self.why:
            self._tell(why)

    def _tell(self, why: str) -> None:
        self.why = why
        self._noted(BEGINS + why if why else "")
