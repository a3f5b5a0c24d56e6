"""Users under a keyed hash, and the key it takes (docs/promises.md, "Privacy")."""

from __future__ import annotations

import hmac
import os
import secrets
from functools import lru_cache
from pathlib import Path

from monitoring.errors import SettingError

KEY_SIZE = 32
CACHED = 8_192
"""Users whose hash is remembered; a busy guild has a few thousand active ones."""


class UserHash:
    """Turns user ids into 16 hexadecimal digits (HMAC-SHA256, cut to 64 bits) that only this key can make."""

    def __init__(self, key: bytes) -> None:
        if len(key) < KEY_SIZE:
            raise SettingError([f"The key for user hashes has {len(key)} bytes; it needs at least {KEY_SIZE}."])

        def hashed(user_id: int) -> str:
            return hmac.digest(key, str(user_id).encode(), "sha256").hex()[:16]

        self._hashed = lru_cache(maxsize=CACHED)(hashed)

    def __call__(self, user_id: int) -> str:
        """The hash of one user."""
        return self._hashed(user_id)

    def __repr__(self) -> str:
        return "UserHash(key=***)"


def load_key(path: Path) -> bytes:
    """The key in this file, which is made on the first start: 32 random bytes that only its owner can read.

    Raises SettingError where a file is there that cannot be a key, and OSError where it can be neither read nor made.
    """
    if not path.exists():
        _create(path)

    key = path.read_bytes()
    if len(key) != KEY_SIZE or len(set(key)) < KEY_SIZE // 4:
        raise SettingError(
            [
                f"{path.name} should hold a key of {KEY_SIZE} random bytes and does not. Bring the right file back; "
                "without it, users of the past cannot be recognised. To begin anew, remove it."
            ]
        )

    if os.name == "posix" and path.stat().st_mode & 0o077:
        path.chmod(0o600)

    return key


def _create(path: Path) -> None:
    """Write a fresh key under another name first, so that a crash or a second process never leaves half a key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_SIZE))
            file.flush()
            os.fsync(file.fileno())

        _publish(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _publish(draft: Path, path: Path) -> None:
    """Give the key its name; where another process was first, its key is the one."""
    try:
        # A link, unlike a rename, never takes the place of what is there.
        os.link(draft, path)
    except FileExistsError:
        return
    except OSError:
        # This file system knows no links.
        draft.replace(path)
