"""What tests of the service share: a home with a live version."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.interfaces.http.homes import new_home


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the home of a model of which one version is live; of this file's tests alone."""
    folder = tmp_path_factory.mktemp("home")
    new_home(folder)
    return folder
