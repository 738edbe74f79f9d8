"""The festival night: 1,000 rows, four of them odd, sent to Mainstay and to services of five other tools.

The odd ones are of what callers send on such a night: a level that training never saw, a column that is not there, "12"
for 12, and NaN. They are sent as one body, and again one by one. Told is how many entries came back and how many rows
were decided, how many odd rows were flagged in the reply (a warning, or a refusal of 4xx that names the column) and how
many were logged (the column is named in the journal of input faults, or in what the service printed), and the 5xx.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from kit.applicants import TARGET, applicants
from kit.environments import environment
from kit.servers import Server
from kit.services import SERVICES, Service, World, started
from kit.show import machine, table
from kit.worlds import prepare

N_ROWS = 1000
ODD = {100: "category_1", 300: "number_3", 500: "number_1", 700: "number_5"}  # the place of a row, and its odd column
HEADINGS = ("", "entries, one body", "decided", "decided one by one", "odd: decided", "flagged", "logged", "5xx")
Row = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """A status (0: none came), and what was said."""

    status: int
    text: str

    @property
    def scores(self) -> list[Any]:
        """The entries of an answer, each a score, or None where a row has none."""
        return _scores(json.loads(self.text)) if self.status == 200 else []

    @property
    def n_decided(self) -> int:
        """How many of them are numbers."""
        return sum(isinstance(score, float) and math.isfinite(score) for score in self.scores)

    def flags(self, column: str) -> bool:
        """Whether the reply tells the caller of a column, without failing."""
        return self.status < 500 and column in self.text


def _scores(said: Any) -> list[Any]:
    """What is in common of the replies of all: one entry for each row."""
    if isinstance(said, list):
        return said
    if "outputs" in said:
        return list(said["outputs"][0]["data"])[1::2]
    if "predictions" in said:
        return [row[1] for row in said["predictions"]]
    if "scores" in said:
        return list(said["scores"])
    return [entry.get("score") for entry in said["decisions"]]


def night() -> list[Row]:
    """The rows: all but four as in training, with nothing missing."""
    rows = applicants("line", n_rows=3 * N_ROWS, seed=2).drop(TARGET).drop_nulls().head(N_ROWS).to_dicts()
    unseen, absent, text, nan = ODD
    rows[unseen][ODD[unseen]] = "festival"
    del rows[absent][ODD[absent]]
    rows[text][ODD[text]] = "12"
    rows[nan][ODD[nan]] = math.nan
    return rows


def ask(url: str, asked: object) -> Reply:
    """Post JSON once; NaN is written as Python does."""
    request = Request(url, data=json.dumps(asked).encode(), headers={"Content-Type": "application/json"})
    try:
        with urlopen(request, timeout=60) as reply:
            return Reply(reply.status, reply.read().decode())
    except HTTPError as error:
        return Reply(error.code, error.read().decode(errors="replace"))
    except (URLError, OSError):
        return Reply(0, "")


@dataclass(frozen=True)
class Night:
    """How a service came through."""

    name: str
    together: Reply
    alone: Sequence[Reply]
    logged: int

    @property
    def cells(self) -> tuple[str, ...]:
        """One row of the table."""
        odd = [self.alone[place] for place in ODD]
        failed = [reply for reply in (self.together, *self.alone) if reply.status >= 500 or not reply.status]
        return (
            self.name,
            f"{len(self.together.scores):,}",
            f"{self.together.n_decided:,}",
            f"{sum(reply.n_decided for reply in self.alone):,}",
            f"{sum(reply.n_decided for reply in odd)} of {len(ODD)}",
            f"{sum(reply.flags(column) for reply, column in zip(odd, ODD.values(), strict=True))} of {len(ODD)}",
            f"{self.logged} of {len(ODD)}",
            str(len(failed)),
        )


def lived(service: Service, world: World, rows: Sequence[Row]) -> Night | str:
    """Start a service, send it the night, end it, and look at what it kept; why, where it cannot be had."""
    first = json.dumps(service.asked(rows[:1])).encode()
    with started(service, world, [first]) as server:
        if isinstance(server, str):
            return server
        together = ask(server.url, service.asked(rows))
        alone = [ask(server.url, service.asked([row])) for row in rows]
        printed = _printed(server)
    kept = printed if service.requirements else printed + _journalled(world)
    name = service.name + "".join(f" {each}" for each in [_version(service)] if each)
    return Night(name, together, alone, sum(column in kept for column in ODD.values()))


def _printed(server: Server) -> str:
    return server.log.read_text(errors="replace") if server.log else ""


def _journalled(world: World) -> str:
    command = [sys.executable, "-m", "mainstay", "signals", "--inputs", "--json", "--project", str(world.folder)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _version(service: Service) -> str:
    env = environment(f"serving-{service.requirements[0]}", *service.requirements) if service.requirements else None
    return env.version(service.requirements[0]) if env else ""


def markdown(cells: Sequence[Sequence[str]]) -> str:
    """The table for the docs."""
    return "\n".join("| " + " | ".join(row) + " |" for row in (HEADINGS, ("---",) * len(HEADINGS), *cells)) + "\n"


def main() -> None:
    """Live through the night with each service in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=[""], help="services whose names hold one of these words")
    parser.add_argument("--write", type=Path, default=None, metavar="FILE", help="write the table as Markdown")
    asked = parser.parse_args()
    chosen: Callable[[Service], bool] = lambda each: any(w.lower() in each.name.lower() for w in asked.only)  # noqa: E731
    rows, cells = night(), []
    with tempfile.TemporaryDirectory() as name:
        world = prepare(Path(name) / "line", "line")
        for service in SERVICES:
            if service.floor or not chosen(service):
                continue
            found = lived(service, world, rows)
            cells.append((service.name, found, *[""] * 6) if isinstance(found, str) else found.cells)
            print(f"-- {' | '.join(cells[-1])}", flush=True)
    print(f"\n{N_ROWS:,} rows, {len(ODD)} of them odd; {machine()}\n")
    table(HEADINGS, cells)
    if asked.write is not None:
        asked.write.write_text(markdown(cells))


if __name__ == "__main__":
    main()
