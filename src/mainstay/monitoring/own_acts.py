"""Our own acts: whether what came of decisions moved because we act on them, told from drift by a control slice.

Control entities get today's rule, drawn by lot, and are scored all the same. What the world does happens to both arms;
what acting does, to those alone whom the model decides. So what outcomes say beyond scores is compared between the arms
and with what it was before: a difference of differences.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import msgspec
import polars as pl

from mainstay.domain.brief import Brief
from mainstay.domain.finding import Finding, Judged, Verdict
from mainstay.domain.moments import parse_moment
from mainstay.domain.signature import SCORE
from mainstay.monitoring.cohorts import Cohorts, cohorts
from mainstay.monitoring.ended import Ended
from mainstay.monitoring.look import OWN_CAMPAIGN, Judgement, iso_us, judged
from mainstay.monitoring.measured import ACCURACY_FELL, BIAS_MOVED, ERROR_GREW
from mainstay.monitoring.outcomes import ERROR, MISS, NAMES
from mainstay.monitoring.performance import CALIBRATION, PERFORMANCE_FELL, VALUE_FELL, log_odds
from mainstay.monitoring.periods import to_us
from mainstay.monitoring.worth import CHAMPION, RIGHT
from mainstay.monitoring.yardstick import Yardstick
from mainstay.stats.arrays import BoolArray
from mainstay.stats.group_gaps import difference
from mainstay.stats.intervals import Interval, ratio_interval, unknown

NO_CONTROL = "F40-no-control"
CODES = frozenset({NO_CONTROL})
CONTROL = "control"
LEAST_OUTCOMES = 100  # of the control in a window: with fewer its interval tells nothing
LEAST_DECISIONS = 200  # before it is said that acts cannot be told from drift
MEASURED = {BIAS_MOVED: ERROR, ERROR_GREW: MISS, ACCURACY_FELL: RIGHT}
OF_OUTCOMES = frozenset({CALIBRATION, PERFORMANCE_FELL, VALUE_FELL, *MEASURED})


class Came(StrEnum):
    """What a control slice says of something that moved."""

    BY_ACTING = "by acting"
    BY_ITSELF = "by itself"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Compared:
    """How far outcomes lie beyond scores now and before, of those decided by the model and of the control.

    `moved` and `control_moved` are what changed in either arm, `by_acting` the one less the other.
    """

    came: Came
    n_control: int
    moved: Interval
    control_moved: Interval
    by_acting: Interval


@dataclass(frozen=True, slots=True)
class Arms:
    """Ripe cohorts of either arm."""

    treated: Cohorts
    control: Cohorts


def judge_own_acts(
    yardstick: Yardstick, due: Ended, outcomes: Judgement, *, brief: Brief, n_decided: int
) -> tuple[Judgement, Judgement]:
    """Return what was said of outcomes with the cause that a control slice shows, and what cannot be told without one.

    `due` are the ripe periods, `outcomes` what `performance.judge_outcomes` said of them, `n_decided` the decisions.
    """
    arms = arms_of(yardstick, due)
    said = tuple(_caused(arms, each) for each in outcomes.judged)
    moved = [each for each in said if each.finding.code in OF_OUTCOMES]
    notices = tuple(_no_control(due, arms, moved, brief, n_decided))
    return (
        replace(outcomes, judged=said),
        Judgement(notices, tuple(map(iso_us, due.starts)), CODES),
    )


def arms_of(yardstick: Yardstick, due: Ended) -> Arms:
    """Return what came of decisions by arm; `due` are the periods whose outcomes are all due."""
    n_bins = yardstick.layout.of(SCORE).n_bins
    own = (due.cells.filter(pl.col("arm") == arm) for arm in (CHAMPION, CONTROL))
    treated, control = (cohorts(cells, starts=due.starts, ends=due.ends, n_bins=n_bins) for cells in own)
    return Arms(treated, control)


def compared(arms: Arms, code: str, *, start_us: int, end_us: int) -> Compared:
    """Compare what outcomes say beyond scores in a window with what they said before it, in either arm.

    Without enough outcomes before it, scores themselves are what is compared with. Intervals are 95%, over the folds of
    the entity.
    """
    inside = (arms.control.starts >= start_us) & (arms.control.ends <= end_us)
    before = arms.control.ends <= start_us
    n_control = int(arms.control.came[inside].sum())
    if n_control < LEAST_OUTCOMES:
        nothing = unknown()
        return Compared(Came.UNKNOWN, n_control, nothing, nothing, nothing)
    now, control = (_beyond(arm, code, inside) for arm in (arms.treated, arms.control))
    if arms.control.came[before].sum() >= LEAST_OUTCOMES:
        now = difference(now, _beyond(arms.treated, code, before))
        control = difference(control, _beyond(arms.control, code, before))
    apart = difference(now, control)
    return Compared(_came(now, control, apart), n_control, now, control, apart)


def _came(now: Interval, control: Interval, apart: Interval) -> Came:
    if not (now.known and control.known and apart.known):
        return Came.UNKNOWN
    if _is_sure(apart) and abs(control.value) < abs(now.value) / 2:
        return Came.BY_ACTING
    same_way = control.value * now.value > 0
    return Came.BY_ITSELF if _is_sure(control) and same_way and not _is_sure(apart) else Came.UNKNOWN


def _is_sure(found: Interval) -> bool:
    return found.low > 0 or found.high < 0


def _beyond(arm: Cohorts, code: str, which: BoolArray) -> Interval:
    """What outcomes say beyond their scores in some cohorts, in the unit of the finding."""
    scores = arm.by_score[which].sum(axis=0)
    rows, expected, spread = scores[..., 0], scores[..., 1].sum(axis=2), scores[..., 2].sum(axis=2)
    if code == VALUE_FELL:
        money = arm.beyond[which].sum(axis=0)
        return ratio_interval(money[:, 1], money[:, 0])
    if code in MEASURED:
        sums = arm.measured[which].sum(axis=0)[:, NAMES.index(MEASURED[code])]
        return ratio_interval(sums[:, 2] - sums[:, 1], sums[:, 0])
    beyond = rows[..., 1] - expected
    if code == CALIBRATION:
        return ratio_interval(beyond.sum(axis=1), rows.sum(axis=(1, 2)))
    weight = log_odds(rows.sum(axis=(0, 2)), expected.sum(axis=0), spread.sum(axis=0))
    return ratio_interval(beyond @ weight, spread @ weight**2)


def _caused(arms: Arms, said: Judged) -> Judged:
    """Name our own acts as the cause where the control shows it, and say what it shows."""
    if said.finding.code not in OF_OUTCOMES or not arms.control.came.any():
        return said
    start, end = (to_us(parse_moment(text)) for text in (said.start, said.end))
    found = compared(arms, said.finding.code, start_us=start, end_us=end)
    finding = msgspec.structs.replace(said.finding, because=f"{said.finding.because}; {_shown(found)}")
    cause = OWN_CAMPAIGN if found.came is Came.BY_ACTING else said.cause
    return msgspec.structs.replace(said, finding=finding, cause=cause)


def _shown(found: Compared) -> str:
    who = f"the control, {found.n_control:,} outcomes under today's rule,"
    if found.came is Came.BY_ACTING:
        return (
            f"{who} moved by {_range(found.control_moved)}, what the model decided by {_range(found.moved)}: acting did"
        )
    if found.came is Came.BY_ITSELF:
        return f"{who} moved as well, by {_range(found.control_moved)}: it is no effect of acting"
    return f"{who} cannot tell whether acting brought it about"


def _range(found: Interval) -> str:
    return f"{found.value:+.3g} ({found.low:+.3g} to {found.high:+.3g})"


def _no_control(due: Ended, arms: Arms, moved: Sequence[Judged], brief: Brief, n_decided: int) -> Iterator[Judged]:
    """A notice where acts may change outcomes, or something moved, and no control tells one from the other."""
    if arms.control.came.any() or not (moved or brief.decision.changes_outcome) or not due.n:
        return
    if n_decided < LEAST_DECISIONS:
        return
    what = "what moved" if moved else "what outcomes tell"
    has_slice = brief.decision.control_share > 0
    why = "no outcome of the control slice is ripe" if has_slice else "there is no control slice"
    finding = Finding(
        code=NO_CONTROL,
        verdict=Verdict.UNKNOWN,
        because=f"whether our own acts brought about {what}, or the world did, cannot be told: {why}",
        remedy="Wait for its outcomes." if has_slice else "Set decision.control_share, with [today] rule, and train.",
    )
    start = min((each.start for each in moved), default=iso_us(int(due.starts[0])))
    yield judged(finding, to_us(parse_moment(start)), int(due.ends[-1]), OWN_CAMPAIGN)
