"""What people, disks and other programs do to a store's file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

Cause = Callable[[Path], None]

PAGE = 4096
NEWER = 99


def side(path: Path, ending: str) -> Path:
    """A file beside the store."""
    return path.with_name(path.name + ending)


def overwrite(path: Path, at: int, data: bytes) -> None:
    """Write bytes into a file where it lies, as a failing disk or a wrong program does."""
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data)


def carried_over(path: Path) -> None:
    """Everything out of the log into the file, so that damage to the file is not covered by the log."""
    with closing(sqlite3.connect(path, timeout=5)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def root_of(path: Path, table: str) -> int:
    """The page at which a table begins."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        return int(db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0])


def first_page(path: Path) -> None:
    """Garbage over the first page."""
    overwrite(path, 0, b"\xa5" * PAGE)


def table_pages(path: Path) -> None:
    """Garbage over the page in the middle that all of a table hangs from."""
    root = root_of(path, "message")
    carried_over(path)
    overwrite(path, (root - 1) * PAGE, b"\xa5" * PAGE)


def cut_short(path: Path) -> None:
    """The second half of the file is gone."""
    carried_over(path)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2 // PAGE * PAGE)


def garbage_log(path: Path) -> None:
    """Garbage over the write-ahead log."""
    log = side(path, "-wal")
    size = log.stat().st_size if log.exists() else 0
    with log.open("r+b" if size else "wb") as file:
        file.seek(32 if size else 0)
        file.write(b"\xa5" * max(size - 32, 20 * PAGE))


def zeroed_pages(path: Path) -> None:
    """Zeros over every second page but the first, as after a power failure."""
    carried_over(path)
    for page in range(1, path.stat().st_size // PAGE, 2):
        overwrite(path, page * PAGE, bytes(PAGE))


def bad_schema(path: Path) -> None:
    """A row of the schema that is no SQL."""
    _schema(path, "UPDATE sqlite_schema SET sql = 'CREATE TABLE message (' WHERE name = 'message'")


def lost_table(path: Path) -> None:
    """A row of the schema is gone, and with it a table."""
    _schema(path, "DELETE FROM sqlite_schema WHERE tbl_name = 'journal'")


def _schema(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None, timeout=5)) as db:
        db.execute("PRAGMA writable_schema = ON")
        db.execute(sql)
        ((version,),) = db.execute("PRAGMA schema_version").fetchall()
        db.execute(f"PRAGMA schema_version = {version + 1}")


DAMAGES: dict[str, Cause] = {
    "first page": first_page,
    "a table's pages": table_pages,
    "cut short": cut_short,
    "garbage in the log": garbage_log,
    "zeroed pages": zeroed_pages,
    "bad schema row": bad_schema,
    "lost table": lost_table,
}


def renamed(path: Path) -> None:
    """Renamed, as for a copy by hand."""
    path.rename(side(path, ".kept"))


def deleted(path: Path) -> None:
    """Deleted, side files too."""
    for ending in ("", "-wal", "-shm"):
        side(path, ending).unlink(missing_ok=True)


def replaced(path: Path) -> None:
    """A sound older copy is renamed over it."""
    copy = side(path, ".copy")
    with closing(sqlite3.connect(path)) as db, closing(sqlite3.connect(copy)) as target:
        db.backup(target)

    path.rename(side(path, ".kept"))
    copy.rename(path)


def emptied(path: Path) -> None:
    """Made empty in place."""
    with path.open("r+b") as file:
        file.truncate(0)


def directory(path: Path) -> None:
    """A directory lies there instead, as an empty mount of a container does."""
    _away(path)
    path.mkdir()
    (path / "note").write_text("x")


def foreign(path: Path) -> None:
    """Another program's database lies there instead."""
    _away(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE theirs (x)")
        db.commit()


def text(path: Path) -> None:
    """A file that is no database lies there instead."""
    _away(path)
    path.write_bytes(b"not a database" * 1_000)


def newer(path: Path) -> None:
    """A store of a newer program lies there instead."""
    with closing(sqlite3.connect(path)) as db, closing(sqlite3.connect(side(path, ".newer"))) as target:
        db.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
        target.execute(f"PRAGMA user_version = {NEWER}")
        target.commit()

    _away(path)
    side(path, ".newer").rename(path)


def _away(path: Path) -> None:
    path.rename(side(path, ".kept"))


def back(path: Path) -> None:
    """What was put away lies at its place again; what lay there in between is put away."""
    path.rename(side(path, ".between"))
    side(path, ".kept").rename(path)


def large_and_damaged(path: Path) -> None:
    """Grown to 300 MB by messages of two days ago, with garbage over a page in the middle of them."""
    columns = "guild, channel, at, length, words, question, emoji, mentions, placeholder, failed, command"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN")
        db.execute(
            f"INSERT INTO message (id, {columns}) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
            "WHERE i < 4500000) SELECT 1000000000000 + i, 1, 2, "
            "CAST(strftime('%s', 'now', '-2 days') AS INTEGER) * 1000 + i, 40, 8, 0, 0, 0, 0, 0, 0 FROM n"
        )
        db.execute("COMMIT")

    middle_leaf(path)


def middle_leaf(path: Path) -> None:
    """Garbage over one page of a table that is neither its first nor its last."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        ((page,),) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'message'").fetchall()

    carried_over(path)
    with path.open("rb") as file:
        file.seek((page - 1) * PAGE)
        head = file.read(PAGE)

    cells = int.from_bytes(head[3:5], "big")
    assert head[0] == 5, "the table has more than one page"
    at = int.from_bytes(head[12 + cells // 2 * 2 : 14 + cells // 2 * 2], "big")
    overwrite(path, (int.from_bytes(head[at : at + 4], "big") - 1) * PAGE, b"\xa5" * PAGE)
