"""Two versions of one model compared: read both, put them side by side, write the page."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from mainstay.domain.canonical import digest
from mainstay.domain.errors import Asked, NotFound
from mainstay.domain.version import VersionName
from mainstay.report.gallery import picture_files
from mainstay.report.versus.compare import Comparison, compare, comparison_json
from mainstay.report.versus.page import render_comparison
from mainstay.report.versus.sides import Side
from mainstay.store.files import put_file
from mainstay.store.home import Home
from mainstay.workflows.exam_kept import exam_taken
from mainstay.workflows.live import prove
from mainstay.workflows.printing import pdf_of
from mainstay.workflows.report import evaluation_of
from mainstay.workflows.report_forms import Form, Written, form_of, put_files

__all__ = ["compare_versions", "comparison_json", "write_comparison"]


def compare_versions(home: Home, first: VersionName, then: VersionName) -> Comparison:
    """Put two versions of one model side by side.

    Raises `Asked` for versions of different models or tasks and for one version twice, `NotFound` for one that is not
    there, `BundleError` or `Refused` where files were changed.
    """
    if first.model != then.model:
        what = f"{first} and {then} are versions of different models"
        raise Asked(what, remedy="Compare two versions of one model, such as credit/2 credit/3.")
    if first == then:
        raise Asked(f"{first} was named twice", remedy="Name two versions: mainstay versions lists them.")
    return compare(_side(home, first), _side(home, then))


def write_comparison(found: Comparison, out: Path, *, at: datetime) -> Written:
    """Write a comparison as a page, a PDF or a folder of pictures; raises `Asked` for a model card, which is of one."""
    form = form_of(out)
    if form is Form.CARD:
        raise Asked("a model card is of one version, not of two", remedy="End --out in .html, .pdf or /.")
    text = render_comparison(found, made_at=at)
    page = text.encode()
    if form is Form.PICTURES:
        n_bytes = put_files(out, picture_files(found.behaviour))
    else:
        data = pdf_of(page) if form is Form.PDF else page
        put_file(out, data)
        n_bytes = len(data)
    return Written(out, digest(page), n_bytes, form=form, page=text)


def _side(home: Home, version: VersionName) -> Side:
    evaluation, brief = evaluation_of(home, version)
    known = home.ledger.life(version.model).version(version.number)
    if known is None:
        raise NotFound(f"there is no version {version}", remedy="See what there is: mainstay versions")
    schema = prove(home, version, known).schema
    inputs = {field.name: str(field.kind) for field in schema.fields}
    return Side(name=str(version), evaluation=evaluation, brief=brief, inputs=inputs, exam=exam_taken(home, version))
