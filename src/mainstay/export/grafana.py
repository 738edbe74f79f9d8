"""A dashboard for Grafana: does it answer, what does the watch say, is the truth in, what is it worth."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 24, 8  # a row of Grafana's grid, and of ours
MODEL = 'model=~"$model"'
CAME, DUE = (f"max by (model) (mainstay_outcomes_{which}{{{MODEL}}})" for which in ("came", "due"))
SOURCE = {"type": "prometheus", "uid": "${source}"}


@dataclass(frozen=True, slots=True)
class Panel:
    """A picture: its title, what it shows (expression and legend, each), how, in which unit, and how wide."""

    title: str
    shows: tuple[tuple[str, str], ...]
    kind: str = "timeseries"
    unit: str = "short"
    width: int = 8


PANELS = (
    Panel(
        "Open signals that fail",
        ((f'sum(mainstay_open_signals{{{MODEL}, severity="fail", state="open"}}) or vector(0)', ""),),
        kind="stat",
        width=4,
    ),
    Panel(
        "Open signals that warn",
        ((f'sum(mainstay_open_signals{{{MODEL}, severity="warn", state="open"}}) or vector(0)', ""),),
        kind="stat",
        width=4,
    ),
    Panel(
        "In hand or muted",
        ((f'sum(mainstay_open_signals{{{MODEL}, state!="open"}}) or vector(0)', ""),),
        kind="stat",
        width=4,
    ),
    Panel(
        "Since the watch last looked",
        ((f"max by (model) (mainstay_watch_age_seconds{{{MODEL}}})", "{{model}}"),),
        kind="stat",
        unit="s",
        width=4,
    ),
    Panel(
        "Live version",
        ((f"max by (model) (mainstay_live_version{{{MODEL}}})", "{{model}}"),),
        kind="stat",
        unit="none",
        width=4,
    ),
    Panel(
        "Messages that were not taken",
        ((f"sum by (to) (mainstay_notices_waiting{{{MODEL}}})", "{{to}}"),),
        kind="stat",
        width=4,
    ),
    Panel(
        "Signals by code",
        ((f"sum by (model, code, severity) (mainstay_open_signals{{{MODEL}}})", "{{model}} {{code}} ({{severity}})"),),
        width=12,
    ),
    Panel(
        "Money per decision",
        tuple(
            (f"max by (model, kind) (mainstay_value_per_decision{end}{{{MODEL}}})", f"{{{{model}}}} {{{{kind}}}}{says}")
            for end, says in (("", ""), ("_low", ", at least"), ("_high", ", at most"))
        ),
        width=12,
    ),
    Panel(
        "Outcomes that came, of those due",
        ((f"{CAME} / {DUE}", "{{model}}"),),
        unit="percentunit",
    ),
    Panel(
        "Since the last period judged ended",
        ((f"max by (model) (mainstay_judged_age_seconds{{{MODEL}}})", "{{model}}"),),
        unit="s",
    ),
    Panel(
        "Since decisions reached the journal",
        ((f"max by (model) (mainstay_journal_age_seconds{{{MODEL}}})", "{{model}}"),),
        unit="s",
    ),
    Panel(
        "Decisions a second",
        (
            (
                f"sum by (model, version, arm) (rate(mainstay_decisions_total{{{MODEL}}}[$__rate_interval]))",
                "{{model}}/{{version}} {{arm}}",
            ),
        ),
        unit="cps",
    ),
    Panel(
        "Rows with unexpected inputs a second",
        (
            (
                f"sum by (model, code, refused) (rate(mainstay_input_faults_total{{{MODEL}}}[$__rate_interval]))",
                "{{model}} {{code}} (refused: {{refused}})",
            ),
        ),
        unit="cps",
    ),
    Panel(
        "Outcomes and actions a second",
        ((f"sum by (model, kind) (rate(mainstay_told_total{{{MODEL}}}[$__rate_interval]))", "{{model}} {{kind}}"),),
        unit="cps",
    ),
    Panel(
        "Requests a second, by status",
        (("sum by (endpoint, status) (rate(mainstay_requests_total[$__rate_interval]))", "{{endpoint}} {{status}}"),),
        unit="reqps",
    ),
    Panel(
        "Time to answer",
        tuple(
            (
                f"histogram_quantile({share}, sum by (le) (rate(mainstay_request_duration_seconds_bucket"
                '{endpoint="decide"}[$__rate_interval])))',
                f"{share:.0%} are faster",
            )
            for share in (0.5, 0.95, 0.99)
        ),
        unit="s",
    ),
    Panel(
        "Spool and requests in flight",
        (("sum(mainstay_spool_bytes)", "bytes in the spool"), ("sum(mainstay_requests_in_flight)", "in flight")),
    ),
)


def dashboard() -> str:
    """Return the dashboard as JSON, as Grafana imports it: it asks which Prometheus to read."""
    document = {
        "title": "Mainstay",
        "uid": "mainstay",
        "tags": ["mainstay"],
        "schemaVersion": 39,
        "editable": True,
        "refresh": "1m",
        "time": {"from": "now-7d", "to": "now"},
        "templating": {"list": [_source(), _models()]},
        "panels": _placed(),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _placed() -> list[dict[str, Any]]:
    """Put panels side by side, a row at a time."""
    panels, x, y = [], 0, 0
    for number, panel in enumerate(PANELS, start=1):
        if x + panel.width > WIDTH:
            x, y = 0, y + HEIGHT
        panels.append(_panel(panel, number, {"x": x, "y": y, "w": panel.width, "h": HEIGHT}))
        x += panel.width
    return panels


def _panel(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    targets = [
        {"refId": chr(ord("A") + i), "datasource": SOURCE, "expr": expr, "legendFormat": legend or "__auto"}
        for i, (expr, legend) in enumerate(panel.shows)
    ]
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "datasource": SOURCE,
        "gridPos": place,
        "targets": targets,
        "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
    }


def _source() -> dict[str, Any]:
    return {"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}


def _models() -> dict[str, Any]:
    query = "label_values(mainstay_live_version, model)"
    return {
        "name": "model",
        "label": "Model",
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": query, "refId": "models"},
        "definition": query,
        "refresh": 2,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
    }
