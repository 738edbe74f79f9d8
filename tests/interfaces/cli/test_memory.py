"""Where memory runs out, one sentence says so: whichever library noticed it first."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import click
import pytest

from mainstay.interfaces.cli.edge import LEAST_ADDRESSES, run


class PanicException(BaseException):
    """As the panics of Polars are: no `Exception`."""


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        ImportError("libopenblas.so: failed to map segment from shared object"),
        PanicException("could not spawn threads: Resource temporarily unavailable"),
        OSError(12, "Cannot allocate memory"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_every_way_to_say_that_memory_is_out_becomes_one_sentence(
    error: BaseException, capsys: pytest.CaptureFixture[str]
) -> None:
    @click.command()
    def fails() -> None:
        try:
            raise error
        except BaseException as cause:
            raise RuntimeError("while it was read") from cause

    assert run(fails, []) == 2
    assert capsys.readouterr().err.startswith("Error: the memory is used up: nothing half-done was kept\n")


def test_a_panic_is_a_fault_of_our_own(capsys: pytest.CaptureFixture[str]) -> None:
    @click.command()
    def fails() -> None:
        raise PanicException("index out of bounds")

    assert run(fails, []) == 1
    assert "Mainstay itself failed: PanicException" in capsys.readouterr().err


def test_a_limit_that_libraries_cannot_start_in_is_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("a,b\n1,0\n2,1\n")
    code = "import resource, sys; from mainstay.interfaces.cli.main import main\n"
    code += f"resource.setrlimit(resource.RLIMIT_AS, ({LEAST_ADDRESSES} - 1, {resource.RLIM_INFINITY}))\n"
    code += "sys.argv = ['mainstay', 'init', 'm', '--data', 'rows.csv', '--target', 'b']; main()"
    asked = [sys.executable, "-c", code]
    done = subprocess.run(asked, check=False, capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: this shell allows 1,450 MB of memory (ulimit -v)")
    assert not (tmp_path / "m").exists()
