"""What learning curves mean for whoever pays for rows and labels: how many are enough, and whether more would pay."""

from __future__ import annotations

from mainstay.domain.evaluation import Curve, CurvePoint, Estimate
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.metric_names import name_of
from mainstay.domain.spelled import spelled, with_unit
from mainstay.domain.task import Task
from mainstay.training.curve_metric import BY_TASK, baseline
from mainstay.training.curve_points import ROWS
from mainstay.training.prepared import Prepared

MIN_ROWS = 200  # training rows, below which every size is luck
DAY_S = 86400.0
WORTH_MORE = 0.01  # of the gain over the baseline: what twice the rows must surely bring to be worth a word


def curve_findings(curves: tuple[Curve, ...], prepared: Prepared) -> tuple[Finding, ...]:
    """Return what the curves say (`F11-…`); without a curve over rows, that it cannot be told."""
    by_rows = next((curve for curve in curves if curve.over == ROWS), None)
    if by_rows is None:
        return (_untold(prepared),)
    found = [_enough(by_rows, prepared), _more(by_rows, prepared)]
    found += [_held(curve) for curve in (by_rows,) if curve.from_third is not None]
    found += [_history(curve) for curve in curves if curve.over != ROWS and curve.enough is not None]
    return tuple(found)


def rows_chosen(n_rows: int, curve: Curve | None, prepared: Prepared) -> Finding:
    """Say how many training rows `--rows enough` learned from, and why (`F11-rows-chosen`).

    `n_rows` were learned from; `curve` is the pilot's, None where there was none; `prepared` holds all rows.
    """
    n_all = int(prepared.training.size)
    said = None if curve is None else enough_sentence(curve)
    if said is not None and n_rows < n_all:
        because = f"learned from {n_rows:,} of {n_all:,} training rows: by a first, quick curve {said}"
    elif said is not None:
        because = f"learned from all {n_all:,} training rows: by a first, quick curve each of them still teaches"
    else:
        because = f"learned from {n_rows:,} of {n_all:,} training rows: they are too few to tell how many are enough"
    return Finding(
        code="F11-rows-chosen", verdict=Verdict.PASS, because=because, measured=float(n_rows), limit=float(n_all)
    )


def _untold(prepared: Prepared) -> Finding:
    n = prepared.training.size
    if n < MIN_ROWS:
        because, remedy = f"{n:,} training rows are too few to tell how many are enough", "Bring more rows."
    else:
        because = f"there was no time{_or_class(prepared)} to measure how many of the {n:,} training rows are enough"
        remedy = "Give training more time: --minutes N."
    return Finding(code="F11-enough-rows", verdict=Verdict.UNKNOWN, because=because, remedy=remedy)


def _or_class(prepared: Prepared) -> str:
    return "" if prepared.task is Task.REGRESSION else " (or too little of a class)"


def enough_sentence(curve: Curve) -> str | None:
    """Say in one sentence how much is enough, None where the curve cannot tell.

    >>> made = Curve(over="rows", metric="roc_auc", points=(CurvePoint(n=30000, metric=Estimate(0.8), foretold=True),),
    ...     limit=Estimate(0.82), scale=1.0, power=0.5, enough=Estimate(9431.0, 8120.0, 11940.0))
    >>> enough_sentence(made)
    '9,400 of 30,000 training rows (likely 8,100 to 11,900) reach 99% of the ROC AUC that all of them gain'
    """
    if curve.enough is None:
        return None
    middle, low, high = (_amount(curve, each) for each in _three(curve.enough))
    if curve.over == ROWS:
        said = f"{middle} of {_all(curve).n:,.0f} training rows"
    else:
        said = f"the latest {middle} of {_amount(curve, _all(curve).n)} days of history"
    likely = "" if low == middle == high else f" (likely {low} to {high})"
    return f"{said}{likely} reach 99% of the {name_of(curve.metric)} that all of them gain"


