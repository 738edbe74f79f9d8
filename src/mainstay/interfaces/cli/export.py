"""`mainstay export`: a version in a form that callers load themselves."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from mainstay.domain.parity import parity_words
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, next_step, print_json
from mainstay.interfaces.cli.who import actor
from mainstay.workflows.export import Exported, export_onnx
from mainstay.workflows.place import newest, now, open_project, version_meant


@click.command()
@click.argument("version", required=False)
@click.option(
    "--onnx", "out", required=True, metavar="FILE", type=click.Path(dir_okay=False), help="The file to write."
)
@options.project
@options.as_json
def export(version: str | None, out: str, project: str, as_json: bool) -> None:
    """Write a version as ONNX, and how far it is from the model."""
    opened = open_project(Path(project))
    name = newest(opened.home, opened.model) if version is None else version_meant(version, Path(project))[1]
    written = export_onnx(opened, name, Path(out), actor=actor(), at=now())
    if as_json:
        print_json(_exported_json(written) | {"version": str(name)})
        return
    answer(f"Wrote {written.path} ({written.n_bytes / 1024:,.0f} kB) and {written.parity_path.name}.")
    answer(f"Beside the model: {parity_words(written.parity)}.")
    if written.parity.given:
        answer(f"A caller works out, and gives as numbers: {', '.join(written.parity.given)}.")
    next_step(f"docs/calling.md shows how it is loaded; mainstay report {name} has the parity in its small print")


def _exported_json(written: Exported) -> dict[str, object]:
    told: dict[str, object] = msgspec.to_builtins(written.parity)
    return {"path": str(written.path), "bytes": written.n_bytes, "parity": told}
