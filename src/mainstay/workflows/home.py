"""Whether there is a home to work with; apart, because who asks only this should load nothing else."""

from __future__ import annotations

from pathlib import Path

from mainstay.store.home import find_home, open_home


def require_home(folder: Path) -> None:
    """Raise `NotFound` or `StoreError` where a project's folder holds no home that can be used."""
    open_home(folder, create=False)


def has_keys(folder: Path) -> bool:
    """Say whether callers of a project's service need a key: whether there ever was one."""
    return bool(open_home(folder, create=False).ledger.all_keys())


def waiting_models(start: Path) -> tuple[Path, tuple[str, ...]]:
    """Return the folder of the nearest home, and which of its models have no version live; raises `NotFound`."""
    home = find_home(start)
    ledger = home.ledger
    return home.root.parent, tuple(model for model in ledger.models() if ledger.life(model).live is None)
