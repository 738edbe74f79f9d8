"""What neither single inputs nor pairs show: a classifier that tells the newest rows from those shortly before.

It needs rows. The bundle holds none, so a sample of each period's own decisions is taken: at most 500, those
with the least hash of their id, so that it is the same rows whoever draws it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from scipy.special import stdtrit

from mainstay.domain.finding import Finding, Judged
from mainstay.domain.schema import Kind, Schema
from mainstay.domain.signature import MISSING_BIN, ReferenceSignature, input_subject
from mainstay.monitoring.bins import Floats, place
from mainstay.monitoring.look import (
    JOINT_SHARE,
    LARGEST_ALPHA,
    QUIET,
    WORLD,
    Judgement,
    Look,
    iso_us,
    judged,
    listed,
    worse,
)
from mainstay.monitoring.yardstick import Yardstick
from mainstay.stats.joint import Telling, own_scores, told_apart

JOINT = "F29-joint-moved"
MOST_SAMPLED = 500  # rows of a stretch: with eight times as many before, they tell a ROC area of 0.57 from a guess
LEAST_SAMPLED = 100
MOST_INPUTS = 30
N_BEFORE = 8  # stretches compared with: a week and a day, so that every weekday is among them
N_JUDGED = QUIET + 1  # the newest stretches while something is told of, so that it is known when it is quiet
LEAST_AREA = 0.05  # beyond what stretches differ among themselves: below it few rows are out of place
LARGE_AREA = 0.2
SEED = 0  # breaks ties of ranks; any number will do


def sampled_inputs(yardstick: Yardstick, schema: Schema) -> tuple[str, ...]:
    """Return the inputs that are sampled, the most important first: those of watched pairs, then as in the schema."""
    reference = yardstick.reference
    paired = [name for pair in reference.pairs for name in (pair.first, pair.second)]
    counted = {bins.subject for bins in reference.bins}
    inputs = [each for each in schema.admitted if input_subject(each.name) in counted]
    able = [each.name for each in inputs if each.kind != Kind.DATETIME]
    free = [name for name in dict.fromkeys([*paired, *able]) if input_subject(name) not in yardstick.clocks]
    return tuple(free[:MOST_INPUTS])


def stretches_wanted(look: Look, *, is_told: bool) -> tuple[int, ...]:
    """Return the stretches of which samples are wanted, by number: the newest and those that it is compared with.

    A few more while there `is_told` of such a drift. None where too few have ended to say how stretches differ.
    """
    n = look.done.rows.size
    n_judged = min(N_JUDGED if is_told else 1, n - QUIET - N_BEFORE + 1)
    return tuple(range(n - n_judged - QUIET - N_BEFORE + 1, n)) if n_judged > 0 else ()


def sample(rows: pl.DataFrame, reference: ReferenceSignature, columns: Mapping[str, str]) -> Floats:
    """Return the sampled rows as bins of the reference, shape (n_rows, n_inputs), NaN where missing.

    `rows` are the decisions of one stretch with their `id_hash`; `columns` says which column holds which input.
    """
    some = rows.sort("id_hash").head(MOST_SAMPLED)
    placed = [place(some[column], reference.bins_of(input_subject(name))) for name, column in columns.items()]
    codes = np.stack(placed, axis=1).astype(np.float64) if placed else np.zeros((some.height, 0))
    return np.where(codes == MISSING_BIN, np.nan, codes)


def judge_jointly(look: Look, said: Judgement, samples: Mapping[int, Floats], names: Sequence[str]) -> Judgement:
    """Judge the newest stretches by samples of rows; `said` is what is known of them already.

    Each is compared with the eight stretches before, three lying between, so that what begins now is not yet in them,
    and it must be told from them better than they are told from one another. Inputs of which something is `said` in
    the stretch are left out: margins and pairs explain them. `samples` are by the stretch's number.
    """
    looked = tuple(map(iso_us, look.done.starts))
    newest = range(min(samples) + N_BEFORE + QUIET - 1, look.done.rows.size) if samples else range(0)
    found = [judged for t in newest for judged in _of_stretch(look, t, _unexplained(look, t, said, names), samples)]
    told = looked[newest.start] if samples else ""
    return Judgement(tuple(found), looked, frozenset({JOINT}), told=told)


def _unexplained(look: Look, t: int, said: Judgement, names: Sequence[str]) -> dict[int, str]:
    """The inputs of which nothing was said in a stretch: their columns and names."""
    start, end = iso_us(look.done.starts[t]), iso_us(look.done.ends[t])
    known = [each.finding for each in said.judged if each.start < end and each.end > start]
    named = {subject.partition("=")[0] for finding in known for subject in finding.subjects}
    return {i: name for i, name in enumerate(names) if name not in named}


def _of_stretch(look: Look, t: int, free: Mapping[int, str], samples: Mapping[int, Floats]) -> list[Judged]:
    parts = [samples[i][:, list(free)] for i in range(t - QUIET - N_BEFORE + 1, t - QUIET + 1)]
    now = samples[t][:, list(free)]
    if len(free) < 2 or min(part.shape[0] for part in (*parts, now)) < LEAST_SAMPLED:
        return []
    before, current = [own_scores(part, seed=SEED) for part in parts], own_scores(now, seed=SEED)
    telling = told_apart(before, [current])
    usual, limit = _usual(before, telling, min(look.yardstick.alpha(JOINT_SHARE), LARGEST_ALPHA))
    if telling.area < limit:
        return []
    finding = _finding(telling, (usual, limit), [free[i] for i in sorted(free)], now.shape[0])
    return [judged(finding, look.done.starts[t], look.done.ends[t], WORLD)]


def _usual(before: Sequence[Floats], telling: Telling, alpha: float) -> tuple[float, float]:
    """How well each earlier stretch is told from the others, and from which area on that is no chance any more."""
    others = [told_apart([*before[:i], *before[i + 1 :]], [before[i]]) for i in range(len(before))]
    areas = np.array([each.area for each in others])
    n, usual = areas.size, max(float(areas.mean()), 0.5)
    between = max(float(areas.var(ddof=1)) - float(np.mean([each.variance for each in others])), 0.0)
    error = np.sqrt((between + telling.variance) * (1 + 1 / n))
    return usual, usual + max(LEAST_AREA, float(stdtrit(n - 1, 1 - alpha)) * float(error))


def _finding(telling: Telling, limits: tuple[float, float], names: Sequence[str], n_rows: int) -> Finding:
    usual, limit = limits
    main = [names[i] for i in telling.terms[0]]
    return Finding(
        code=JOINT,
        verdict=worse(fails=telling.area >= usual + LARGE_AREA),
        because=f"a classifier that sees only how inputs go together tells {n_rows} rows from earlier ones with a ROC "
        f"area of {telling.area:.2f}; earlier stretches are told from one another with {usual:.2f}. Most by "
        f"{listed(main)}",
        subjects=tuple(main),
        measured=telling.area,
        limit=limit,
        remedy=f"Check that {listed(main)} still come from the same rows (a join, an id, an order); if the world "
        "changed, retrain on rows since then.",
    )
