"""Which rows teach, which calibrate and which judge; nothing that belongs together is ever parted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from mainstay.data.equal import Equal, equal_rows
from mainstay.data.groups import joined, numbered, strata
from mainstay.data.keys import PLAIN, Keys, counted, draws, entity_keys, mixed, positions
from mainstay.data.parts import (
    CALIBRATION_SHARE,
    MIN_KEPT_SHARE,
    Groups,
    apart,
    apart_finding,
    at_random,
    gap_finding,
    newest,
    unknown_yet,
)
from mainstay.data.sealing import Book, NewSeal, Rows, Sealed, digest_of, seal
from mainstay.data.told import copies, few, require_outcomes, resealed, rows_gone, too_few_moments
from mainstay.data.writing import Writing
from mainstay.domain.errors import DataError
from mainstay.domain.finding import Finding
from mainstay.domain.holdout import Holdout
from mainstay.domain.task import Task
from mainstay.stats.arrays import BoolArray, FloatArray, IntArray

MIN_ROWS = 20
MET_CALIBRATION_SHARE = 1 / 3  # of entities met at all times: only their newest rows count, so it takes more of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Rows with an outcome, as a split needs them; everything has one entry per row.

    `outcomes` are 0 and 1, numbers of `classes` or amounts, as `task` says. `row_keys` are equal for equal inputs
    (within one run), `are_coarse` says whether those are to be expected (see `data.equal`); `keys` are those by which
    rows are known again for ever, made of `columns` as `writing` reads them (see `data.keys`); without them rows are
    known by their position. `entity` and `time` are the columns that `entities` and
    `moments` come from.
    """

    outcomes: FloatArray
    task: Task = Task.BINARY
    classes: tuple[str, ...] = ()
    moments: FloatArray | None = None
    time: str | None = None
    entities: Sequence[str] | None = None
    entity: str | None = None
    row_keys: np.ndarray[Any, Any] | None = None
    are_coarse: bool = False
    keys: Keys | None = None
    columns: tuple[str, ...] = ()
    writing: Writing = PLAIN
    outcome_delay_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Row numbers of each part (ascending, from 0), how they were dealt, the rows in no part, and what was found.

    `groups` numbers the rows that belong together, None where every row is alone. `judged_on` is the holdout that
    judges now, each of its rows once however often it comes, and `judged_rows` a digest of which of them do. `seals`
    are those that must be sealed first. `n_waiting` rows of `wanted` wait to make a fresh one.
    """

    training: IntArray
    calibration: IntArray
    holdout: IntArray
    left_out: IntArray
    by: Literal["random", "time"]
    findings: tuple[Finding, ...]
    groups: IntArray | None
    judged_on: Holdout
    judged_rows: str
    seals: tuple[NewSeal, ...] = ()
    n_again: int | None = None
    n_waiting: int = 0
    wanted: int = 0


def split(cases: Cases, *, seed: int = 0, book: Book | None = None) -> Split:
    """Split rows with an outcome about 60 : 20 : 20 into training, calibration and holdout.

    What is sealed already (`book`) judges, whatever the seed; else holdouts are drawn and come back to be sealed. With
    moments the newest rows judge, and rows whose outcome was not known yet (`outcome_delay_s`) when they began are left
    out; of the others the newest calibrate. Rows of one moment stay together. Without moments parts are drawn at
    random, class by class, or band by band of an amount. Rows of one entity and equal rows are never in two parts.

    Raises `DataError` for fewer than 20 rows, or where a part would lack an outcome that it needs.

    >>> split(Cases(outcomes=np.array([0.0, 1.0] * 50)), seed=1).holdout.size
    20
    """
    if cases.outcomes.size < MIN_ROWS:
        what = f"{cases.outcomes.size} rows with an outcome: too few to teach, calibrate and judge"
        raise DataError(what, remedy=f"At least {MIN_ROWS} are needed to try, some thousands to rely on.")
    book = book or Book()
    equal = _equal(cases, book)
    of, found = _groups(cases, equal)
    rows = _rows(cases, of, None if equal is None else equal.apart, seed=_sealing_seed(book, seed))
    sealed = seal(rows, book)
    if sealed is None:
        found.append(too_few_moments(cases.moments))
        rows = replace(rows, moments=None)
        sealed = seal(rows, book)
    assert sealed is not None  # rows can always be sealed at random
    require_outcomes({"holdout": cases.outcomes[sealed.held == sealed.current]}, cases.task)
    teaching, late = _teaching(cases, rows, sealed)
    dealt = _split(cases, rows, sealed, _dealt(rows, teaching, seed))
    findings = (*found, *_gap(late, teaching), *_kept_apart(dealt, sealed, late), *dealt.findings, *_seals(sealed))
    return replace(dealt, findings=findings)


def _split(cases: Cases, rows: Rows, sealed: Sealed, parts: tuple[IntArray, IntArray]) -> Split:
    training, calibration = parts
    holdout, judged_rows = _judging(rows, sealed)
    is_left_out = np.ones(cases.outcomes.size, dtype=np.bool_)
    for part in (training, calibration, holdout):
        is_left_out[part] = False
    happened = {"training": training, "calibration": calibration, "holdout": holdout}
    outcomes = {name: cases.outcomes[where] for name, where in happened.items()}
    require_outcomes(outcomes, cases.task)
    alone = int(rows.groups.of.max()) + 1 == cases.outcomes.size
    return Split(
        training=training,
        calibration=calibration,
        holdout=holdout,
        left_out=np.flatnonzero(is_left_out),
        by="random" if rows.moments is None else "time",
        findings=tuple(few(outcomes, cases.task, cases.classes)),
        groups=None if alone else rows.groups.of,
        judged_on=sealed.holdouts[sealed.current],
        judged_rows=judged_rows,
        seals=sealed.new,
        n_again=sealed.n_again,
        n_waiting=sealed.n_waiting,
        wanted=sealed.wanted,
    )


def _judging(rows: Rows, sealed: Sealed) -> tuple[IntArray, str]:
    """Return the rows that judge, the first of equal ones alone, and a digest of which they are in whatever order."""
    held = np.flatnonzero(sealed.held == sealed.current)
    own, first = np.unique(rows.own[held], return_index=True)
    return held[np.sort(first)], digest_of(own)


def _equal(cases: Cases, book: Book) -> Equal | None:
    """Return the rows of equal inputs, None where no two are; none is told apart whose equal was sealed and was not."""
    if cases.row_keys is None or np.unique(cases.row_keys).size == cases.row_keys.size:
        return None
    inputs = np.unique(cases.row_keys, return_inverse=True)[1].astype(np.int64)
    whole = [each.whole for each in book.known]
    if cases.keys is None or not whole:
        return equal_rows(inputs, cases.outcomes, coarse=cases.are_coarse)
    sealed = np.bincount(inputs, weights=positions(cases.keys, np.unique(np.concatenate(whole))) >= 0) > 0
    return equal_rows(inputs, cases.outcomes, coarse=cases.are_coarse, whole=sealed)


def _groups(cases: Cases, equal: Equal | None) -> tuple[IntArray, list[Finding]]:
    codes = [] if cases.entities is None else [numbered(cases.entities)]
    found = []
    if equal is not None and equal.n_equal:
        codes.append(equal.together)
        found.append(copies(equal.n_equal, int(equal.apart.sum()), cases.outcomes.size))
    return joined(*codes) if codes else np.arange(cases.outcomes.size, dtype=np.int64), found


def _sealing_seed(book: Book, seed: int) -> int:
    """The first seed that sealed at random goes on drawing; without one it is this training's."""
    return next((each.holdout.seed for each in book.known if each.holdout.kind == "random"), seed)


