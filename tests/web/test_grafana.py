"""The Grafana dashboard and the Prometheus rules: as the script makes them, and about metrics that there are."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitoring.assets import asset
from monitoring.published import series_names
from monitoring.web.grafana import dashboard, files
from monitoring.web.grafana_rules import ALERTS
from tests.web.rule_stories import STORIES

PROMTOOL = shutil.which("promtool")
FROM_PROMETHEUS = {"up"}
OF_TARGETS = {"job", "instance"}
_NAME = re.compile(r"\b(monitoring_[a-z0-9_]+|up)\b(?:\{([^}]*)\})?")
_GROUP = re.compile(r"\b(?:by|on|without|ignoring)\s*\(([^)]*)\)")
_MATCHER = re.compile(r'([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)\s*"')


def queries() -> Iterator[tuple[str, str]]:
    """Every expression of dashboard and rules, with where it is."""
    for panel in dashboard()["panels"]:
        yield from ((f"panel {panel['title']}", target["expr"]) for target in panel.get("targets", ()))

    yield from ((alert.name, alert.expr) for alert in ALERTS)


def promtool(*arguments: str) -> None:
    """Prometheus' own tool agrees."""
    if PROMTOOL is None:
        pytest.skip("promtool comes with Debian's package prometheus")

    done = subprocess.run([PROMTOOL, *arguments], capture_output=True, check=False, timeout=60, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_files_are_as_the_script_makes_them() -> None:
    """If not: python -m monitoring.web.grafana."""
    for name, text in files().items():
        assert (asset("grafana") / name).read_text("utf-8") == text, name


@pytest.mark.parametrize(("place", "expr"), list(queries()))
def test_every_query_asks_for_metrics_and_labels_that_there_are(place: str, expr: str) -> None:
    """Names, matchers, and labels that are grouped or joined by."""
    known, labels = series_names(), set[str]()
    found = _NAME.findall(expr)
    assert found
    for name, matchers in found:
        assert name in known or name in FROM_PROMETHEUS, f"{place}: there is no {name}"
        own = set(known[name].labels) | {"le"} if name in known else set()
        labels |= own
        assert set(_MATCHER.findall(matchers)) <= own | OF_TARGETS, f"{place}: {name} has no such label"

    for group in _GROUP.findall(expr):
        assert {label.strip() for label in group.split(",")} <= labels | OF_TARGETS, f"{place}: by {group}"


def test_every_query_is_promql(tmp_path: Path) -> None:
    """Prometheus' own parser reads each."""
    rules = [{"record": f"a:query{number}", "expr": plain(expr)} for number, (_, expr) in enumerate(queries())]
    path = tmp_path / "queries.yml"
    path.write_text(json.dumps({"groups": [{"name": "queries", "rules": rules}]}))
    promtool("check", "rules", str(path))


def test_the_rules_are_accepted() -> None:
    """As they lie in the file."""
    promtool("check", "rules", str(asset("grafana") / "rules.yml"))


@pytest.mark.parametrize(("long", "step"), [(False, "1m"), (True, "30m")])
def test_each_rule_fires_when_it_should_and_only_then(tmp_path: Path, long: bool, step: str) -> None:
    """Series as we publish them go in, alerts come out; what lasts for hours is looked at in half hours."""
    tests = [
        {
            "interval": "1m",
            "name": f"{name}, {'bad' if fires else 'good'}",
            "input_series": [{"series": series, "values": values} for series, values in story.items()],
            "alert_rule_test": [{"alertname": name, "eval_time": at, "exp_alerts": fires}],
        }
        for name, at, story, fires in STORIES
        if at.endswith("h") is long
    ]
    path = tmp_path / "stories.yml"
    rules = str(asset("grafana") / "rules.yml")
    path.write_text(json.dumps({"rule_files": [rules], "evaluation_interval": step, "tests": tests}))
    promtool("test", "rules", str(path))


def test_each_rule_has_a_bad_and_a_good_story() -> None:
    """None is left untried."""
    assert {name for name, _, _, fires in STORIES if fires} == {alert.name for alert in ALERTS}
    assert {name for name, _, _, fires in STORIES if not fires} == {alert.name for alert in ALERTS}


def test_stories_are_told_in_series_that_there_are() -> None:
    """With the labels that we publish."""
    known = series_names()
    for _, _, story, _ in STORIES:
        for series in story:
            name, _, matchers = series.partition("{")
            if name not in FROM_PROMETHEUS:
                told = set(_MATCHER.findall(matchers)) - OF_TARGETS
                assert told <= set(known[name].labels) | {"le"}, series


def test_the_dashboard_is_what_grafana_imports() -> None:
    """Ids are unique, panels lie on the grid of 24 without overlap, every target has the chosen data source."""
    board = json.loads((asset("grafana") / "dashboard.json").read_text("utf-8"))
    panels: list[dict[str, Any]] = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}  # fmt: skip
        assert not cells & taken, panel["title"]
        taken |= cells
        for target in panel.get("targets", ()):
            assert target["datasource"]["uid"] == "${datasource}"
            assert target["refId"]

    names = {variable["name"] for variable in board["templating"]["list"]}
    used = set(re.findall(r"\$\{?([a-z]\w*)", json.dumps([panel.get("targets") for panel in panels])))
    assert used == names
    assert board["uid"]
    assert board["schemaVersion"] >= 36


def plain(expr: str) -> str:
    """An expression with Grafana's variables filled in."""
    return re.sub(r"\$(job|persona|service)\b", ".*", expr.replace("$__rate_interval", "1m"))
