"""Keys of programs: who may do what over HTTP. Only their digests stay in memory."""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path

from monitoring.errors import SettingError
from monitoring.settings import Settings

_log = logging.getLogger(__name__)

LEAST = 32
"""Characters of a key."""
LEAST_VARIED = 10
"""Different characters in a key."""
EXAMPLES = (
    *("example", "changeme", "change-me", "change_me", "your-", "your_", "secret", "password", "placeholder"),
    *("replace", "0123456789", "abcdefgh"),
)
"""What is in keys that were copied from a page."""
SHORT = f"is shorter than {LEAST} characters"
MEND = 'make one with: python -c "import secrets; print(secrets.token_urlsafe(32))"'


class Right(StrEnum):
    """What a key may do."""

    READ = "read"
    WRITE = "write"
    EXPORT = "export"
    OPERATE = "operate"
    """Acknowledge and silence incidents."""
    ADMIN = "admin"


ALL = frozenset(Right)


@dataclass(frozen=True, slots=True)
class Key:
    """One key as it is remembered."""

    name: str
    """By which it is told apart in books of what was asked; says nothing of the key."""
    digest: bytes
    rights: frozenset[Right] = ALL


class Keys:
    """The keys that open this server; without any, it is open to the machine it runs on."""

    def __init__(self, keys: tuple[Key, ...] = ()) -> None:
        self._keys = keys

    def __bool__(self) -> bool:
        return bool(self._keys)

    def find(self, secret: str) -> Key | None:
        """The key with this text; takes as long whether there is one or not."""
        digest, found = _digest(secret), None
        for key in self._keys:
            if hmac.compare_digest(key.digest, digest):
                found = key

        return found

    def named(self, name: str) -> Key | None:
        """The key of this name, if it still is one."""
        return next((key for key in self._keys if key.name == name), None)


def keys_of(settings: Settings) -> Keys:
    """The keys that the settings name; where one is needed and none is named, the one kept beside the store.

    Raises SettingError that names each weak one and says how to mend it.
    """
    problems, found = [], []
    for setting, rights, secret in _named(settings):
        if why := weakness(secret):
            problems.append(f"{setting} {why}: {MEND}.")
        elif not rights:
            problems.append(f"{setting} must say what each may do, as read=… or read+export=…; of {', '.join(Right)}.")
        else:
            found.append(_key(secret, rights))

    if problems:
        raise SettingError(problems)

    if not found and is_reached_from_outside(settings):
        found.append(_key(_kept(settings.store_path.with_suffix(".api-key")), ALL))

    return Keys(tuple(found))


def weakness(secret: str) -> str:
    """Why a key is too weak, as what follows its name; "" for a good one."""
    if len(secret) < LEAST:
        return SHORT

    if not secret.isascii() or not secret.isprintable() or " " in secret:
        return "holds characters that no header can carry"

    if any(word in secret.casefold() for word in EXAMPLES):
        return "looks like an example"

    return "is too regular to be random" if len(set(secret)) < LEAST_VARIED else ""


def is_reached_from_outside(settings: Settings) -> bool:
    """Whether others than this machine may reach the server."""
    return not is_loopback(settings.analytics_host) or bool(settings.analytics_allowed_hosts)


def is_loopback(host: str) -> bool:
    """Whether an address or name is this machine's own."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


def _named(settings: Settings) -> Iterator[tuple[str, frozenset[Right], str]]:
    if whole := settings.analytics_api_key.get_secret_value():
        yield "ANALYTICS_API_KEY", ALL, whole

    more = settings.analytics_api_keys.get_secret_value()
    for part in filter(None, map(str.strip, more.split(","))):
        names, _, secret = part.partition("=")
        words = {word.strip() for word in names.split("+")}
        rights = frozenset(map(Right, words)) if secret and words <= set(Right) else frozenset[Right]()
        yield "ANALYTICS_API_KEYS", rights, secret or part


def _key(secret: str, rights: frozenset[Right]) -> Key:
    digest = _digest(secret)
    return Key(hashlib.sha256(digest).hexdigest()[:12], digest, rights)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


def _kept(path: Path) -> str:
    """The key in this file, which is made on the first start and which only its owner can read."""
    if not path.exists():
        _make(path)
        _log.warning("A key for the web server was made; it is in %s.", path.name)

    if os.name == "posix" and path.stat().st_mode & 0o077:
        path.chmod(0o600)

    secret = path.read_text("utf-8", errors="replace").strip()
    if why := weakness(secret):
        raise SettingError([f"The key in {path.name} {why}; remove the file, and a new one is made at the next start."])

    return secret


def _make(path: Path) -> None:
    """Written under another name first, so that a crash never leaves half a key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft, secret = path.with_name(f"{path.name}.{secrets.token_hex(4)}"), secrets.token_urlsafe(32)
    while weakness(secret):
        secret = secrets.token_urlsafe(32)

    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(f"{secret}\n")
            file.flush()
            os.fsync(file.fileno())

        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
