"""Projects with a live version, of the applicants' table, for what is asked of running services."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from kit.applicants import applicants
from kit.services import PEERS, World

N_TRAINED_ON = 20_000
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
    if shape == "trees":
        shutil.copy(PEERS / "recipe.py", folder / "recipe.py")
    for words in (["train"], ["deploy", "credit/1", "--override", "--why", "a benchmark"]):
        command = [sys.executable, "-m", "mainstay", *words, "--project", str(folder)]
        subprocess.run(command, check=True, capture_output=True)
    (plan,) = folder.glob(".mainstay/artifacts/credit/1/bundle/plan.json")
    found = json.loads(plan.read_text())["models"][0]
    print(f"-- {shape}: a {found['type']} of {len(found.get('roots', found.get('terms', [])))} parts", flush=True)
    return World(folder, shape)
