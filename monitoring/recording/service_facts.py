"""What services have about themselves, as the host tells it: model, GPU, documents, voice; and when they last worked.

Kept in memory for `/health`; `document` and `recall` carry it over a restart.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from monitoring.model import MINUTE, SECOND, Instant, ServiceTold
from monitoring.recording.recent import STEP, Keep, Recent
from monitoring.recording.telling import FACTS, is_service_told

SERVICES = 200
"""Services whose facts are kept; those of further ones are refused."""
WORKING = ("rag", "tts")
"""Services of which people want to know when they last worked."""
LOOK_BACK = 5 * MINUTE
"""How far back operations are looked for, since they are filed under their beginning."""


class ServiceFacts:
    """The latest facts of every service. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._facts: dict[str, dict[str, str]] = {}
        # Reentrant, since a finalizer may tell a fact while this very thread holds it.
        self._lock = threading.RLock()
        self.changed = False
        """Whether something changed since the one who keeps `document` set this to False."""

    def tell(self, service: object, at: Instant, facts: Mapping[str, object]) -> bool:
        """Take in facts as a host says them; False where they cannot be, and then none of them is taken."""
        try:
            texts = tuple((key.replace("_", " "), _text(value)) for key, value in facts.items())
        except Exception:
            # No word or number, or an object that raises when asked.
            return False

        return self.take(ServiceTold(service, at, texts))  # type: ignore[arg-type]  # asked there

    def take(self, told: ServiceTold) -> bool:
        """Take in facts; an empty value takes the fact back."""
        if not is_service_told(told):
            return False

        with self._lock:
            known = self._facts.get(told.service, {})
            merged = known | dict(told.facts)
            kept = {key: value for key, value in merged.items() if value}
            if len(kept) > FACTS or (told.service not in self._facts and len(self._facts) >= SERVICES):
                return False

            if kept != known:
                self._facts[told.service] = kept
                self.changed = True
                if not kept:
                    del self._facts[told.service]

        return True

    def of(self, service: str) -> tuple[tuple[str, str], ...]:
        """The facts of a service, in the order in which they were told."""
        with self._lock:
            return tuple(self._facts.get(service, {}).items())

    def services(self) -> list[str]:
        """Every service of which there are facts."""
        with self._lock:
            return list(self._facts)

    def note_work(self, recent: Recent, now: Instant) -> None:
        """Take in what follows from operations of the last minutes: when something was generated, asked, indexed."""
        start, end = now - LOOK_BACK, now + 1
        for service in WORKING:
            latest: dict[str, Instant] = {}
            for operation in recent.groups("operation", start, end, 1, _only(service)):
                steps = recent.lines("operation", start, end, STEP, _only(service, operation))
                at = max((step for step, rollup in steps if rollup.successes), default=None)
                if at is not None:
                    fact = _work(service, operation)
                    latest[fact] = max(at, latest.get(fact, at))

            if latest:
                self.take(ServiceTold(service, now, tuple((fact, moment(at)) for fact, at in latest.items())))

    def document(self) -> dict[str, object]:
        """Everything, for a document of the store."""
        with self._lock:
            return {service: dict(facts) for service, facts in self._facts.items()}

    def recall(self, body: Mapping[str, object], at: Instant) -> None:
        """Take up again what `document` gave; what was told meanwhile stays."""
        for service, facts in body.items():
            known = dict(self.of(service))
            if isinstance(facts, dict):
                self.take(ServiceTold(service, at, tuple((k, v) for k, v in facts.items() if k not in known)))


def _text(value: object) -> str:
    """A word, number, truth or moment as text; raises TypeError for anything else."""
    kind = type(value)
    if kind is str:
        return value  # type: ignore[return-value]  # asked above

    if value is None:
        return ""

    if kind is bool:
        return "yes" if value else "no"

    if kind is datetime:
        return moment(round(value.timestamp() * SECOND))  # type: ignore[attr-defined]  # asked above

    if kind in (int, float, Decimal) and math.isfinite(value):  # type: ignore[arg-type]  # asked above
        return f"{value:,}"

    raise TypeError(f"a {kind.__name__} is no fact")


def moment(at: Instant) -> str:
    """An instant as a fact tells it."""
    return datetime.fromtimestamp(at / SECOND, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _work(service: str, operation: str) -> str:
    """The fact that tells when a service last did this operation."""
    if service == "tts":
        return "last generation"

    return "last indexed" if any(word in operation.casefold() for word in ("index", "ingest")) else "last query"


def _only(*begin: str) -> Keep:
    """Keeps the labels that begin like this."""
    return lambda labels: labels[: len(begin)] == begin
