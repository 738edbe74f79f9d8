"""`mainstay bundle`: prove that a bundle is what it was, here or anywhere."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from mainstay.interfaces.cli import options
from mainstay.interfaces.cli.show import answer, next_step, print_json
from mainstay.workflows.place import version_meant
from mainstay.workflows.verify import Verified, verify_folder, verify_version


@click.group()
def bundle() -> None:
    """Prove that a bundle is what it was, here or anywhere."""


@bundle.command()
@click.argument("what", metavar="FOLDER|VERSION")
@options.project
@options.as_json
def verify(what: str, project: str, as_json: bool) -> None:
    """Check every digest of a bundle, and ask its model the golden rows.

    A folder needs no project and no ledger; a version is checked against the ledger too.
    """
    found = verify_folder(Path(what)) if Path(what).is_dir() else verify_version(*version_meant(what, Path(project)))
    if as_json:
        print_json(asdict(found))
        return
    answer(f"{found.version} is whole: {found.n_files} files have their digests, {_rows(found)}.")
    answer(f"Model digest {found.model_digest}")
    answer(f"Bundle digest {found.bundle_digest}")
    next_step("compare the bundle digest with the one that the ledger tells: mainstay history --json")


def _rows(found: Verified) -> str:
    if found.n_golden is None:
        return "its golden rows were not asked (a packed model is only opened where the ledger knows it)"
    return f"{found.n_golden} golden rows have their scores to the bit, alone and together"
