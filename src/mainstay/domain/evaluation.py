"""What the holdout showed: rows for the report's tables and pictures, and the candidates side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import polars as pl

from mainstay.domain.errors import LedgerBroken
from mainstay.domain.finding import Finding


class Estimate(msgspec.Struct, frozen=True):
    """A number with its 95% interval; bounds are None where none can be given."""

    value: float
    low: float | None = None
    high: float | None = None


class CandidateResult(msgspec.Struct, frozen=True, kw_only=True):
    """One candidate, judged on the holdout at its own threshold chosen on calibration rows.

    `value` is money per decision; `winner_ahead` the paired difference of the winner to it (None for the winner);
    `bought` what this step of complexity gained over the candidate before it, paired by row. `latency_us` is the
    median time of one row's score, `size_bytes` that of its plan, `explained` how its answers are explained.
    """

    name: str
    title: str
    metrics: dict[str, Estimate]
    threshold: float | None
    value: Estimate | None
    winner_ahead: Estimate | None
    chosen: bool
    fit_s: float = 0.0
    bought: Estimate | None = None
    search_s: float = 0.0
    latency_us: float | None = None
    size_bytes: int | None = None
    explained: str = ""


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What a training took: rows read, labels used, seconds, peak memory in bytes; `money` priced by `[costs]`.

    `money` and its parts are None where the brief prices nothing.
    """

    rows: int
    labels: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    compute_money: float | None = None
    label_money: float | None = None


class CurvePoint(msgspec.Struct, frozen=True, kw_only=True):
    """A metric at a number of training rows (or seconds of history), measured or foretold."""

    n: float
    metric: Estimate
    foretold: bool = False


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """How a metric grows with `over` (`rows` or `history_s`): the points, the law fitted to them, and what it says.

    The law is `limit - scale * n ** -power` (for errors: plus). `enough` is the least n that reaches 99% of what all
    rows give above the baseline, with its interval; `twice` the metric foretold at twice the rows, and `twice_value`
    what that would be worth in money per decision (None without money). `from_third` is what the sizes up to a third of
    the largest foretold for measuring the largest: the law's own test.
    """

    over: str
    metric: str
    points: tuple[CurvePoint, ...]
    limit: Estimate
    scale: float
    power: float
    enough: Estimate | None = None
    twice: Estimate | None = None
    twice_value: Estimate | None = None
    from_third: Estimate | None = None


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One try of a search: a learner and its settings, its mean gain in cross-fitting, and the seconds it took."""

    learner: str
    settings: dict[str, float | int | str | bool]
    gain: float | None
    seconds: float
    pruned: bool = False


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a training in numbers: what `train --json` prints and the ledger keeps.

    `base_rate` is the share of positives; of a regression the mean, of several classes the share of the commonest.
    `metrics` are the winner's on the holdout; `splits` what it reaches when rows are parted at `random` and by `time`
    (or `order`). `settings` are the winner's; `holdout` and `looks` which sealed rows judged it, and how often they
    have been looked at; `corrected` names the metrics (and `value`) told as the best answer so far, not as they were
    read. `good_enough` says whether every target of the brief is met (None where the brief sets none).
    """

    version: str
    model_digest: str
    task: str
    split: str
    rows: dict[str, int]
    base_rate: float
    metrics: dict[str, Estimate]
    currency: str
    threshold: float | None
    threshold_interval: Estimate | None
    value: Estimate | None
    share_high: Estimate | None
    candidates: tuple[CandidateResult, ...]
    findings: tuple[Finding, ...]
    snapshot: str
    seed: int
    classes: tuple[str, ...] = ()
    splits: dict[str, dict[str, Estimate]] = {}
    settings: dict[str, float | int | str | bool] = {}
    cost: Cost | None = None
    curves: tuple[Curve, ...] = ()
    holdout: str = ""
    looks: int = 0
    corrected: tuple[str, ...] = ()
    good_enough: bool | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A version's summary and its holdout rows.

    `rows` has one row per holdout row. Binary: `outcome` (0/1), `score` (calibrated), `value_high`, `value_low` (money
    of that row decided either way; absent without a value table), `today` (true where today's rule decides high; absent
    without a rule), `at` (UTC seconds, absent without time), one String column `segment:NAME` per segment and protected
    column of the brief.
    Regression: `outcome`, `score`, `value` (money of the row under its score; absent without a value table), `today`
    (the rule's number). Multiclass: `outcome` and `decided` (String), `score:CLASS` each, `value`. Both with `at` and
    segments as above. A further table `[value.VIEW]` adds `value_high:VIEW` and `value_low:VIEW`, or `value:VIEW`.
    """

    summary: Summary
    rows: pl.DataFrame


def read_summary(raw: dict[str, Any]) -> Summary:
    """Read a summary from its JSON form, as kept in the ledger; raises `LedgerBroken` for what was not written so."""
    try:
        return msgspec.convert(raw, Summary)
    except msgspec.ValidationError as error:
        what = f"the ledger is damaged: a version's summary does not say what it must ({error})"
        raise LedgerBroken(what, remedy="Look at it with: mainstay history --verify.") from error
