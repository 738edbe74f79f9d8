"""Writing a report: the evaluation of a version becomes a page, and the ledger knows which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.canonical import digest
from mainstay.domain.errors import BundleError, NotFound
from mainstay.domain.evaluation import Evaluation, read_summary
from mainstay.domain.event import Act
from mainstay.domain.instead import instead_of_deploying
from mainstay.domain.life import VersionLife
from mainstay.domain.version import VersionName
from mainstay.report.page import render
from mainstay.store.evaluations import NAME, read_rows
from mainstay.store.files import put_file
from mainstay.store.home import Home
from mainstay.workflows.exam_kept import exam_taken
from mainstay.workflows.live import prove

REMEDY = "Restore it from a backup, or train again."


@dataclass(frozen=True, slots=True)
class Written:
    """A report on disk; `failed_gates` refuse to deploy its version, `instead` says what to do where that is not it."""

    path: Path
    digest: str
    n_bytes: int
    failed_gates: tuple[str, ...] = ()
    instead: str = ""


def write_report(home: Home, version: VersionName, out: Path, *, n_buckets: int, actor: str, at: datetime) -> Written:
    """Render a version's report, write it to `out`, keep it beside the bundle, and tell the ledger."""
    evaluation, brief = evaluation_of(home, version)
    exam = exam_taken(home, version)
    page = render(evaluation, brief, version=str(version), made_at=at, n_buckets=n_buckets, exam=exam).encode()
    put_file(out, page)
    made = digest(page)
    name = f"reports/{made.removeprefix('sha256:')[:16]}.html"
    home.artifacts.put_artifact(version.model, version.number, name, page)
    body = {"version": version.number, "artifact": name, "digest": made}
    home.ledger.append(version.model, Act.REPORTED, body, actor=actor, at=at)
    known = home.ledger.life(version.model).version(version.number)
    failed = known.failed_gates if known else ()
    return Written(out, made, len(page), failed, instead_of_deploying(evaluation.summary))


def evaluation_of(home: Home, version: VersionName) -> tuple[Evaluation, Brief]:
    """Return what a version's holdout showed and the brief it was trained by, both proven by the ledger.

    Raises `NotFound` where there is no such version, and `BundleError` or `Refused` where its files were changed.
    """
    known = home.ledger.life(version.model).version(version.number)
    if known is None:
        raise NotFound(f"there is no version {version}", remedy="See what there is: mainstay versions")
    brief = parse_brief(prove(home, version, known).brief)
    return Evaluation(read_summary(known.summary), _proven_rows(home, version, known)), brief


def _proven_rows(home: Home, version: VersionName, known: VersionLife) -> pl.DataFrame:
    kept = home.artifacts.artifact(version.model, version.number, NAME)
    if known.evaluation_digest not in (None, digest(kept)):
        what = f"{NAME} of {version} was changed: its digest is not the one the ledger tells"
        raise BundleError(what, remedy=REMEDY)
    try:
        return read_rows(home.artifacts, version)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BundleError(f"{NAME} of {version} cannot be read: {error}", remedy=REMEDY) from error
