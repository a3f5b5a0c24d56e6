"""What people typed into forms and have not settled yet: kept with the settings, so that a restart loses none of it."""

from __future__ import annotations

import secrets
from typing import Any, cast

from monitoring.errors import UnknownName
from monitoring.monitor import Monitor

Texts = dict[str, str]
KEY = "alert_drafts"
MOST = 20
"""Newer ones take the place of the oldest."""
DRAFT = r"(?P<draft>[0-9a-f]{8})"
"""How ids of buttons name one."""


async def keep(monitor: Monitor, texts: Texts, draft: str = "") -> str:
    """Keep what was typed, in the place of an older draft if one is named; its id. Raises StoreError."""
    found = await _all(monitor)
    found.pop(draft, None)
    draft = draft or secrets.token_hex(4)
    await monitor.set_setting(KEY, dict([*found.items(), (draft, texts)][-MOST:]))
    return draft


async def kept(monitor: Monitor, draft: str) -> Texts:
    """What was typed. Raises UnknownName where it was settled already or is too old; StoreError."""
    found = await _all(monitor)
    if draft not in found:
        raise UnknownName(f"There is no draft {draft}.")

    return found[draft]


async def drop(monitor: Monitor, draft: str) -> None:
    """Forget it: it is settled. Raises StoreError."""
    found = await _all(monitor)
    if found.pop(draft, None) is not None:
        await monitor.set_setting(KEY, found)


async def _all(monitor: Monitor) -> dict[str, Texts]:
    found = await monitor.setting(KEY)
    if not isinstance(found, dict):
        return {}

    texts = cast("dict[str, dict[str, Any]]", found)
    return {draft: {str(name): str(text) for name, text in one.items()} for draft, one in texts.items()}
