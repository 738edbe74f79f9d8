"""A report reads only what the ledger knows: the bundle and the evaluation that were trained."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from tests.workflows.lives import AT, bundle, trained_body

from mainstay.domain.canonical import digest
from mainstay.domain.errors import BundleError, NotFound, Refused
from mainstay.domain.version import VersionName
from mainstay.store.evaluations import NAME, rows_file
from mainstay.store.home import Home, open_home
from mainstay.store.versions import NewVersion, add_version
from mainstay.workflows.report import evaluation_of

VERSION = VersionName("credit", 1)
ROWS = pl.DataFrame({"outcome": [0, 1], "score": [0.25, 0.75]})
OTHER_ROWS = pl.DataFrame({"outcome": [1, 1], "score": [0.25, 0.75]})


def trained(folder: Path, *, told: bool) -> Home:
    """A home with a version; its event tells the evaluation's digest, or is of an edition that did not."""
    home = open_home(folder)

    def made(number: int) -> NewVersion:
        files, rows = bundle(number), rows_file(ROWS)
        body = trained_body(number, bundle_digest=digest(files["manifest.json"]))
        return NewVersion(files, rows, body | ({"evaluation_digest": digest(rows[NAME])} if told else {}))

    add_version(home, "credit", made, actor="anna", at=AT)
    return home


def kept(folder: Path, name: str) -> Path:
    (found,) = folder.rglob(name)
    found.chmod(0o644)
    return found


@pytest.mark.parametrize("told", [True, False])
def test_what_was_trained_is_read(tmp_path: Path, told: bool) -> None:
    evaluation, brief = evaluation_of(trained(tmp_path, told=told), VERSION)
    assert evaluation.rows.equals(ROWS)
    assert brief.model.name == "credit"


def test_changed_rows_are_refused(tmp_path: Path) -> None:
    home = trained(tmp_path, told=True)
    kept(tmp_path, NAME).write_bytes(rows_file(OTHER_ROWS)[NAME])
    with pytest.raises(BundleError, match=f"{NAME} of credit/1 was changed"):
        evaluation_of(home, VERSION)


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("n_kept", [0, 3, 40, -1])
def test_torn_rows_are_refused(tmp_path: Path, told: bool, n_kept: int) -> None:
    home = trained(tmp_path, told=told)
    rows = kept(tmp_path, NAME)
    rows.write_bytes(rows.read_bytes()[:n_kept])
    with pytest.raises(BundleError, match=f"{NAME} of credit/1"):
        evaluation_of(home, VERSION)


def test_a_changed_brief_is_refused(tmp_path: Path) -> None:
    home = trained(tmp_path, told=True)
    brief = kept(tmp_path, "brief.toml")
    brief.write_bytes(brief.read_bytes() + b"# one more\n")
    with pytest.raises(BundleError, match=r"brief\.toml was changed"):
        evaluation_of(home, VERSION)


def test_another_whole_bundle_is_refused(tmp_path: Path) -> None:
    home = trained(tmp_path, told=True)
    for path, content in bundle(1, words=("no", "yes")).items():
        kept(tmp_path, path).write_bytes(content)
    with pytest.raises(Refused, match="is not the one that was trained"):
        evaluation_of(home, VERSION)


def test_a_version_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="credit/2"):
        evaluation_of(trained(tmp_path, told=True), VersionName("credit", 2))
