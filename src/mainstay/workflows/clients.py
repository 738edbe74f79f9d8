"""Writing what others load: a client of a model in another language, a dashboard, alert rules."""

from __future__ import annotations

import inspect
from pathlib import Path

from mainstay import client
from mainstay.domain.version import VersionName
from mainstay.export.alerts import alert_rules
from mainstay.export.clients import LANGUAGES, Described, client_file
from mainstay.export.grafana import dashboard
from mainstay.store.files import disk_faults, put_file
from mainstay.store.home import Home
from mainstay.workflows.route import Routes, load_service

__all__ = ["LANGUAGES", "alert_rules", "dashboard", "routes_of", "write_client", "write_text"]


def write_client(home: Home, name: VersionName, language: str, folder: Path) -> Path:
    """Write a client of a version into a folder and return the file; raises `BundleError`, `NotFound`, `StoreError`."""
    service = load_service(home, name)

    described = Described(
        name.model, name.number, service.words.model.purpose, service.schema, tuple(dict.fromkeys(service.decides))
    )
    file_name, text = client_file(described, language, base=inspect.getsource(client))

    return write_text(folder / file_name, text)


def routes_of(home: Home, name: VersionName) -> Routes:
    """Return routes as if this version alone answered; raises `BundleError` or `NotFound`."""
    return Routes(services={name.model: load_service(home, name)}, models=(name.model,))


def write_text(path: Path, text: str) -> Path:
    """Write a text to a file, in a folder that need not be there, and return the file; raises `StoreError`."""
    with disk_faults(f"writing {path.name}"):
        path.parent.mkdir(parents=True, exist_ok=True)
    put_file(path, text.encode())
    return path
