"""Every fault of the matrix: how it is made for real, how long it lasts, how it ends, and what must come of it."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from . import causes
from .causes import side

NOBODY = 65_534
Act = Callable[[Path], None]


class Outcome(Enum):
    """What must become of the store's file."""

    KEPT = auto()
    """The same file goes on; not a fact is missing."""
    ASIDE = auto()
    """It is moved aside, and the newest good backup or a fresh file takes over."""
    LEFT = auto()
    """It lies elsewhere, whole; a fresh file or the one that lies there now takes over."""


def nothing(_: Path) -> None:
    """Nothing to do."""


@dataclass(frozen=True)
class Trouble:
    """One fault. `folder` is what the store lies in; `lasts` seconds until `end` makes the cause go away."""

    name: str
    how: str
    make: Act
    outcome: Outcome
    end: Act = nothing
    lasts: float = 0.0
    at_start: bool = False
    """Made while the bot is down."""
    before: Act = nothing
    """Done to the folder before anything lies in it."""
    after: Act = nothing
    """Done to the folder when all is over."""
    powerless: bool = False
    """The bot has no rights beyond those of the files it owns."""
    untouched: bool = False
    """What lies at the path while it lasts must not change by a byte."""
    met: bool = True
    """Somebody asks for a report meanwhile, which reads all that there is."""


def small_disk(folder: Path) -> None:
    """A disk of 2 MB."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], check=True)


def unmount(folder: Path) -> None:
    """Take the disk away again."""
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(path: Path) -> None:
    """Something else takes all the room that is left."""
    with path.with_name("filler").open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4_096)):
                pass
        except OSError:
            return


def make_room(path: Path) -> None:
    """And gives it back."""
    path.with_name("filler").unlink()


def limit_files(path: Path) -> None:
    """No file of the process may grow any more."""
    size = max(side(path, ending).stat().st_size for ending in ("", "-wal"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def unlimit_files(_: Path) -> None:
    """Files may grow again."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def ext4(folder: Path) -> None:
    """A disk of its own that goes read-only when it meets an error, as most do."""
    image = folder.with_name("disk.img")
    with image.open("wb") as file:
        file.truncate(32 * 1024 * 1024)

    subprocess.run(["mkfs.ext4", "-q", "-O", "^has_journal", str(image)], check=True)
    _mount(folder)


def _mount(folder: Path) -> None:
    image = folder.with_name("disk.img")
    subprocess.run(["mount", "-o", "loop,errors=remount-ro", str(image), str(folder)], check=True)


def disk_error(path: Path) -> None:
    """The kernel meets an error on the disk and makes it read-only."""
    device = Path(f"/sys/dev/block/{os.major(path.stat().st_dev)}:{os.minor(path.stat().st_dev)}").resolve().name
    Path(f"/sys/fs/ext4/{device}/trigger_fs_error").write_text("1")


def disk_mended(path: Path) -> None:
    """Somebody unmounts it, checks it and mounts it again; only possible if nobody keeps a file of it open."""
    folder = path.parent
    for _ in range(200):
        if subprocess.run(["umount", str(folder)], capture_output=True, check=False).returncode == 0:
            break

        subprocess.run(["sleep", "0.05"], check=True)
    else:
        raise RuntimeError("the bot keeps the broken disk in use")

    subprocess.run(["fsck.ext4", "-p", str(folder.with_name("disk.img"))], capture_output=True, check=False)
    _mount(folder)


def remounted_read_only(path: Path) -> None:
    """Remounted read-only by hand; only possible while nothing is open on it."""
    subprocess.run(["mount", "-o", "remount,ro", str(path.parent)], check=True)


def remounted_writable(path: Path) -> None:
    """And writable again."""
    subprocess.run(["mount", "-o", "remount,rw", str(path.parent)], check=True)


def read_only_file(path: Path) -> None:
    """The file belongs to somebody else and is only for reading (as after a restore by another user)."""
    path.chmod(0o444)
    os.chown(path, NOBODY, NOBODY)


