"""What a person writes beside a home is read as text, or refused in one sentence, whatever lies under its name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mainstay.domain.errors import Asked, NotFound
from mainstay.store.project import read_brief, read_expectations, read_own_checks

READS = {"mainstay.toml": read_brief, "expectations.toml": read_expectations, "checks.py": read_own_checks}


@pytest.mark.parametrize("name", READS)
def test_a_folder_a_pipe_and_bytes_are_refused(name: str, tmp_path: Path) -> None:
    place = tmp_path / name
    place.mkdir()
    with pytest.raises(Asked, match="is no file"):
        READS[name](tmp_path)
    place.rmdir()
    os.mkfifo(place)
    with pytest.raises(Asked, match="is no file"):  # and never waited for
        READS[name](tmp_path)
    place.unlink()
    place.write_bytes(b"a\xff")
    with pytest.raises(Asked, match=r"is not UTF-8 text \(byte 1\)"):
        READS[name](tmp_path)


def test_a_link_to_itself_is_no_brief(tmp_path: Path) -> None:
    (tmp_path / "mainstay.toml").symlink_to("mainstay.toml")
    with pytest.raises(NotFound, match=r"there is no mainstay\.toml"):
        read_brief(tmp_path)
