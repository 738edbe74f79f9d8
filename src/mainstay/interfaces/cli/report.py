"""`mainstay report`: the report of a version as one offline page."""

from __future__ import annotations

from pathlib import Path

import click

from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, next_step, print_json
from mainstay.interfaces.cli.who import actor
from mainstay.workflows.place import home_and_model, newest, now, version_meant
from mainstay.workflows.report import write_report


@click.command()
@click.argument("version", required=False)
@click.option(
    "--out", default="report.html", show_default=True, type=click.Path(dir_okay=False), help="Where to write."
)
@click.option("--buckets", default=10, show_default=True, type=click.IntRange(2, 50), help="Buckets of the lift table.")
@options.project
@options.as_json
def report(version: str | None, out: str, buckets: int, project: str, as_json: bool) -> None:
    """Write the report of a version as one offline page."""
    if version is None:
        home, model = home_and_model(Path(project), None)
        name = newest(home, model)
    else:
        home, name = version_meant(version, Path(project))
    written = write_report(home, name, Path(out), n_buckets=buckets, actor=actor(), at=now())
    if as_json:
        print_json(
            {"version": str(name), "path": str(written.path), "digest": written.digest, "bytes": written.n_bytes}
        )
        return
    answer(f"Wrote {written.path} ({written.n_bytes / 1024:,.0f} kB): open it in a browser; it needs no network.")
    if written.failed_gates:
        next_step(f"mend what failed and train again; deploying will be refused by: {', '.join(written.failed_gates)}")
    else:
        next_step(written.instead or f"mainstay deploy {name}")
