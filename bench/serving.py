"""Decisions over HTTP: Mainstay beside a service written by hand, MLflow's server, and the bare HTTP server.

The same table, the same trees, two workers each, one row a request. Mainstay checks and repairs the row, journals the
decision before it answers, and recalibrates; the others score. All servers are up while each is loaded in turn.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from kit.environments import CHECKOUT, Environment, environment
from kit.load import Load, client, load
from kit.servers import Server, free_port, serving
from kit.show import machine, ratio, table
from mainstay.simulation.streams import clean_stream

ROUNDS, SECONDS, CONNECTIONS, N_BODIES = 3, 3, 32, 200
PEERS = Path(__file__).parent / "peers"
ONE_THREAD = {"OMP_NUM_THREADS": "1"}  # else each worker of a peer starts as many threads as there are cores
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


@dataclass(frozen=True)
class Prepared:
    """A project whose version is live, its table, how many trees the version has, and rows to ask about."""

    folder: Path
    rows: list[dict[str, float]]
    n_trees: int

    @property
    def table(self) -> Path:
        """The table that the version was trained on."""
        return self.folder / "rows.csv"


def applications() -> pl.DataFrame:
    """Card applications where the real table is at hand, else simulated rows of the same width."""
    shared = Path(os.environ.get("MAINSTAY_SHARED_DATA", CHECKOUT.parent / "shared" / "data"))
    path = shared / "credit_card_default.csv"
    if path.exists():
        print("-- table: credit_card_default.csv, 30,000 rows of 23 numbers")
        return pl.read_csv(path, infer_schema_length=None).drop("ID")
    print("-- table: simulated, 30,000 rows of 23 numbers (MAINSTAY_SHARED_DATA names no real one)")
    stream = clean_stream(seed=1, days=100, rows_per_day=300, n_numbers=23, n_categories=0)
    return stream.rows.drop("row_id", "at").rename({"outcome": "target"}).fill_null(0.0)


def prepare(folder: Path) -> Prepared:
    """Train a version and make it live."""
    rows = applications()
    rows.write_csv(folder / "rows.csv")
    (folder / "mainstay.toml").write_text(BRIEF)
    for words in (["train"], ["deploy", "credit/1", "--override", "--why", "a benchmark"]):
        command = [sys.executable, "-m", "mainstay", *words, "--project", str(folder)]
        subprocess.run(command, check=True, capture_output=True)
    (plan,) = folder.glob(".mainstay/artifacts/credit/1/bundle/plan.json")
    n_trees = max(len(model.get("roots", [])) for model in json.loads(plan.read_text())["models"])
    asked = rows.drop("target").head(N_BODIES).cast(pl.Float64).to_dicts()
    return Prepared(folder, asked, n_trees or 100)


@contextmanager
def servers(made: Prepared) -> Iterator[list[Server]]:
    """Start everything that can be started."""
    with ExitStack() as stack:
        found = [stack.enter_context(each(made)) for each in (floor, ours, by_hand, mlflow)]
        yield [server for server in found if server is not None]


@contextmanager
def floor(made: Prepared) -> Iterator[Server | None]:
    """A bare ASGI echo in our own environment."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "echo:app", "--port", str(port), "--workers", "2", "--no-access-log"]
    bodies = [json.dumps({"rows": [row]}).encode() for row in made.rows]
    with serving("bare ASGI echo", command, url=_url(port, "/"), bodies=bodies, cwd=PEERS) as server:
        yield server


@contextmanager
def ours(made: Prepared) -> Iterator[Server | None]:
    """`mainstay serve`, as it is: journal on, ingestion on."""
    port = free_port()
    command = [sys.executable, "-m", "mainstay", "serve", "--port", str(port), "--workers", "2"]
    bodies = [json.dumps({"rows": [row]}).encode() for row in made.rows]
    url = _url(port, "/v1/models/credit/decide")
    with serving("mainstay serve", [*command, "--project", str(made.folder)], url=url, bodies=bodies) as server:
        yield server


