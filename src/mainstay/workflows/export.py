"""Exporting a version for callers who load the model themselves, with how far what they load is from the model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from mainstay.domain.brief import parse_brief
from mainstay.domain.canonical import canonical, digest
from mainstay.domain.errors import Asked, MainstayError, NotFound
from mainstay.domain.evaluation import read_summary
from mainstay.domain.event import Act
from mainstay.domain.life import VersionLife
from mainstay.domain.parity import Parity
from mainstay.domain.version import VersionName
from mainstay.store.files import put_file
from mainstay.store.home import Home
from mainstay.store.project import Project
from mainstay.workflows.live import prove
from mainstay.workflows.version_rows import version_rows

TWINS = "mainstay.workflows.twins"
MOST_ROWS = 20_000  # of those it was trained on: a second's work, and differences would show in a hundred
BESIDE = ".parity.json"


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: the file, the parity beside it, and how large it is."""

    path: Path
    parity_path: Path
    n_bytes: int
    parity: Parity


def export_onnx(project: Project, version: VersionName, out: Path, *, actor: str, at: datetime) -> Exported:
    """Write a version's ONNX twin and its parity beside it, keep the parity with the bundle, and tell the ledger.

    Raises `NotFound` where there is no such version, `BundleError` for a model that ONNX cannot say, and `Asked`
    without the extra.
    """
    home = project.home
    known = home.ledger.life(version.model).version(version.number)
    if known is None:
        raise NotFound(f"there is no version {version}", remedy="See what there is: mainstay versions")
    contents = prove(home, version, known)
    twin, parity = _twins().made(contents, _trained_on(project, contents.brief, known))
    told = canonical(msgspec.to_builtins(parity))
    beside = out.with_name(out.name + BESIDE)
    put_file(out, twin.data)
    put_file(beside, told)
    _keep(home, version, told, parity, actor=actor, at=at)
    return Exported(out, beside, len(twin.data), parity)


def _twins() -> Any:
    try:
        return import_module(TWINS)
    except ModuleNotFoundError as error:
        what = f"writing ONNX needs {error.name}, which is not installed"
        raise Asked(what, remedy="Install it: pip install 'mainstay[onnx]'") from error


def _trained_on(project: Project, brief: str, known: VersionLife) -> pl.DataFrame:
    """Rows that the version was trained on, as it read them; none where they are no longer there."""
    try:
        ready = version_rows(replace(project, brief=parse_brief(brief)), read_summary(known.summary))
    except MainstayError:
        return pl.DataFrame()
    prepared = ready.prepared
    return prepared.used[prepared.training[:MOST_ROWS]]


def _keep(home: Home, version: VersionName, told: bytes, parity: Parity, *, actor: str, at: datetime) -> None:
    made = digest(told)
    name = f"twins/{made.removeprefix('sha256:')[:16]}.json"
    home.artifacts.put_artifact(version.model, version.number, name, told)
    body = {"version": version.number, "artifact": name, "digest": made, "file_digest": parity.file_digest}
    home.ledger.append(version.model, Act.EXPORTED, body, actor=actor, at=at)
