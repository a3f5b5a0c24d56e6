"""Taking one person out of the store, so that no byte of the hash is left in its pages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from monitoring.rows import Forgotten
from monitoring.store import blocks
from monitoring.store.connection import Connection, Connections
from monitoring.store.packing import unpack
from monitoring.store.person_export import BACK, message_ids, number_of
from monitoring.store.threads import Threads

PASSES = 5
"""How often operations are looked through again that were packed anew meanwhile."""
_HOURS = "SELECT count(DISTINCT hour) FROM presence WHERE user = :number AND persona = 0"
_NAMED = """
UPDATE message SET named_users = nullif((
  SELECT json_group_array(j.value) FROM json_each(message.named_users) j WHERE j.value != :number
), '[]')
WHERE named_users IS NOT NULL AND EXISTS (SELECT 1 FROM json_each(message.named_users) j WHERE j.value = :number)
"""
_MINE = "IN (SELECT value FROM json_each(:ids))"
_REFERENCES = (
    f"UPDATE message SET reference = NULL WHERE reference {_MINE}",
    f"UPDATE message SET answers = NULL WHERE answers {_MINE}",
)


async def remove(user: str, db: Connection) -> Forgotten:
    """Delete all rows of the person with this keyed hash; what others wrote to them stays, and leads nowhere."""
    number = await number_of(db, user)
    if number is None:
        return Forgotten()

    ids, _ = await message_ids(db, number)
    asked = {"number": number, "ids": json.dumps(ids)}
    ((hours,),) = await db.execute_fetchall(_HOURS, asked)
    named = (await db.execute(_NAMED, asked)).rowcount
    await db.execute("DELETE FROM message WHERE user = :number", asked)
    for sql in _REFERENCES:
        await db.execute(sql, asked)

    await db.execute("DELETE FROM presence WHERE user = :number", asked)
    await _rewrite_persons(db, number)

    return Forgotten(len(ids), hours, named)


async def _rewrite_persons(db: Connection, without: int) -> None:
    """Write the table of hashes anew without one.

    To delete the row would do where everything that was ever deleted or moved was overwritten at once. A store that was
    written by an earlier version, or by another program, has copies in what SQLite takes for free space; emptied as a
    whole, every page of the table is overwritten.
    """
    rows = await db.execute_fetchall("SELECT id, hash, seen FROM person WHERE id != ? ORDER BY id", (without,))
    await db.execute("DELETE FROM person")
    await db.executemany("INSERT INTO person (id, hash, seen) VALUES (?, ?, ?)", rows)


async def unlink_operations(db: Connections, threads: Threads, user: str) -> int:
    """Let operations no longer say that they were for a message of this person; how many did."""
    ids, since = await db.read(partial(_own, user))
    unlinked = 0
    for _ in range(PASSES if ids else 0):
        found = await db.read(lambda db: db.execute_fetchall(_BLOCKS, (since - BACK, blocks.DAMAGED)))
        changed, many = await threads.run(_without, found, ids)
        if not changed:
            break

        unlinked += many
        await db.write(partial(_replace, changed))

    return unlinked


_BLOCKS = "SELECT id, state, blob FROM operation_block WHERE last >= ? AND state != ? ORDER BY id"
_REPLACE = "UPDATE operation_block SET blob = ? WHERE id = ?"


async def _replace(changed: Sequence[tuple[bytes, int]], db: Connection) -> None:
    await db.executemany(_REPLACE, changed)


async def _own(user: str, db: Connection) -> tuple[list[int], int]:
    number = await number_of(db, user)
    return await message_ids(db, number) if number is not None else ([], 0)


def _without(found: Sequence[tuple[int, int, bytes]], ids: Sequence[int]) -> tuple[list[tuple[bytes, int]], int]:
    """The blocks that change, as they are without these messages, and how many operations had one."""
    mine = np.array(ids, dtype=np.int64)
    changed, many = [], 0
    for number, state, blob in found:
        try:
            there = np.isin(unpack(blob, {"message"}).message, mine)
            if not there.any():
                continue

            whole = unpack(blob)
        except ValueError:
            continue  # Damaged: nothing of it is ever shown, and it goes with its hour.

        cleared = replace(whole, message=np.where(np.isin(whole.message, mine), 0, whole.message))
        changed.append((blocks.block_of(cleared, state).blob, number))
        many += int(there.sum())

    return changed, many
