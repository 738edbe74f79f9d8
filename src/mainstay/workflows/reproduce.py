"""Fitting a version's winner again, from its snapshot, brief and seed, without a search: it must be the same model."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mainstay.bundle.inspect import PLAN, SCHEMA, model_digest, schema_bytes
from mainstay.domain.brief import parse_brief
from mainstay.domain.errors import NotFound
from mainstay.domain.evaluation import Summary, read_summary
from mainstay.domain.plan import plan_bytes
from mainstay.domain.version import VersionName
from mainstay.store.memory import give_back
from mainstay.store.project import Project
from mainstay.training.compared import fewer
from mainstay.training.own import OWN
from mainstay.training.prepared import Prepared
from mainstay.training.train import refit
from mainstay.workflows.live import prove
from mainstay.workflows.own import own_learner
from mainstay.workflows.packing import compile_candidate
from mainstay.workflows.place import version_meant
from mainstay.workflows.recipe import Source, kept_source
from mainstay.workflows.searched import Searched, read_trials
from mainstay.workflows.version_rows import version_rows


@dataclass(frozen=True, slots=True)
class Again:
    """A version fitted again: its summary as recorded, the digest it has now, and in words where they differ."""

    summary: Summary
    model_digest: str
    differs: str

    @property
    def is_same(self) -> bool:
        """Whether it is the same model."""
        return self.model_digest == self.summary.model_digest


def reproduce(project: Project, text: str) -> Again:
    """Fit a version's winner again and compare digests; nothing is registered, and no holdout is looked at.

    Raises `NotFound` for a version, snapshot or record that is not there.
    """
    home, version = version_meant(text, project.folder)
    known = home.ledger.life(version.model).version(version.number)
    if known is None:
        raise NotFound(f"there is no version {version}", remedy="See what there is: mainstay versions")
    contents = prove(home, version, known)
    summary, then = read_summary(known.summary), replace(project, brief=parse_brief(contents.brief), home=home)
    plan, schema = fitted_again(then, version, summary, kept_source(contents.files))
    differs = [name for name, now in ((PLAN, plan), (SCHEMA, schema)) if contents.files[name] != now]
    return Again(summary, model_digest(plan, schema), f"Its {' and '.join(differs)} differ." if differs else "")


def fitted_again(
    project: Project, version: VersionName, summary: Summary, source: Source | None
) -> tuple[bytes, bytes]:
    """Return plan and schema of a version's winner, fitted again on the rows it was made from, prepared anew.

    `project` has the brief that it was trained for, `source` is the recipe that its bundle holds. While it is fitted,
    only rows that it learns from are held.
    """
    record = read_trials(project.home.artifacts, version)
    few = _learned_from(version_rows(project, summary).prepared, record)
    give_back()
    with own_learner(source if record.winner == OWN else None, few) as own:
        candidate = refit(few, record.winner, record.settings, n_rows=record.n_rows, own=own)
        return plan_bytes(compile_candidate(candidate, few)), schema_bytes(few.schema)


def _learned_from(prepared: Prepared, record: Searched) -> Prepared:
    return fewer(prepared, record.n_rows).learned_from()
