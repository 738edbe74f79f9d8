"""Writing a report: the evaluation of a version becomes a page or another form of it, and the ledger knows which."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.canonical import digest
from mainstay.domain.errors import BundleError, NotFound
from mainstay.domain.evaluation import Evaluation, read_summary
from mainstay.domain.event import Act
from mainstay.domain.instead import instead_of_deploying
from mainstay.domain.life import VersionLife
from mainstay.domain.version import VersionName
from mainstay.report.card import card_of
from mainstay.report.gallery import picture_files
from mainstay.report.page import page_of, told
from mainstay.report.small_print import with_twin
from mainstay.store.evaluations import NAME, read_rows
from mainstay.store.files import put_file
from mainstay.store.home import Home
from mainstay.workflows.exam_kept import exam_taken
from mainstay.workflows.export_kept import exported_parity
from mainstay.workflows.live import prove
from mainstay.workflows.printing import pdf_of
from mainstay.workflows.report_forms import Form, Written, form_of, put_files

__all__ = ["Form", "Written", "evaluation_of", "write_report"]

REMEDY = "Restore it from a backup, or train again."


def write_report(home: Home, version: VersionName, out: Path, *, n_buckets: int, actor: str, at: datetime) -> Written:
    """Write a version's report to `out`, keep its page beside the bundle, and tell the ledger.

    The ending of `out` says in which form: a page, a model card, a PDF, or a folder of pictures.
    """
    form = form_of(out)
    evaluation, brief = evaluation_of(home, version)
    exam = exam_taken(home, version)
    says = told(evaluation, brief, version=str(version), made_at=at, n_buckets=n_buckets, exam=exam)
    says["small_print"] = with_twin(says["small_print"], exported_parity(home, version))
    text = page_of(says)
    page = text.encode()
    n_bytes = _put(out, form, says, page, evaluation)
    made = digest(page)
    name = f"reports/{made.removeprefix('sha256:')[:16]}.html"
    home.artifacts.put_artifact(version.model, version.number, name, page)
    body = {"version": version.number, "artifact": name, "digest": made}
    home.ledger.append(version.model, Act.REPORTED, body, actor=actor, at=at)
    known = home.ledger.life(version.model).version(version.number)
    failed = () if known is None or known.awaits_exam else known.failed_gates
    instead = instead_of_deploying(evaluation.summary)
    if exam is None:
        instead = instead or f"mainstay check {version}, then mainstay report {version} again"
    return Written(out, made, n_bytes, failed, instead, form, text)


def _put(out: Path, form: Form, says: dict[str, Any], page: bytes, evaluation: Evaluation) -> int:
    if form is Form.PICTURES:
        return put_files(out, picture_files(says))
    if form is Form.CARD:
        data = card_of(says, evaluation.summary).encode()
    else:
        data = pdf_of(page) if form is Form.PDF else page
    put_file(out, data)
    return len(data)


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
