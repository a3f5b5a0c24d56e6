"""The file behind a path while it is in use: renamed, it would go on taking writes (F11)."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TypeAlias

from monitoring.errors import StoreError
from monitoring.store.faults import Displaced, Suspicion
from monitoring.store.header import HEAD, parse_header
from monitoring.store.migrate import Migration, refuse_newer

Identity: TypeAlias = tuple[int, int]
"""Device and inode."""

_BESIDE = ("-wal", "-shm")


class Place:
    """Knows which file was opened at a path, and sees whether it is still there and still ours."""

    def __init__(self, path: Path, known: list[Migration]) -> None:
        self._path = path
        self._known = known
        self._file: int | None = None
        self._identity: Identity | None = None
        self._size = 0
        self._beside: dict[str, Identity | None] = {}
        self._looking = threading.Lock()

    def hold(self) -> None:
        """Remember the file that lies there now. Raises OSError.

        It is kept open beside SQLite's own connections, and let go after them: a process that closes any descriptor of
        a file loses all its locks on it, SQLite's included.
        """
        self.let_go()
        self._file = os.open(self._path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0))
        found = os.fstat(self._file)
        self._identity, self._size = _identity(found), found.st_size

    def let_go(self) -> None:
        """Close it; only once all connections are closed."""
        file, self._file = self._file, None
        self._identity = None
        self._beside = {}
        if file is not None:
            os.close(file)

    def look(self) -> None:
        """Raise Displaced where the path leads elsewhere or the bytes are another's, StoreTooNew for a newer schema.

        Reads the first hundred bytes: of a file that was overwritten in place the inode stays the same.
        """
        # One look at a time: commits and opened readers look from threads of their own, and share the place at which
        # the descriptor reads. One that read on where another began would take a sound file for an overwritten one.
        with self._looking:
            self._look()

    def _look(self) -> None:
        if self._file is None:
            return

        there = identity_of(self._path)
        if there is None:
            raise Displaced(Suspicion(moved="was renamed or deleted"))

        if there != self._identity:
            raise Displaced(Suspicion(moved="was replaced"))

        os.lseek(self._file, 0, os.SEEK_SET)
        size = os.fstat(self._file).st_size
        if size == 0:
            raise Displaced(Suspicion(moved="was emptied", damaged=True))

        header = parse_header(os.read(self._file, HEAD))
        if header is None or not header.ours:
            raise Displaced(Suspicion(moved="was overwritten", damaged=True))

        refuse_newer(self._path, header, self._known)
        before, self._size = self._size, size
        # On a full disk a checkpoint that failed leaves a file shorter than its header says; it did not shrink then.
        if size < before and size < header.pages * header.page_size:
            raise Displaced(Suspicion(damaged=True))

    def seen(self, suspicion: Suspicion) -> Suspicion:
        """What can be seen of the path, where an error made its file suspect; the suspicion itself if that is nothing.

        SQLite says "not a database" of a file that was emptied, and nothing of one that is only remembered.
        """
        try:
            self.look()
        except Displaced as error:
            return error.suspicion
        except (OSError, StoreError):
            # Told by whoever looks at the file next, with everything let go of.
            return suspicion

        return suspicion

    def opened(self) -> None:
        """Take note of a connection just made: raise Displaced where it is not one to the file that is held."""
        self.look()
        if self._file is not None:
            self._beside = {side: identity_of(self._side(side)) for side in _BESIDE}

    def leave(self) -> None:
        """Take our side files away from a path that leads elsewhere now, and let go. Raises StoreError.

        Left there, SQLite would play the log into whatever lies at the path next, which it does not belong to. What the
        log still holds is kept under another name.
        """
        for side, ours in self._beside.items():
            path = self._side(side)
            if ours is None or identity_of(path) != ours:
                continue

            try:
                if side == "-wal" and path.stat().st_size:
                    path.rename(path.with_name(f"{self._path.name}.stranded-{ours[1]}{side}"))
                else:
                    path.unlink()
            except OSError as error:
                raise StoreError(f"{path} is in the way and could not be moved: {error}.") from error

        self.let_go()

    def _side(self, side: str) -> Path:
        return self._path.with_name(self._path.name + side)


def identity_of(path: Path) -> Identity | None:
    """Which file lies at a path; None if there is none. Raises OSError for what cannot be told."""
    try:
        return _identity(path.stat())
    except (FileNotFoundError, NotADirectoryError):
        return None


def _identity(found: os.stat_result) -> Identity:
    return found.st_dev, found.st_ino
