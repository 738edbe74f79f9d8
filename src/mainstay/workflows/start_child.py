"""What a fresh process does that shows what serving takes: load a version, answer one row, then a thousand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mainstay.domain.version import parse_version
from mainstay.serving.admission import Admitted, admit
from mainstay.serving.service import Service, scores_of
from mainstay.store.home import open_home
from mainstay.store.meter import start, used
from mainstay.workflows.route import load_service

MANY = 1000


def steps(folder: Path, version: str) -> Iterator[str]:
    """Yield `answered` after the first row, then the most bytes of memory held, a thousand rows later."""
    meter = start()
    service = load_service(open_home(folder, create=False), parse_version(version))
    answer(service, 1)
    yield "answered"
    answer(service, MANY)
    yield str(used(meter).peak_bytes)


def answer(service: Service, n: int) -> None:
    """Score rows made of the schema's examples."""
    row = {field.name: field.example for field in service.schema.admitted}
    read = [admit(dict(row), service.index) for _ in range(n)]
    taken = [each.used for each in read if isinstance(each, Admitted)]
    if taken:
        scores_of(service, taken)