@contextmanager
def by_hand(made: Prepared) -> Iterator[Server | None]:
    """FastAPI with a DataFrame per request."""
    env = environment("by-hand", "fastapi", "uvicorn[standard]", "pandas", "scikit-learn")
    model, port = made.folder / "model.joblib", free_port()
    if env is None or not _fitted(env, made, model, "joblib"):
        yield None
        return
    command = [env.command("uvicorn"), "by_hand:app", "--port", str(port), "--workers", "2", "--no-access-log"]
    bodies = [json.dumps({"rows": [row]}).encode() for row in made.rows]
    more = {"BENCH_MODEL": str(model), **ONE_THREAD}
    with serving("FastAPI + pandas", command, url=_url(port, "/decide"), bodies=bodies, env=more, cwd=PEERS) as server:
        yield server


@contextmanager
def mlflow(made: Prepared) -> Iterator[Server | None]:
    """MLflow's own scoring server, helped with uvloop: as installed, each answer of two workers waits 40 ms more."""
    env = environment("mlflow-served", "mlflow", "uvloop", "httptools")
    model, port = made.folder / "mlflow-model", free_port()
    if env is None or not _fitted(env, made, model, "mlflow"):
        yield None
        return
    command = [env.command("mlflow"), "models", "serve", "-m", str(model), "-p", str(port), "-w", "2"]
    bodies = [json.dumps({"dataframe_records": [row]}).encode() for row in made.rows]
    path = f"{Path(env.python).parent}:{os.environ['PATH']}"  # it starts its workers by name
    with serving(
        "MLflow models serve, with uvloop",
        [*command, "--env-manager", "local"],
        url=_url(port, "/invocations"),
        bodies=bodies,
        env={"PATH": path, **ONE_THREAD},
    ) as server:
        yield server


def measure(running: list[Server]) -> dict[str, tuple[list[Load], list[Load]]]:
    """Load each server in turn, several times: over one connection, and over many."""
    found: dict[str, tuple[list[Load], list[Load]]] = {server.name: ([], []) for server in running}
    for number in range(ROUNDS):
        print(f"-- round {number + 1} of {ROUNDS}", flush=True)
        for server in running:
            alone, together = found[server.name]
            alone.append(load(server.url, server.bodies, connections=1, seconds=SECONDS))
            together.append(load(server.url, server.bodies, connections=CONNECTIONS, seconds=SECONDS))
    return found


def main() -> None:
    """Start, load, print."""
    with tempfile.TemporaryDirectory() as name:
        made = prepare(Path(name))
        with servers(made) as running:
            found = measure(running)
    print(f"\none row a request, 2 workers, {made.n_trees} trees; medians of {ROUNDS} runs of {SECONDS} s, in turn;")
    print(f"load by {client()} on the same machine; {machine()}\n")
    headings = ("", "ready s", "p50 ms", "p99 ms", f"req/s at {CONNECTIONS}", f"p99 ms at {CONNECTIONS}", "not 200")
    table(headings, [_row(server, *found[server.name]) for server in running])
    rates = {name: statistics.median(each.requests_per_s for each in together) for name, (_, together) in found.items()}
    if "mainstay serve" in rates:
        mine = rates["mainstay serve"]
        said = (f"{ratio(rate, mine)} {name}" for name, rate in rates.items() if name != "mainstay serve")
        print(f"\nrequests/s of mainstay serve: {', '.join(said)}")


def _row(server: Server, alone: list[Load], together: list[Load]) -> tuple[str, ...]:
    return (
        server.name,
        f"{server.ready_s:.1f}",
        f"{statistics.median(each.p50_ms for each in alone):.2f}",
        f"{statistics.median(each.p99_ms for each in alone):.2f}",
        f"{statistics.median(each.requests_per_s for each in together):,.0f}",
        f"{statistics.median(each.p99_ms for each in together):.1f}",
        f"{sum(each.refused for each in (*alone, *together))}",
    )


def _fitted(env: Environment, made: Prepared, place: Path, kind: str) -> bool:
    """Fit a peer's model in its own environment; say why if that cannot be done."""
    command = [env.python, str(PEERS / "fit.py"), str(made.table), "target", str(made.n_trees), str(place), kind]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        print(f"-- {kind}: the model could not be fitted, left out: {done.stderr.strip().splitlines()[-1]}")
    return done.returncode == 0


def _url(port: int, path: str) -> str:
    return f"http://127.0.0.1:{port}{path}"


if __name__ == "__main__":
    main()
