"""The small print for the auditor: what was judged, on which rows, and how every interval was made."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeAlias

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import Cost, Summary
from mainstay.domain.moments import iso, parse_duration
from mainstay.domain.parity import Parity, parity_words
from mainstay.report.rows import Rows
from mainstay.report.words import money, number, percent, step_of
from mainstay.stats.value import top_share

Terms: TypeAlias = tuple[tuple[str, str], ...]
ROWS = ("train", "calibration", "holdout")
SPLITS = {
    "random": "at random, in proportion to the outcomes",
    "time": "by time: trained on the past, judged on what came after",
}
INTERVALS = (
    "All ranges are at 95%. Shares: Wilson. Money and its differences: Student's t on the mean over rows, differences "
    "paired row by row. ROC AUC: DeLong. Average precision and macro F1: bootstrap. The band of the money curve holds "
    "at each threshold by itself. The range of the best threshold: chosen again on resampled calibration rows. "
    "Holdout rows had no part in fitting, calibrating or choosing the threshold."
)
COMMON = (
    "All ranges are at 95% and allow for rows of one entity. Money and its differences: Student's t on the mean over "
    "rows, differences paired row by row. "
)
UNTOUCHED = "Holdout rows had no part in fitting, calibrating or choosing."
AMOUNT_INTERVALS = (
    f"{COMMON}Errors: Student's t; R²: of a ratio of means. Levels of what came have no range. {UNTOUCHED}"
)
CLASS_INTERVALS = (
    f"{COMMON}Shares and accuracy: Wilson. ROC AUC: one against the rest. Macro F1: bootstrap. {UNTOUCHED}"
)
ENTITIES = (
    "Rows of one entity depend on each other: the candidates' ranges allow for that, those of the slider, the curve "
    "and the tables of thresholds and buckets do not."
)


def small_print(
    summary: Summary, brief: Brief, terms: Terms, *, version: str, made_at: datetime
) -> tuple[tuple[str, str], ...]:
    """Terms and what they are, in the order an auditor asks; `terms` are the task's own."""
    n = summary.rows
    n_rows = ", ".join(f"{name} {n[name]:,}" for name in (*ROWS, *sorted(n.keys() - set(ROWS))) if name in n)
    return (
        ("version", version),
        ("model digest", summary.model_digest),
        ("snapshot of the data", summary.snapshot),
        ("source", brief.data.source or "not named in the brief"),
        ("rows", n_rows),
        ("split", SPLITS.get(summary.split, summary.split)),
        *_holdout(summary, brief),
        ("seed", str(summary.seed)),
        ("outcome", _outcome(brief)),
        *terms,
        *_settings(summary),
        *_cost(summary),
        ("report made", iso(made_at.astimezone(UTC).replace(microsecond=0))),
    )


def with_twin(terms: Terms, parity: Parity | None) -> Terms:
    """Add how far the ONNX file of a version is from it, where it was exported: before the last term."""
    return terms if parity is None else (*terms[:-1], ("ONNX file", parity_words(parity)), *terms[-1:])


def binary_terms(summary: Summary, brief: Brief, rows: Rows) -> Terms:
    """The small print of two outcomes: base rate, threshold, intervals, and what each outcome is worth."""
    base = f"{percent(float(rows.outcomes.mean()))} of holdout rows, {percent(summary.base_rate)} of all"
    found = [
        ("base rate", base),
        ("threshold", _threshold(summary, brief)),
        ("intervals", INTERVALS + (f" {ENTITIES}" if brief.data.entity else "")),
    ]
    if rows.worth is not None:
        found.append(("value", _value(brief, rows)))
    return tuple(found)


def amount_terms(summary: Summary, brief: Brief, unit: str) -> Terms:
    """The small print of amounts: the mean, intervals, and what a miss is worth."""
    mean = f"{number(summary.base_rate, step_of(summary.base_rate))}{unit} over holdout rows"
    found = [("mean outcome", mean), ("intervals", AMOUNT_INTERVALS)]
    value = brief.value
    if value.expression is not None:
        found.append(("value", str(value.expression)))
    elif value.over is not None:
        found.append(("value", f"each unit too high: {_worth(value.over)}; each unit too low: {_worth(value.under)}"))
    return tuple(found)


def class_terms(summary: Summary, brief: Brief) -> Terms:
    """The small print of several classes: the commonest one, intervals, and what each decision is worth."""
    found = [
        ("base rate", f"{percent(summary.base_rate)} of rows are of the commonest of {len(summary.classes)} classes"),
        ("intervals", CLASS_INTERVALS),
    ]
    if brief.value.matrix is not None:
        rows = (
            f"{decided} ({', '.join(f'{came} {_worth(money)}' for came, money in row.items())})"
            for decided, row in brief.value.matrix.items()
        )
        found.append(("value", f"decided, then what came: {'; '.join(rows)}"))
    return tuple(found)


def _holdout(summary: Summary, brief: Brief) -> Terms:
    """Which sealed rows judged it, and the how-manieth look at them that was; nothing where that was not kept."""
    if not summary.holdout:
        return ()
    look = f"this was look {summary.looks} of the {brief.holdouts.looks} that the brief allows"
    return (("holdout", f"{summary.holdout}; {look}"),)


def _settings(summary: Summary) -> Terms:
    if not summary.settings:
        return ()
    return (("settings", ", ".join(f"{name} {_setting(value)}" for name, value in summary.settings.items())),)


def _setting(value: float | int | str | bool) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _cost(summary: Summary) -> Terms:
    return () if summary.cost is None else (("cost of the training", cost_words(summary.cost, summary.currency)),)


def cost_words(cost: Cost, currency: str) -> str:
    """What a training took, in words, priced where the brief prices it.

    >>> cost_words(Cost(rows=2000, labels=2000, seconds=90.0, cpu_seconds=84.0, peak_bytes=350_000_000), "EUR")
    '1.5 minutes (1.4 of computing), 2,000 rows with 2,000 labels, 350 MB of memory at the most; the brief prices none'
    """
    took = f"{_minutes(cost.seconds)} minutes ({_minutes(cost.cpu_seconds)} of computing)"
    peak = f"{cost.peak_bytes / 1e6:,.0f} MB of memory at the most"
    priced = [
        f"{money(spent, currency, step_of(spent))} for {what}"
        for what, spent in (("computing", cost.compute_money), ("labels", cost.label_money))
        if spent is not None
    ]
    price = " and ".join(priced) or "the brief prices none"
    return f"{took}, {cost.rows:,} rows with {cost.labels:,} labels, {peak}; {price}"


def _minutes(seconds: float) -> str:
    return number(seconds / 60, 0.1)


def _outcome(brief: Brief) -> str:
    data = brief.data
    if not parse_duration(data.outcome_delay):
        return f"column {data.target}, known at once"
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
