"""The page on privacy says what there is: every column of the real schema, every kind of document, every command."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from monitoring.interfaces import SystemClock
from monitoring.store import SQLiteStore

PAGE = (Path(__file__).parents[2] / "docs/privacy.md").read_text()
ROWS = [line.strip("|").split(" | ") for line in PAGE.partition("## Every column")[2].splitlines() if "|" in line]
COLUMN = re.compile(r"`(\w+)\.(\w+)`")


async def test_every_stored_column_is_in_the_page_with_its_reason_and_its_end(tmp_path: Path) -> None:
    """And nothing is that is gone from the schema."""
    store = SQLiteStore(tmp_path / "s.sqlite3", clock=SystemClock())
    await store.open()
    with closing(sqlite3.connect(store.path)) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        there = {(t, name) for t in tables for (name,) in db.execute(f"SELECT name FROM pragma_table_info('{t}')")}

    await store.close()
    told = [pair for row in ROWS for pair in COLUMN.findall(row[0])]
    assert sorted(told) == sorted(there), "each exactly once"
    for columns, *rest in (row for row in ROWS if COLUMN.search(row[0])):
        assert len(rest) == 2, columns
        assert all(len(cell.strip()) >= 3 for cell in rest), columns


def test_every_command_about_oneself_is_in_the_page() -> None:
    """By its name."""
    from cogs._permissions import POLICY, Level

    names = [name for name, level in POLICY.items() if level is Level.MEMBER and ":" not in name and "." not in name]
    assert len(names) >= 5
    for name in [*names, "monitoring forget"]:
        assert f"`/{name}" in PAGE, name
