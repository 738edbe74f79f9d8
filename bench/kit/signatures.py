"""What daily signatures cost beside reading alone, and beside what others ask of the same rows."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kit.environments import CHECKOUT, environment
from kit.show import ratio, table

PEERS = Path(__file__).parents[1] / "peers"
TIMES = 3  # of each that is quick, in turn; the quickest counts: others use the machine, too
REQUIREMENTS = {
    "duckdb": ("duckdb",),
    "nannyml": ("nannyml", "statsmodels", "pandas<3"),
    "evidently": ("evidently", "pandas<3"),
}


@dataclass(frozen=True)
class Took:
    """What one way of asking took: seconds in all, seconds of asking alone, processor seconds, peak memory."""

    seconds: float
    cpu_s: float
    peak_mb: float
    query_s: float = 0.0
    rows: int = 0


def asked(python: str, script: str, *words: object) -> Took:
    """Run a script in a process of its own."""
    command = [python, str(PEERS / script), *map(str, words)]
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{CHECKOUT / 'bench'}", "HOME": str(Path.home())}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=env)
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return Took(**said)


def signatures(n_rows: int, n_peer_rows: int, *, repeated: int = 10) -> list[tuple[str, ...]]:
    """Rows of a table: reading, counting, counting the file `repeated` times over, NannyML, and Evidently on fewer."""
    with tempfile.TemporaryDirectory() as name:
        whole, some = Path(name) / "days.parquet", Path(name) / "fewer.parquet"
        for path, n in ((whole, n_rows), (some, n_peer_rows)):
            subprocess.run([sys.executable, "-m", "kit.days", str(path), str(n)], check=True, cwd=PEERS.parent)
        return [*_ours(whole, n_rows, repeated), *_theirs(whole, some, n_rows, n_peer_rows)]


def _ours(whole: Path, n_rows: int, repeated: int) -> list[tuple[str, ...]]:
    duckdb = environment("duckdb", *REQUIREMENTS["duckdb"])
    scans, counts, singles = [], [], []
    for _ in range(TIMES):
        if duckdb is not None:
            scans.append(asked(duckdb.python, "scan_duckdb.py", whole))
        counts.append(asked(sys.executable, "days_mainstay.py", 2, whole))
        singles.append(asked(sys.executable, "days_mainstay.py", 1, whole))
    scan = min(scans, key=lambda took: took.seconds) if scans else None
    rows = [_row("DuckDB reads it", n_rows, scan, scan)] if scan else []
    rows += [_row("daily signatures, two threads", n_rows, _best(counts), scan)]
    rows += [_row("daily signatures, one thread", n_rows, _best(singles), scan)]
    long = asked(sys.executable, "days_mainstay.py", 2, *[whole] * repeated)
    assert long.rows == n_rows * repeated
    rows += [_row(f"daily signatures of {repeated} such files", n_rows * repeated, long, None)]
    if duckdb is not None:
        far = asked(duckdb.python, "scan_duckdb.py", *[whole] * repeated)
        rows += [_row(f"DuckDB reads {repeated} such files", n_rows * repeated, far, None)]
    return rows


def _theirs(whole: Path, some: Path, n_rows: int, n_peer_rows: int) -> list[tuple[str, ...]]:
    rows = []
    for name, script, path, n in (
        ("nannyml", "days_nannyml.py", whole, n_rows),
        ("evidently", "drift_evidently.py", some, n_peer_rows),
    ):
        made = environment(name, *REQUIREMENTS[name])
        if made is None:
            continue
        ours = _best([asked(sys.executable, "days_mainstay.py", 2, path) for _ in range(TIMES)])
        theirs = asked(made.python, script, path)
        rows += [
            _row(f"{name} {made.version(name)}", n, theirs, None),
            (
                f"  … its question alone: {theirs.query_s:.1f} s; ours, reading and all: {ours.seconds:.2f} s",
                "",
                "",
                "",
                "",
                ratio(ours.seconds, theirs.query_s),
            ),
        ]
    return rows


def _best(took: Sequence[Took]) -> Took:
    return min(took, key=lambda each: each.seconds)


def _row(what: str, n_rows: int, took: Took, scan: Took | None) -> tuple[str, ...]:
    beside = f"{took.seconds / scan.seconds:.2f} ({took.cpu_s / scan.cpu_s:.2f})" if scan is not None else ""
    return (what, f"{n_rows / 1e6:g}M", f"{took.seconds:.2f}", f"{took.cpu_s:.2f}", f"{took.peak_mb:.0f}", beside)


def show(*, n_rows: int = 10_000_000, n_peer_rows: int = 1_000_000) -> None:
    """Measure and print."""
    rows = signatures(n_rows, n_peer_rows)
    print("\nDaily signatures of 15 numbers, 5 categories and the score from one Parquet file; a process each\n")
    table(("", "rows", "seconds", "CPU s", "peak MiB", "x DuckDB (CPU)"), rows)


if __name__ == "__main__":
    show()
