"""`mainstay ledger`: where the history is kept, or moving it into a database that several machines share."""

from __future__ import annotations

from pathlib import Path

import click

from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, next_step, print_json, table
from mainstay.workflows.ledger import kept, move
from mainstay.workflows.place import find_home


@click.command()
@click.option("--move", "address", default=None, help="The address of a PostgreSQL database to move it into.")
@options.project
@options.as_json
def ledger(address: str | None, project: str, as_json: bool) -> int:
    """Say where the history is kept, or move it into PostgreSQL."""
    if address is not None:
        n_moved = move(find_home(Path(project)), address)
    found = kept(find_home(Path(project)))
    if as_json:
        print_json({"place": found.place, "events": found.n_events_by_chain, "moved": address is not None})
        return 0
    if address is not None:
        answer(f"Moved {n_moved:,} events, each under its old hash, and proved them. The file keeps what it held.")
    answer(f"The history is in {found.place}.")
    table(("chain", "events"), [(chain, f"{n:,}") for chain, n in found.n_events_by_chain.items()], left=1)
    next_step("mainstay history --verify" if address is None else "start again what still runs: mainstay serve")
    return 0
