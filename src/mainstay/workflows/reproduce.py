"""Fitting a version's winner again, from its snapshot, brief and seed, without a search: it must be the same model."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mainstay.bundle.inspect import PLAN, SCHEMA, model_digest, schema_bytes
from mainstay.domain.brief import parse_brief
from mainstay.domain.errors import NotFound
from mainstay.domain.evaluation import Summary, read_summary
from mainstay.domain.plan import plan_bytes
from mainstay.store.project import Project
from mainstay.store.seals import account_of
from mainstay.store.snapshots import Snapshots, identity_of
from mainstay.training.compared import fewer
from mainstay.training.own import OWN
from mainstay.training.train import refit
from mainstay.workflows.holdouts import book_of
from mainstay.workflows.live import prove
from mainstay.workflows.own import own_learner
from mainstay.workflows.packing import compile_candidate
from mainstay.workflows.place import version_meant
from mainstay.workflows.prepare import prepare
from mainstay.workflows.recipe import kept_source
from mainstay.workflows.searched import read_trials


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
    contents, record = prove(home, version, known), read_trials(home.artifacts, version)
    summary, then = read_summary(known.summary), replace(project, brief=parse_brief(contents.brief), home=home)
    table = Snapshots(home).rows(identity_of(summary.snapshot))
    book = book_of(then, account_of(home), table, only=summary.holdout or None)
    prepared = fewer(prepare(table, then.brief, seed=summary.seed, book=book).prepared, record.n_rows)
    with own_learner(kept_source(contents.files) if record.winner == OWN else None, prepared) as own:
        candidate = refit(prepared, record.winner, record.settings, n_rows=record.n_rows, own=own)
        plan, schema = plan_bytes(compile_candidate(candidate, prepared)), schema_bytes(prepared.schema)
    differs = [name for name, now in ((PLAN, plan), (SCHEMA, schema)) if contents.files[name] != now]
    return Again(summary, model_digest(plan, schema), f"Its {' and '.join(differs)} differ." if differs else "")
