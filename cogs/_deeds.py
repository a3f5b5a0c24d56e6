"""Writing down who changed what of the alerts; a store that fails takes nothing back of what was done."""

from __future__ import annotations

import logging

from monitoring.errors import StoreError
from monitoring.monitor import Monitor

log = logging.getLogger(__name__)


async def noted(monitor: Monitor, what: str, who: str, text: str) -> None:
    """Add a row to the audit: a word for its kind, who did it, and a sentence."""
    try:
        await monitor.audit.note(what, who, text)
    except StoreError as error:
        log.warning("not in the audit, the store does not answer: %s by %s: %s (%s)", what, who, text, error)
