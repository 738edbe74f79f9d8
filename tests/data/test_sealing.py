"""What is sealed once is found again, whatever the seed, the order of rows or what came since, and never teaches."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mainstay.data.keys import mixed
from mainstay.data.sealing import Book, Known, share_of
from mainstay.data.split import Cases, Split, split
from mainstay.domain.errors import DataError
from mainstay.domain.holdout import Account, Look

DAY_S = 86_400.0
NO_LOOK = Look(holdout="", number=1, version=1, model_digest="", at="", question="", worth="", answers={})


@dataclass
class Project:
    """A project whose trainings only split: what they seal is written down, as a ledger would."""

    count: int = 1
    looks: int = 20
    known: tuple[Known, ...] = ()
    account: Account = field(default_factory=Account)

    def train(self, cases: Cases, *, seed: int = 0, only: str | None = None) -> Split:
        there = tuple(each for each in self.known if only or not self.account.released(each.holdout))
        book = Book(account=self.account, known=there, count=self.count, looks=self.looks, only=only)
        dealt = split(cases, seed=seed, book=book)
        self.known += tuple(Known(each.holdout, each.members, each.taught) for each in dealt.seals)
        self.account = replace(self.account, holdouts=(*self.account.holdouts, *(s.holdout for s in dealt.seals)))
        return dealt

    def look(self, name: str, n: int = 1) -> None:
        looks = tuple(replace(NO_LOOK, holdout=name, number=i + 1) for i in range(n))
        self.account = replace(self.account, looks=(*self.account.looks, *looks))


@dataclass(frozen=True)
class World:
    """Rows that could come: their outcomes, moments and entities; a table holds some of them in some order."""

    outcomes: np.ndarray
    moments: np.ndarray | None
    entities: np.ndarray | None

    def table(self, rows: np.ndarray) -> Cases:
        return Cases(
            outcomes=self.outcomes[rows],
            moments=None if self.moments is None else self.moments[rows],
            entities=None if self.entities is None else [f"e{each}" if each else "" for each in self.entities[rows]],
            keys=mixed(rows.astype(np.uint64)),
            row_keys=rows,
        )


def world(n: int, *, timed: bool = False, n_entities: int = 0, seed: int = 0) -> World:
    random = np.random.default_rng(seed)
    outcomes = (random.random(n) < 0.4).astype(float)
    moments = np.sort(random.integers(0, n // 3, n)) * DAY_S if timed else None
    return World(outcomes, moments, random.integers(0, n_entities + 1, n) if n_entities else None)


def judged(dealt: Split, rows: np.ndarray) -> set[int]:
    return set(rows[dealt.holdout].tolist())


def taught(dealt: Split, rows: np.ndarray) -> set[int]:
    return set(rows[np.concatenate([dealt.training, dealt.calibration])].tolist())


@given(
    n=st.integers(60, 400),
    timed=st.booleans(),
    n_entities=st.sampled_from([0, 0, 10, 200]),
    count=st.integers(1, 3),
    seeds=st.lists(st.integers(0, 2**32 - 1), min_size=2, max_size=4),
    growth=st.lists(st.integers(0, 60), min_size=1, max_size=4),
)
def test_no_training_ever_learns_from_what_judges_a_later_one(
    n: int, timed: bool, n_entities: int, count: int, seeds: list[int], growth: list[int]
) -> None:
    story = world(n + sum(growth), timed=timed, n_entities=n_entities, seed=seeds[0])
    project = Project(count=count, looks=2)
    sealed: dict[str, set[int]] = {}
    learned: set[int] = set()
    size = n
    for turn, seed in enumerate(seeds):
        rows = np.random.default_rng(seed + turn).permutation(size)
        try:
            dealt = project.train(story.table(rows), seed=seed)
        except DataError:
            assume(turn > 0)
            break
        judges, name = judged(dealt, rows), dealt.judged_on.name
        assert judges
        assert not learned & judges
        if story.entities is not None:
            assert not {story.entities[r] for r in judges} & {story.entities[r] for r in taught(dealt, rows)} - {0}
        first = sealed.setdefault(name, judges)
        assert first <= judges
        assert first == judges or n_entities
        learned |= taught(dealt, rows)
        assert not any(learned & mine for held, mine in sealed.items() if held in names(project))
        project.look(name)
        size += growth[turn % len(growth)]
        size = min(size, story.outcomes.size)


def names(project: Project) -> set[str]:
    """The holdouts that were not released."""
    return {each.name for each in project.account.holdouts if not project.account.released(each)}


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.booleans(), st.sampled_from([0, 40]))
def test_the_same_training_again_deals_the_same_parts(seed: int, other: int, timed: bool, n_entities: int) -> None:
    story, rows, project = world(300, timed=timed, n_entities=n_entities), np.arange(300), Project()
    try:
        first = project.train(story.table(rows), seed=seed)
    except DataError:
        assume(False)
        return
    project.train(story.table(rows), seed=other)
    for again in (project.train(story.table(rows), seed=seed), project.train(story.table(rows), seed=seed, only="h1")):
        assert again.seals == ()
        for part in ("training", "calibration", "holdout"):
            assert np.array_equal(getattr(first, part), getattr(again, part))


def test_the_seed_of_the_first_training_seals_and_later_ones_deal_the_rest() -> None:
    story, rows, project = world(2000), np.arange(2000), Project()
    first, other = (project.train(story.table(rows), seed=seed) for seed in (1, 2))
    assert np.array_equal(first.holdout, other.holdout)
    assert not np.array_equal(first.calibration, other.calibration)
    assert [seal.holdout.name for seal in first.seals] == ["h1"]
    assert other.seals == ()


@pytest.mark.parametrize("timed", [False, True])
def test_several_are_of_equal_size_and_are_opened_one_after_another(timed: bool) -> None:
    story, rows, project = world(3000, timed=timed), np.arange(3000), Project(count=3, looks=2)
    dealt = project.train(story.table(rows))
    sizes = [seal.holdout.n_rows for seal in dealt.seals]
    if story.moments is not None:
        first, *others = (set(story.moments[seal.rows]) for seal in dealt.seals)
        assert not any(first & other for other in others)
    assert sum(sizes) == pytest.approx(3000 * share_of(3), rel=0.03)
    assert max(sizes) - min(sizes) <= 60
    opened: list[str] = []
    for _ in range(7):
        dealt = project.train(story.table(rows), seed=len(opened))
        opened.append(dealt.judged_on.name)
        project.look(dealt.judged_on.name)
    assert opened == ["h1", "h1", "h2", "h2", "h3", "h3", "h3"]


def test_by_time_newer_rows_wait_until_they_are_enough_and_then_judge() -> None:
    story, project = world(2000, timed=True), Project()
    assert story.moments is not None
    first = project.train(story.table(np.arange(1000)))
    size = first.holdout.size
    few = project.train(story.table(np.arange(1000 + size // 4 - 20)))
    assert (few.judged_on.name, few.seals) == ("h1", ())
    assert few.wanted == max(100, round(size / 4))
    more = project.train(story.table(np.arange(1300)), seed=5)
    assert [seal.holdout.name for seal in more.seals] == ["h2"]
    assert more.seals[0].holdout.releases == ("h1",)
    assert min(more.holdout) > max(first.holdout)
    assert set(first.holdout) & set(np.concatenate([more.training, more.calibration]))
    again = project.train(story.table(np.arange(1300)), seed=9)
    assert np.array_equal(again.holdout, more.holdout)


def test_at_random_a_share_of_new_rows_waits_and_the_rest_teaches_at_once() -> None:
    story, project = world(8000), Project(looks=1)
    first = project.train(story.table(np.arange(2000)))
    project.look("h1")
    waiting: set[int] = set()
    for size in (2200, 2400):
        dealt = project.train(story.table(np.arange(size)), seed=size)
        assert dealt.judged_on.name == "h1"
        waiting |= set(dealt.left_out.tolist())
    assert len(waiting) == dealt.n_waiting == pytest.approx(0.2 * 400, rel=0.4)
    fresh = project.train(story.table(np.arange(4000)), seed=7)
    assert [seal.holdout.name for seal in fresh.seals] == ["h2"]
    assert fresh.judged_on.name == "h2"  # h1 has no look left
    assert waiting <= set(fresh.holdout.tolist())
    assert not set(first.holdout) & set(np.concatenate([fresh.training, fresh.calibration]))
    third = project.train(story.table(np.arange(8000)), seed=7)
    assert [seal.holdout.name for seal in third.seals] == ["h3"]


def test_rows_that_went_are_said_and_another_table_carries_the_looks_along() -> None:
    story, project = world(4000), Project()
    first = project.train(story.table(np.arange(2000)))
    project.look("h1", 3)
    kept = np.setdiff1d(np.arange(2000), first.holdout[:100])
    fewer = project.train(story.table(kept))
    assert [finding.code for finding in fewer.findings] == ["F07-holdout-rows-gone"]
    assert fewer.findings[0].measured == first.holdout.size - 100
    other = project.train(story.table(np.arange(2000, 4000)))
    assert (other.judged_on.name, other.judged_on.carried) == ("h2", 3)
    assert [finding.code for finding in other.findings] == ["F07-holdout-resealed"]


def test_dealing_in_another_way_carries_the_looks_along_and_going_back_finds_the_old() -> None:
    story, project, rows = world(2000, timed=True), Project(), np.arange(2000)
    without_time = replace(story, moments=None)
    project.train(without_time.table(rows))
    project.look("h1", 5)
    timed = project.train(story.table(rows))
    assert (timed.judged_on.name, timed.judged_on.carried) == ("h2", 5)
    assert project.train(without_time.table(rows)).judged_on.name == "h1"
    assert project.train(story.table(rows)).judged_on.name == "h2"
    other = replace(story.table(rows), time="another")
    assert project.train(other).judged_on.name == "h3"


@pytest.mark.parametrize("n_moments", [1, 2])
def test_rows_that_a_time_cannot_cut_are_found_again_by_name(n_moments: int) -> None:
    story, rows, project = world(200), np.arange(200), Project()
    at = np.arange(200) % n_moments * DAY_S
    first = project.train(replace(story.table(rows), moments=at))
    again = project.train(replace(story.table(rows), moments=at), only="h1")
    assert (first.by, again.by) == ("random", "random")
    assert np.array_equal(first.holdout, again.holdout)


def test_a_holdout_that_is_asked_for_by_name_and_is_not_there_is_refused() -> None:
    with pytest.raises(DataError, match="h7 are not in the table"):
        split(world(100).table(np.arange(100)), book=Book(only="h7"))
