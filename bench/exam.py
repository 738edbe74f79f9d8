"""The exam beside Deepchecks' full suite and skore's checks, on adult: seconds, memory and questions; and how it grows.

`python bench/exam.py adult` needs adult.parquet (see `kit/tables.py`); `python bench/exam.py memory` examines five
million simulated rows of 30 columns. Each peer examines a model of its own kind in an environment of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

from kit.environments import environment
from kit.show import machine, table
from kit.tables import cut, tables
from training import BIG_COLUMNS, BIG_ROWS, big, mainstay

PEER = Path(__file__).parent / "peers" / "exams.py"
PEERS = {
    "deepchecks": ("deepchecks", "setuptools<81", "pandas<2.3", "scikit-learn<1.6", "numpy<2", "scipy<1.14"),
    "skore": ("skore",),
}


def beside() -> None:
    """All on the same rows of adult."""
    one = next((each for each in tables() if each.name == "adult"), None)
    if one is None:
        return
    with tempfile.TemporaryDirectory(prefix="exam-") as name:
        folder = Path(name)
        for part, called in zip(cut(one, folder), ("train", "test"), strict=True):
            part.write_csv(folder / f"{called}.csv")
        rows = [_ours(folder, one.target), *(_theirs(peer, folder, one.target) for peer in PEERS)]
    print(f"\nThe exam on adult, 39,073 rows to learn from; {machine()}\n")
    headings = ("", "seconds", "peak MB", "questions", "spoke up", "passed", "could not say")
    table(headings, [row for row in rows if row])


def _ours(folder: Path, target: str) -> tuple[str, ...]:
    mainstay(folder, "init", ".", "--data", "train.parquet", "--target", target)
    mainstay(folder, "train")
    out, took, peak = mainstay(folder, "check", "--json")
    said = Counter(finding["verdict"] for finding in json.loads(out)["findings"])
    spoke, silent = said["warn"] + said["fail"], said["unknown"]
    return _row("Mainstay", took, peak, (spoke, said["pass"], silent))


def _theirs(peer: str, folder: Path, target: str) -> tuple[str, ...]:
    env = environment(peer, *PEERS[peer])
    if env is None:
        return ()
    command = [env.python, str(PEER), peer, str(folder), target]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"-- {peer} failed: {done.stderr.strip().splitlines()[-1:]}")
        return ()
    found = json.loads(done.stdout.strip().splitlines()[-1])
    said = Counter(found["found"].values())
    silent = said["could not run"] + said["shows, does not judge"]
    return _row(peer, found["seconds"], found["peak_bytes"], (said["spoke up"], said["passed"], silent))


def _row(name: str, seconds: float, peak: float, said: tuple[int, int, int]) -> tuple[str, ...]:
    return (name, f"{seconds:.1f}", f"{peak / 1e6:.0f}", str(sum(said)), *map(str, said))


def memory(n_rows: int) -> None:
    """A wide table of numbers: the peak of the exam against the table in memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = big(folder / "big.parquet", n_rows)
        mainstay(folder, "init", ".", "--data", "big.parquet", "--target", "outcome")
        mainstay(folder, "train")
        _, took, peak = mainstay(folder, "check", "--json")
    print(f"\n{n_rows:,} rows x {BIG_COLUMNS} columns; {machine()}\n")
    figures = (f"{size / 1e6:.0f}", f"{peak / 1e6:.0f}", f"{peak / size:.2f} x", f"{took:.0f}")
    table(("", "table MB", "peak MB", "peak / table", "seconds"), [("check", *figures)])


def main() -> None:
    """Run the parts asked for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("parts", nargs="*", choices=("adult", "memory"), default=["adult"])
    asked.add_argument("--rows", type=int, default=BIG_ROWS)
    given = asked.parse_args()
    if "adult" in given.parts:
        beside()
    if "memory" in given.parts:
        memory(given.rows)


if __name__ == "__main__":
    main()
