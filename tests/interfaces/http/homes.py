"""Homes with small models in them, made by hand: what a worker reads of a bundle, and nothing that takes time."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
from tests.serving.made import PLAN, ROW, SCHEMA
from tests.workflows.lives import summary

from mainstay.bundle.golden import GoldenRows, golden, golden_rows
from mainstay.bundle.inspect import MANIFEST, NEEDED, inspect, model_digest, schema_bytes
from mainstay.domain.canonical import canonical, digest
from mainstay.domain.event import Act
from mainstay.domain.plan import Linear, Plan, plan_bytes
from mainstay.domain.schema import Schema
from mainstay.domain.signature import ReferenceSignature
from mainstay.serving.reasons import usual_of
from mainstay.serving.score import Scorer
from mainstay.store.home import Home, open_home
from mainstay.store.versions import NewVersion, add_version

__all__ = ["AT", "BRIEF", "ROW", "add", "bundle", "deploy", "new_home", "shifted"]

AT = datetime(2026, 11, 21, tzinfo=UTC)
BRIEF = """
[model]
name = "credit"
purpose = "Call those who would leave"
[data]
target = "churned"
[decision]
when_high = "call"
when_low = "wait"
[today]
rule = "late >= 2"
"""


def shifted(intercept: float) -> Plan:
    """The plan with another intercept, so that versions can be told apart by their scores."""
    model = PLAN.models[0]
    assert isinstance(model, Linear)
    return msgspec.structs.replace(PLAN, models=(msgspec.structs.replace(model, intercept=intercept),))


def bundle(
    plan: Plan, number: int, *, schema: Schema = SCHEMA, brief: str = BRIEF, model: str = "credit"
) -> dict[str, bytes]:
    reference = ReferenceSignature(period_s=86400, time_zone="UTC", timed=False, periods=(), bins=(), counts={})
    rows = golden_rows(schema, plan, seed=1)
    expected = golden(rows, [Scorer(plan).score_row(row) for row in rows], plan)
    files = dict.fromkeys(NEEDED, b"{}") | {
        "plan.json": plan_bytes(plan),
        "schema.json": schema_bytes(schema),
        "brief.toml": brief.encode(),
        "reference.json": canonical(msgspec.to_builtins(reference)),
        "usual.json": canonical(msgspec.to_builtins(usual_of(plan, {"age": [30.0, 50.0], "region": ["EU", "US"]}))),
        "golden.json": canonical(msgspec.to_builtins(GoldenRows(rows=expected))),
    }
    manifest = {
        "format": 1,
        "version": f"{model}/{number}",
        "model_digest": model_digest(files["plan.json"], files["schema.json"]),
        "files": {path: digest(content) for path, content in files.items()},
    }
    return files | {MANIFEST: canonical(manifest)}


def add(home: Home, *, plan: Plan = PLAN, schema: Schema = SCHEMA, brief: str = BRIEF, model: str = "credit") -> int:
    """Put a version there as a training would, and return its number."""

    def make(number: int) -> NewVersion:
        files = bundle(plan, number, schema=schema, brief=brief, model=model)
        contents = inspect(files)
        said = {"snapshot": "s", "failed_gates": [], "summary": msgspec.to_builtins(summary(number, model=model))}
        digests = {"model_digest": contents.manifest.model_digest, "bundle_digest": contents.digest}
        return NewVersion(files, {}, {"version": number, **digests, **said})

    return int(add_version(home, model, make, actor="test", at=AT).body["version"])


def deploy(home: Home, number: int, model: str = "credit") -> None:
    body = {"version": number, "override": False, "why": "", "failed_gates": []}
    home.ledger.append(model, Act.DEPLOYED, body, actor="test", at=AT)


def new_home(folder: Path, *, live: bool = True, brief: str = BRIEF) -> Home:
    """A home with one version of `credit`, live unless said otherwise."""
    home = open_home(folder)
    number = add(home, brief=brief)
    if live:
        deploy(home, number)
    return home
