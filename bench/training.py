"""Training: time kept, quality and speed of answers beside AutoGluon on the same rows, and memory on five million rows.

`python bench/training.py minutes quality memory` runs all three, which takes hours: AutoGluon is given ten minutes a
table, Mainstay two. `--peer-minutes 2` and names of tables (`quality credit bike`) make it shorter.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.metrics import r2_score, roc_auc_score

from kit.elsewhere import elsewhere
from kit.environments import environment
from kit.show import machine, ratio, table
from kit.tables import TABLES, Table, cut, tables
from mainstay.domain.version import parse_version
from mainstay.serving.admission import Admitted, admit
from mainstay.serving.service import Service
from mainstay.store.project import open_project
from mainstay.workflows.route import load_service

PARTS = ("minutes", "quality", "memory")
PEER = Path(__file__).parent / "peers" / "automl.py"
N_SINGLE = 300
BIG_ROWS, BIG_COLUMNS = 5_000_000, 30


@dataclass(frozen=True)
class Reached:
    """What a model reached on rows it was not trained on, and how fast it answers."""

    metric: float
    fit_s: float
    rows_per_s: float
    single_ms: float
    model: str


def mainstay(folder: Path, *words: str) -> tuple[str, float, float]:
    """Run a command; return what it printed, the seconds it took and the peak of its memory in bytes."""
    return measured(folder, "-m", "mainstay", *words)


def measured(folder: Path, *words: str) -> tuple[str, float, float]:
    """Run Python with these arguments in a folder, as `mainstay` does."""
    command = [sys.executable, *words]
    begun = time.perf_counter()
    with (folder / "out").open("w+b") as out, (folder / "said").open("w+b") as said:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        took = time.perf_counter() - begun
        out.seek(0)
        said.seek(0)
        if os.waitstatus_to_exitcode(status) not in (0, 1):
            raise SystemExit(f"{' '.join(words)}: {said.read().decode()[-2000:]}")
        return out.read().decode(), took, used.ru_maxrss * 1024.0


def ours(one: Table, folder: Path, test: pl.DataFrame, *, minutes: float) -> Reached:
    """Draft a brief as a newcomer would, train, and score the test rows through the admission that serves them.

    The test rows were drawn at random, so the brief must not say that later rows are what matters.
    """
    mainstay(folder, "init", ".", "--data", "train.parquet", "--target", one.target)
    brief = folder / "mainstay.toml"
    brief.write_text(re.sub(r"^time = .*$", "", brief.read_text(), flags=re.MULTILINE))
    out, took, _ = mainstay(folder, "train", "--minutes", f"{minutes:g}", "--json")
    summary = json.loads(out)
    service = load_service(open_project(folder).home, parse_version(summary["version"]))
    rows = test.drop(one.target).rows(named=True)
    begun = time.perf_counter()
    used = [_admitted(service, row) for row in rows]
    columns = {name: [row[name] for row in used] for name in used[0]}
    scores = np.asarray(service.scorer.scores(columns))
    batch_s = time.perf_counter() - begun
    chosen = next(each["title"] for each in summary["candidates"] if each["chosen"])
    value = metric_of(one, test, scores, positive=service.schema.positive)
    return Reached(value, took, len(rows) / batch_s, _single_ms(service, rows), chosen)


def _admitted(service: Service, row: dict[str, object]) -> dict[str, object]:
    found = admit(row, service.index)
    assert isinstance(found, Admitted), found
    return found.used


def _single_ms(service: Service, rows: list[dict[str, object]]) -> float:
    taken = []
    for row in rows[:N_SINGLE]:
        begun = time.perf_counter()
        service.scorer.score_row(_admitted(service, row))
        taken.append(time.perf_counter() - begun)
    return 1000 * statistics.median(taken)


def metric_of(one: Table, test: pl.DataFrame, scores: np.ndarray, *, positive: str | None) -> float:
    """The table's metric on rows that neither saw."""
    outcomes = test[one.target]
    if one.metric == "r2":
        return float(r2_score(outcomes.to_numpy(), scores))
    return float(roc_auc_score((outcomes.cast(pl.String) == positive).to_numpy(), scores))


