"""How long `--help` takes and what a plain install weighs: Mainstay beside MLflow, each in its own environment."""

from __future__ import annotations

import statistics
import subprocess
import time

from kit.environments import CHECKOUT, Environment, environment
from kit.show import machine, ratio, table

RUNS = 9


def help_s(env: Environment, command: str) -> float:
    """Seconds of one `--help`."""
    begun = time.perf_counter()
    subprocess.run([env.command(command), "--help"], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def main() -> None:
    """Install both, ask both for help in turn, and print the figures."""
    found = {
        "mainstay": environment("mainstay", str(CHECKOUT), fresh=True),
        "mlflow": environment("mlflow", "mlflow"),
    }
    envs = {name: env for name, env in found.items() if env is not None}
    for name, env in envs.items():
        help_s(env, name)  # Python compiles what it reads once
    times: dict[str, list[float]] = {name: [] for name in envs}
    for _ in range(RUNS):
        for name, env in envs.items():
            times[name].append(help_s(env, name))
    middle = {name: statistics.median(taken) for name, taken in times.items()}
    print(f"\nplain installs, newest versions; --help in turn, {RUNS} runs each; {machine()}\n")
    headings = ("", "distributions", "size MB", "--help s, median", "best", "worst")
    table(headings, [_row(name, env, middle[name], times[name]) for name, env in envs.items()])
    if len(envs) == 2:
        ours, theirs = envs["mainstay"], envs["mlflow"]
        print(
            f"\nmlflow / mainstay: distributions {ratio(ours.n_distributions, theirs.n_distributions)}, "
            f"size {ratio(ours.size_mb, theirs.size_mb)}, --help {ratio(middle['mainstay'], middle['mlflow'])}"
        )


def _row(name: str, env: Environment, middle: float, taken: list[float]) -> tuple[str, ...]:
    figures = (f"{middle:.3f}", f"{min(taken):.3f}", f"{max(taken):.3f}")
    return name, f"{env.n_distributions}", f"{env.size_mb:.0f}", *figures


if __name__ == "__main__":
    main()
