"""`mainstay export`: a version in a form that callers load themselves, and what shows and alerts of the service."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from mainstay.domain.errors import Asked
from mainstay.domain.parity import parity_words
from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, next_step, print_json
from mainstay.interfaces.cli.who import actor
from mainstay.workflows.clients import alert_rules, dashboard, write_text
from mainstay.workflows.export import Exported, export_onnx
from mainstay.workflows.place import newest, now, open_project, version_meant


@click.command()
@click.argument("version", required=False)
@click.option("--onnx", metavar="FILE", type=click.Path(dir_okay=False), help="Write the version as ONNX.")
@click.option("--grafana", metavar="FILE", type=click.Path(dir_okay=False), help="Write a dashboard for Grafana.")
@click.option("--alerts", metavar="FILE", type=click.Path(dir_okay=False), help="Write alert rules for Prometheus.")
@options.project
@options.as_json
def export(
    version: str | None, onnx: str | None, grafana: str | None, alerts: str | None, project: str, as_json: bool
) -> None:
    """Write a version as ONNX, or a dashboard and alert rules of the service."""
    if version is not None and onnx is None:
        raise Asked("what of that version?", remedy=f"Write it as ONNX: mainstay export {version} --onnx FILE")
    if onnx is None and grafana is None and alerts is None:
        raise Asked("what is to be written?", remedy="Name a file: --onnx FILE, --grafana FILE or --alerts FILE")
    written = [
        write_text(Path(file), text())
        for file, text in ((grafana, dashboard), (alerts, alert_rules))
        if file is not None
    ]
    if onnx is None:
        _show_written(written, as_json=as_json)
    else:
        _export_onnx(version, Path(onnx), project, as_json=as_json)


def _show_written(written: list[Path], *, as_json: bool) -> None:
    if as_json:
        print_json({"paths": [str(path) for path in written]})
        return
    for path in written:
        answer(f"Wrote {path}.")
    next_step("import a dashboard into Grafana, and name rules under rule_files of Prometheus (docs/operating.md)")


def _export_onnx(version: str | None, out: Path, project: str, *, as_json: bool) -> None:
    opened = open_project(Path(project))
    name = newest(opened.home, opened.model) if version is None else version_meant(version, Path(project))[1]
    written = export_onnx(opened, name, out, actor=actor(), at=now())
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
