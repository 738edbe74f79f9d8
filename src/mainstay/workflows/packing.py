"""From a training to a bundle: compile the winner, prove the plan by golden rows, count the reference, pack."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import polars as pl

from mainstay.bundle.compile import compile_plan
from mainstay.bundle.golden import Row, Score, far_from_certain, golden, golden_rows, require_equal
from mainstay.bundle.mlmodel import CODE_MODULES
from mainstay.bundle.pack import Parts, pack
from mainstay.data.money import columns_of
from mainstay.data.today import todays
from mainstay.data.worth import payoffs, words_decided
from mainstay.domain.held import UsedRows
from mainstay.domain.plan import Constant, Forest, Linear, Plan
from mainstay.domain.schema import Field, Kind
from mainstay.domain.signature import ReferenceSignature
from mainstay.domain.task import Task
from mainstay.domain.usual import Usual
from mainstay.domain.version import VersionName
from mainstay.monitoring.reference import build_reference
from mainstay.serving.packed_score import PackedScorer, is_packed
from mainstay.serving.reasons import usual_of
from mainstay.serving.score import Scorer
from mainstay.stats.arrays import IntArray
from mainstay.store.environment import distributions, machine, python_version, sources
from mainstay.training.candidate import Candidate, View, calibrated, uncalibrated
from mainstay.training.prepared import Prepared
from mainstay.training.train import Trained
from mainstay.training.views import rule_scores
from mainstay.workflows.own import OwnFitted
from mainstay.workflows.scored import scored
from mainstay.workflows.scored_groups import scored_groups

NUMBERS = (Kind.NUMBER, Kind.DATETIME)
MOST_USUAL = 2_000  # training rows that say what is usual: shares within two in a hundred
BundleOf = Callable[[VersionName], dict[str, bytes]]


def compile_winner(trained: Trained, prepared: Prepared) -> Plan:
    """Return the winner as a plan."""
    return compile_candidate(trained.winner, prepared)


def compile_candidate(candidate: Candidate, prepared: Prepared) -> Plan:
    """Return a candidate as a plan."""
    fitted = candidate.rule if candidate.fitted is None else candidate.fitted.estimator
    assert fitted is not None  # a candidate is one or the other
    paid = payoffs(prepared.brief.value, prepared.schema.classes) if prepared.task is Task.MULTICLASS else None
    return compile_plan(
        fitted,
        {} if candidate.fitted is None else candidate.fitted.inputs,
        task=prepared.task,
        classes=prepared.schema.classes,
        decision=prepared.brief.decision,
        threshold=candidate.threshold,
        calibration=candidate.calibration,
        actions=() if paid is None else paid.actions,
        payoffs=() if paid is None else paid.worths,
    )


def bundle_of(trained: Trained, prepared: Prepared, plan: Plan, *, brief: str) -> BundleOf:
    """Return how to make the bundle once its version is known; everything slow is done here."""
    rows = golden_rows(prepared.schema, plan, seed=prepared.seed)
    scorer = scorer_of(trained, plan)
    scores = [scorer.score_of(row) for row in rows]
    _require_proven(trained, prepared, plan, rows, scores)
    proven = golden(rows, scores, plan)
    reference = _reference(trained, prepared, plan)
    usual = _usual(prepared, plan)
    code, here = sources(CODE_MODULES), distributions()

    def made(version: VersionName) -> dict[str, bytes]:
        parts = Parts(
            version=version,
            plan=plan,
            schema=prepared.schema,
            brief=brief,
            reference=reference,
            golden=proven,
            pipeline=None if trained.winner.fitted is None else trained.winner.fitted.estimator,
            python_version=python_version(),
            distributions=here,
            sources=code,
            environment=machine(),
            usual=usual,
        )
        return pack(parts)

    return made


def scorer_of(trained: Trained, plan: Plan) -> Scorer | PackedScorer:
    """Return what scores with the winner's plan; what is packed is scored where its recipe was fitted."""
    fitted = trained.winner.fitted
    return PackedScorer(plan, fitted.raw) if isinstance(fitted, OwnFitted) and is_packed(plan) else Scorer(plan)


def _usual(prepared: Prepared, plan: Plan) -> Usual | None:
    """What is usual by training rows, evenly drawn where there are many; None where answers have no reasons."""
    if not all(isinstance(model, Linear | Forest | Constant) for model in plan.models):
        return None
    drawn = np.unique(np.linspace(0, prepared.training.size - 1, MOST_USUAL).astype(np.int64))
    few = prepared.used[prepared.training[drawn]]
    return usual_of(plan, {name: few[name].to_list() for name in few.columns})


def _require_proven(
    trained: Trained, prepared: Prepared, plan: Plan, rows: Sequence[Row], scores: Sequence[Score]
) -> None:
    """Prove the plan by the winner: before calibration on every row, after it where odds have their digits."""
    view = _golden_view(prepared, rows)
    own: list[Score] = calibrated(trained.winner, view).tolist()
    if plan.calibration is None:
        require_equal(scores, own)
        return
    plain = scorer_of(trained, msgspec.structs.replace(plan, calibration=None))
    raw: list[Score] = uncalibrated(trained.winner, view).tolist()
    require_equal([plain.score_of(row) for row in rows], raw)
    inside = far_from_certain(raw)
    require_equal([scores[i] for i in inside], [own[i] for i in inside])


def _golden_view(prepared: Prepared, rows: Sequence[Row]) -> View:
    """The golden rows as candidates see them."""
    used = pl.DataFrame({field.name: _column(field, rows) for field in prepared.schema.admitted})
    words = words_decided(prepared.brief.value, prepared.schema.classes)
    ruled = todays(columns_of(used), prepared.brief, task=prepared.task, words=words, n_rows=used.height)
    return View(used, None if ruled is None else rule_scores(prepared, ruled))


def _column(field: Field, rows: Sequence[Row]) -> pl.Series:
    dtype = pl.Float64() if field.kind in NUMBERS else pl.String()
    return pl.Series(field.name, [row[field.name] for row in rows], dtype=dtype)


@dataclass(frozen=True, slots=True)
class Taken:
    """Some rows of a frame, gathered column by column: never are all held a second time."""

    used: UsedRows
    rows: IntArray

    def __getitem__(self, name: str, /) -> pl.Series:
        """Return a column of these rows."""
        return self.used[name][self.rows]


def _reference(trained: Trained, prepared: Prepared, plan: Plan) -> ReferenceSignature:
    """Count every row that took part; scores, and what came of them, only of rows that the model was not fitted on."""
    taken = np.sort(np.concatenate([prepared.training, prepared.calibration, prepared.holdout]))
    used, said = Taken(prepared.used, taken), scored(trained, prepared, plan, taken)
    reference = build_reference(
        used,
        said,
        None if prepared.moments is None else prepared.moments[taken],
        schema=prepared.schema,
        brief=prepared.brief,
        seed=prepared.seed,
    )
    groups = scored_groups(prepared, plan, said, taken=taken, used=used, reference=reference)
    return msgspec.structs.replace(reference, groups=groups)