def writable_file(path: Path) -> None:
    """Given back, with all that lies in the folder, as chown -R does it; its mode is as it was."""
    for one in path.parent.iterdir():
        os.chown(one, 0, 0)


def read_only_folder(path: Path) -> None:
    """The folder is only for reading."""
    path.parent.chmod(0o555)


def writable_folder(path: Path) -> None:
    """And writable again."""
    path.parent.chmod(0o755)


HOLD = """
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
db.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
db.execute("ROLLBACK")
db.close()
"""
_holders: list[subprocess.Popen[bytes]] = []


def locked(path: Path) -> None:
    """Another process holds the lock."""
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    _holders.append(holder)


def unlocked(_: Path) -> None:
    """And lets go."""
    _holders.pop().communicate(timeout=10)


def without_backups(damage: Act) -> Act:
    """There is no good backup when it happens."""

    def act(path: Path) -> None:
        for backup in (path.parent / "backups").iterdir():
            backup.write_bytes(b"broken")

        damage(path)

    return act


def troubles(lock_seconds: float) -> list[Trouble]:
    """All of them."""
    kept, aside, left = Outcome.KEPT, Outcome.ASIDE, Outcome.LEFT
    found = [
        Trouble("disk full", "2 MB tmpfs, filled up", fill, kept, make_room, 8, before=small_disk, after=unmount),
        Trouble("files may not grow", "RLIMIT_FSIZE", limit_files, kept, unlimit_files, 8),
        Trouble(
            "read-only file", "another user's, mode 0444; at the start", read_only_file, kept, writable_file, 6,
            at_start=True, powerless=True,
        ),
        Trouble(
            "read-only folder", "mode 0555; at the start", read_only_folder, kept, writable_folder, 6,
            at_start=True, powerless=True,
        ),
        Trouble("read-only folder", "mode 0555; running", read_only_folder, kept, writable_folder, 6, powerless=True),
        Trouble(
            "disk read-only", "tmpfs remounted ro; at the start", remounted_read_only, kept, remounted_writable, 6,
            at_start=True, before=small_disk, after=unmount,
        ),
        Trouble(
            "disk read-only", "ext4 error; umount, fsck, mount; running", disk_error, kept, disk_mended, 8,
            before=ext4, after=unmount,
        ),
        Trouble("locked", f"another process, {lock_seconds:g} s", locked, kept, unlocked, lock_seconds),
    ]  # fmt: skip
    for name, damage in causes.DAMAGES.items():
        only_the_log = damage is causes.garbage_log
        found.append(
            Trouble(f"damaged: {name}", "at the start", damage, kept if only_the_log else aside, at_start=True)
        )
        found.append(Trouble(f"damaged: {name}", "running", damage, aside))

    found += [
        Trouble("damaged: first page", "running, no good backup", without_backups(causes.first_page), aside),
        Trouble("damaged: inside a table", "running, found by the look beside", causes.middle_leaf, aside, met=False),
        Trouble(
            "damaged: inside a table",
            "a store of 300 MB; at the start, found by the look beside",
            causes.large_and_damaged,
            aside,
            at_start=True,
        ),
        Trouble("renamed", "mv; running", causes.renamed, left),
        Trouble("deleted", "rm, side files too; running", causes.deleted, left),
        Trouble("replaced", "mv of a sound copy over it; running", causes.replaced, left),
        Trouble("renamed and put back", "mv, 4 s later mv back; running", causes.renamed, left, causes.back, 4),
        Trouble("zero length", "truncated in place; running", causes.emptied, aside),
        Trouble("a newer schema", "running", causes.newer, kept, causes.back, 6, untouched=True),
        Trouble("a newer schema", "at the start", causes.newer, kept, causes.back, 0, True, untouched=True),
    ]
    for name, cause in (
        ("a directory", causes.directory),
        ("foreign SQLite", causes.foreign),
        ("no database", causes.text),
    ):
        found.append(Trouble(name, "at the start", cause, aside, at_start=True))
        found.append(Trouble(name, "running", cause, aside))

    found.append(Trouble("zero length", "at the start", causes.emptied, aside, at_start=True))
    return found
