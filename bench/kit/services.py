"""The services that `bench/serving.py` asks: ours, the floor, and the peers, each in an environment of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kit.environments import Environment, environment
from kit.servers import Server, free_port, serving

PEERS = Path(__file__).parents[1] / "peers"
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # else each worker starts as many as there are cores
FRAMES = ("pandas", "scikit-learn", "joblib")
NGINX = """\
worker_processes 2; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{ access_log off; server {{ listen 127.0.0.1:{port}; location / {{ return 200 "{{}}"; }} }} }}
"""

Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Trees:
    """How large a boosted forest is: its trees, and the leaves of each."""

    n: int
    n_leaves: int


@dataclass(frozen=True)
class World:
    """A project whose version is live, and of boosted trees their size."""

    folder: Path
    trees: Trees | None = None


@dataclass(frozen=True)
class Service:
    """A service: what its environment holds (nothing: ours), how it is asked about rows, and how it is started.

    `note` is told beside its name.
    """

    name: str
    requirements: tuple[str, ...]
    asked: Callable[[Rows], dict[str, Any]]
    start: Callable[[World, int, Environment | None], tuple[list[str], str, dict[str, str]]]
    kept_as: str = "joblib"
    floor: bool = False


def rows_body(rows: Rows) -> dict[str, Any]:
    """Return rows as most services take them."""
    return {"rows": list(rows)}


def _ours(world: World, port: int, env: Environment | None) -> tuple[list[str], str, dict[str, str]]:
    command = [sys.executable, "-m", "mainstay", "serve", "--port", str(port), "--workers", "2"]
    return [*command, "--project", str(world.folder)], "/v1/models/credit/decide", {}


def _echo(world: World, port: int, env: Environment | None) -> tuple[list[str], str, dict[str, str]]:
    command = [sys.executable, "-m", "uvicorn", "echo:app", "--port", str(port), "--workers", "2", "--no-access-log"]
    return command, "/", {}


def _nginx(world: World, port: int, env: Environment | None) -> tuple[list[str], str, dict[str, str]]:
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    place = world.folder / "nginx.conf"
    place.write_text(NGINX.format(folder=world.folder, port=port))
    return [found or "nginx", "-c", str(place)], "/", {}


def _by_hand(world: World, port: int, env: Environment | None) -> tuple[list[str], str, dict[str, str]]:
    assert env is not None
    command = [env.command("uvicorn"), "by_hand:app", "--port", str(port), "--workers", "2", "--no-access-log"]
    return command, "/decide", {}


def _mlflow(world: World, port: int, env: Environment | None) -> tuple[list[str], str, dict[str, str]]:
    """With uvloop: as installed, each answer of two workers waits 40 ms more."""
    assert env is not None
    command = [env.command("mlflow"), "models", "serve", "-m", str(_model(world, "mlflow")), "-p", str(port)]
    path = f"{Path(env.python).parent}:{os.environ['PATH']}"  # it starts its workers by name
    return [*command, "-w", "2", "--env-manager", "local"], "/invocations", {"PATH": path}


def _lit(batch: int) -> Callable[..., tuple[list[str], str, dict[str, str]]]:
    def start(world: World, port: int, env: Environment | None) -> tuple[list[str], str, dict[str, str]]:
        assert env is not None
        return [env.python, str(PEERS / "lit.py"), str(port)], "/predict", {"BENCH_BATCH": str(batch)}

    return start


def _bento(batch: int) -> Callable[..., tuple[list[str], str, dict[str, str]]]:
    def start(world: World, port: int, env: Environment | None) -> tuple[list[str], str, dict[str, str]]:
        assert env is not None
        command = [env.command("bentoml"), "serve", "bento:Scoring", "--port", str(port), "--host", "127.0.0.1"]
        home = str(world.folder / "bento")
        return command, "/decide", {"BENCH_BATCH": str(batch), "BENTOML_HOME": home, "BENTOML_DO_NOT_TRACK": "1"}

    return start


def _mlserver(world: World, port: int, env: Environment | None) -> tuple[list[str], str, dict[str, str]]:
    assert env is not None
    folder = world.folder / "mlserver"
    folder.mkdir(exist_ok=True)
    settings = {"http_port": port, "grpc_port": free_port(), "metrics_port": free_port(), "host": "127.0.0.1"}
    (folder / "settings.json").write_text(json.dumps(settings | {"parallel_workers": 2, "debug": False}))
    model = {"name": "credit", "implementation": "mlserver_sklearn.SKLearnModel"}
    (folder / "model-settings.json").write_text(
        json.dumps(model | {"parameters": {"uri": str(_model(world, "joblib"))}})
    )
    return [env.command("mlserver"), "start", str(folder)], "/v2/models/credit/infer", {}


def tensors_body(rows: Rows) -> dict[str, Any]:
    """Return rows as MLServer takes a table of numbers and texts."""
    inputs = []
    for name in rows[0]:
        values, is_text = [row.get(name) for row in rows], name.startswith("category")
        told = {"content_type": "str" if is_text else "np"}
        datatype = "BYTES" if is_text else "FP64"
        inputs.append({"name": name, "shape": [len(rows), 1], "datatype": datatype, "data": values, "parameters": told})
    outputs = [{"name": "predict_proba"}]
    return {"parameters": {"content_type": "pd"}, "inputs": inputs, "outputs": outputs}


SERVICES = (
    Service("nginx, return 200", (), rows_body, _nginx, floor=True),
    Service("bare ASGI echo (uvicorn)", (), rows_body, _echo, floor=True),
    Service("mainstay serve", (), rows_body, _ours),
    Service("FastAPI + pandas by hand", ("fastapi", "uvicorn[standard]", *FRAMES), rows_body, _by_hand),
    Service(
        "MLflow models serve, with uvloop",
        ("mlflow", "uvloop", "httptools"),
        lambda rows: {"dataframe_records": list(rows)},
        _mlflow,
        kept_as="mlflow",
    ),
    Service("BentoML, batching off", ("bentoml", *FRAMES), rows_body, _bento(1)),
    Service("BentoML, batching on", ("bentoml", *FRAMES), rows_body, _bento(2)),
    Service(
        "MLServer, parallel_workers 2",
        ("mlserver", "mlserver-sklearn", "uvloop<0.22", *FRAMES),
        tensors_body,
        _mlserver,
    ),
    Service("LitServe, batching off", ("litserve", "uvloop", *FRAMES), rows_body, _lit(1)),
    Service("LitServe, batches of 32", ("litserve", "uvloop", *FRAMES), rows_body, _lit(32)),
)


@contextmanager
def started(service: Service, world: World, bodies: Sequence[bytes]) -> Iterator[Server | str]:
    """Start a service and wait for its first answer; gives why, where it cannot be had."""
    env = None
    if service.requirements:
        env = environment(f"serving-{service.requirements[0]}", *service.requirements)
        if env is None:
            yield "could not be installed"
            return
        if why := _fitted(env, world, service.kept_as):
            yield why
            return
    with _serving(service, world, env, bodies) as server:
        yield server if server is not None else "did not answer"


def _serving(
    service: Service, world: World, env: Environment | None, bodies: Sequence[bytes]
) -> AbstractContextManager[Server | None]:
    port = free_port()
    command, path, more = service.start(world, port, env)
    more = more if env is None else more | ONE_THREAD | {"BENCH_MODEL": str(_model(world, service.kept_as))}
    url = f"http://127.0.0.1:{port}{path}"
    return serving(service.name, command, url=url, bodies=bodies, env=more, cwd=PEERS)


def _model(world: World, kept_as: str) -> Path:
    return world.folder / ("model.joblib" if kept_as == "joblib" else "mlflow-model")


def _fitted(env: Environment, world: World, kept_as: str) -> str:
    """Fit a peer's model in its own environment, where that was not done; returns why it cannot be."""
    place = _model(world, kept_as)
    if place.exists():
        return ""
    size = [] if world.trees is None else [str(world.trees.n), str(world.trees.n_leaves)]
    command = [env.python, str(PEERS / "pipeline.py"), str(world.folder / "rows.csv"), str(place), kept_as, *size]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return "" if done.returncode == 0 else f"its model: {(done.stderr.strip().splitlines() or ['?'])[-1][:100]}"
