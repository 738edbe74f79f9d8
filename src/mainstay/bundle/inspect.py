"""Inspecting a bundle: every byte against the manifest, every name and type against fixed lists. Nothing is opened."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from mainstay.bundle.golden import Golden, GoldenRows
from mainstay.bundle.skops_file import TRUSTED, untrusted_types
from mainstay.bundle.trusted import TRUSTED_PACKED
from mainstay.domain.canonical import canonical, digest
from mainstay.domain.errors import BundleError
from mainstay.domain.plan import Packed, Plan
from mainstay.domain.recipe import RECIPE_CODE
from mainstay.domain.schema import Schema
from mainstay.domain.signature import ReferenceSignature
from mainstay.domain.usual import Usual
from mainstay.domain.version import VersionName, parse_version

FORMAT = 1
MANIFEST, PLAN, SCHEMA, BRIEF = "manifest.json", "plan.json", "schema.json", "brief.toml"
REFERENCE, GOLDEN, MODEL = "reference.json", "golden.json", "model.skops"
USUAL = "usual.json"  # not in bundles made before reasons were, nor where a model has none
REQUIREMENTS, ENVIRONMENT, ML_MODEL = "requirements.txt", "environment.json", "MLmodel"
NEEDED = (PLAN, SCHEMA, BRIEF, REFERENCE, GOLDEN, REQUIREMENTS, ENVIRONMENT, ML_MODEL)
SAFE_PATH = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*/)*[A-Za-z0-9_][A-Za-z0-9_.-]*")
LEFT_BY_PYTHON = re.compile(r"code/(?:[\w.-]+/)*__pycache__/[\w.-]+\.pyc")  # where MLflow used the folder in place
REMEDY = "Take the bundle from where it was made; do not use this copy."

T = TypeVar("T")


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a bundle says of itself: its name and version, and a digest of every other file."""

    format: int
    version: str
    model_digest: str
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class Contents:
    """An inspected bundle: its files are those the manifest names, byte by byte. Reading them runs no code."""

    manifest: Manifest
    files: Mapping[str, bytes]
    plan: Plan
    schema: Schema
    reference: ReferenceSignature
    golden: tuple[Golden, ...]
    usual: Usual | None = None

    @property
    def version(self) -> VersionName:
        """The version's name."""
        return parse_version(self.manifest.version)

    @property
    def brief(self) -> str:
        """The brief the version was trained for, as it was written."""
        return self.files[BRIEF].decode()

    @property
    def digest(self) -> str:
        """The digest of the whole bundle: of its manifest, which holds those of all files."""
        return digest(self.files[MANIFEST])


def schema_bytes(schema: Schema) -> bytes:
    """Return the canonical bytes of a schema: what the model digest covers and `schema.json` holds."""
    return canonical(msgspec.to_builtins(schema))


def model_digest(plan: bytes, schema: bytes) -> str:
    """Return the digest of what a model is: the bytes of its plan (calibration, threshold, words) and of its schema.

    >>> model_digest(b"{}", b"{}") == model_digest(b"{}", b"{ }")
    False
    """
    return digest(canonical({"plan": digest(plan), "schema": digest(schema)}))


def inspect(files: Mapping[str, bytes], *, opens_model: bool = True) -> Contents:
    """Check a bundle's files (path to content); raises `BundleError` naming the file that is wrong.

    Byte code that Python left under `code/` is not part of a bundle and nothing here reads it: it is left out. Whoever
    answers from the plan does not open `model.skops`, and need not have its types looked at: without `opens_model` they
    are, where the plan says that the model itself answers.
    """
    files = {path: content for path, content in files.items() if not LEFT_BY_PYTHON.fullmatch(path)}
    manifest = _manifest(files)
    _require_same_files(files, manifest)
    plan = _read(files, PLAN, Plan)
    looks = MODEL in files and (opens_model or any(isinstance(model, Packed) for model in plan.models))
    if looks and (strange := untrusted_types(files[MODEL], trusted=_trusted(files, plan))):
        raise BundleError(f"{MODEL} holds types that are not trusted: {', '.join(strange)}", remedy=REMEDY)
    if model_digest(files[PLAN], files[SCHEMA]) != manifest.model_digest:
        raise BundleError(f"{PLAN} and {SCHEMA} are not those of model digest {manifest.model_digest}", remedy=REMEDY)
    return Contents(
        manifest=manifest,
        files=files,
        plan=plan,
        schema=_read(files, SCHEMA, Schema),
        reference=_read(files, REFERENCE, ReferenceSignature),
        golden=_read(files, GOLDEN, GoldenRows).rows,
        usual=_read(files, USUAL, Usual) if USUAL in files else None,
    )


def _trusted(files: Mapping[str, bytes], plan: Plan) -> Container[str]:
    """Which types `model.skops` may name; a packed model is the one that its plan says."""
    packed = plan.models[0] if plan.models else None
    if not isinstance(packed, Packed):
        return TRUSTED
    if digest(files[MODEL]) != packed.digest:
        raise BundleError(f"{MODEL} is not the one that {PLAN} names", remedy=REMEDY)
    if packed.types and RECIPE_CODE not in files:
        raise BundleError(f"{RECIPE_CODE} is missing, which {MODEL} needs", remedy=REMEDY)
    return TRUSTED_PACKED | set(packed.types)


def _manifest(files: Mapping[str, bytes]) -> Manifest:
    if MANIFEST not in files:
        raise BundleError(f"{MANIFEST} is missing", remedy="This is not a bundle, or not all of one.")
    manifest = _read(files, MANIFEST, Manifest)
    if manifest.format != FORMAT:
        what = f"{MANIFEST} is of format {manifest.format}; this edition reads format {FORMAT}"
        raise BundleError(what, remedy="Use the edition of Mainstay that made it, or a newer one.")
    return manifest


def _require_same_files(files: Mapping[str, bytes], manifest: Manifest) -> None:
    for path in sorted(files.keys() | manifest.files.keys() | set(NEEDED)):
        if not SAFE_PATH.fullmatch(path):
            raise BundleError(f"{path[:200]!r} is not a path that a bundle may hold", remedy=REMEDY)
        if path == MANIFEST:
            continue
        if path not in files:
            raise BundleError(f"{path} is missing", remedy=REMEDY)
        if path not in manifest.files:
            raise BundleError(f"{path} is extra: the manifest does not name it", remedy=REMEDY)
        if digest(files[path]) != manifest.files[path]:
            raise BundleError(f"{path} was changed: its digest is not the manifest's", remedy=REMEDY)


def _read(files: Mapping[str, bytes], path: str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(files[path], type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BundleError(f"{path} cannot be read: {error}", remedy=REMEDY) from error
