"""Draws the pictures of `docs/watching.md` from `docs/watching.json`, what `bench/replays.py` printed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import altair as alt

from mainstay.report.pictures import Mark, to_svg, watch_timeline

HERE = Path(__file__).parent
TOGETHER = 4  # periods drawn as one: a line of a hundred points is a comb


@dataclass(frozen=True)
class Told:
    """How a replay is drawn: its metric, what it found, what is known to have happened, and the signals named."""

    metric: str
    says: str
    shows: str
    truths: tuple[tuple[str, str], ...]
    named: Mapping[str, str]


TOLD = {
    "elec2": Told(
        metric="roc_auc",
        says="Victoria's market was noticed on its first day; then ranking fell for a year",
        shows="ROC AUC by four weeks; solid is what is known to have happened, dashed what was noticed",
        truths=(("1997-05-04", "Victoria's columns begin"),),
        named={"3": "noticed (3)", "7": "price moved (7)", "1": "value (1)", "12": "ranking (12)"},
    ),
}


def drawn(found: Mapping[str, Any]) -> Iterable[tuple[str, alt.LayerChart]]:
    """The pictures by name, of the replays that are there."""
    for name, told in TOLD.items():
        if name in found:
            yield f"watching-{name}", picture(found[name], told)


def picture(replayed: Mapping[str, Any], told: Told) -> alt.LayerChart:
    """The metric over time with what happened and what was noticed."""
    periods = [period for period in replayed["periods"] if told.metric in period["metrics"]]
    parts = [periods[i : i + TOGETHER] for i in range(0, len(periods), TOGETHER)]
    at = [_moment(part[len(part) // 2]["start"]) for part in parts]
    values = [_mean(part, told.metric) for part in parts]
    marks = [Mark(_moment(day), text, "truth") for day, text in told.truths]
    marks += [
        Mark(_moment(signal["noticed_at"]), told.named[signal["id"]], "signal")
        for signal in replayed["signals"]
        if signal["id"] in told.named
    ]
    return watch_timeline(at, {"": values}, marks=marks, says=told.says, shows=told.shows)


def _mean(part: list[Mapping[str, Any]], metric: str) -> float:
    rows = sum(period["decisions"] for period in part)
    return float(sum(period["decisions"] * period["metrics"][metric] for period in part) / rows)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text if "T" in text else f"{text}T00:00:00+00:00")


def main() -> None:
    """Draw and write."""
    for name, chart in drawn(json.loads((HERE / "watching.json").read_text())):
        (HERE / "img" / f"{name}.svg").write_text(to_svg(chart) + "\n")


if __name__ == "__main__":
    main()
