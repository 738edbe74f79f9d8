"""The exam beside Deepchecks' full suite and skore's checks, on adult: seconds, memory and questions; and how it grows.

`python bench/exam.py adult` needs adult.parquet (see `kit/tables.py`); `python bench/exam.py memory` examines five
million simulated rows of 30 columns, once of numbers alone (`numbers`), once with time, levels, a protected column and
a sample of the population (`mixed`). Each peer examines a model of its own kind in an environment of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from kit.elsewhere import elsewhere
from kit.environments import environment
from kit.show import machine, table
from kit.tables import cut, tables
from training import BIG_COLUMNS, BIG_ROWS, big, mainstay, measured

N_POPULATION = 200_000
LEVELS = {
    "region": ["north", "south", "east", "west"],
    "sex": ["f", "m"],
    "channel": [f"channel {i}" for i in range(20)],
    "plan": ["free", "small", "large"],
    "branch": [f"branch {i}" for i in range(300)],
}
DATA = """[data]
segments = ["region", "plan"]
protected = ["sex"]
population = "population.parquet"
"""
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


def memory(n_rows: int, names: list[str]) -> None:
    """Wide tables: the peak of the whole process of the exam, its libraries too, against the table in memory."""
    rows = [_examined(name, WIDE[name], n_rows) for name in names or WIDE]
    print(f"\n{n_rows:,} rows x {BIG_COLUMNS} columns; {machine()}\n")
    headings = (
        "",
        "table MB",
        "texts bare",
        "idle MB",
        "peak MB",
        "peak / table",
        "/ bare",
        "seconds",
        "could not say",
    )
    table(headings, rows)


def held(path: Path) -> int:
    """Return the bytes that Polars holds a file's table in: a text is 16, and itself where it is longer than 12.

    Polars' own estimate counts the letters of short texts alone; a table without nulls has no masks to count.
    """
    whole = pl.read_parquet(path)
    texts = [column for column in whole if column.dtype == pl.String]
    long = sum(int(column.filter(column.str.len_bytes() > 12).str.len_bytes().sum()) for column in texts)
    return int(whole.drop([column.name for column in texts]).estimated_size()) + 16 * whole.height * len(texts) + long


def _examined(what: str, make: Callable[[Path, int], int], n_rows: int) -> tuple[str, ...]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bare = elsewhere(make, folder / "big.parquet", n_rows)
        size = elsewhere(held, folder / "big.parquet")
        _, _, idle = measured(folder, "-c", "import mainstay.interfaces.cli.check")
        mainstay(folder, "init", ".", "--data", "big.parquet", "--target", "outcome")
        brief = folder / "mainstay.toml"
        brief.write_text(brief.read_text().replace("[data]\n", DATA if make is mixed else "[data]\n"))
        mainstay(folder, "train")
        out, took, peak = mainstay(folder, "check", "--json")
    silent = sum(finding["verdict"] == "unknown" for finding in json.loads(out)["findings"])
    sizes = [f"{each / 1e6:.0f}" for each in (size, bare, idle, peak)]
    return what, *sizes, f"{peak / size:.2f} x", f"{peak / bare:.2f} x", f"{took:.0f}", str(silent)


def mixed(path: Path, n_rows: int) -> int:
    """Write a table of two years with levels, counts and amounts, and a sample of its population; return its size."""
    rng = np.random.default_rng(1)
    seconds = np.sort(rng.integers(0, 730 * 24 * 3600, n_rows))
    columns: dict[str, object] = {"at": np.datetime64("2023-01-01", "us") + seconds.astype("timedelta64[s]")}
    columns |= {name: np.array(levels)[rng.integers(0, len(levels), n_rows)] for name, levels in LEVELS.items()}
    columns |= {f"n{i}": rng.poisson(3, n_rows).astype(np.int32) for i in range(8)}
    rest = BIG_COLUMNS - len(columns) - 1
    columns |= {f"x{i}": rng.normal(size=n_rows) for i in range(rest)}
    whole = pl.DataFrame(columns)
    risk = 0.4 * (whole["n0"] - 3) + 0.8 * whole["x0"] + (whole["region"] == "north") - 1.5
    happened = pl.Series(rng.random(n_rows)) < 1 / (1 + (-risk).exp())
    whole = whole.with_columns(outcome=happened.cast(pl.Int8))
    whole.write_parquet(path)
    whole.sample(min(n_rows, N_POPULATION), seed=1).write_parquet(path.parent / "population.parquet")
    return int(whole.estimated_size())


WIDE = {"numbers": big, "mixed": mixed}


def main() -> None:
    """Run the parts asked for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("parts", nargs="*", choices=("adult", "memory", *WIDE), default=["adult"])
    asked.add_argument("--rows", type=int, default=BIG_ROWS)
    given = asked.parse_args()
    if "adult" in given.parts:
        beside()
    wide = [name for name in WIDE if name in given.parts]
    if "memory" in given.parts or wide:
        memory(given.rows, wide)


if __name__ == "__main__":
    main()
