"""Fuzz everything that reads bytes from outside, guided by the code they reach; exits 1 where something was found.

`make fuzz` takes a minute for each; `make fuzz ARGS="--seconds 600 json csv"` goes deeper. What was found is written as
it can be read again (`python -m fuzz --again NAME FILE`), and belongs into a test.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fuzz.targets import TARGETS, attempt
from kit.show import machine, table

KEPT = Path(__file__).parents[2] / ".tools" / "fuzz-found"
RUNS, COVERAGE = re.compile(r"number_of_executed_units: (\d+)"), re.compile(r"cov: (\d+)")
ERROR = re.compile(r"\s*\w*(Error|Exception|ERROR)\b")
GRACE_S = 120.0


@dataclass(frozen=True)
class Found:
    """What came of a target: how many inputs were tried, edges of code reached, and files that broke it."""

    name: str
    n_runs: int
    n_edges: int
    broke: tuple[Path, ...]
    said: str


def fuzz(name: str, *, seconds: int) -> Found:
    """Fuzz one target in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as place:
        command = [sys.executable, "-m", "fuzz.child", name, str(seconds), place]
        done = subprocess.run(command, check=False, capture_output=True, timeout=seconds + GRACE_S)
        broke = tuple(_keep(name, path) for path in Path(place).glob("found-*"))
    said = (done.stdout + done.stderr).decode(errors="replace")
    runs, edges = RUNS.findall(said), COVERAGE.findall(said)
    if not runs:
        raise SystemExit(f"{name} was not fuzzed: {said[-2000:]}")
    errors = [line.strip() for line in said.splitlines() if ERROR.match(line)]
    return Found(name, int(runs[-1]), int(edges[-1]) if edges else 0, broke, errors[-1] if errors and broke else "")


def _keep(name: str, path: Path) -> Path:
    KEPT.mkdir(parents=True, exist_ok=True)
    return path.replace(KEPT / f"{name}-{path.name.removeprefix('found-')}")


def main() -> int:
    """Fuzz what was asked for, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(TARGETS)}; all if left out")
    parser.add_argument("--seconds", type=int, default=60, help="for each")
    parser.add_argument("--again", type=Path, metavar="FILE", help="read one file again instead")
    asked = parser.parse_args()
    if asked.again is not None:
        print("read" if attempt(TARGETS[asked.names[0]], asked.again.read_bytes()) else "refused")
        return 0
    found = []
    for name in asked.names or TARGETS:
        print(f"-- {name}", flush=True)
        found.append(fuzz(name, seconds=asked.seconds))
    print(f"\n{asked.seconds} seconds each; {machine()}\n")
    rows = [
        (each.name, f"{each.n_runs:,}", f"{each.n_edges:,}", str(len(each.broke)), each.said[:80]) for each in found
    ]
    table(("what reads", "inputs", "edges reached", "broke it", ""), rows)
    for path in (path for each in found for path in each.broke):
        print(f"found: {path}")
    return int(any(each.broke for each in found))


if __name__ == "__main__":
    sys.exit(main())
