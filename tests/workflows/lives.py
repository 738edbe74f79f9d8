"""Lives of models for tests: a home, and acts in its ledger as trainings and people would have left them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from mainstay.domain.evaluation import CandidateResult, Estimate, Summary
from mainstay.domain.event import Act
from mainstay.domain.finding import Finding, Signal, Verdict
from mainstay.store.home import Home

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
BRIEF = """
[model]
name = "credit"
time_box = "14d"
review_by = 2026-12-01
[data]
target = "target"
positive = 1
source = "rows.csv"
outcome_delay = "30d"
[decision]
when_high = "decline"
when_low = "approve"
[value]
currency = "TWD"
when_high_and_positive = 0
when_high_and_negative = 0
when_low_and_positive = "-0.20 * LIMIT_BAL"
when_low_and_negative = "0.06 * LIMIT_BAL"
"""


def summary(number: int, *, model: str = "credit", value: float | None = 4518.0) -> Summary:
    """What a training would have measured."""
    worth = Estimate(value, value - 200, value + 200) if value is not None else None
    best = CandidateResult(
        name="boosting",
        title="gradient boosting",
        metrics={"roc_auc": Estimate(0.78, 0.77, 0.79)},
        threshold=0.25,
        value=worth,
        winner_ahead=None,
        chosen=True,
    )
    return Summary(
        version=f"{model}/{number}",
        model_digest="sha256:" + "a" * 64,
        task="binary",
        split="random",
        rows={"train": 18_000, "calibration": 6_000, "holdout": 6_000},
        base_rate=0.22,
        metrics={"roc_auc": Estimate(0.78, 0.77, 0.79)},
        currency="TWD" if value is not None else "",
        threshold=0.25,
        threshold_interval=Estimate(0.25, 0.2, 0.3),
        value=worth,
        share_high=Estimate(0.27, 0.26, 0.28),
        candidates=(best,),
        findings=(),
        snapshot="sha256:" + "c" * 64,
        seed=0,
    )


def trained_body(
    number: int,
    *,
    model: str = "credit",
    bundle_digest: str = "sha256:" + "b" * 64,
    failed_gates: tuple[str, ...] = (),
    value: float | None = 4518.0,
) -> dict[str, Any]:
    """The body of a `trained` event."""
    said = summary(number, model=model, value=value)
    return {
        "version": number,
        "model_digest": said.model_digest,
        "bundle_digest": bundle_digest,
        "snapshot": said.snapshot,
        "seed": said.seed,
        "failed_gates": list(failed_gates),
        "summary": msgspec.to_builtins(said),
    }


def train(home: Home, number: int, *, at: datetime = AT, model: str = "credit", **more: Any) -> None:
    """Append the event of a training; no bundle is put there."""
    body = trained_body(number, model=model, **more)
    home.ledger.append(model, Act.TRAINED, body, actor="anna", at=at)


def deploy(home: Home, number: int, *, at: datetime, model: str = "credit") -> None:
    """Append the event of a deployment."""
    home.ledger.append(model, Act.DEPLOYED, {"version": number, "failed_gates": []}, actor="bo", at=at)


def raise_signal(home: Home, id_: str, *, verdict: Verdict = Verdict.WARN, at: datetime, model: str = "credit") -> None:
    """Append the event of a signal that opened."""
    finding = Finding(
        code="F29-input-drift",
        verdict=verdict,
        because="LIMIT_BAL has moved.",
        subjects=("LIMIT_BAL",),
        measured=0.3,
        limit=0.1,
        remedy="Look at where it comes from.",
    )
    signal = Signal(id=id_, finding=finding, since=at.isoformat(), cause="data pipe")
    body = {"signal": msgspec.to_builtins(signal)}
    home.ledger.append(model, Act.SIGNAL_OPENED, body, actor="watch", at=at)