def _enough(curve: Curve, prepared: Prepared) -> Finding:
    said = enough_sentence(curve)
    if said is None or curve.enough is None:
        because = f"{name_of(curve.metric)} may not rise above its baseline, so no number of rows is enough"
        return Finding(code="F11-enough-rows", verdict=Verdict.UNKNOWN, because=because, remedy="Bring better inputs.")
    few = curve.enough.value < 0.5 * prepared.training.size
    return Finding(
        code="F11-enough-rows",
        verdict=Verdict.PASS,
        because=said,
        measured=curve.enough.value,
        limit=float(prepared.training.size),
        low=curve.enough.low,
        high=curve.enough.high,
        remedy="Training on these alone is quicker: mainstay train --rows enough." if few else "",
    )


def _more(curve: Curve, prepared: Prepared) -> Finding:
    """Whether twice the rows would bring more than a hundredth of what all rows gain over the baseline."""
    metric, now = BY_TASK[prepared.task], _all(curve).metric
    gain, *bounds = (metric.sign * (each - now.value) for each in _three(curve.twice))
    low, high = min(bounds), max(bounds)
    start = baseline(prepared.task, prepared.outcomes[prepared.training])
    limit = WORTH_MORE * abs(now.value - start)
    verb = "raise" if metric.sign > 0 else "lower"
    return Finding(
        code="F11-more-data",
        verdict=Verdict.WARN if low > limit else Verdict.PASS,
        because=f"twice the rows would {verb} {name_of(curve.metric)} by {gain:.2g} "
        f"(likely {max(low, 0):.2g} to {high:.2g}){_price(curve, prepared)}",
        measured=gain,
        limit=limit,
        low=low,
        high=high,
        remedy="More rows of the same kind still teach." if low > limit else "",
    )


def _price(curve: Curve, prepared: Prepared) -> str:
    """What that gain is worth a decision, and when it pays for its labels."""
    gain, currency, label = curve.twice_value, prepared.brief.value.currency, prepared.brief.costs.label
    if gain is None:
        return ""
    said = f", worth {with_unit(spelled(gain.value), currency)} a decision"
    if not label:
        return said
    cost = label * prepared.training.size
    said += f"; {prepared.training.size:,} more labels cost {with_unit(f'{cost:,.0f}', currency)}"
    return (
        f"{said}, paid back after {cost / gain.value:,.0f} decisions" if gain.value > 0 else f"{said}, never paid back"
    )


def _held(curve: Curve) -> Finding:
    """Whether the law kept its word where that can be seen: from a third of the rows to the largest size measured."""
    last = _last(curve)
    _, low, high = _three(curve.from_third)
    held = low <= last.metric.value <= high
    because = (
        f"from a third of the rows the curve's law foretold {name_of(curve.metric)} {low:.4g} to {high:.4g} "
        f"at {last.n:,.0f}; {last.metric.value:.4g} was measured"
    )
    return Finding(
        code="F11-law-held",
        verdict=Verdict.PASS if held else Verdict.WARN,
        because=because,
        measured=last.metric.value,
        low=low,
        high=high,
        remedy="" if held else "Take what twice the rows would bring as a guess.",
    )


def _history(curve: Curve) -> Finding:
    days, low, high = (each / DAY_S for each in _three(curve.enough))
    return Finding(
        code="F11-enough-history",
        verdict=Verdict.PASS,
        because=enough_sentence(curve) or "",
        measured=days,
        limit=_all(curve).n / DAY_S,
        low=low,
        high=high,
    )


def _three(estimate: Estimate | None) -> tuple[float, float, float]:
    """Value, low and high; a curve's estimates have bounds."""
    assert estimate is not None
    low, high = estimate.low, estimate.high
    return estimate.value, estimate.value if low is None else low, estimate.value if high is None else high


def _all(curve: Curve) -> CurvePoint:
    """The curve at all rows: the first point foretold."""
    return next(point for point in curve.points if point.foretold)


def _last(curve: Curve) -> CurvePoint:
    return [point for point in curve.points if not point.foretold][-1]


def _amount(curve: Curve, n: float) -> str:
    """Rows, or days of history, to what is known of them: two digits, three after a leading 1."""
    amount = n if curve.over == ROWS else n / DAY_S
    digits = 3 if f"{amount:e}".startswith("1") else 2
    return f"{float(f'{amount:.{digits}g}'):,.0f}" if amount >= 10 else f"{amount:.1f}"
