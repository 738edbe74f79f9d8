"""A path that no report can have is refused in words, before any work."""

from __future__ import annotations

from pathlib import Path

import pytest

from mainstay.domain.errors import Asked
from mainstay.workflows.report_forms import form_of


def test_a_name_that_no_disk_takes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Asked, match="nothing can be written to 'aaa"):
        form_of(tmp_path / f"{'a' * 300}.html")


def test_a_device_is_no_folder_for_pictures() -> None:
    with pytest.raises(Asked, match="is no folder"):
        form_of(Path("/dev/null"))
