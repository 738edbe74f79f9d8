"""Limits: what can be set, within which bounds, and that the docs tell every one."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from mainstay.domain.errors import Asked
from mainstay.domain.limits import LIMITS, SAID, Limits, read_limits

DOCS = Path(__file__).parents[2] / "docs"


def test_limits_not_named_stay_as_they_are() -> None:
    assert read_limits([]) == LIMITS
    assert read_limits(["rows=10", " body_s = 0.5 ", "body_bytes=2_000"]) == Limits(
        rows=10, body_s=0.5, body_bytes=2000
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("row=10", r"there is no limit 'row'\nDid you mean 'rows'\?"),
        ("rows", r"--limit rows=: wanted a whole number from 1 to 4,096 \(rows in one request\)"),
        ("rows=many", "wanted a whole number"),
        ("rows=1.5", "wanted a whole number"),
        ("rows=0", "wanted a whole number"),
        ("rows=5000", "wanted a whole number"),
        ("body_s=nan", "wanted a number from 0.1 to 3,600"),
        ("body_bytes=1e400", "wanted a whole number"),
    ],
)
def test_what_is_no_limit_is_refused(text: str, why: str) -> None:
    with pytest.raises(Asked, match=why):
        read_limits([text])


def test_every_limit_is_said_and_lies_within_its_bounds() -> None:
    assert SAID.keys() == set(Limits.__struct_fields__)
    for name, value in msgspec.to_builtins(LIMITS).items():
        assert SAID[name].low <= value <= SAID[name].high


def test_the_docs_tell_every_limit_as_it_is() -> None:
    page = (DOCS / "operating.md").read_text(encoding="utf-8")
    for name, value in msgspec.to_builtins(LIMITS).items():
        assert f"| `{name}` | {value:,.0f} | {SAID[name].what} | {SAID[name].why} |" in page
