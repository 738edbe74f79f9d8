"""Workers leave a line when they start, and a look later reads them."""

from __future__ import annotations

import os
from pathlib import Path

from mainstay.store.starts import MOST_BYTES, OLDER, STARTS, note_start, starts


def test_starts_are_read_in_order_and_torn_lines_are_passed_over(tmp_path: Path) -> None:
    assert starts(tmp_path) == ()
    note_start(tmp_path)
    with (tmp_path / STARTS).open("ab") as file:
        file.write(b"17 x\n12")
    note_start(tmp_path)
    note_start(tmp_path)
    found = starts(tmp_path)
    assert [start.service for start in found] == [os.getppid()] * 3
    assert found[0].at_us <= found[1].at_us


def test_the_file_is_put_aside_when_it_is_large(tmp_path: Path) -> None:
    (tmp_path / STARTS).write_bytes(b"1 2\n" * (MOST_BYTES // 4 + 1))
    note_start(tmp_path)
    assert (tmp_path / OLDER).exists()
    assert len(starts(tmp_path)) == MOST_BYTES // 4 + 2


def test_a_disk_that_takes_no_line_stops_nobody(tmp_path: Path) -> None:
    note_start(tmp_path / "nowhere")
    assert starts(tmp_path / "nowhere") == ()
