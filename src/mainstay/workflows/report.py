"""Writing a report: the evaluation of a version becomes a page, and the ledger knows which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.canonical import digest
from mainstay.domain.errors import NotFound
from mainstay.domain.evaluation import Evaluation, read_summary
from mainstay.domain.event import Act
from mainstay.domain.version import VersionName
from mainstay.report.page import render
from mainstay.store.evaluations import read_rows
from mainstay.store.files import put_file
from mainstay.store.home import Home


@dataclass(frozen=True, slots=True)
class Written:
    """A report on disk."""

    path: Path
    digest: str
    n_bytes: int


def write_report(home: Home, version: VersionName, out: Path, *, n_buckets: int, actor: str, at: datetime) -> Written:
    """Render a version's report, write it to `out`, keep it beside the bundle, and tell the ledger."""
    evaluation, brief = evaluation_of(home, version)
    page = render(evaluation, brief, version=str(version), made_at=at, n_buckets=n_buckets).encode()
    put_file(out, page)
    made = digest(page)
    name = f"reports/{made.removeprefix('sha256:')[:16]}.html"
    home.artifacts.put_artifact(version.model, version.number, name, page)
    body = {"version": version.number, "artifact": name, "digest": made}
    home.ledger.append(version.model, Act.REPORTED, body, actor=actor, at=at)
    return Written(out, made, len(page))


def evaluation_of(home: Home, version: VersionName) -> tuple[Evaluation, Brief]:
    """Return what a version's holdout showed and the brief it was trained by; raises `NotFound`."""
    known = home.ledger.life(version.model).version(version.number)
    if known is None:
        raise NotFound(f"there is no version {version}", remedy="See what there is: mainstay versions")
    rows = read_rows(home.artifacts, version)
    text = home.artifacts.version_files(version.model, version.number)["brief.toml"].decode()
    return Evaluation(read_summary(known.summary), rows), parse_brief(text)
