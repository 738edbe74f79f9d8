"""A file of expectations that cannot be read says so, whatever it is, and ends nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mainstay.store.project import EXPECTATIONS, MOST_BESIDE
from mainstay.workflows.expected import expected

ONE = '[[monotone]]\nname = "{name}"\ncolumn = "a"\ndirection = "rises"\nlow = {low}\nhigh = 9\n'

BROKEN: dict[str, tuple[bytes, str]] = {
    "no TOML": (b"[[monotone\n", "expectations.toml:1: "),
    "binary": (b"PAR1\x15\x04\xff\xfe", "is not UTF-8 text (byte 6)"),
    "nothing but noughts": (bytes(100), "expectations.toml:1: "),
    "a list": (b"monotone = 3\n", "expectations.toml:1: monotone: got 3"),
    "wrong types": (ONE.format(name="a", low='"x"').encode(), "expectations.toml:5: monotone.0.low"),
    "no number": (ONE.format(name="a", low="nan").encode(), "expectations.toml:5: monotone.0.low"),
    "a range the wrong way": (ONE.format(name="a", low=10).encode(), "low 10 is not below high 9"),
    "an unknown key": (
        ONE.format(name="a", low=1).encode() + b"colour = 1\n",
        "expectations.toml:7: monotone.0.colour: unknown key",
    ),
    "an unknown kind": (b"[[rising]]\nname = 'a'\n", "unknown key. Known: monotone"),
    "two of one name": (
        ONE.format(name="a", low=1).encode() * 2,
        "expectations.toml:1: two expectations are called 'a'",
    ),
    "several faults": (ONE.format(name="", low="'x'").encode(), "; and 1 more like it"),
    "too many": (
        "".join(ONE.format(name=i, low=1) for i in range(501)).encode(),
        "expectations.toml:1: 501 expectations are more",
    ),
    "nested": (b"a = " + b"[" * 5000, "nested too deeply"),
    "a long number": (b"a = " + b"9" * 9000, "a value cannot be read"),
    "too large": (b"#" * (MOST_BESIDE + 1), "has more than 1 MB"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_says_what_is_wrong(kind: str, tmp_path: Path) -> None:
    text, told = BROKEN[kind]
    (tmp_path / EXPECTATIONS).write_bytes(text)
    expects, fault = expected(tmp_path)
    assert expects == ()
    assert told in fault
    assert "\n" not in fault


def test_what_is_no_file_says_so(tmp_path: Path) -> None:
    place = tmp_path / EXPECTATIONS
    place.mkdir()
    assert expected(tmp_path) == ((), "expectations.toml is no file")
    place.rmdir()
    os.mkfifo(place)
    assert expected(tmp_path) == ((), "expectations.toml is no file")
    place.unlink()
    place.symlink_to(tmp_path / "gone")
    assert expected(tmp_path) == ((), "expectations.toml is a link to what is not there")
    place.unlink()
    assert expected(tmp_path) == ((), "")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_what_may_not_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / EXPECTATIONS).touch(mode=0o000)
    assert "permission was denied" in expected(tmp_path)[1]
