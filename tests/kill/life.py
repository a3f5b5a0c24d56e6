"""What one life of the worker is told before it begins."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from monitoring.interfaces import SystemClock
from monitoring.model import Instant

OWN_APPLICATION, OWN_USER, HOOK = 900, 901, 903
GUILD, CHANNELS = 10, (21, 22, 23)
PERSONAS = ("Luna", "Max", "Scav")
KEPT_NOTICES = 40
"""Notices that the worker leaves; older ones it deletes, which must not come back."""


@dataclass(frozen=True, slots=True)
class Life:
    """One start of the worker, from which it is killed."""

    number: int
    store: str
    ledger: str
    skipped: Instant = 0
    """Milliseconds by which its clocks are ahead of the machine's, as if the bot had been down so long."""
    leap: Instant = 0
    """Milliseconds by which they go on once it has started, as if it had run so long."""
    stage: str = ""
    """In which stage it kills itself; "" where it is killed from outside, `close` where it is told to go before."""
    count: int = 0
    delay: float = 0.0
    after: float = 0.5
    """Seconds after which it begins to look for its death, or to close."""
    rate: float = 1.0
    """Times a thousand facts a second."""

    @property
    def path(self) -> Path:
        """The store's file."""
        return Path(self.store)

    def dumped(self) -> str:
        """As an argument of a command."""
        return json.dumps(asdict(self))

    @classmethod
    def loaded(cls, text: str) -> Life:
        """From an argument of a command."""
        return cls(**json.loads(text))


class SkippingClock(SystemClock):
    """The machine's clock with hours left out, of absence or of running."""

    def __init__(self, skipped: Instant) -> None:
        self.skipped = skipped

    def now(self) -> Instant:
        """UTC milliseconds."""
        return super().now() + self.skipped

    def monotonic(self) -> float:
        """Seconds since some moment, the same for every process of this machine."""
        return super().monotonic() + self.skipped / 1000
