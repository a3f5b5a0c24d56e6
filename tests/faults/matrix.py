"""Does every fault of the store for real, and prints what came of it: python -m tests.faults.matrix [words of names]

Needs root and Linux (it mounts small disks). Each fault has a process of its own, two at a time. Ends with status 1 if
one promise is broken. With `--quick` the lock is held for 10 seconds instead of two minutes.
"""

# ruff: noqa: T201 - it is a program that prints.

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

from .trial import Result, Trial
from .troubles import Trouble, troubles

HEAD = (
    "fault",
    "how made",
    "what the host saw",
    "alert told",
    "what happened to the file",
    "back within",
    "facts lost",
)

POWERLESS = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search,-fowner")
"""Root, to whom the modes of files apply as to everybody else."""


def one(trouble: Trouble) -> Result:
    """Run one trouble in this process."""
    with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as parent:
        Path(parent).chmod(0o755)
        folder = Path(parent) / "store"
        folder.mkdir()
        trouble.before(folder)
        try:
            return asyncio.run(Trial(trouble, folder).run())
        finally:
            trouble.after(folder)


def beside(number: int, trouble: Trouble, *options: str) -> Result:
    """Run one trouble in a process of its own."""
    ran = subprocess.run(
        [*(POWERLESS if trouble.powerless else ()), sys.executable, "-m", __package__ + ".matrix", *options, "--one",
         str(number)],
        capture_output=True, text=True, check=False, timeout=400,
    )  # fmt: skip
    lines = ran.stdout.splitlines()
    if ran.returncode or not lines:
        return Result(trouble.name, trouble.how, broken=[f"the bot ended with {ran.returncode}: {ran.stderr[-2_000:]}"])

    return Result(**json.loads(lines[-1]))


def table(results: list[Result]) -> str:
    """The results as a table."""
    rows = [HEAD, *((r.name, r.how, r.host, r.alert, r.file, r.back, r.lost) for r in results)]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(HEAD), *lines[1:]])


def main(words: list[str]) -> int:
    """Run all troubles whose names have the words in them; the exit status."""
    options = [word for word in words if word == "--quick"]
    everything = troubles(10 if options else 120)
    if "--one" in words:
        print(json.dumps(asdict(one(everything[int(words[-1])]))))
        return 0

    names = [word for word in words if not word.startswith("--")]
    chosen = [(i, t) for i, t in enumerate(everything) if all(word in f"{t.name} {t.how}" for word in names)]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda it: beside(it[0], it[1], *options), chosen))

    print(table(results))
    broken = [(result, words) for result in results for words in result.broken]
    for result, promise in broken:
        print(f"BROKEN: {result.name} ({result.how}): {promise}")

    print(f"\n{len(results)} faults, {len(broken)} promises broken.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
