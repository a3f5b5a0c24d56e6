"""Notifiers: one file for each destination outside the ops channel; `NAMES` has them by the type a table gives."""

from __future__ import annotations

NAMES = {
    "discord": "discord_webhook",
    "slack": "slack",
    "email": "email",
    "webhook": "json_webhook",
    "console": "console",
    "apprise": "everywhere",
}
"""Type in a `[[notifier]]` table → the module whose `make(table, desk)` makes it."""
