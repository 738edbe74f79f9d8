"""Lives of models for tests: a home, and acts in its ledger as trainings and people would have left them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from mainstay.bundle.golden import GoldenRows, golden, golden_rows
from mainstay.bundle.inspect import model_digest, schema_bytes
from mainstay.domain.canonical import canonical, digest
from mainstay.domain.evaluation import CandidateResult, Estimate, Summary
from mainstay.domain.event import Act
from mainstay.domain.finding import Finding, Signal, Verdict
from mainstay.domain.plan import Linear, Number, NumberTerm, Plan, plan_bytes
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.domain.signature import Bins, ReferenceSignature
from mainstay.domain.traffic import Decision, Outcome
from mainstay.domain.version import VersionName
from mainstay.serving.score import Scorer
from mainstay.store.home import Home
from mainstay.store.spool import Spool
from mainstay.store.versions import NewVersion, add_version

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


SCHEMA = Schema(
    fields=(
        Field(name="LIMIT_BAL", kind=Kind.NUMBER, low=10_000.0, high=1_000_000.0, whole=True, example=50_000.0),
        Field(name="PAY_0", kind=Kind.NUMBER, low=-2.0, high=8.0, nullable=True, whole=True, example=0.0),
    ),
    target="target",
    positive="1",
    negative="0",
    known=("LIMIT_BAL", "PAY_0", "target"),
)
REFERENCE = ReferenceSignature(
    period_s=86_400.0,
    time_zone="UTC",
    timed=False,
    periods=("2026-01-01T00:00:00Z",),
    bins=(Bins(subject="score", edges=(0.25, 0.5, 0.75), low=0.0, high=1.0),),
    counts={"score": ((0, 0, 10, 10, 10, 10, 0),)},
)


def plan(number: int, *, words: tuple[str, str] = ("decline", "approve")) -> Plan:
    """A plan of two terms; each version's is a little different."""
    terms = (
        NumberTerm(input=Number("PAY_0"), fill=0.0, centre=0.0, scale=1.0, weight=1.0),
        NumberTerm(input=Number("LIMIT_BAL"), fill=50_000.0, centre=50_000.0, scale=100_000.0, weight=-0.5),
    )
    model = Linear(intercept=-1.0 - number / 10, terms=terms)
    high, low = words
    return Plan(task="binary", models=(model,), link="logistic", threshold=0.25, when_high=high, when_low=low)


def bundle(
    number: int, *, model: str = "credit", brief: str = BRIEF, words: tuple[str, str] = ("decline", "approve")
) -> dict[str, bytes]:
    """A whole bundle, made by hand: no pipeline in it, so that nothing heavy is loaded."""
    planned, schema = plan(number, words=words), schema_bytes(SCHEMA)
    rows = golden_rows(SCHEMA, planned, seed=0)
    scorer = Scorer(planned)
    files = {
        "plan.json": plan_bytes(planned),
        "schema.json": schema,
        "brief.toml": brief.encode(),
        "reference.json": canonical(msgspec.to_builtins(REFERENCE)),
        "golden.json": canonical(
            msgspec.to_builtins(GoldenRows(rows=golden(rows, [scorer.score_row(row) for row in rows], planned)))
        ),
        "requirements.txt": b"numpy==2.1\n",
        "environment.json": canonical({"python": "3.11"}),
        "MLmodel": b"flavors: {}\n",
    }
    manifest = {
        "format": 1,
        "version": f"{model}/{number}",
        "model_digest": model_digest(files["plan.json"], schema),
        "files": {path: digest(content) for path, content in files.items()},
    }
    return files | {"manifest.json": canonical(manifest)}


def add(
    home: Home,
    *,
    at: datetime = AT,
    model: str = "credit",
    brief: str = BRIEF,
    words: tuple[str, str] = ("decline", "approve"),
    **more: Any,
) -> VersionName:
    """Add the next version as a training does, with a whole bundle; return its name."""

    def make(number: int) -> NewVersion:
        files = bundle(number, model=model, brief=brief, words=words)
        body = trained_body(number, model=model, bundle_digest=digest(files["manifest.json"]), **more)
        return NewVersion(files, {}, body)

    return VersionName(model, add_version(home, model, make, actor="anna", at=at).body["version"])


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
    gates_of_exam: tuple[str, ...] = (),
    value: float | None = 4518.0,
    **more: Any,
) -> dict[str, Any]:
    """The body of a `trained` event; `more` are further parts of its summary."""
    said = msgspec.structs.replace(summary(number, model=model, value=value), **more)
    return {
        "version": number,
        "model_digest": said.model_digest,
        "bundle_digest": bundle_digest,
        "snapshot": said.snapshot,
        "seed": said.seed,
        "failed_gates": list(failed_gates),
        "gates_of_exam": list(gates_of_exam),
        "summary": msgspec.to_builtins(said),
    }


def train(home: Home, number: int, *, at: datetime = AT, model: str = "credit", **more: Any) -> None:
    """Append the event of a training; no bundle is put there."""
    body = trained_body(number, model=model, **more)
    home.ledger.append(model, Act.TRAINED, body, actor="anna", at=at)


def examine(home: Home, number: int, *, at: datetime, failed_gates: Sequence[str] = (), model: str = "credit") -> None:
    """Append the event of a whole exam."""
    body = {"version": number, "artifact": "", "digest": "", "failed_gates": list(failed_gates)}
    home.ledger.append(model, Act.EXAMINED, body, actor="anna", at=at)


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


def us(moment: datetime) -> int:
    """UTC microseconds since 1970."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def decide(home: Home, ids: Sequence[str], *, at: datetime, model: str = "credit", version: int = 1) -> None:
    """Spool answered decisions, as a worker does before the answer leaves; half of them are high."""
    lines = [
        Decision(
            id=each,
            key="",
            own_id=False,
            row_digest=f"d-{each}",
            at_us=us(at) + number,
            version=version,
            arm="champion",
            assignment_share=1.0,
            score=0.5 if number % 2 else 0.1,
            threshold=0.25,
            decision="decline" if number % 2 else "approve",
            warnings=(),
            used={"LIMIT_BAL": 50_000.0, "PAY_0": 0.0},
            received='{"LIMIT_BAL": 50000, "PAY_0": 0}',
            entity="",
            latency_us=900,
        )
        for number, each in enumerate(ids)
    ]
    spool = Spool(home.spool_root, model, "decisions")
    spool.write(msgspec.json.Encoder().encode_lines(lines))
    spool.close()


def learn(home: Home, outcomes: Mapping[str, str], *, at: datetime, model: str = "credit") -> None:
    """Spool outcomes by id, as the service does."""
    lines = [
        Outcome(id=each, key="", outcome=outcome, happened_us=us(at), learned_us=us(at))
        for each, outcome in outcomes.items()
    ]
    spool = Spool(home.spool_root, model, "outcomes")
    spool.write(msgspec.json.Encoder().encode_lines(lines))
    spool.close()
