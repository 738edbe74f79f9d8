"""What acting does is told from what the world does by those who were left alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import numpy as np
import polars as pl
import pytest
from tests.monitoring.watching import midnight_after
from tests.monitoring.worlds import brief, decisions, reference_of, same_columns, schema_of

from mainstay.domain.finding import Judged
from mainstay.monitoring.cells import add
from mainstay.monitoring.count import count
from mainstay.monitoring.ended import ended, ripe
from mainstay.monitoring.look import Judgement
from mainstay.monitoring.outcomes import count_outcomes
from mainstay.monitoring.own_acts import NO_CONTROL, judge_own_acts
from mainstay.monitoring.performance import judge_outcomes
from mainstay.monitoring.worth import with_worth
from mainstay.monitoring.yardstick import learn
from mainstay.simulation.streams import Stream, clean_stream

BEGUN, CHANGED, DAYS = 60, 40, 100
DELAY = timedelta(days=5)


@dataclass(frozen=True)
class Said:
    """What was said of outcomes, the cause looked for, and of our own acts."""

    outcomes: Judgement
    acts: Judgement

    @property
    def causes(self) -> set[str]:
        return {each.cause for each in self.outcomes.judged}

    @property
    def last(self) -> Judged:
        return max(self.outcomes.judged, key=lambda each: each.end)


@cache
def stream() -> Stream:
    return clean_stream(seed=11, days=BEGUN + DAYS, rows_per_day=300, n_numbers=4, n_categories=1)


def lived(*, control: float, shift: float, acts: bool, changes_outcome: bool = False) -> Said:
    """A life in which outcomes move on a day: of those alone whom the model decides (`acts`), or of everybody."""
    calm, told = stream(), brief(delay="5d", watch='period = "2d"')
    decides = told.decision.model_copy(update={"control_share": control, "changes_outcome": changes_outcome or None})
    told = told.model_copy(update={"decision": decides})
    random = np.random.default_rng(5)
    is_control = random.random(calm.rows.height) < control
    touched = (calm.drawn.day >= BEGUN + CHANGED) & (~is_control if acts else True)
    odds = calm.drawn.log_odds + shift * touched
    came = (random.random(odds.size) < 1 / (1 + np.exp(-odds))).astype(int)
    split = int(np.searchsorted(calm.drawn.day, BEGUN))
    schema, scores = schema_of(calm.rows[:split]), calm.true_probability
    reference = reference_of(calm.rows[:split], scores[:split], schema, told)
    arm = pl.Series(np.where(is_control, "control", "champion"))
    rows = decisions(calm.rows, scores).with_columns(arm=arm, outcome=pl.Series(came))[split:]
    pairs = with_worth(rows, told, columns=same_columns(schema)).with_columns(
        learned=pl.col("at") + DELAY, sign=pl.lit(1)
    )
    cells = add([count(rows, reference, columns=same_columns(schema)), count_outcomes(pairs, reference)])
    at, measure = midnight_after(rows) + DELAY, learn(reference, told)
    known = ended(reference, cells, at=at)
    outcomes = judge_outcomes(measure, cells, brief=told, promised={}, at=at)
    due = ripe(known, told, at=at)
    return Said(*judge_own_acts(measure, due, outcomes, brief=told, n_decided=int(known.rows.sum())))


def test_what_moves_where_we_act_alone_is_our_own_doing() -> None:
    said = lived(control=0.2, shift=-1.0, acts=True)
    assert said.last.cause == "own campaign"
    assert "under today's rule, moved by" in said.last.finding.because
    assert said.acts.judged == ()


def test_what_moves_in_the_control_too_is_the_world() -> None:
    said = lived(control=0.2, shift=-1.0, acts=False)
    assert said.causes == {"world"}
    assert "moved as well" in said.last.finding.because


def test_without_a_control_it_is_said_that_it_cannot_be_told() -> None:
    said = lived(control=0.0, shift=-1.0, acts=True)
    assert said.causes == {"world"}
    (notice,) = said.acts.judged
    assert (notice.finding.code, notice.finding.verdict.value, notice.cause) == (NO_CONTROL, "unknown", "own campaign")
    assert "control_share" in notice.finding.remedy


def test_a_control_too_small_to_tell_says_so() -> None:
    said = lived(control=0.002, shift=-1.0, acts=True)
    assert said.causes == {"world"}
    assert all("cannot tell whether acting brought it about" in e.finding.because for e in said.outcomes.judged)


@pytest.mark.parametrize(("changes", "codes"), [(False, []), (True, [NO_CONTROL])])
def test_a_calm_life_without_a_control_is_remarked_on_where_acts_change_outcomes(
    changes: bool, codes: list[str]
) -> None:
    said = lived(control=0.0, shift=0.0, acts=False, changes_outcome=changes)
    assert said.outcomes.judged == ()
    assert [each.finding.code for each in said.acts.judged] == codes
