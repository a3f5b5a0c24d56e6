"""The store: where rows, rollups and state lie. Nothing above it knows which database that is."""

from monitoring.store.sqlite import SQLiteStore

__all__ = ["SQLiteStore"]
