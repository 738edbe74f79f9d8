"""A training in numbers, as the ledger keeps it."""

from __future__ import annotations

import msgspec
import numpy as np

from mainstay.bundle.inspect import Contents
from mainstay.bundle.own_made import OwnMade
from mainstay.domain.brief import Brief
from mainstay.domain.brief.read import brief_digest
from mainstay.domain.evaluation import Cost, Summary
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.gates import failed_gates, gates_of_exam
from mainstay.domain.task import Task
from mainstay.training.contest import INTERRUPTED
from mainstay.training.enough import Enough
from mainstay.training.prepared import Prepared
from mainstay.training.train import Trained


def summary_of(
    contents: Contents, trained: Trained, enough: Enough, *, found: tuple[Finding, ...], snapshot: str, cost: Cost
) -> Summary:
    """Return what a training came to; `found` are the findings about its rows."""
    prepared, judgement = trained.prepared, trained.judgement
    return Summary(
        version=str(contents.version),
        model_digest=contents.manifest.model_digest,
        task=contents.plan.task,
        split=prepared.split_by,
        rows={part: int(getattr(prepared, name).size) for part, name in PARTS.items()},
        base_rate=base_rate(prepared),
        metrics=judgement.metrics,
        currency=prepared.brief.value.currency,
        threshold=judgement.threshold,
        threshold_interval=judgement.threshold_interval,
        value=judgement.value,
        share_high=judgement.share_high,
        candidates=judgement.results,
        findings=(*judgement.findings, *_stopped(trained), *_packed(trained), *enough.findings, *found),
        snapshot=snapshot,
        seed=prepared.seed,
        classes=contents.plan.classes,
        settings={"learner": trained.winner.name, **trained.winner.settings},
        cost=cost,
        curves=enough.curves,
        good_enough=judgement.good_enough,
    )


PARTS = {"train": "training", "calibration": "calibration", "holdout": "holdout"}


def base_rate(prepared: Prepared) -> float:
    """Return the share of positives among the holdout rows, the mean amount, or the share of the commonest class."""
    outcomes = prepared.outcomes[prepared.holdout]
    if prepared.task is Task.MULTICLASS:
        return float(np.bincount(outcomes.astype(np.int64)).max() / outcomes.size)
    return float(outcomes.mean())


def body_of(contents: Contents, summary: Summary, brief: Brief) -> dict[str, object]:
    """Return the body of a `trained` event."""
    return {
        "version": contents.version.number,
        "model_digest": summary.model_digest,
        "bundle_digest": contents.digest,
        "brief_digest": brief_digest(brief),
        "snapshot": summary.snapshot,
        "seed": summary.seed,
        "failed_gates": list(failed_gates(brief.gates, summary.findings)),
        "gates_of_exam": list(gates_of_exam(brief.gates, brief.targets.model_dump(exclude_none=True))),
        "summary": msgspec.to_builtins(summary),
    }


def _packed(trained: Trained) -> tuple[Finding, ...]:
    """`F16-packed-model`: the winner is no plan; what it costs to serve it as it is."""
    made = None if trained.winner.fitted is None else trained.winner.fitted.estimator
    if not isinstance(made, OwnMade) or not made.skops:
        return ()
    times = {result.chosen: result.latency_us for result in trained.judgement.results if result.latency_us is not None}
    rows = f"a row takes {times[True] / 1e3:.1f} ms" if True in times else "its rows were not timed"
    plans = f" (those of another candidate {times[False] / 1e3:.2g} ms)" if False in times else ""
    size = f"it has {len(made.skops) / 1e6:.1f} MB, and a worker holds {made.resident_mb:.0f} MB for it instead of 60"
    return (
        Finding(
            code="F16-packed-model",
            verdict=Verdict.WARN,
            because=f"the winner cannot be a plan and is served as it is: {rows}{plans}, {size}",
            measured=times.get(True),
            remedy="Fine where callers can wait; what becomes a plan stands in docs/recipes.md.",
        ),
    )


def _stopped(trained: Trained) -> tuple[Finding, ...]:
    """`F14-search-interrupted`: the best of what had been tried was kept."""
    if trained.stopped != INTERRUPTED:
        return ()
    because = f"the search was interrupted after {len(trained.trials)} tries: the best of them was kept"
    remedy = "Train again, with --minutes, for a longer search."
    return (Finding(code="F14-search-interrupted", verdict=Verdict.WARN, because=because, remedy=remedy),)
