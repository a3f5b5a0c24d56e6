"""What a SQLite file says of itself, read from its bytes: opening it would already change its folder."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

MAGIC = b"SQLite format 3\0"
APPLICATION_ID = 0x47524E52
"""Marks our files ("GRNR")."""
SIDES = ("-wal", "-shm", "-journal")
"""What the names of the files that SQLite keeps beside a store end in."""
_WAL_MAGIC = {0x377F0682, 0x377F0683}
HEAD = 100
"""Bytes of the header at the beginning of the first page."""
_FRAME = struct.Struct(">II8s")


@dataclass(frozen=True, slots=True)
class Header:
    """The numbers in the first page: whose file it is, its schema, and its size in pages."""

    application_id: int
    version: int
    pages: int
    page_size: int

    @property
    def ours(self) -> bool:
        """Whether this program, of whatever version, made the file."""
        return self.application_id == APPLICATION_ID


def read_header(path: Path) -> Header | None:
    """The header as the next reader would see it, the write-ahead log included; None for what is no SQLite file."""
    with path.open("rb") as file:
        page = file.read(HEAD)

    if parse_header(page) is None:
        return None

    return parse_header(_newest_first_page(path.with_name(path.name + "-wal")) or page)


@lru_cache(maxsize=8)
def parse_header(page: bytes) -> Header | None:
    """The header in the first bytes of a first page; None for what is none."""
    if len(page) < HEAD or not page.startswith(MAGIC):
        return None

    (size,) = struct.unpack_from(">H", page, 16)
    (pages,) = struct.unpack_from(">I", page, 28)
    (version,) = struct.unpack_from(">I", page, 60)
    (application_id,) = struct.unpack_from(">I", page, 68)

    return Header(application_id, version, pages, 65536 if size == 1 else size)


def _newest_first_page(wal: Path) -> bytes | None:
    """The head of page 1 as last committed in the log, if it is there (https://www.sqlite.org/fileformat2.html#walformat)."""
    if not wal.is_file():
        return None

    with wal.open("rb") as file:
        head = file.read(32)
        if len(head) < 32 or struct.unpack_from(">I", head)[0] not in _WAL_MAGIC:
            return None

        (page_size,) = struct.unpack_from(">I", head, 8)
        salts = head[16:24]
        committed = candidate = None
        while len(frame := file.read(24 + page_size)) == 24 + page_size:
            number, commit, frame_salts = _FRAME.unpack_from(frame)
            if frame_salts != salts:
                break

            if number == 1:
                candidate = frame[24 : 24 + HEAD]

            if commit:
                committed = candidate

    return committed
