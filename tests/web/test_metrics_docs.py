"""docs/metrics.md has every metric that is published, as it is published, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from monitoring.analysis.buckets import ERROR
from monitoring.assets import asset
from monitoring.monitor import Monitor
from monitoring.published import BOUNDS, FAMILIES
from monitoring.publishing import publish
from monitoring.recording.totals import LONGEST, MOST
from monitoring.settings import load_settings
from monitoring.web.exposition import exposition
from monitoring.web.grafana_rules import ALERTS

PAGE = (Path(__file__).parents[2] / "docs/metrics.md").read_text("utf-8")


def test_the_table_is_that_of_the_code() -> None:
    """Name, type, unit, labels and meaning of each, in their order."""
    rows = re.findall(r"^\| `(monitoring_\w+)` \| (\w+) \| (\S+) \| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)
    wanted = [
        (one.shown, one.kind, one.unit or "–", ", ".join(f"`{label}`" for label in one.labels) or "–", one.help)
        for one in FAMILIES.values()
    ]
    assert rows == wanted


async def test_metrics_really_says_so(tmp_path: Path) -> None:
    """The help and type lines of an answer are the table's rows."""
    monitor = Monitor(load_settings(_env_file=None, database_url=f"sqlite:///{tmp_path / 's.sqlite3'}"))
    await monitor.start()
    try:
        text = exposition(await publish(monitor)).decode()
    finally:
        await monitor.close()

    assert re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE) == [(f.shown, f.kind) for f in FAMILIES.values()]
    assert re.findall(r"^# HELP (\S+) (.+)$", text, re.MULTILINE) == [(f.shown, f.help) for f in FAMILIES.values()]


def test_what_is_said_in_words_is_so() -> None:
    """Bounds, the error, the cap, and rows and rules of the files."""
    bounds = [f"{bound:g}" for bound in BOUNDS]
    assert f"The bounds are {', '.join(bounds[:-1])} and {bounds[-1]} s." in PAGE
    assert f"within {ERROR:.2%} of a bound".replace("%", " %") in PAGE
    assert f"at most {MOST} label sets" in PAGE
    assert f"cut at {LONGEST} characters" in PAGE
    assert "GreenroomDown" in {alert.name for alert in ALERTS}
    assert (asset("grafana") / "dashboard.json").is_file()
