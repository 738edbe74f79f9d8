"""What a report draws of an exam: plain finite data that agrees with the findings, of any table."""

from __future__ import annotations

import polars as pl
import pytest
from tests.checks.made import changed, exam, lending
from tests.checks.odd import odd

from mainstay.checks.examine import examine
from mainstay.checks.groups import GROUP_CHECKS
from mainstay.checks.segments import SEGMENT_CHECKS
from mainstay.checks.shown import shown_of
from mainstay.checks.shown_effects import effects_shown
from mainstay.domain.canonical import canonical
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.shown import Shown, read_shown, shown_json

NAMED = 'segments = ["region"]\nprotected = ["sex"]'


@pytest.fixture(scope="module")
def shown() -> Shown:
    examined = exam(data=NAMED, more="[fairness]\nmax_gap = 0.2")
    return shown_of(examined, examine(examined, (*SEGMENT_CHECKS, *GROUP_CHECKS), lambda check, share: None))


def test_it_is_kept_and_read_again(shown: Shown) -> None:
    raw = canonical(shown_json(shown))
    assert read_shown(raw) == shown
    assert len(raw) < 100_000


def test_places_are_counted_whole_and_priced(shown: Shown) -> None:
    places = shown.places
    assert places is not None
    assert (places.over, places.unit, places.is_money) == ("'decline' for all", "EUR", True)
    assert [each.name for each in places.segments["region"]] == ["region=north", "region=south", "region=west"]
    assert sum(each.n for each in places.segments["region"]) == 1200
    south = places.segments["region"][1]
    assert south.gain is not None
    assert south.total == pytest.approx(south.gain.value * south.n, rel=1e-4)
    assert places.periods == ()


def test_groups_have_sizes_shares_limits_and_what_was_said(shown: Shown) -> None:
    (sex,) = shown.groups
    assert (sex.column, sex.metric, sex.max_gap) == ("sex", "selection_rate", 0.2)
    assert sum(each.n for each in sex.groups) == 1200
    assert all(each.came and each.decided and each.decided == each.metric for each in sex.groups)
    assert sex.ratio is not None
    assert {sex.ratio.first, sex.ratio.second} == {"sex=f", "sex=m"}
    assert sex.says[0].startswith("sex: the gap of selection rate")


def test_all_28_tests_are_kept(shown: Shown) -> None:
    assert len(shown.tests) == 28
    assert {each.points for each in shown.tests} <= {0.0, 0.5, 1.0}


def test_what_a_finding_calls_worse_is_marked() -> None:
    found = Finding(code="F08-segments", verdict=Verdict.FAIL, because="bad", subjects=("region=west",))
    places = shown_of(exam(data=NAMED), (found,)).places
    assert places is not None
    assert [each.is_worse for each in places.segments["region"]] == [False, False, True]


def test_effects_show_numbers_with_their_bars_and_levels_but_never_rare_or_personal_ones() -> None:
    table, chance = lending()
    rare = table.with_columns(pl.Series("region", ["anna", *table["region"][1:]]))

    def score(used: pl.DataFrame):  # type: ignore[no-untyped-def]
        return ((used["late"] - 4.5) / 10 + 0.5 + 0.05 * (used["region"] == "south")).clip(0, 1).to_numpy()

    examined = changed(exam(rare, score(table)), score=score)
    assert chance.size == table.height
    found = {each.name: each for each in shown_of(examined, ()).effects}
    late, region = found["late"], found["region"]
    assert sum(late.counts) == 1200
    assert len(late.edges) == len(late.counts) + 1
    assert list(late.mean) == sorted(late.mean)
    assert set(region.values) == {"north", "south", "west"}
    personal = changed(exam(rare, score(table), more="[fields.region]\npersonal = true"), score=score)
    assert "region" not in {each.name for each in shown_of(personal, ()).effects}


def test_a_part_that_breaks_is_left_out() -> None:
    def broken(used: pl.DataFrame):  # type: ignore[no-untyped-def]
        raise ValueError("odd")

    found = shown_of(changed(exam(data=NAMED), score=broken), ())
    assert (found.inputs, found.effects) == ((), ())
    assert found.places is not None
    assert len(found.tests) == 28


def test_odd_tables_lose_no_part_and_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mainstay.checks.shown._whole", lambda look: look())
    for what, examined in odd():
        found = shown_of(examined, ())
        assert read_shown(canonical(shown_json(found))) == found, what
        for name in examined.inputs if examined.task == "binary" else ():  # its made service scores two outcomes
            for moved in effects_shown(examined, [name]):
                assert canonical(shown_json(Shown(effects=(moved,)))), what
                assert len(moved.values) == len(moved.mean) == len(moved.low) == len(moved.high)