def _entity(cases: Cases) -> str | None:
    return None if cases.entities is None else (cases.entity or "entity")


def _rows(cases: Cases, of: IntArray, apart: BoolArray | None, *, seed: int) -> Rows:
    keys = cases.keys if cases.keys is not None else np.arange(cases.outcomes.size, dtype=np.uint64)
    own = keys if apart is None else np.where(apart, counted(keys), keys)
    keys = own if cases.entities is None else entity_keys(cases.entities, own)
    return Rows(
        keys=keys,
        own=own,
        groups=Groups(of, strata(cases.outcomes, cases.task), draws(keys, seed=seed)),
        seed=seed,
        moments=cases.moments,
        time=cases.time,
        entity=_entity(cases),
        columns=cases.columns,
        writing=cases.writing,
        apart=apart,
        outcomes=cases.outcomes,
    )


def _teaching(cases: Cases, rows: Rows, sealed: Sealed) -> tuple[IntArray, IntArray]:
    """Return the rows that may teach or calibrate (in no holdout, with nobody in one), and those known too late.

    Where too few would be left, the late ones teach as well.
    """
    judges = np.bincount(rows.groups.of, weights=sealed.held >= 0) > 0
    free: BoolArray = (sealed.held < 0) & ~sealed.aside & ~judges[rows.groups.of]
    start_s = sealed.start_s
    if rows.moments is None or start_s is None:
        return np.flatnonzero(free), np.flatnonzero(free)[:0]
    free &= rows.moments < start_s
    late = free & unknown_yet(rows.moments, delay_s=cases.outcome_delay_s, start_s=start_s)
    kept = free & ~late
    varied = min(np.unique(values[kept]).size for values in (cases.outcomes, rows.moments)) > 1
    can = varied and kept.sum() >= MIN_KEPT_SHARE * free.sum()
    return np.flatnonzero(kept if can else free), np.flatnonzero(late)


def _gap(late: IntArray, teaching: IntArray) -> list[Finding]:
    if not late.size:
        return []
    kept = np.isin(late[:1], teaching)[0]
    return [gap_finding(late.size, teaching.size + (0 if kept else late.size), can=not kept)]


def _dealt(rows: Rows, teaching: IntArray, seed: int) -> tuple[IntArray, IntArray]:
    """Deal rows to training and calibration: by this training's own seed, or the newest to calibration."""
    groups = rows.groups.among(teaching)
    groups = replace(groups, draws=draws(mixed(rows.keys[teaching]), seed=seed))
    start = None if rows.moments is None else newest(rows.moments[teaching], CALIBRATION_SHARE)
    if rows.moments is None or start is None:
        parts = at_random(groups, (CALIBRATION_SHARE, 1 - CALIBRATION_SHARE), rest=1)
        return teaching[parts == 1], teaching[parts == 0]
    earlier, later = apart(rows.moments[teaching] >= start, groups, share=MET_CALIBRATION_SHARE)
    return teaching[earlier], teaching[later]


def _seals(sealed: Sealed) -> list[Finding]:
    judge = sealed.holdouts[sealed.current]
    if sealed.n_again is not None and sealed.n_again < judge.n_rows:
        return [rows_gone(judge.name, sealed.n_again, judge.n_rows)]
    return [resealed(judge.name, judge.carried)] if sealed.new and judge.carried else []


def _kept_apart(split: Split, sealed: Sealed, late: IntArray) -> list[Finding]:
    """Say how many rows were left out for their group alone."""
    n_other = int((sealed.held >= 0).sum()) - split.holdout.size
    n_gap = int(np.isin(late, split.left_out).sum())
    n_apart = split.left_out.size - n_other - n_gap - sealed.n_waiting
    return [apart_finding(n_apart, sealed.held.size)] if n_apart > 0 and split.groups is not None else []
