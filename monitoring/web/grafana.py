"""Makes `assets/grafana`: the dashboard and the rules, from the same names that `/metrics` shows.

`python -m monitoring.web.grafana` writes both; a test holds the files against it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from monitoring.assets import asset
from monitoring.web.grafana_panels import JOB, PERSONA, ROWS, SERVICE, Panel
from monitoring.web.grafana_rules import rules_yaml

SCHEMA = 39
"""Of Grafana 11; newer ones take it and bring it up to date themselves."""
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
HEIGHT, LOW = 8, 4
_PERSONAS, _SERVICES = "monitoring_messages_total", "monitoring_service_health"


def dashboard() -> dict[str, Any]:
    """The whole dashboard as Grafana imports it."""
    return {
        "__inputs": [],
        "__requires": [
            {"type": "grafana", "id": "grafana", "name": "Grafana", "version": "11.0.0"},
            {"type": "datasource", "id": "prometheus", "name": "Prometheus", "version": "1.0.0"},
        ],
        "annotations": {"list": []},
        "description": "AI persona bots on Discord: answers, models, services, personas, and the monitoring itself.",
        "editable": True,
        "fiscalYearStartMonth": 0,
        "graphTooltip": 1,
        "id": None,
        "links": [],
        "panels": list(_panels()),
        "refresh": "30s",
        "schemaVersion": SCHEMA,
        "tags": ["discord", "greenroom"],
        "templating": {"list": _variables()},
        "time": {"from": "now-6h", "to": "now"},
        "timepicker": {},
        "timezone": "browser",
        "title": "Greenroom",
        "uid": "greenroom",
        "version": 1,
        "weekStart": "",
    }


def files() -> dict[str, str]:
    """What lies in `assets/grafana`: text by name."""
    return {
        "dashboard.json": json.dumps(dashboard(), indent=2, ensure_ascii=False) + "\n",
        "rules.yml": rules_yaml(),
    }


def _panels() -> Iterator[dict[str, Any]]:
    """Rows one under the other, each with its panels from left to right."""
    number, top = 1, 0
    for title, panels in ROWS:
        place = {"h": 1, "w": 24, "x": 0, "y": top}
        yield {"collapsed": False, "gridPos": place, "id": number, "panels": [], "title": title, "type": "row"}
        number, top, left = number + 1, top + 1, 0
        for panel in panels:
            height = LOW if panel.shape == "stat" else HEIGHT
            if left + panel.width > 24:
                left, top = 0, top + height

            place = {"h": height, "w": panel.width, "x": left, "y": top}
            yield _panel(panel, number, place)
            number, left = number + 1, left + panel.width

        top += height


def _panel(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    return {
        "datasource": SOURCE,
        "description": panel.says,
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "gridPos": place,
        "id": number,
        "options": _options(panel),
        "targets": [
            {
                "datasource": SOURCE,
                "editorMode": "code",
                "expr": query.whole,
                "format": "heatmap" if panel.shape == "heatmap" else "time_series",
                "instant": panel.shape == "stat",
                "legendFormat": query.legend or "__auto",
                "range": panel.shape != "stat",
                "refId": letter,
            }
            for letter, query in zip("ABCDEF", panel.queries, strict=False)
        ],
        "title": panel.title,
        "type": panel.shape,
    }


def _defaults(panel: Panel) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.steps is not None:
        steps += [{"color": color, "value": at} for color, at in zip(("yellow", "red"), panel.steps, strict=True)]

    found: dict[str, Any] = {
        "color": {"mode": "thresholds" if panel.shape in ("stat", "state-timeline") else "palette-classic"},
        "mappings": _mappings(panel),
        "thresholds": {"mode": "absolute", "steps": steps},
        "unit": panel.unit,
    }
    if panel.shape == "timeseries":
        found["min"] = 0
        found["custom"] = {
            "drawStyle": "line",
            "fillOpacity": 20 if panel.stack else 0,
            "lineWidth": 2,
            "showPoints": "never",
            "spanNulls": False,
            "stacking": {"group": "A", "mode": "normal" if panel.stack else "none"},
            "thresholdsStyle": {"mode": "dashed" if panel.steps else "off"},
        }

    return found


def _mappings(panel: Panel) -> list[dict[str, Any]]:
    if panel.shape != "state-timeline":
        return []

    words = {"0": {"color": "red", "index": 0, "text": "down"}, "1": {"color": "green", "index": 1, "text": "up"}}
    return [{"options": words, "type": "value"}]


def _options(panel: Panel) -> dict[str, Any]:
    legend = {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": True}
    match panel.shape:
        case "stat":
            calculated = {"calcs": ["lastNotNull"], "fields": "", "values": False}
            return {"colorMode": "value", "graphMode": "none", "reduceOptions": calculated, "textMode": "auto"}
        case "heatmap":
            return {"calculate": False, "cellGap": 1, "legend": {"show": True}, "yAxis": {"unit": panel.unit}}
        case "state-timeline":
            return {"alignValue": "left", "legend": legend, "mergeValues": True, "rowHeight": 0.9, "showValue": "never"}
        case _:
            return {"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}}


def _variables() -> list[dict[str, Any]]:
    source = {"label": "Data source", "name": "datasource", "query": "prometheus", "type": "datasource"}
    names = (
        ("job", "Bot", "monitoring_build_info", "job", ""),
        (PERSONA.partition("=")[0], "Persona", _PERSONAS, "persona", JOB),
        (SERVICE.partition("=")[0], "Service", _SERVICES, "service", JOB),
    )
    return [source, *(_variable(*one) for one in names)]


def _variable(name: str, label: str, metric: str, of: str, kept: str) -> dict[str, Any]:
    asked = f"label_values({metric}{{{kept}}}, {of})" if kept else f"label_values({metric}, {of})"
    return {
        "allValue": ".*",
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
        "datasource": SOURCE,
        "definition": asked,
        "hide": 0,
        "includeAll": True,
        "label": label,
        "multi": True,
        "name": name,
        "query": {"qryType": 1, "query": asked, "refId": "PrometheusVariableQueryEditor-VariableQuery"},
        "refresh": 2,
        "sort": 1,
        "type": "query",
    }


def write() -> None:
    """Write the files anew."""
    folder = asset("grafana")
    folder.mkdir(exist_ok=True)
    for name, text in files().items():
        (folder / name).write_text(text, "utf-8")


if __name__ == "__main__":
    write()
