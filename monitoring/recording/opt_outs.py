"""Who does not want to be recorded, kept beside the store and not in it: no restore and no new key brings them back."""

from __future__ import annotations

import hmac
import os
import re
import secrets
from pathlib import Path

from monitoring.errors import SettingError

_KEY, _KEY_SIZE = "key", 32
_NAMED = re.compile(r"[0-9a-f]{32}")


class OptOuts:
    """A folder with an empty file for each person, named by a hash under a key of its own.

    So opting out is one step that cannot be torn, several processes need no lock, and the key of the users' hashes may
    change without anybody being recorded again. The names join to nothing in the store. `load` reads the folder, and
    raises SettingError where there are people and their key is gone: then nobody could be recognised. The folder is
    made when the first one opts out.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = b""
        self._people: frozenset[str] = frozenset()

    def __contains__(self, user_id: int) -> bool:
        # Not remembered for each id: of those in here, nothing is.
        return bool(self._people) and self._name(user_id) in self._people

    def __len__(self) -> int:
        return len(self._people)

    def load(self) -> None:
        """Read who opted out, also by another process. Raises OSError and SettingError; then those known stay."""
        if not self._folder.is_dir():
            self._people = frozenset()
            return

        with os.scandir(self._folder) as found:
            names = {entry.name for entry in found}

        people = frozenset(name for name in names if _NAMED.fullmatch(name))
        if people and not self._key:
            self._key = self._read_key()

        self._people = people

    def add(self, user_id: int) -> None:
        """Record nothing of this user from now on. Raises OSError and SettingError."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not (self._folder / _KEY).exists():
            self.load()
            self._make_key()

        self._key = self._read_key()
        (self._folder / self._name(user_id)).touch(mode=0o600)
        _sync(self._folder)
        self.load()

    def remove(self, user_id: int) -> None:
        """Record this user again. Raises OSError."""
        self.load()
        if user_id in self:
            (self._folder / self._name(user_id)).unlink(missing_ok=True)
            _sync(self._folder)
            self.load()

    def _name(self, user_id: int) -> str:
        return hmac.digest(self._key, str(user_id).encode(), "sha256").hex()[:32]

    def _read_key(self) -> bytes:
        path = self._folder / _KEY
        key = path.read_bytes() if path.exists() else b""
        if len(key) != _KEY_SIZE:
            raise SettingError(
                [
                    f"{self._folder.name}/{_KEY} is missing or damaged; without it, those who opted out cannot be "
                    "recognised. Bring it back; where it is lost, remove the folder and ask them to opt out again."
                ]
            )

        return key

    def _make_key(self) -> None:
        """Under another name first, so that no other process ever reads half of it."""
        draft = self._folder / f"{_KEY}.{secrets.token_hex(4)}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_bytes(_KEY_SIZE))
                file.flush()
                os.fsync(file.fileno())

            try:
                # A link, unlike a rename, never takes the place of what another process made meanwhile.
                os.link(draft, self._folder / _KEY)
            except FileExistsError:
                return
            except OSError:
                # This file system knows no links.
                draft.replace(self._folder / _KEY)
        finally:
            draft.unlink(missing_ok=True)


NOBODY = OptOuts(Path(os.devnull))
"""Nobody opted out."""


def _sync(folder: Path) -> None:
    """See that a name is on the disk, where folders can be asked for that."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
