"""The small print for the auditor: what was judged, on which rows, and how every interval was made."""

from __future__ import annotations

from datetime import UTC, datetime

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Summary
from mainstay.domain.moments import iso
from mainstay.report.rows import Rows
from mainstay.report.words import percent
from mainstay.stats.value import top_share

ROWS = ("train", "calibration", "holdout")
SPLITS = {
    "random": "at random, in proportion to the outcomes",
    "time": "by time: trained on the past, judged on what came after",
}
INTERVALS = (
    "All ranges are at 95%. Shares: Wilson. Money and its differences: Student’s t on the mean over rows, differences "
    "paired row by row. ROC AUC: DeLong. Average precision and macro F1: bootstrap. The band of the money curve holds "
    "at each threshold by itself. The range of the best threshold: chosen again on resampled calibration rows. "
    "Holdout rows had no part in fitting, calibrating or choosing the threshold."
)
ENTITIES = (
    "Rows of one entity depend on each other: the candidates’ ranges allow for that, those of the slider, the curve "
    "and the tables of thresholds and buckets do not."
)


def small_print(
    summary: Summary, brief: Brief, rows: Rows, *, version: str, made_at: datetime
) -> tuple[tuple[str, str], ...]:
    """Terms and what they are, in the order an auditor asks."""
    n = summary.rows
    counted = ", ".join(f"{name} {n[name]:,}" for name in (*ROWS, *sorted(n.keys() - set(ROWS))) if name in n)
    found = [
        ("version", version),
        ("model digest", summary.model_digest),
        ("snapshot of the data", summary.snapshot),
        ("source", brief.data.source or "not named in the brief"),
        ("rows", counted),
        ("split", SPLITS.get(summary.split, summary.split)),
        ("seed", str(summary.seed)),
        ("base rate", f"{percent(float(rows.outcomes.mean()))} of holdout rows, {percent(summary.base_rate)} of all"),
        ("outcome", _outcome(brief)),
        ("threshold", _threshold(summary, brief)),
        ("intervals", INTERVALS + (f" {ENTITIES}" if brief.data.entity else "")),
    ]
    if rows.worth is not None:
        found.append(("value", _value(brief, rows)))
    found.append(("report made", iso(made_at.astimezone(UTC).replace(microsecond=0))))
    return tuple(found)


def _outcome(brief: Brief) -> str:
    data = brief.data
    silence = "counts as negative" if data.no_outcome_means == "negative" else "means nothing"
    return f"column {data.target}, known after {data.outcome_delay}; silence after that {silence}"


def _threshold(summary: Summary, brief: Brief) -> str:
    if summary.threshold is None:
        return "none: nobody is decided high"
    best = "worth most on calibration rows" if brief.value.is_binary else "fewest errors, as no money is stated"
    way = best if brief.decision.threshold == "best" else "fixed by the brief"
    return f"{summary.threshold!r}, {way}; a case at or above it: {brief.decision.when_high}"


def _value(brief: Brief, rows: Rows) -> str:
    """What each outcome is worth, and how few rows carry the difference to doing nothing."""
    assert rows.worth is not None
    value = brief.value
    worth = (
        (brief.decision.when_high, "positive", value.when_high_and_positive),
        (brief.decision.when_high, "negative", value.when_high_and_negative),
        (brief.decision.when_low, "positive", value.when_low_and_positive),
        (brief.decision.when_low, "negative", value.when_low_and_negative),
    )
    told = "; ".join(f"{action} and {end}: {_worth(money)}" for action, end, money in worth)
    carried = percent(top_share(rows.worth.high - rows.worth.low))
    return f"{told}. The largest 1% of rows carry {carried} of what is at stake between the two decisions"


def _worth(money: float | str | None) -> str:
    return f"{money:g}" if isinstance(money, float | int) else str(money)
