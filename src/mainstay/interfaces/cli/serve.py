"""`mainstay serve`: answer decisions over HTTP."""

from __future__ import annotations

from pathlib import Path

import click

from mainstay.domain.moments import parse_duration
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import note
from mainstay.interfaces.http.server import serve as answer_decisions
from mainstay.workflows.place import home_and_model


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8080, show_default=True, help="The port; 0 takes any that is free.")
@click.option("--workers", default=2, show_default=True, help="Processes that answer; one per core is enough.")
@click.option("--ingest-every", default="60s", show_default=True, help="How often answers are moved to the journal.")
@click.option("--no-ingest", is_flag=True, help="Leave that to `mainstay watch`.")
@click.option("--insecure-host", is_flag=True, help="Listen beyond this machine although nobody needs a key.")
@options.project
def serve(  # noqa: PLR0913, PLR0917 - one parameter per option
    host: str, port: int, workers: int, ingest_every: str, no_ingest: bool, insecure_host: bool, project: str
) -> None:
    """Answer decisions over HTTP."""
    home, model = home_and_model(Path(project), None)
    if home.ledger.life(model).live is None:
        note(f"No version of {model} is live yet; /readyz says 503 until `mainstay deploy`.")
    every_s = None if no_ingest else parse_duration(ingest_every).total_seconds()
    folder = home.root.parent
    answer_decisions(folder, host=host, port=port, workers=workers, ingest_every_s=every_s, insecure_host=insecure_host)
