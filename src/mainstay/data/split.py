"""Which rows teach, which calibrate and which judge; nothing that belongs together is ever parted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from mainstay.data.groups import joined, numbered
from mainstay.data.parts import LEFT_OUT, PARTS, Dealt, at_random, by_time
from mainstay.domain.errors import DataError
from mainstay.domain.finding import Finding, Verdict
from mainstay.stats.arrays import FloatArray, IntArray

MIN_ROWS = 20
MIN_EACH = 30  # of the rarer outcome; below, an interval of the ROC AUC spans more than ±0.1
MIN_DISTINCT = 100  # with fewer distinct rows, equal ones are coincidences of coarse columns and not copies
MAX_COPIES_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Split:
    """Row numbers of each part (ascending, from 0), how they were dealt, the rows in no part, and what was found."""

    training: IntArray
    calibration: IntArray
    holdout: IntArray
    left_out: IntArray
    by: Literal["random", "time"]
    findings: tuple[Finding, ...]


def split(
    outcomes: FloatArray,
    *,
    moments: FloatArray | None = None,
    entities: Sequence[str] | None = None,
    row_keys: np.ndarray[Any, Any] | None = None,
    outcome_delay_s: float = 0.0,
    seed: int = 0,
) -> Split:
    """Split rows with an outcome about 60 : 20 : 20 into training, calibration and holdout.

    All arguments have shape (n_rows,); `outcomes` hold 0.0 and 1.0. With `moments` the oldest rows teach and the newest
    judge; rows of one moment stay together, and rows whose outcome was not known yet (`outcome_delay_s`) when the next
    part began are left out. Otherwise the parts are drawn at random by outcome. Rows of one entity and equal rows (same
    number in `row_keys`) are never in two parts.

    Raises `DataError` for fewer than 20 rows, or where a part would lack one of the outcomes.

    >>> split(np.array([0.0, 1.0] * 50), seed=1).holdout.size
    20
    """
    if outcomes.size < MIN_ROWS:
        what = f"{outcomes.size} rows with an outcome: too few to teach, calibrate and judge"
        raise DataError(what, remedy=f"At least {MIN_ROWS} are needed to try, some thousands to rely on.")
    groups, findings = _groups(outcomes.size, entities, row_keys)
    timed = None
    if moments is not None:
        timed = by_time(outcomes, moments, groups, outcome_delay_s=outcome_delay_s, seed=seed)
        findings += [] if timed else [_too_few_moments(moments)]
    dealt = timed or Dealt(at_random(outcomes, groups, seed=seed), ())
    _require_both(dealt.parts, outcomes)
    training, calibration, holdout, left_out = (np.flatnonzero(dealt.parts == part) for part in (0, 1, 2, LEFT_OUT))
    return Split(
        training,
        calibration,
        holdout,
        left_out,
        by="time" if timed else "random",
        findings=(*findings, *dealt.findings, *_few(dealt.parts, outcomes)),
    )


def _groups(
    n_rows: int, entities: Sequence[str] | None, row_keys: np.ndarray[Any, Any] | None
) -> tuple[IntArray, list[Finding]]:
    codes = [np.arange(n_rows, dtype=np.int64)]
    findings = []
    if entities is not None:
        codes.append(numbered(entities))
    if row_keys is not None:
        keys = np.unique(row_keys, return_inverse=True)[1].astype(np.int64)
        n_each = np.bincount(keys)
        n_copies = int(n_each[n_each > 1].sum())
        are_copies = n_each.size >= MIN_DISTINCT and n_each.max() <= MAX_COPIES_SHARE * n_rows
        if n_copies and are_copies:
            codes.append(keys)
        findings += [_copies(n_copies, n_rows, are_copies=bool(are_copies))] if n_copies else []
    return joined(*codes), findings


def _copies(n_copies: int, n_rows: int, *, are_copies: bool) -> Finding:
    done = "copies stay in one part" if are_copies else "the columns are coarse, so equal rows were taken as chance"
    return Finding(
        code="F10-equal-rows",
        verdict=Verdict.PASS if are_copies else Verdict.UNKNOWN,
        measured=n_copies / n_rows,
        because=f"{n_copies} of {n_rows} rows are equal to another one; {done}",
        remedy="If they are the same case twice, remove one; if they are of one person, name data.entity.",
    )


def _too_few_moments(moments: FloatArray) -> Finding:
    return Finding(
        code="F10-split-by-time",
        verdict=Verdict.WARN,
        measured=float(np.unique(moments).size),
        because=f"{np.unique(moments).size} distinct moments cannot be cut into three parts: rows were split at random",
        remedy="Name a time column that tells rows apart; a random split flatters what changes over time.",
    )


def _require_both(parts: IntArray, outcomes: FloatArray) -> None:
    lacking = [
        f"{name}: {n_rows} rows, {n_positive} of them positive"
        for part, name in enumerate(PARTS)
        if (n_positive := int(outcomes[parts == part].sum())) in (0, n_rows := int((parts == part).sum()))
    ]
    if lacking:
        what = f"a part of the split has no row of one outcome ({'; '.join(lacking)})"
        raise DataError(what, remedy="More rows are needed, more entities, or outcomes over more of the time.")


def _few(parts: IntArray, outcomes: FloatArray) -> list[Finding]:
    findings = []
    for part, name in list(enumerate(PARTS))[1:]:
        mine = outcomes[parts == part]
        n_rarer = int(min(mine.sum(), mine.size - mine.sum()))
        if n_rarer < MIN_EACH:
            findings.append(
                Finding(
                    code="F07-few-outcomes",
                    verdict=Verdict.UNKNOWN,
                    measured=float(n_rarer),
                    limit=float(MIN_EACH),
                    because=f"{name} holds {n_rarer} rows of the rarer outcome, {MIN_EACH} are wanted",
                    remedy="Read every number with its interval, and gather more rows of that outcome.",
                )
            )
    return findings
