"""What the holdout showed: rows for the report's tables and pictures, and the candidates side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import polars as pl

from mainstay.domain.finding import Finding


class Estimate(msgspec.Struct, frozen=True):
    """A number with its 95% interval; bounds are None where none can be given."""

    value: float
    low: float | None = None
    high: float | None = None


class CandidateResult(msgspec.Struct, frozen=True, kw_only=True):
    """One candidate, judged on the holdout at its own threshold chosen on calibration rows.

    `value` is money per decision; `winner_ahead` the paired difference of the winner to it (None for the winner).
    """

    name: str
    title: str
    metrics: dict[str, Estimate]
    threshold: float | None
    value: Estimate | None
    winner_ahead: Estimate | None
    chosen: bool
    fit_s: float = 0.0


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a training in numbers: what `train --json` prints and the ledger keeps."""

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


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A version's summary and its holdout rows.

    `rows` has one row per holdout row: `outcome` (0/1), `score` (calibrated), `value_high`, `value_low` (money of that
    row decided either way; absent without a value table), `today` (true where today's rule decides high; absent without
    a rule), `at` (UTC seconds, absent without time) and one String column `segment:NAME` per segment of the brief.
    """

    summary: Summary
    rows: pl.DataFrame


def read_summary(raw: dict[str, Any]) -> Summary:
    """Read a summary from its JSON form, as kept in the ledger."""
    return msgspec.convert(raw, Summary)
