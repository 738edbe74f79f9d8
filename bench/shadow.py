"""What a shadow costs the live answers: p99 at half of the most that the service can, without and with one, in turn.

A logistic regression is live, the same of another seed its shadow, two workers, 10,000 distinct rows. A load lasts for
several rounds of the ingestion, after each of which the shadow is scored on what was decided; which of the two comes
first changes from pair to pair. The load shares the machine's cores with the service and the shadow. Run it on a quiet
machine.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from kit.applicants import TARGET, applicants
from kit.load import Load, client, load
from kit.servers import free_port, serving
from kit.services import rows_body
from kit.show import machine, table
from kit.worlds import prepare

N_ROWS, CONNECTIONS, WARM_S = 10_000, 32, 3.0
PAUSE_S = 0.05  # between the requests of a connection
EVERY_S = 5  # between two rounds of the ingestion
DECIDE = "/v1/models/credit/decide"
HEADINGS = ("", "req/s", "p50 ms", "p99 ms", "p99 of each")


def told(folder: Path, *words: str) -> str:
    """Run a command and return what it printed."""
    command = [sys.executable, "-m", "mainstay", *words, "--project", str(folder)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def switch(folder: Path, *, on: bool) -> None:
    """Deploy the shadow, or end it."""
    if on:
        told(folder, "deploy", "credit/2", "--as", "shadow")
    else:
        told(folder, "rollback", "--shadow")


def pairs(url: str, folder: Path, bodies: Sequence[bytes], *, n: int, seconds: float) -> dict[bool, list[Load]]:
    """Load the service at half of its most, `n` times without and with a shadow."""
    most = load(url, bodies, connections=CONNECTIONS, seconds=WARM_S).requests_per_s
    askers = max(1, round(most / 2 * PAUSE_S))
    found: dict[bool, list[Load]] = {False: [], True: []}
    is_on = False
    for pair in range(n):
        for on in (pair % 2 == 1, pair % 2 == 0):
            if on is not is_on:
                switch(folder, on=on)
                is_on = on
            found[on].append(load(url, bodies, connections=askers, seconds=seconds, pause_ms=round(PAUSE_S * 1e3)))
            print(f"-- {'with' if on else 'without'} a shadow: p99 {found[on][-1].p99_ms:.2f} ms", flush=True)
    return found


def cells(name: str, loads: Sequence[Load]) -> tuple[str, ...]:
    """One row of the table."""
    rate, p50, p99 = (
        statistics.median(getattr(each, figure) for each in loads) for figure in ("requests_per_s", "p50_ms", "p99_ms")
    )
    refused = sum(each.refused for each in loads)
    named = name + (f" ({refused:,} not 200)" if refused else "")
    return named, f"{rate:,.0f}", f"{p50:.2f}", f"{p99:.2f}", ", ".join(f"{each.p99_ms:.1f}" for each in loads)


def main() -> None:
    """Train two versions, serve one, load in turn, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each load")
    asked = parser.parse_args()
    rows = applicants("line", n_rows=N_ROWS, seed=2).drop(TARGET).to_dicts()
    bodies = [json.dumps(rows_body([row])).encode() for row in rows]
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name) / "line", free_port()
        prepare(folder, "line")
        told(folder, "train", "--seed", "2")
        url = f"http://127.0.0.1:{port}{DECIDE}"
        command = [sys.executable, "-m", "mainstay", "serve", "--port", str(port), "--workers", "2"]
        words = [*command, "--ingest-every", f"{EVERY_S}s", "--project", str(folder)]
        with serving("mainstay serve", words, url=url, bodies=bodies) as server:
            if server is None:
                raise SystemExit("the service did not answer")
            found = pairs(url, folder, bodies, n=asked.pairs, seconds=asked.seconds)
        shadowed = next((line.strip() for line in told(folder, "status").splitlines() if "shadow" in line), "")
    table(HEADINGS, [cells("without", found[False]), cells("with a shadow", found[True])])
    without, with_one = (statistics.median(each.p99_ms for each in found[on]) for on in (False, True))
    print(f"\nThe p99 with a shadow is {with_one / without - 1:+.0%} beside that without. {shadowed}")
    print(f"Medians of {asked.pairs} loads of {asked.seconds:g} s; load by {client()}; {machine()}.")


if __name__ == "__main__":
    main()
