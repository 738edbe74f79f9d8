"""The rows that a version was made from and judged on, parted as its training parted them."""

from __future__ import annotations

from mainstay.domain.evaluation import Summary
from mainstay.store.project import Project
from mainstay.store.seals import account_of
from mainstay.workflows.holdouts import book_of
from mainstay.workflows.prepare import Ready, prepare
from mainstay.workflows.snapshot import proven_rows


def version_rows(project: Project, summary: Summary) -> Ready:
    """Return a version's rows, proven; `project` has the brief that the version was trained for."""
    table = proven_rows(project, summary.snapshot)
    book = book_of(project, account_of(project.home), table, only=summary.holdout or None)
    return prepare(table, project.brief, seed=summary.seed, book=book)
