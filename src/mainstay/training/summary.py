"""A training in the numbers that the ledger keeps, and the winner's answer to rows it never saw."""

from __future__ import annotations

import polars as pl

from mainstay.domain.evaluation import Evaluation, Summary
from mainstay.domain.version import VersionName
from mainstay.stats.arrays import BoolArray, FloatArray
from mainstay.training.candidate import View, calibrated
from mainstay.training.features import features
from mainstay.training.prepared import Prepared
from mainstay.training.train import Trained


def evaluation(
    trained: Trained, prepared: Prepared, *, version: VersionName, model_digest: str, snapshot: str
) -> Evaluation:
    """Return what the holdout showed, under the names that packing and the snapshot gave."""
    shown = trained.judgement
    rows = {"train": prepared.training, "calibration": prepared.calibration, "holdout": prepared.holdout}
    summary = Summary(
        version=str(version),
        model_digest=model_digest,
        task="binary",
        split=prepared.split_by,
        rows={name: int(part.size) for name, part in rows.items()},
        base_rate=float(prepared.outcomes.mean()),
        metrics=shown.metrics,
        currency=prepared.brief.value.currency,
        threshold=shown.threshold,
        threshold_interval=shown.threshold_interval,
        value=shown.value,
        share_high=shown.share_high,
        candidates=shown.results,
        findings=shown.findings,
        snapshot=snapshot,
        seed=prepared.seed,
    )
    return Evaluation(summary, shown.rows)


def winner_scores(trained: Trained, used: pl.DataFrame, *, today: BoolArray | None = None) -> FloatArray:
    """Return the winner's calibrated scores of a used frame, shape (n_rows,), as its pipeline gives them.

    `today` says where today's rule decides high; it is needed where the rule won.
    """
    rule = None if today is None else today.astype(float)
    return calibrated(trained.winner, View(features(used, trained.inputs), rule))
