"""What a health check asks of the store, and names for a shell to go on with: read at once, without opening it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from monitoring.analysis.pulse import Pulse, pulse
from monitoring.errors import MonitoringError
from monitoring.model import DAY, Health, Instant
from monitoring.settings import load_settings
from monitoring.store.glance import glances

_OPEN = frozenset({"open", "recovering"})


def pulse_of(path: Path, now: Instant) -> Pulse:
    """Whether a bot records into the store at this path."""
    marks = glances(path, "mark")
    if marks is None:
        return Pulse(Health.UNKNOWN, f"There is no store to be read at {path}.")

    signs = [at for body in marks.values() if isinstance(at := body.get("at"), int)]
    incidents = glances(path, "incident") or {}
    numbers = [
        n for body in incidents.values() if body.get("stage") in _OPEN and isinstance(n := body.get("number"), int)
    ]
    return pulse(max(signs, default=None), numbers, now)


def persona_names() -> list[str]:
    """All personas in the store; none where there is no store."""
    try:
        return sorted(glances(load_settings().store_path, "persona") or {})
    except MonitoringError:
        return []


def service_names() -> list[str]:
    """Services that did anything in the last week; none where there is no store."""
    try:
        path = load_settings().store_path
        return asyncio.run(_services(path)) if path.is_file() else []
    except MonitoringError:
        return []


async def _services(path: Path) -> list[str]:
    from monitoring.analysis.series import label
    from monitoring.interfaces import SystemClock
    from monitoring.store.sqlite import SQLiteStore

    clock = SystemClock()
    store = SQLiteStore(path, clock=clock, read_only=True)
    await store.open()
    try:
        now = clock.now()
        done = await store.series("operation", now - 7 * DAY, now + 1, 0, ("service",))
        return sorted(name for name in done.total(label("operation", "service")) if name not in ("", "other"))
    finally:
        await store.close()
