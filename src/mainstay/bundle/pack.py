"""Packing: everything that training made, as the files of one folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
from sklearn.pipeline import Pipeline
from skops.io import dumps

from mainstay.bundle.golden import Golden, GoldenRows
from mainstay.bundle.inspect import (
    BRIEF,
    ENVIRONMENT,
    FORMAT,
    GOLDEN,
    MANIFEST,
    ML_MODEL,
    MODEL,
    PLAN,
    REFERENCE,
    REQUIREMENTS,
    SCHEMA,
    USUAL,
    inspect,
    model_digest,
    schema_bytes,
)
from mainstay.bundle.mlmodel import PYTHON_ENVIRONMENT, code_files, ml_model, python_environment
from mainstay.bundle.own_made import OwnMade, own_files
from mainstay.bundle.skops_file import canonical_skops
from mainstay.domain.canonical import canonical, digest
from mainstay.domain.plan import Plan, plan_bytes
from mainstay.domain.schema import Schema
from mainstay.domain.signature import ReferenceSignature
from mainstay.domain.usual import Usual
from mainstay.domain.version import VersionName


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a bundle is made of.

    `pipeline` is None for a rule, or what a recipe of one's own made. `usual` is None where answers have no reasons.
    `distributions` are the versions, by name, of the
    packages it was trained with; `environment` further facts about where (platform, processor); `sources` the text of
    each of `CODE_MODULES`.
    """

    version: VersionName
    plan: Plan
    schema: Schema
    brief: str
    reference: ReferenceSignature
    golden: tuple[Golden, ...]
    pipeline: Pipeline | OwnMade | None
    python_version: str
    distributions: Mapping[str, str]
    sources: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict)
    usual: Usual | None = None


def pack(parts: Parts) -> dict[str, bytes]:
    """Return the files of a bundle, path to content; equal parts give equal bytes."""
    files = _files(parts)
    manifest = {
        "format": FORMAT,
        "version": str(parts.version),
        "model_digest": model_digest(files[PLAN], files[SCHEMA]),
        "files": {path: digest(content) for path, content in files.items()},
    }
    files[MANIFEST] = canonical(manifest)
    inspect(files)
    return files


def _files(parts: Parts) -> dict[str, bytes]:
    brought = parts.pipeline.distributions if isinstance(parts.pipeline, OwnMade) else {}
    distributions = {**parts.distributions, **brought}
    pins = tuple(f"{name}=={version}" for name, version in sorted(distributions.items()))
    environment = {"python": parts.python_version, "distributions": distributions, **parts.environment}
    files = {
        PLAN: plan_bytes(parts.plan),
        SCHEMA: schema_bytes(parts.schema),
        BRIEF: parts.brief.encode(),
        REFERENCE: canonical(msgspec.to_builtins(parts.reference)),
        GOLDEN: canonical(msgspec.to_builtins(GoldenRows(rows=parts.golden))),
        REQUIREMENTS: ("\n".join(pins) + "\n").encode(),
        ENVIRONMENT: canonical(environment),
        ML_MODEL: ml_model(parts.python_version),
        PYTHON_ENVIRONMENT: python_environment(parts.python_version, pins),
        **code_files(parts.sources),
    }
    if parts.usual is not None:
        files[USUAL] = canonical(msgspec.to_builtins(parts.usual))
    if isinstance(parts.pipeline, OwnMade):
        files |= own_files(parts.pipeline)
    elif parts.pipeline is not None:
        files[MODEL] = canonical_skops(dumps(parts.pipeline))
    return files
