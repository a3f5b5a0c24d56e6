"""What an error of SQLite says: about the connection, and about the file behind it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from monitoring.errors import StoreError

_STAYS = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_FULL}
"""Errors after which the connection is as good as before.

A full disk is among them: a connection that is open can still read, a new one may need room for its side files.
"""
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_DOUBTFUL = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_FORMAT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
}
"""Errors after which everything is closed and opened anew: as long as a file is open, its disk cannot be mended."""
_ANOTHER_SCHEMA = ("no such table", "no such column", "has no column named", "malformed")


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Why the file is to be looked at before it is used again."""

    moved: str = ""
    """How it ceased to be what lies at the path, as a predicate ("was renamed or deleted"); "" if it did not."""
    damaged: bool = False
    """SQLite met damage in it: a look at its ends is not enough to call it sound."""


class Displaced(Exception):
    """The path no longer leads to the file that is open; undoes the transaction it is raised in."""

    def __init__(self, suspicion: Suspicion) -> None:
        super().__init__(f"its file {suspicion.moved or 'was cut short'}")
        self.suspicion = suspicion


def code(error: BaseException) -> int:
    """The primary result code of SQLite (the extended ones say more than is needed); 0 for what is no error of it."""
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def spoils(error: BaseException) -> bool:
    """Whether a connection is of no use after an error."""
    return code(error) not in _STAYS


def suspicion(error: BaseException) -> Suspicion | None:
    """What an error says of the file; None where the file is beyond suspicion."""
    if isinstance(error, Displaced):
        return error.suspicion

    if isinstance(error, StoreError) or not isinstance(error, sqlite3.Error):
        return None

    if code(error) in _DAMAGED:
        return Suspicion(damaged=True)

    if code(error) in _DOUBTFUL:
        return Suspicion()

    return Suspicion() if any(words in str(error) for words in _ANOTHER_SCHEMA) else None


def refused(what: str, error: BaseException) -> StoreError:
    """What the caller is told: the store could not be read, could not write, …"""
    return StoreError(f"The store could not {what}: {error}.")
