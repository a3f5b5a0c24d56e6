"""A store that is got ready in a process of its own, which kills itself on the way.

    python -m tests.kill.upgrading <store> <folder of migrations> <ledger> <statement to die at> <seconds later>

It says how many statements it began; a number beyond those means that it lives.
"""

from __future__ import annotations

import sys
from pathlib import Path

from monitoring.store.backup import Backups
from monitoring.store.mend import Preparation

from .death import Death
from .ledger import Ledger, Word

NOW = 1_767_873_600_000
"""2026-01-08 12:00 UTC: the same for every start, so that what comes out is too."""


def main(store: str, schemas: str, ledger: str, count: str, delay: str) -> None:
    """Get the store ready; what was mended is printed."""
    book = Ledger(Path(ledger))
    death = Death(book, "migrate", int(count), float(delay))
    death.watch()
    death.armed = True
    path = Path(store)
    sys.stdout.write(Preparation(path, Backups(path, path.parent / "backups", 7), NOW, Path(schemas)).run())
    book[Word.STATEMENTS] = int(count) - death.left


if __name__ == "__main__":
    main(*sys.argv[1:])
