"""What the terminal does about people while the bot is stopped: a new key, and forgetting somebody."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from monitoring.assembly_recording import RecordingParts
from monitoring.errors import StoreError
from monitoring.forgetting import note_deletion
from monitoring.interfaces import SystemClock
from monitoring.recording.identity import rotate_key as rotate
from monitoring.rows import Forgotten
from monitoring.settings import Settings
from monitoring.store.hold import held


def rotate_key(settings: Settings) -> Path:
    """Give the users' hashes a new key, and destroy the old one; the key's file. Raises StoreError while it is used."""
    key = settings.store_path.with_suffix(".key")
    _ask_for(settings.store_path)
    try:
        rotate(key)
    except OSError as error:
        raise StoreError(f"{key} could not be written: {error}.") from error

    return key


async def forget(settings: Settings, user_id: int) -> Forgotten:
    """Delete everything about one person. Raises StoreError while the bot runs, or where there is no store."""
    path = settings.store_path
    if not path.is_file():
        raise StoreError(f"There is no store at {path}.")

    _ask_for(path)
    parts = RecordingParts(settings, clock=SystemClock(), read_only=False)
    await parts.store.open()
    try:
        gone = await parts.store.forgetting.person(parts.user_hash.of(user_id))
        await note_deletion(parts.store, parts.clock)
    finally:
        await parts.store.close()

    return gone


def _ask_for(path: Path) -> None:
    """Raise StoreError while somebody has the store open: a running bot goes on with what it knows."""
    try:
        with held(path.resolve()):
            return
    except sqlite3.Error as error:
        raise StoreError(f"{path} could not be looked at: {error}.") from error
