"""A process that starts as a serving worker does: `python -m mainstay.interfaces.start_child FOLDER VERSION`.

It holds what a worker holds, but opens no port: a version can be measured before it is live.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from mainstay.workflows.start_child import steps


def run(folder: Path, version: str) -> None:
    """Say each step as it is done."""
    import_module("mainstay.interfaces.http.worker")  # for its weight alone
    for done in steps(folder, version):
        print(done, flush=True)  # noqa: T201 - its parent reads it


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.argv[2])
