"""How often a key may call: a bucket that refills evenly, shared by all workers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.interfaces.http.homes import new_home
from tests.interfaces.http.inside import running
from tests.interfaces.http.test_callers import DECIDE, ask, code, make

from mainstay.domain.key import Rate
from mainstay.interfaces.http import rates
from mainstay.interfaces.http.rates import Rates, make_rates, taken

SECOND = 1_000_000


@given(
    rate=st.builds(Rate, st.integers(1, 1000), st.sampled_from((1, 60, 3600))),
    gaps=st.lists(st.integers(0, 3 * SECOND), min_size=1, max_size=200),
)
def test_never_more_than_a_bucket_and_what_refilled_meanwhile(rate: Rate, gaps: list[int]) -> None:
    now = full = 10**12
    begun, n_taken = now, 0
    for gap in gaps:
        now += gap
        full, wait = taken(full, rate, now)
        n_taken += wait == 0
        assert n_taken <= rate.n * (1 + (now - begun) / (rate.seconds * SECOND)) * 1.001 + 1e-9
        if wait:
            assert taken(full, rate, now + wait)[1] == 0, "what it says to wait is enough"
            assert taken(full, rate, now + wait - 1)[1] > 0, "and no more than that"


def test_a_rested_bucket_is_full_and_no_fuller() -> None:
    full, rate = 0, Rate(3, 1)
    waits = []
    for _ in range(5):
        full, wait = taken(full, rate, 10**12)
        waits.append(wait > 0)
    assert waits == [False, False, False, True, True]


def test_workers_share_a_bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates.time, "monotonic_ns", lambda: 10**15)
    make_rates(tmp_path / "rates")
    one, other = Rates(str(tmp_path / "rates")), Rates(str(tmp_path / "rates"))
    waits = [each.wait_us(7, Rate(4, 1)) for each in (one, other, one, other, one, other)]
    assert [wait > 0 for wait in waits] == [False] * 4 + [True] * 2
    assert one.wait_us(8, Rate(4, 1)) == 0, "another key's bucket"


def test_a_caller_who_calls_too_often_is_told_when_to_come_again(tmp_path: Path) -> None:
    new_home(tmp_path)
    slow, free = make(tmp_path, "slow", rate=Rate(2, 3600)), make(tmp_path, "free")
    with running(tmp_path) as inside:
        assert [ask(inside, DECIDE, slow).status for _ in range(2)] == [200, 200]
        got = ask(inside, DECIDE, slow)
        assert code(got) == (429, "too-fast")
        assert 1700 <= int(got.headers["retry-after"]) <= 1800
        assert ask(inside, DECIDE, free).status == 200
        counted = ask(inside, "/metrics", free).body.decode()
        assert 'mainstay_calls_refused_total{code="too-fast",key="slow.1"} 1.0' in counted
        assert 'mainstay_requests_total{endpoint="decide",status="429"} 1.0' in counted
