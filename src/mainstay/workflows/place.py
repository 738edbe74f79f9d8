"""Where people's commands begin: the project in a folder, its home, the model and the version they mean."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from mainstay.domain.errors import Asked, NotFound, did_you_mean
from mainstay.domain.moments import parse_moment
from mainstay.domain.version import VersionName, parse_version
from mainstay.store.clock import now
from mainstay.store.home import Home, find_home
from mainstay.store.project import BRIEF, Project, open_project

__all__ = [
    "Home",
    "Project",
    "VersionName",
    "find_home",
    "home_and_model",
    "live_or_newest",
    "moment",
    "newest",
    "now",
    "open_project",
    "version_meant",
]


def home_and_model(folder: Path, asked: str | None) -> tuple[Home, str]:
    """Return the home of a folder and the model meant; works without a brief wherever a home is."""
    if (folder / BRIEF).exists():
        project = open_project(folder)
        return project.home, known_model(project.home, asked, default=project.model)
    home = find_home(folder)
    return home, known_model(home, asked)


def known_model(home: Home, asked: str | None, *, default: str | None = None) -> str:
    """Return the model asked for, the brief's, or the only one in the ledger; raises `NotFound` or `Asked`."""
    models = home.ledger.models()
    if asked is None and default is not None and (default in models or not models):
        return default
    if asked is None and len(models) == 1:
        return models[0]
    if asked is None:
        known = f"Add --model with one of: {', '.join(models)}" if models else "Train one: mainstay train"
        raise Asked("which model?", remedy=known)
    if asked not in models:
        raise NotFound(f"there is no model {asked!r} here", remedy=did_you_mean(asked, models))
    return asked


def version_meant(text: str, folder: Path) -> tuple[Home, VersionName]:
    """Read `credit/3`, or `3` where only one model can be meant, and return its home with it."""
    home, model = home_and_model(folder, text.rpartition("/")[0] or None)
    return home, parse_version(text, model=model)


def newest(home: Home, model: str) -> VersionName:
    """Return the newest version of a model; raises `NotFound` when nothing is trained yet."""
    versions = home.ledger.life(model).versions
    if not versions:
        raise NotFound(f"{model} has no version yet", remedy="Train one: mainstay train")
    return VersionName(model, versions[-1].number)


def moment(text: str | None) -> datetime:
    """Read a moment as people write it; now if none is given."""
    return now() if text is None else parse_moment(text)


def live_or_newest(home: Home, model: str) -> VersionName:
    """Return the version that is live, or the newest where none is; raises `NotFound` when nothing is trained yet."""
    live = home.ledger.life(model).live
    return newest(home, model) if live is None else VersionName(model, live)
