"""Projects with a live version, of the applicants' table, for what is asked of running services."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from kit.applicants import applicants
from kit.services import Trees, World

N_TRAINED_ON = 2_300  # of so many, boosting makes about a hundred trees
BRIEF = """\
[model]
name = "credit"
[data]
source = "rows.csv"
target = "target"
positive = 1
[decision]
when_high = "decline"
when_low = "approve"
"""


def prepare(folder: Path, shape: str, *, n_rows: int = N_TRAINED_ON) -> World:
    """Train a version of one shape and make it live."""
    folder.mkdir()
    applicants(shape, n_rows=n_rows, seed=1).write_csv(folder / "rows.csv")
    (folder / "mainstay.toml").write_text(BRIEF)
    for words in (["train"], ["deploy", "credit/1", "--override", "--why", "a benchmark"]):
        command = [sys.executable, "-m", "mainstay", *words, "--project", str(folder)]
        subprocess.run(command, check=True, capture_output=True)
    (plan,) = folder.glob(".mainstay/artifacts/credit/1/bundle/plan.json")
    found = json.loads(plan.read_text())["models"][0]
    n_parts = len(found.get("roots", found.get("terms", [])))
    print(f"-- {shape}: a {found['type']} of {n_parts} parts", flush=True)
    return World(folder, _trees(found) if found["type"] == "forest" else None)


def _trees(forest: dict[str, list[int]]) -> Trees:
    n_trees, n_leaves = len(forest["roots"]), sum(feature < 0 for feature in forest["feature"])
    return Trees(n_trees, -(-n_leaves // n_trees))
