"""`mainstay expect`: propose what every version must do."""

from __future__ import annotations

from pathlib import Path

import click

from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, next_step, print_json
from mainstay.workflows.expect import Expected, keep
from mainstay.workflows.expect import expect as propose
from mainstay.workflows.place import home_and_model, newest, now, open_project, version_meant


@click.command()
@click.argument("version", required=False)
@click.option("--write", is_flag=True, help="Write expectations.toml beside the brief, where there is none.")
@options.project
@options.as_json
def expect(version: str | None, write: bool, project: str, as_json: bool) -> None:
    """Propose what every version must do, from the data and a version."""
    folder = Path(project)
    name = newest(*home_and_model(folder, None)) if version is None else version_meant(version, folder)[1]
    opened = open_project(folder)
    found = propose(opened, name, at=now())
    written = keep(opened, found) if write else None
    if as_json:
        print_json(expected_json(found, written))
        return
    if written is None:
        answer(found.text)
        next_step("keep it: mainstay expect --write; then mainstay check --only F19")
        return
    answer(f"{len(found.proposals)} expectations are in {written}.")
    next_step("read it and strike out what only happens to hold; then mainstay check --only F19")


def expected_json(found: Expected, written: str | None) -> dict[str, object]:
    """Return the JSON form of what is proposed."""
    proposals = [
        {**each.expectation.model_dump(exclude_defaults=True), "holds": each.holds, "because": each.because}
        for each in found.proposals
    ]
    return {"version": str(found.version), "written": written, "proposed": proposals, "text": found.text}
