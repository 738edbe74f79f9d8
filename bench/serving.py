"""Decisions over HTTP: Mainstay beside services written by hand and those of four tools, and the bare HTTP servers.

A logistic regression and some hundred boosted trees (as many, of as many leaves, in every service), 20 columns with
missing values and categories, two workers each, 10,000 distinct rows. Ours checks and repairs each row, journals it
before it answers and counts it; the others score. One service runs at a time. `python bench/serving.py --write FILE`
keeps the tables; run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kit.applicants import SHAPES, TARGET, applicants
from kit.load import Load, client, load
from kit.servers import Server
from kit.services import SERVICES, Service, World, rows_body, started
from kit.show import machine, table
from kit.weight import weight_mb
from kit.worlds import prepare

N_ROWS, BODY_ROWS, CONNECTIONS, MANY = 10_000, 100, 32, 128
PAUSE_S = 0.05  # between the requests of a connection, at half the most: so many connections as that takes
HEADINGS = ("", "start s", "MB", "p50 ms", "p99 ms", "req/s at 32", "p99 ms at 32", "p99 ms at half", "rows/s in 100s")


@dataclass(frozen=True)
class Figures:
    """What was measured of one service; `why` says why nothing was."""

    service: Service
    why: str = ""
    ready_s: float = 0.0
    mb: float = 0.0
    apart_mb: float = 0.0
    alone: tuple[Load, ...] = ()
    together: tuple[Load, ...] = ()
    half: Load | None = None
    hundreds: tuple[Load, ...] = ()
    dry: tuple[Load, ...] = ()

    def middle(self, loads: Sequence[Load], name: str) -> float:
        """The median of a figure over rounds."""
        return statistics.median(getattr(each, name) for each in loads)

    @property
    def rate(self) -> float:
        """Requests a second over many connections."""
        return self.middle(self.together, "requests_per_s")

    @property
    def rows_per_s(self) -> float:
        """Rows a second in bodies of a hundred."""
        return self.middle(self.hundreds, "requests_per_s") * BODY_ROWS


def measure(service: Service, world: World, rows: Sequence[dict[str, Any]], *, rounds: int, seconds: float) -> Figures:
    """Start a service, load it in every way, and end it."""
    singles = _bodies(service.asked, [[row] for row in rows])
    hundreds = _bodies(service.asked, [rows[i : i + BODY_ROWS] for i in range(0, len(rows), BODY_ROWS)])
    with started(service, world, singles) as server:
        if isinstance(server, str):
            return Figures(service, why=server)
        try:
            return _loaded(service, server, singles, hundreds, rows, rounds=rounds, seconds=seconds)
        except (subprocess.CalledProcessError, ValueError, IndexError) as error:
            return Figures(service, why=f"could not be loaded: {type(error).__name__}")


def _loaded(
    service: Service,
    server: Server,
    singles: Sequence[bytes],
    hundreds: Sequence[bytes],
    rows: Sequence[dict[str, Any]],
    *,
    rounds: int,
    seconds: float,
) -> Figures:
    def many(bodies: Sequence[bytes], connections: int) -> tuple[Load, ...]:
        return tuple(load(server.url, bodies, connections=connections, seconds=seconds) for _ in range(rounds))

    load(server.url, singles, connections=CONNECTIONS, seconds=min(seconds, 2.0))  # warm
    alone, together = many(singles, 1), many(singles, CONNECTIONS)
    mb, apart_mb = weight_mb(server.pid, apart="mainstay.interfaces.ingester")
    rate = statistics.median(each.requests_per_s for each in together)
    n_askers = min(MANY, max(1, round(rate / 2 * PAUSE_S)))
    pause_ms = max(1, round(n_askers / (rate / 2) * 1e3))
    half = load(server.url, singles, connections=n_askers, seconds=seconds, pause_ms=pause_ms)
    is_ours = service.name.startswith("mainstay")
    dry = _bodies(lambda some: rows_body(some) | {"dry_run": True}, [[row] for row in rows]) if is_ours else ()
    return Figures(
        service=service,
        ready_s=server.ready_s,
        mb=mb,
        apart_mb=apart_mb,
        alone=alone,
        together=together,
        half=half,
        hundreds=many(hundreds, CONNECTIONS) if not service.floor else (),
        dry=many(dry, CONNECTIONS) if dry else (),
    )


def _bodies(asked: Callable[[Sequence[dict[str, Any]]], dict[str, Any]], parts: Sequence[Any]) -> list[bytes]:
    return [json.dumps(asked(part)).encode() for part in parts]


def cells(found: Figures) -> tuple[str, ...]:
    """One row of the table."""
    if found.why:
        return (found.service.name, found.why, *[""] * (len(HEADINGS) - 2))
    refused = sum(each.refused for each in (*found.alone, *found.together, *found.hundreds))
    assert found.half is not None
    return (
        found.service.name + (f" ({refused:,} not 200)" if refused else ""),
        f"{found.ready_s:.2f}",
        f"{found.mb:.0f}" + (f" + {found.apart_mb:.0f}" if found.apart_mb else ""),
        f"{found.middle(found.alone, 'p50_ms'):.2f}",
        f"{found.middle(found.alone, 'p99_ms'):.2f}",
        f"{found.rate:,.0f}",
        f"{found.middle(found.together, 'p99_ms'):.1f}",
        f"{found.half.p99_ms:.1f}",
        f"{found.rows_per_s:,.0f}" if found.hundreds else "",
    )


def said(found: Sequence[Figures]) -> list[str]:
    """What the table comes to, in sentences."""
    ours = next((each for each in found if each.service.name == "mainstay serve" and not each.why), None)
    peers = [each for each in found if not each.service.floor and each is not ours and not each.why]
    if ours is None or not peers:
        return []
    p50 = ours.middle(ours.alone, "p50_ms")
    lines = [
        f"{each.service.name}: {ours.rate / each.rate:.0f} × the requests, "
        f"1/{each.middle(each.alone, 'p50_ms') / p50:.0f} of the p50, "
        f"{ours.rows_per_s / each.rows_per_s:.1f} × the rows in hundreds"
        for each in peers
    ]
    kept = ours.rate / ours.middle(ours.dry, "requests_per_s")
    return [*lines, f"The journal costs {1 - kept:.0%} of the requests: a dry run journals nothing."]


def markdown(found: Sequence[Figures]) -> list[str]:
    """The table and what it comes to, for the docs."""
    rows = [HEADINGS, ("---",) * len(HEADINGS), *map(cells, found)]
    return ["| " + " | ".join(row) + " |" for row in rows] + [""] + [f"- {line}" for line in said(found)]


def main() -> None:
    """Prepare, load each service in turn, print, and write where asked."""
    asked = _asked()
    lines = [
        f"Medians of {asked.rounds} runs of {asked.seconds:g} s; load by {client()} on the same machine; {machine()}."
    ]
    with tempfile.TemporaryDirectory() as name:
        for shape in asked.shapes:
            world = prepare(Path(name) / shape, shape)
            rows = applicants(shape, n_rows=N_ROWS, seed=2).drop(TARGET).to_dicts()
            found = []
            for service in SERVICES:
                if all(word.lower() not in service.name.lower() for word in asked.only):
                    continue
                print(f"-- {service.name} [{time.strftime('%H:%M:%S')}]", flush=True)
                found.append(measure(service, world, rows, rounds=asked.rounds, seconds=asked.seconds))
            print(f"\n{_title(world)}\n")
            table(HEADINGS, [cells(each) for each in found])
            print("\n" + "\n".join(said(found)) + "\n")
            lines += ["", f"### {_title(world)}", "", *markdown(found)]
    print(lines[0])
    if asked.write is not None:
        asked.write.write_text("\n".join(lines) + "\n")


def _title(world: World) -> str:
    trees = world.trees
    return "Logistic regression" if trees is None else f"{trees.n} boosted trees of {trees.n_leaves} leaves"


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each load")
    parser.add_argument("--only", nargs="*", default=[""], help="services whose names hold one of these words")
    parser.add_argument("--shapes", nargs="*", default=list(SHAPES), choices=SHAPES)
    parser.add_argument("--write", type=Path, default=None, metavar="FILE", help="write the tables as Markdown")
    return parser.parse_args()


if __name__ == "__main__":
    main()
