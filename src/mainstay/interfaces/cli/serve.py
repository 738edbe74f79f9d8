"""`mainstay serve`: answer decisions over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mainstay.domain.limits import read_limits
from mainstay.domain.moments import parse_duration
from mainstay.interfaces.cli import options
from mainstay.interfaces.http.server import serve as answer_decisions
from mainstay.interfaces.http.settings import Front, parse_origin
from mainstay.interfaces.logs import FORMATS
from mainstay.workflows.home import waiting_models


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8080, show_default=True, help="The port; 0 takes any that is free.")
@click.option("--workers", default=2, show_default=True, help="Processes that answer; one per core is enough.")
@click.option("--ingest-every", default="60s", show_default=True, help="How often answers are moved to the journal.")
@click.option("--no-ingest", is_flag=True, help="Leave that to `mainstay watch`.")
@click.option("--insecure-host", is_flag=True, help="Listen beyond this machine although nobody needs a key.")
@click.option("--allow-origin", "origins", multiple=True, help="Pages of this origin may call; again for more.")
@click.option("--tls-cert", default="", help="The certificate and its chain (PEM), to answer over TLS.")
@click.option("--tls-key", default="", help="Its key (PEM, without a password).")
@click.option("--log-format", type=click.Choice(FORMATS), default="text", show_default=True, help="How to log.")
@click.option("--access-log", is_flag=True, help="Log a line for each request: never what it held.")
@click.option("--limit", "limits", multiple=True, metavar="NAME=NUMBER", help="Another limit of requests; see docs.")
@options.project
def serve(host: str, port: int, workers: int, ingest_every: str, no_ingest: bool, project: str, **front: Any) -> None:
    """Answer decisions over HTTP."""
    folder, waiting = waiting_models(Path(project))
    for model in waiting:
        click.echo(f"No version of {model} is live yet; /readyz says 503 until `mainstay deploy`.", err=True)
    every_s = None if no_ingest else parse_duration(ingest_every).total_seconds()
    origins = tuple(parse_origin(text) for text in front.pop("origins"))
    how = Front(origins=origins, limits=read_limits(front.pop("limits")), **front)
    answer_decisions(folder, host=host, port=port, workers=workers, ingest_every_s=every_s, front=how)
