"""The store: where rows, rollups and state lie. Nothing above it knows which database that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitoring.store.sqlite import SQLiteStore

__all__ = ["SQLiteStore"]


def __getattr__(name: str) -> object:
    """The store itself only once it is asked for: a health check that glances at one document begins at once."""
    if name != "SQLiteStore":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    from monitoring.store.sqlite import SQLiteStore

    return SQLiteStore
