"""One table of all that is promised about speed and cost, each row side by side with its peer in the same run.

`python tests/benchmarks/run.py [--only TOPIC…] [--quick] [--markdown FILE]`; status 1 when a gate is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.benchmarks import (  # noqa: E402 - the checkout is put on the path first
    api,
    charts,
    commands,
    forecasts,
    foreign,
    ingest,
    listeners,
    memory,
    otel,
    recording,
    reports,
    stalls,
    websocket,
)
from tests.benchmarks.frame import MISSED, Bench, Row, Rows, lines, machine, table  # noqa: E402

TOPICS: dict[str, Rows] = {
    "recording": recording.rows,
    "otel": otel.rows,
    "listeners": listeners.rows,
    "foreign": foreign.rows,
    "ingest": ingest.rows,
    "reports": reports.rows,
    "stalls": stalls.rows,
    "memory": memory.rows,
    "charts": charts.rows,
    "commands": commands.rows,
    "forecasts": forecasts.rows,
    "api": api.rows,
    "websocket": websocket.rows,
}
QUICK = 0.1


async def measured(names: list[str], scale: float, rounds: int) -> list[Row]:
    """The rows of some topics, in a folder that is thrown away."""
    with TemporaryDirectory(prefix="greenroom-benchmark-") as folder:
        return await table(Bench(Path(folder), scale, rounds), {name: TOPICS[name] for name in names})


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and say by the status whether every gate holds."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument(
        "--only", nargs="+", choices=TOPICS, default=list(TOPICS), metavar="TOPIC", help=", ".join(TOPICS)
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of the size, to try it")
    parser.add_argument("--scale", type=float, help="any other share of the size")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each (5)")
    parser.add_argument("--markdown", type=Path, help="write the table there too")
    options = parser.parse_args(arguments)
    scale = options.scale or (QUICK if options.quick else 1.0)
    before = machine()
    rows = asyncio.run(measured(options.only, scale, options.rounds))
    text = "\n".join(lines(rows))
    print(f"{before}; size {scale:g}, {options.rounds} rounds, medians\n\n{text}")
    if options.markdown:
        options.markdown.write_text(f"{before}; size {scale:g}, {options.rounds} rounds, medians.\n\n{text}\n")

    return 1 if any(row.verdict == MISSED for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
