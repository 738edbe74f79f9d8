"""The record of a search: every try, and the winner's settings, kept beside the version they made."""

from __future__ import annotations

import msgspec

from mainstay.domain.errors import NotFound, StoreError
from mainstay.domain.evaluation import Trial
from mainstay.domain.version import VersionName
from mainstay.store.artifacts import Artifacts
from mainstay.training.train import Trained

TRIALS = "trials.json"


class Searched(msgspec.Struct, frozen=True, kw_only=True):
    """What `trials.json` holds: the winner as it can be fitted again, and all tries in the order they were made.

    `n_rows` are the training rows it learned from, where those were fewer than there were.
    """

    format: int = 1
    winner: str
    settings: dict[str, float | int | str | bool]
    n_rows: int | None
    stopped: str
    trials: tuple[Trial, ...]


def trials_file(trained: Trained, *, n_rows: int | None) -> dict[str, bytes]:
    """Return the record's file, by its name beside the bundle."""
    winner = trained.winner
    kept = Searched(
        winner=winner.name,
        settings=dict(winner.settings),
        n_rows=n_rows,
        stopped=trained.stopped,
        trials=trained.trials,
    )
    return {TRIALS: msgspec.json.format(msgspec.json.encode(kept))}


def read_trials(artifacts: Artifacts, version: VersionName) -> Searched:
    """Read the record of a version's search; raises `NotFound` for versions that have none, `StoreError` if damaged."""
    try:
        data = artifacts.artifact(version.model, version.number, TRIALS)
    except NotFound as error:
        remedy = "It was trained before searches were recorded, or is not a version: see mainstay versions."
        raise NotFound(f"{version} has no record of its search", remedy=remedy) from error
    try:
        return msgspec.json.decode(data, type=Searched)
    except msgspec.DecodeError as error:
        raise StoreError(f"{TRIALS} of {version} is damaged", remedy="Restore it from a backup.") from error
