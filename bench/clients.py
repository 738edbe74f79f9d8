"""Clients of other tools against `mainstay serve`: each in an environment of its own, the same rows, the same scores.

Triton's and KServe's clients speak the Open Inference Protocol (the first in bytes), MLServer's codecs make its
requests, MLflow's client calls its own protocol. What is told: whether every score is the same float64, and every
decision the same word, as those of `/decide`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.request import Request, urlopen

from kit.environments import environment
from kit.servers import Server, free_port, serving
from kit.show import table
from mainstay.simulation.streams import clean_stream

N_ROWS = 500
SCRIPTS = Path(__file__).parent / "peers" / "clients"
BRIEF = """\
[model]
name = "churn"
[data]
source = "rows.csv"
target = "outcome"
positive = 1
time = "at"
entity = "row_id"
[decision]
when_high = "call"
when_low = "wait"
"""
CLIENTS = {  # what its environment holds, and the script that asks
    "Triton (tritonclient, bytes)": (("tritonclient[http]",), "triton.py"),
    "KServe (InferenceRESTClient)": (("kserve",), "kserve_rest.py"),
    "MLServer (types, PandasCodec)": (("mlserver",), "mlserver_types.py"),
    "MLflow (ScoringServerClient)": (("mlflow-skinny", "pandas", "scipy"), "mlflow_scoring.py"),
}


def prepare(folder: Path) -> list[dict[str, object]]:
    """Train a version of a simulated table, make it live, and return rows to ask about."""
    stream = clean_stream(seed=1, days=40, rows_per_day=100, n_numbers=6, n_categories=3)
    stream.rows.write_csv(folder / "rows.csv")
    (folder / "mainstay.toml").write_text(BRIEF)
    for words in (["train", "--minutes", "1"], ["deploy", "churn/1", "--override", "--why", "a benchmark"]):
        command = [sys.executable, "-m", "mainstay", *words, "--project", str(folder)]
        subprocess.run(command, check=True, capture_output=True)
    inputs = stream.rows.drop("row_id", "at", "outcome")
    return inputs.drop_nulls().head(N_ROWS).to_dicts()


def decided(server: Server) -> dict[str, list[object]]:
    """What `/decide` says of the rows, kept nowhere."""
    request = Request(server.url, data=server.bodies[0], headers={"Content-Type": "application/json"})
    with urlopen(request) as reply:
        entries = json.load(reply)["decisions"]
    return {"scores": [entry["score"] for entry in entries], "decisions": [entry["decision"] for entry in entries]}


def asked(name: str, url: str, rows: Path) -> dict[str, list[object]] | None:
    """What a client hears of the rows; None, and said why, where it cannot be had."""
    requirements, script = CLIENTS[name]
    env = environment(f"client-{Path(script).stem}", *requirements)
    if env is None:
        return None
    command = [env.python, str(SCRIPTS / script), url, str(rows)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"-- {name}: {done.stderr.strip().splitlines()[-1]}")
        return None
    heard: dict[str, list[object]] = json.loads(done.stdout.strip().splitlines()[-1])
    return heard


def main() -> None:
    """Ask with every client and compare."""
    with tempfile.TemporaryDirectory() as folder:
        rows = prepare(Path(folder))
        path, port = Path(folder) / "asked.json", free_port()
        path.write_text(json.dumps(rows))
        url, body = f"http://127.0.0.1:{port}", json.dumps({"rows": rows, "dry_run": True}).encode()
        command = [sys.executable, "-m", "mainstay", "serve", "--port", str(port), "--workers", "1"]
        decide = f"{url}/v1/models/churn/decide"
        with serving("mainstay", [*command, "--project", folder], url=decide, bodies=[body]) as server:
            if server is None:
                sys.exit(1)
            expected, lines = decided(server), []
            for name in CLIENTS:
                heard = asked(name, url, path)
                same = heard is not None and heard == expected
                lines.append((name, f"{len(rows)}", "the same" if same else "differ" if heard else "not asked"))
    table(("client", "rows", "scores and decisions"), lines)


if __name__ == "__main__":
    main()
