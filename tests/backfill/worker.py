"""Reads an export into a store in a process of its own, until somebody kills it.

    python -m tests.backfill.worker STORE EXPORT

Says "read" once all of it is there.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from monitoring.history.files import ExportFile
from tests.backfill.reading import life
from tests.recording.stage import APPLICATION

PIECE = 7


async def main(store: Path, export: Path) -> None:
    """Read on to the end."""
    messages = [
        one._replace(seen=one.seen._replace(application_id=APPLICATION if one.seen.webhook_id else None))
        for one in ExportFile(export).messages()
    ]
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    async with life(store) as one:
        await one.read(messages, PIECE)

    sys.stdout.write("read\n")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
