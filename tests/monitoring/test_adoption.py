"""Whether anybody asks and acts, and whether a review is due."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
from tests.monitoring.worlds import Calm, brief

from mainstay.domain.brief import Brief
from mainstay.domain.finding import Verdict
from mainstay.domain.signature import SCORE
from mainstay.monitoring.acted import ACTED, ANOTHER_WORD, AS_DECIDED, OTHERWISE, count_actions
from mainstay.monitoring.adoption import (
    NOT_ACTED,
    NOT_CALLED,
    NOT_TOLD,
    OVERRULED,
    REVIEW,
    judge_adoption,
)
from mainstay.monitoring.cells import add, no_cells
from mainstay.monitoring.count import count
from mainstay.monitoring.ended import ended
from mainstay.monitoring.outcomes import signed
from mainstay.monitoring.yardstick import learn

DAY = timedelta(days=1)
WORDS = ("yes", "no")


def live(calm: Calm) -> str:
    first: datetime = calm.decided["at"].min()  # type: ignore[assignment]
    return f"{first:%Y-%m-%dT%H:%M:%SZ}"


def judged(
    calm: Calm, actions: pl.DataFrame | None, *, told: Brief | None = None, at: datetime | None = None
) -> list[tuple[str, Verdict]]:
    """What is said of a month of decisions and what was done with them."""
    cells = [count(calm.decided, calm.reference, columns={})]
    if actions is not None:
        cells.append(count_actions(actions, calm.reference, words=WORDS))
    last: datetime = calm.decided["at"].max()  # type: ignore[assignment]
    moment = at or last + 7 * DAY
    known = ended(calm.reference, add(cells), at=moment)
    said = told or brief()
    found = judge_adoption(learn(calm.reference, said), known, brief=said, live_since=live(calm), at=moment)
    return list(dict.fromkeys((each.finding.code, each.finding.verdict) for each in found.judged))


def acting(calm: Calm, *, share: float = 1.0, otherwise: float = 0.0, stops_after: int | None = None) -> pl.DataFrame:
    """Actions a day later, on some share of decisions, some of them another decision than the model's."""
    random = np.random.default_rng(3)
    rows = calm.decided
    drawn, other = random.random(rows.height) < share, random.random(rows.height) < otherwise
    day = (rows["at"] - rows["at"].min()).dt.total_days().to_numpy()
    keep = drawn if stops_after is None else drawn & (day < stops_after)
    opposite = pl.when(pl.col("decision") == "yes").then(pl.lit("no")).otherwise(pl.lit("yes"))
    told = rows.with_columns(
        action=pl.when(pl.Series(other)).then(opposite).otherwise(pl.col("decision")),
        learned=pl.col("at") + DAY,
        sign=pl.lit(1),
    )
    return told.filter(pl.Series(keep))


def test_decisions_that_are_acted_on_as_decided_say_nothing(calm: Calm) -> None:
    assert judged(calm, acting(calm, share=0.7, otherwise=0.1)) == []


def test_people_who_decide_otherwise_are_heard(calm: Calm) -> None:
    assert judged(calm, acting(calm, otherwise=0.35)) == [(OVERRULED, Verdict.WARN)]
    assert judged(calm, acting(calm, otherwise=0.7)) == [(OVERRULED, Verdict.FAIL)]


def test_acts_that_cease_are_told_and_those_not_due_yet_are_not(calm: Calm) -> None:
    assert judged(calm, acting(calm, share=0.8, stops_after=20)) == [(NOT_ACTED, Verdict.FAIL)]
    # At the end of the last day what is decided on it is not due: usually it takes a day.
    last: datetime = calm.decided["at"].max()  # type: ignore[assignment]
    evening = last.replace(hour=0, minute=0, second=0, microsecond=0) + DAY
    on_time = acting(calm).filter(pl.col("learned") <= evening)
    assert judged(calm, on_time, at=evening) == []


def test_nobody_says_what_was_done_where_it_matters(calm: Calm) -> None:
    assert judged(calm, None) == []
    matters = brief().model_copy(update={"decision": brief().decision.model_copy(update={"changes_outcome": True})})
    assert judged(calm, None, told=matters) == [(NOT_TOLD, Verdict.UNKNOWN)]
    assert judged(calm, acting(calm), told=matters) == []


def test_a_version_that_nobody_calls_is_told_after_a_fortnight(calm: Calm) -> None:
    measure, since = learn(calm.reference, brief()), datetime(2024, 3, 1, tzinfo=UTC)
    for days, codes in ((13, []), (15, [NOT_CALLED])):
        at = since + days * DAY
        nothing = ended(calm.reference, no_cells(), at=at)
        found = judge_adoption(measure, nothing, brief=brief(), live_since="2024-03-01T00:00:00Z", at=at)
        assert [each.finding.code for each in found.judged] == codes


def test_a_review_is_told_a_month_ahead_and_fails_once_it_is_past(calm: Calm) -> None:
    by = brief().model_copy(update={"model": brief().model.model_copy(update={"review_by": date(2024, 6, 1)})})
    said = {day: judged(calm, None, told=by, at=datetime(2024, *day, tzinfo=UTC)) for day in ((4, 25), (5, 3), (6, 2))}
    assert said == {(4, 25): [], (5, 3): [(REVIEW, Verdict.WARN)], (6, 2): [(REVIEW, Verdict.FAIL)]}


def test_a_later_action_takes_the_place_of_the_one_before(calm: Calm) -> None:
    ids = ["key", "id"]
    few = calm.decided[:3]
    log = pl.DataFrame(
        {
            "key": "",
            "id": ["0", "1", "2", "0"],
            "outcome": [few["decision"][0], "call the customer", "maybe", "call the customer"],
            "learned": [few["at"][2] + i * DAY for i in (1, 1, 1, 3)],
        }
    )
    pairs = signed(log).rename({"outcome": "action"}).join(few, on=ids)
    counted = count_actions(pairs, calm.reference, words=WORDS)
    n = {name: int(counted.filter(subject=name)["n"].sum()) for name in ACTED}
    assert n == {AS_DECIDED: 0, OTHERWISE: 0, ANOTHER_WORD: 3}
    assert counted.filter(subject=AS_DECIDED)["n"].to_list() == [1, -1]
    assert SCORE not in set(counted["subject"])
