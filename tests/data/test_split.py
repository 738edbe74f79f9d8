"""Nothing that belongs together is ever in two parts, and what judges is never older than what taught."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mainstay.data.equal import equal_rows
from mainstay.data.groups import joined, numbered
from mainstay.data.parts import Groups, at_random
from mainstay.data.sealing import Book, Known
from mainstay.data.split import Cases, Split, split
from mainstay.domain.errors import DataError
from mainstay.domain.finding import Verdict
from mainstay.domain.holdout import Account

DAY_S = 86_400.0


def parts_of(dealt: Split, n_rows: int) -> np.ndarray:
    parts = np.full(n_rows, -1)
    for number, rows in enumerate((dealt.training, dealt.calibration, dealt.holdout)):
        assert (parts[rows] == -1).all()
        parts[rows] = number
    assert set(dealt.left_out) == set(np.flatnonzero(parts == -1))
    return parts


def coin(n: int, *, share: float = 0.3, seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).random(n) < share).astype(float)


def test_at_random_each_part_has_its_share_of_rows_and_of_positives() -> None:
    outcomes = coin(10_000)
    dealt = split(Cases(outcomes=outcomes), seed=3)
    assert (dealt.by, dealt.findings, dealt.left_out.size) == ("random", (), 0)
    sizes = [rows.size for rows in (dealt.training, dealt.calibration, dealt.holdout)]
    assert np.abs(np.array(sizes) - [6000, 2000, 2000]).max() <= 1
    for rows in (dealt.training, dealt.calibration, dealt.holdout):
        assert outcomes[rows].mean() == pytest.approx(outcomes.mean(), abs=0.001)


def test_the_seed_decides_and_nothing_else() -> None:
    outcomes = coin(500)
    first, again, other = (split(Cases(outcomes=outcomes), seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.holdout, again.holdout)
    assert not np.array_equal(first.holdout, other.holdout)


rows = st.integers(40, 300)


@given(rows, st.integers(0, 2**32 - 1), st.integers(1, 50), st.booleans(), st.sampled_from([0.0, 5.0, 1000.0]))
def test_no_entity_no_copy_and_no_moment_is_in_two_parts(
    n: int, seed: int, n_entities: int, timed: bool, delay_s: float
) -> None:
    rng = np.random.default_rng(seed)
    outcomes = coin(n, share=0.5, seed=seed)
    entities = [str(e) if e else "" for e in rng.integers(0, n_entities + 1, n)]
    keys = rng.integers(0, 2 * n, n).astype(np.uint64)
    moments = rng.integers(0, 40, n).astype(float) if timed else None
    try:
        given = Cases(
            outcomes=outcomes, moments=moments, entities=entities, row_keys=keys, keys=keys, outcome_delay_s=delay_s
        )
        dealt = split(given, seed=seed)
    except DataError:
        assume(False)
        return
    parts = parts_of(dealt, n)
    inside = parts >= 0
    for entity in set(entities) - {""}:
        assert len(set(parts[inside & (np.array(entities) == entity)])) <= 1
    apart = equal_rows(np.unique(keys, return_inverse=True)[1], outcomes).apart
    for key in np.unique(keys[~apart]):
        assert len(set(parts[inside & (keys == key)])) <= 1
    if dealt.by == "time" and moments is not None:
        assert moments[dealt.training].max() < moments[dealt.calibration].min()
        assert moments[dealt.calibration].max() < moments[dealt.holdout].min()


def test_by_time_the_oldest_teach_and_the_newest_judge_whatever_the_order_of_rows() -> None:
    order = np.random.default_rng(1).permutation(1000)
    dealt = split(Cases(outcomes=coin(1000), moments=order * DAY_S), seed=0)
    assert dealt.by == "time"
    assert sorted(order[dealt.training]) == list(range(600))
    assert sorted(order[dealt.holdout]) == list(range(800, 1000))


def test_rows_whose_outcome_was_not_known_when_the_holdout_began_are_left_out_once() -> None:
    days = np.arange(730)
    dealt = split(Cases(outcomes=coin(730), moments=days * DAY_S, outcome_delay_s=90 * DAY_S), seed=0)
    assert days[dealt.calibration].max() + 90 <= days[dealt.holdout].min() == 584
    assert days[dealt.training].max() + 1 == days[dealt.calibration].min()
    assert dealt.left_out.size == 89
    assert dealt.calibration.size / dealt.training.size == pytest.approx(1 / 3, abs=0.01)
    said = [(finding.code, finding.verdict, finding.measured) for finding in dealt.findings]
    assert said == [("F10-outcome-delay-gap", Verdict.PASS, 89 / 584)]


def test_a_gap_that_would_leave_nothing_is_not_made_and_said() -> None:
    dealt = split(Cases(outcomes=coin(730), moments=np.arange(730) * DAY_S, outcome_delay_s=500 * DAY_S), seed=0)
    assert dealt.left_out.size == 0
    assert [(f.code, f.verdict) for f in dealt.findings] == [("F10-outcome-delay-gap", Verdict.WARN)]


def test_an_entity_met_again_is_dropped_later_where_few_are() -> None:
    entities = [f"e{n}" if n % 20 else "regular" for n in range(2000)]
    dealt = split(Cases(outcomes=coin(2000), moments=np.arange(2000.0), entities=entities), seed=0)
    assert dealt.training.size == 1200
    assert dealt.left_out.size == 40
    assert [finding.code for finding in dealt.findings] == ["F10-entities-kept-apart"]


def test_where_most_entities_come_again_each_is_dealt_to_one_part() -> None:
    rng = np.random.default_rng(5)
    entities = [f"e{n}" for n in rng.integers(0, 300, 20_000)]
    dealt = split(Cases(outcomes=coin(20_000), moments=np.arange(20_000.0), entities=entities), seed=0)
    assert min(dealt.calibration.size, dealt.holdout.size) > 800
    assert [finding.code for finding in dealt.findings] == ["F10-entities-kept-apart"]


def test_too_few_moments_fall_back_to_chance_and_say_so() -> None:
    dealt = split(Cases(outcomes=coin(200), moments=np.repeat([0.0, 1.0], 100)), seed=0)
    assert dealt.by == "random"
    assert dealt.findings[0].code == "F10-split-by-time"


def test_equal_rows_of_coarse_columns_are_chance_and_not_copies() -> None:
    keys = np.random.default_rng(0).integers(0, 4, 1000).astype(np.uint64)
    dealt = split(Cases(outcomes=coin(1000), row_keys=keys), seed=0)
    assert dealt.holdout.size == 200
    assert [(finding.code, finding.verdict) for finding in dealt.findings] == [("F10-equal-rows", Verdict.UNKNOWN)]


@pytest.mark.parametrize("n", [60, 400])
@pytest.mark.parametrize("n_blank", [0, 150])
def test_who_knows_the_taught_rows_by_heart_knows_no_judged_one(n: int, n_blank: int) -> None:
    keys = np.concatenate([np.tile(np.arange(1, n + 1), 3), np.zeros(n_blank, dtype=np.int64)]).astype(np.uint64)
    outcomes = np.concatenate([np.tile(coin(n), 3), coin(n_blank, seed=1)])
    dealt = split(Cases(outcomes=outcomes, row_keys=keys, keys=keys), seed=0)
    known = set(keys[np.concatenate([dealt.training, dealt.calibration])].tolist())
    assert not (known & set(keys[dealt.holdout].tolist())) - {0}


def test_equals_of_sealed_rows_stay_sealed_when_they_become_frequent() -> None:
    keys = np.arange(100, dtype=np.uint64)
    first = split(Cases(outcomes=coin(100), row_keys=keys, keys=keys), seed=0)
    sealed = tuple(Known(new.holdout, new.members, new.taught) for new in first.seals)
    book = Book(Account(holdouts=tuple(each.holdout for each in sealed)), sealed)
    one = keys[first.holdout[:1]]
    grown = np.concatenate([keys, np.repeat(one, 40)])
    again = split(Cases(outcomes=np.concatenate([coin(100), coin(40, seed=2)]), row_keys=grown, keys=grown), book=book)
    assert not np.isin(grown[again.training], one).any()
    assert not np.isin(grown[again.calibration], one).any()


def test_too_few_rows_and_parts_without_an_outcome_are_refused_with_counts() -> None:
    with pytest.raises(DataError, match="19 rows with an outcome: too few"):
        split(Cases(outcomes=np.zeros(19)), seed=0)
    late = np.repeat([0.0, 1.0], 50)
    with pytest.raises(DataError, match=re.escape("holdout: 20 rows, 20 of them positive")):
        split(Cases(outcomes=late, moments=np.arange(100.0)), seed=0)
    with pytest.raises(DataError, match="no row of one outcome"):
        split(Cases(outcomes=coin(100), entities=["one"] * 100), seed=0)


def test_few_positives_are_unknown_and_not_a_pass() -> None:
    outcomes = np.zeros(1000)
    outcomes[::20] = 1.0
    said = split(Cases(outcomes=outcomes), seed=0).findings
    assert [(finding.code, finding.verdict, finding.measured) for finding in said] == [
        ("F07-few-outcomes", Verdict.UNKNOWN, 10.0)
    ] * 2


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=1, max_size=30))
def test_rows_are_one_group_when_a_chain_of_shared_codes_joins_them(pairs: list[tuple[int, int]]) -> None:
    first, second = (np.array(codes) for codes in zip(*pairs, strict=True))
    groups = joined(first, second)
    reach = (first[:, None] == first) | (second[:, None] == second)
    for _ in range(len(pairs).bit_length()):
        reach = (reach.astype(int) @ reach.astype(int)) > 0
    assert np.array_equal(groups[:, None] == groups, reach)
    assert groups[0] == 0
    assert groups.max() + 1 == np.unique(groups).size


def test_a_row_without_an_entity_is_alone() -> None:
    assert np.unique(numbered(["", "", "a", "a"])).size == 3
    assert numbered([]).size == 0


def test_large_groups_are_dealt_as_evenly_as_small_ones() -> None:
    random = np.random.default_rng(1)
    sizes = np.repeat([1, 10], [4000, 400])
    of = np.repeat(np.arange(sizes.size), sizes)
    dealt = at_random(Groups(of, np.zeros(of.size, dtype=np.int64), random.random(of.size)), (0.2, 0.8), rest=1)
    in_large = sizes[of] == 10
    assert in_large[dealt == 0].mean() == pytest.approx(0.5, abs=0.08)
