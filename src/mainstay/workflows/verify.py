"""Verifying a bundle wherever it lies: its digests, and its golden rows asked of the model in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mainstay.bundle.inspect import MANIFEST, Contents, inspect
from mainstay.domain.errors import Asked, NotFound
from mainstay.domain.version import VersionName
from mainstay.serving.packed_score import is_packed
from mainstay.serving.service import make_service, read_words
from mainstay.store.artifacts import folder_files
from mainstay.store.home import Home
from mainstay.workflows.route import load_service, prove


@dataclass(frozen=True, slots=True)
class Verified:
    """What was proven of a bundle. `n_golden` is None where its golden rows could not be asked."""

    version: str
    model_digest: str
    bundle_digest: str
    n_files: int
    n_golden: int | None


def verify_version(home: Home, version: VersionName) -> Verified:
    """Verify a version in its home, against the ledger too; raises `BundleError` or `NotFound`."""
    if home.ledger.life(version.model).version(version.number) is None:
        raise NotFound(f"there is no version {version}", remedy="See what there is: mainstay versions")
    load_service(home, version)
    return _verified(inspect(home.artifacts.version_files(version.model, version.number)), asked=True)


def verify_folder(folder: Path) -> Verified:
    """Verify a copy of a bundle, which needs no project and no ledger; raises `Asked` or `BundleError`.

    A packed model is not opened: that runs code, and nobody here says that this copy can be trusted.
    """
    if not (folder / MANIFEST).is_file():
        what = f"there is no {MANIFEST} in {folder}"
        raise Asked(what, remedy="Name the folder of a bundle, or a version such as credit/3.")
    contents = inspect(folder_files(folder, what=str(folder)))
    packed = is_packed(contents.plan)
    if not packed:
        name = contents.version
        words = read_words(contents.brief)
        prove(
            make_service(name.model, name.number, schema=contents.schema, plan=contents.plan, words=words),
            contents.golden,
        )
    return _verified(contents, asked=not packed)


def _verified(contents: Contents, *, asked: bool) -> Verified:
    return Verified(
        version=contents.manifest.version,
        model_digest=contents.manifest.model_digest,
        bundle_digest=contents.digest,
        n_files=len(contents.files),
        n_golden=len(contents.golden) if asked else None,
    )