def theirs(one: Table, folder: Path, *, minutes: float) -> Reached | None:
    """AutoGluon with its best presets on the same rows, in an environment of its own."""
    env = environment("autogluon", "autogluon.tabular[lightgbm,catboost,xgboost]", "pyarrow")
    if env is None:
        return None
    command = [env.python, str(PEER), str(folder), one.target, one.metric, f"{minutes:g}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"-- AutoGluon failed on {one.name}: {done.stderr.strip().splitlines()[-1:]}")
        return None
    found = json.loads(done.stdout.strip().splitlines()[-1])
    return Reached(found["metric"], found["fit_s"], found["rows_per_s"], found["single_ms"], found["model"])


def quality(names: list[str], *, minutes: float, peer_minutes: float) -> None:
    """Both on every table, one after the other."""
    rows = []
    for one in tables():
        if names and one.name not in names:
            continue
        with tempfile.TemporaryDirectory(prefix=f"{one.name}-") as name:
            folder = Path(name) / one.name
            folder.mkdir()
            _, test = cut(one, folder)
            mine = ours(one, folder, test, minutes=minutes)
            peer = theirs(one, folder, minutes=peer_minutes) if peer_minutes else None
        rows.append(_row(one, mine, peer))
        print(f"-- {one.name}: {rows[-1]}", flush=True)
    print(f"\nMainstay at {minutes:g} minutes, AutoGluon (best_quality) at {peer_minutes:g}; {machine()}\n")
    headings = (
        "table",
        "metric",
        "Mainstay",
        "AutoGluon",
        "ours/theirs",
        "one row ms",
        "theirs ms",
        "faster",
        "chosen",
    )
    table(headings, rows)


def _row(one: Table, mine: Reached, peer: Reached | None) -> tuple[str, ...]:
    start = (one.name, one.metric, f"{mine.metric:.4f}")
    if peer is None:
        return (*start, "-", "-", f"{mine.single_ms:.3f}", "-", "-", mine.model)
    compared = (f"{peer.metric:.4f}", f"{mine.metric / peer.metric:.4f}")
    return (
        *start,
        *compared,
        f"{mine.single_ms:.3f}",
        f"{peer.single_ms:.1f}",
        ratio(mine.single_ms, peer.single_ms),
        mine.model,
    )


def kept(minutes: tuple[float, ...] = (1, 2, 5)) -> None:
    """Whether `--minutes N` takes N minutes, the whole command counted."""
    one = next((each for each in tables() if each.name == "credit"), None)
    if one is None:
        return
    rows = []
    for wanted in minutes:
        with tempfile.TemporaryDirectory() as name:
            cut(one, Path(name))
            mainstay(Path(name), "init", ".", "--data", "train.parquet", "--target", one.target)
            _, took, peak = mainstay(Path(name), "train", "--minutes", f"{wanted:g}")
        rows.append((f"{wanted:g}", f"{took:.1f}", f"{took / 60 / wanted - 1:+.1%}", f"{peak / 1e6:.0f}"))
    print(f"\n`train --minutes N` on {one.name}, wall time of the whole command; {machine()}\n")
    table(("minutes", "seconds", "off by", "peak MB"), rows)


def memory(n_rows: int) -> None:
    """A wide table of numbers: the peak of the training against the table in memory."""
    with tempfile.TemporaryDirectory() as name:
        size = elsewhere(big, Path(name) / "big.parquet", n_rows)
        mainstay(Path(name), "init", ".", "--data", "big.parquet", "--target", "outcome")
        _, took, peak = mainstay(Path(name), "train")
    print(f"\n{n_rows:,} rows x {BIG_COLUMNS} columns; {machine()}\n")
    figures = (f"{size / 1e6:.0f}", f"{peak / 1e6:.0f}", f"{peak / size:.2f} x", f"{took:.0f}")
    table(("", "table MB", "peak MB", "peak / table", "seconds"), [("train", *figures)])


def big(path: Path, n_rows: int) -> int:
    """Write a table whose outcome follows a few of its numbers; return its size in memory."""
    rng = np.random.default_rng(0)
    columns = {f"x{i}": rng.normal(size=n_rows) for i in range(BIG_COLUMNS - 1)}
    risk = columns["x0"] + 0.5 * columns["x1"] * columns["x2"] + np.sin(2 * columns["x3"]) - 1
    columns["outcome"] = (rng.random(n_rows) < 1 / (1 + np.exp(-risk))).astype(np.int8)
    whole = pl.DataFrame(columns)
    whole.write_parquet(path)
    return int(whole.estimated_size())


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", help=f"of {', '.join(PARTS)} and names of tables")
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--peer-minutes", type=float, default=10)
    parser.add_argument("--rows", type=int, default=BIG_ROWS)
    asked = parser.parse_args()
    parts = [part for part in PARTS if part in asked.what] or list(PARTS)
    names = [one.name for one in TABLES if one.name in asked.what]
    if "quality" in parts:
        quality(names, minutes=asked.minutes, peer_minutes=asked.peer_minutes)
    if "minutes" in parts:
        kept()
    if "memory" in parts:
        memory(asked.rows)


if __name__ == "__main__":
    main()
