"""The prometheus form fills a Prometheus backwards: held against its own tool."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from monitoring.export.question import question
from monitoring.export.text import FAMILY
from monitoring.interfaces import Batch
from monitoring.metrics import METRICS
from monitoring.model import DAY, HOUR

from .stock import HOSTILE, NOW, ToldClock, answering, days_of_work, put, table, taken

PROMTOOL = shutil.which("promtool")
SAMPLE = re.compile(r'\{__name__="(?P<name>\w+)".*stat="count".*\} (?P<value>\d+) (?P<at>\d+)\Z')
pytestmark = pytest.mark.skipif(PROMTOOL is None, reason="promtool comes with Debian's package prometheus")


def promtool(*arguments: str, stdin: bytes = b"") -> str:
    """What it says; it must be content."""
    assert PROMTOOL is not None
    done = subprocess.run([PROMTOOL, *arguments], input=stdin, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode()[:2_000]
    return done.stdout.decode()


async def test_what_is_exported_is_what_prometheus_has(tmp_path: Path) -> None:
    """Every metric, names as hostile as they come: each count of the spreadsheet is a sample of the same size."""
    async with answering(tmp_path, ToldClock()) as answers:
        await days_of_work(answers.store, days=1)
        batch = Batch()
        for name in HOSTILE:
            put(batch, "response", NOW - 2 * HOUR, (name, "1", "reported"), [0.5])

        for metric in METRICS.values():
            put(batch, metric.name, NOW - 3 * HOUR, tuple("x" for _ in metric.labels), [0.5])

        await answers.store.append(batch)
        asked = question(NOW, "UTC", since=NOW - DAY)
        rows = table(await taken(answers, asked))
        body = await taken(answers, question(NOW, "UTC", since=NOW - DAY, form="prometheus"))

    promtool("check", "metrics", stdin=body)
    file, blocks = tmp_path / "past.prom", tmp_path / "blocks"
    file.write_bytes(body)
    (blocks / "wal").mkdir(parents=True)
    promtool("tsdb", "create-blocks-from", "openmetrics", str(file), str(blocks))
    found: Counter[tuple[str, str]] = Counter()
    for line in promtool("tsdb", "dump", str(blocks)).splitlines():
        if told := SAMPLE.search(line):
            found[told["name"].removeprefix(FAMILY), told["at"]] += int(told["value"])

    wanted: Counter[tuple[str, str]] = Counter()
    for row in rows:
        name = "sample" if row["metric"] == "gauge" else row["metric"]
        wanted[name, _millis(row["end"])] += int(row["count"])

    assert found == wanted
    assert len({name for name, _ in found}) == len(METRICS)


def _millis(moment: str) -> str:
    return str(round(datetime.fromisoformat(moment).timestamp() * 1000))
