"""Answering a whole table: rows a second and the peak of memory on files that grow tenfold, and what the journal costs.

`python bench/predict.py` makes a table of 23 columns, trains on it, and answers files of it with the command itself, so
that starting counts too. `--rows 2000000` sets the largest file, `kill` stops a run again and again.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from kit.show import machine, table
from mainstay.simulation.streams import clean_stream

BRIEF = """\
[model]
name = "calls"
[data]
source = "train.csv"
target = "outcome"
positive = 1
[decision]
when_high = "call"
when_low = "leave"
"""
TRAIN_ROWS, PIECE = 20_000, 50_000
SIZES = (0.01, 0.1, 1.0)  # of the largest file


def prepare(folder: Path, n_rows: int) -> list[Path]:
    """Train a version, make it live, and write files of three sizes as CSV and the largest as Parquet too."""
    rows = clean_stream(seed=1, days=100, rows_per_day=200, n_numbers=17, n_categories=5).rows
    rows.drop("row_id", "at").write_csv(folder / "train.csv")
    (folder / "mainstay.toml").write_text(BRIEF)
    for words in (("train",), ("deploy", "calls/1", "--override", "--why", "a benchmark")):
        subprocess.run([sys.executable, "-m", "mainstay", *words], cwd=folder, check=True, capture_output=True)
    asked = rows.drop("at", "outcome")
    paths = []
    for size in SIZES:
        path = folder / f"rows-{int(size * n_rows)}.csv"
        with path.open("wb") as file:
            file.write((",".join(asked.columns) + "\n").encode())
            for first in range(0, int(size * n_rows), PIECE):
                height = min(PIECE, int(size * n_rows) - first)
                piece = asked.sample(height, with_replacement=True, seed=first)
                numbered = piece.with_columns(pl.int_range(first, first + height).alias("row_id"))
                numbered.write_csv(file, include_header=False)
        paths.append(path)
    pl.scan_csv(paths[-1], infer_schema_length=None).sink_parquet(folder / "rows.parquet", row_group_size=PIECE)
    return [*paths, folder / "rows.parquet"]


def answer(folder: Path, path: Path, *words: str) -> tuple[float, float]:
    """Answer a file; return the seconds it took and the peak of the process's memory in bytes."""
    out = folder / f"{path.stem}-answers{path.suffix}"
    command = [sys.executable, "-m", "mainstay", "predict", str(path), "--out", str(out), "--id", "row_id", *words]
    begun = time.perf_counter()
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit((folder / "said").read_text()[-2000:])
    return time.perf_counter() - begun, used.ru_maxrss * 1024.0


def speed(folder: Path, paths: list[Path]) -> None:
    """Every file, with the journal and without."""
    rows = []
    for path in paths:
        n_rows = pl.scan_parquet(path).select(pl.len()).collect().item() if path.suffix == ".parquet" else None
        n_rows = n_rows or int(path.stem.partition("-")[2])
        for words in ((), ("--no-journal",)):
            took, peak = answer(folder, path, *words)
            journalled = "no" if words else "yes"
            size = f"{path.stat().st_size / 1e6:.0f}"
            rows.append(
                (
                    path.suffix[1:],
                    f"{n_rows:,}",
                    size,
                    journalled,
                    f"{took:.1f}",
                    f"{n_rows / took:,.0f}",
                    f"{peak / 1e6:.0f}",
                )
            )
    print(f"\n`mainstay predict`, starting included; {machine()}\n")
    table(("", "rows", "file MB", "journal", "seconds", "rows/s", "peak MB"), rows)


def killed(folder: Path, path: Path, *, every_s: float) -> None:
    """Kill a run every few seconds until it is done, and compare what comes out with a run left alone."""
    answer(folder, path, "--no-journal")
    whole = folder / f"{path.stem}-answers{path.suffix}"
    alone = whole.read_bytes()
    whole.unlink()
    command = [sys.executable, "-m", "mainstay", "predict", str(path), "--out", str(whole), "--id", "row_id"]
    n_killed = 0
    while True:
        process = subprocess.Popen([*command, "--no-journal"], cwd=folder, stderr=subprocess.DEVNULL, stdout=-3)
        try:
            process.wait(every_s + n_killed / 4)
            break
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            n_killed += 1
    print(f"\nkilled {n_killed} times: the answers are {'the same' if whole.read_bytes() == alone else 'OTHERS'}")


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", help="of speed, kill")
    parser.add_argument("--rows", type=int, default=2_000_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = prepare(folder, asked.rows)
        if not asked.what or "speed" in asked.what:
            speed(folder, paths)
        if not asked.what or "kill" in asked.what:
            killed(folder, paths[1], every_s=3.0)


if __name__ == "__main__":
    main()
