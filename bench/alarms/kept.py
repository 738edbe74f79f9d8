"""Figures kept line by line while they are made, so that a run can stop and go on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

HOME = Path(__file__).parents[2] / "build" / "alarms"


def lines(name: str) -> list[dict[str, Any]]:
    """What was kept under a name."""
    place = HOME / f"{name}.jsonl"
    return [json.loads(line) for line in place.read_text().splitlines()] if place.exists() else []


def keep(name: str, work: Callable[[Any], dict[str, Any]], cells: Iterable[Any]) -> None:
    """Do the work of each cell whose seed was not kept yet, one line each."""
    HOME.mkdir(parents=True, exist_ok=True)
    done = {line["seed"] for line in lines(name)}
    for cell in cells:
        if cell.seed in done:
            continue
        line = json.dumps(work(cell))
        with (HOME / f"{name}.jsonl").open("a") as file:
            file.write(line + "\n")
        print(line[:300], flush=True)
