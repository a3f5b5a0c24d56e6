"""Users under a keyed hash, and the key it takes (docs/privacy.md)."""

from __future__ import annotations

import hmac
import os
import secrets
from functools import lru_cache
from pathlib import Path

from monitoring.errors import SettingError
from monitoring.recording.opt_outs import NOBODY, OptOuts

KEY_SIZE = 32
CACHED = 8_192
"""Users whose hash is remembered; a busy guild has a few thousand active ones."""


class UserHash:
    """Turns user ids into 16 hexadecimal digits (HMAC-SHA256, cut to 64 bits) that only this key can make.

    Who is among `opt_outs` is nobody (""), as is the id 0.
    """

    def __init__(self, key: bytes, opt_outs: OptOuts = NOBODY) -> None:
        if len(key) < KEY_SIZE:
            raise SettingError([f"The key for user hashes has {len(key)} bytes; it needs at least {KEY_SIZE}."])

        def hashed(user_id: int) -> str:
            return hmac.digest(key, str(user_id).encode(), "sha256").hex()[:16]

        self._hashed = lru_cache(maxsize=CACHED)(hashed)
        self._key = key
        self.opt_outs = opt_outs

    def __call__(self, user_id: int) -> str:
        """The hash of one user, "" for nobody."""
        # Asked each time: what is remembered must not outlive the opting out.
        if not user_id or user_id in self.opt_outs:
            return ""

        return self._hashed(user_id)

    def of(self, user_id: int) -> str:
        """The hash of one user, opted out or not: under it lies what was stored before."""
        return hmac.digest(self._key, str(user_id).encode(), "sha256").hex()[:16]

    def mark(self, user_id: int, thing: str) -> str:
        """Twelve hexadecimal digits by which one thing of one user is known, and that say nothing of the user."""
        return hmac.digest(self._key, f"{thing} {user_id}".encode(), "sha256").hex()[:12]

    def forget(self) -> None:
        """Remember nobody; who is seen again is worked out anew."""
        self._hashed.cache_clear()

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


def rotate_key(path: Path) -> None:
    """Put a new key in the place of this one, which is overwritten first: what was stored joins to nobody any more.

    Not while the bot runs, which would go on with the old one. Raises OSError.
    """
    if path.exists():
        with path.open("r+b") as file:
            file.write(secrets.token_bytes(KEY_SIZE))
            file.flush()
            os.fsync(file.fileno())

    path.unlink(missing_ok=True)
    _create(path)


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
