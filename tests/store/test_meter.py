"""What work takes of the machine: the kernel's own mark, set back when measuring starts."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from mainstay.store.meter import CLEAR, start, used

MB = 1 << 20


def fill(megabytes: int) -> int:
    return int(np.ones(megabytes * MB, dtype=np.uint8).sum())


def test_time_and_computing_are_counted() -> None:
    meter = start()
    fill(50)
    seen = used(meter)
    assert seen.cpu_seconds > 0
    assert seen.seconds > 0
    assert seen.peak_bytes > 0


@pytest.mark.skipif(not CLEAR.exists(), reason="only Linux lets the mark be set back: elsewhere it only rises")
def test_the_peak_is_of_the_work_alone() -> None:
    fill(300)
    low = used(start()).peak_bytes
    meter = start()
    fill(200)
    high = used(meter).peak_bytes
    assert 150 * MB < high - low < 260 * MB
    assert used(start()).peak_bytes < high - 150 * MB


def test_a_child_larger_than_any_before_counts() -> None:
    meter = start()
    subprocess.run([sys.executable, "-c", f"bytes({900 * MB})[::4096]; b = b'x' * {900 * MB}"], check=True)
    assert used(meter).peak_bytes > 800 * MB
