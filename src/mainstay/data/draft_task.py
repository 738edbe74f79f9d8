"""What a draft says of the outcome: the task, the decision, today's rule and the value table, each as an example."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
import polars as pl

from mainstay.data.columns import nameless, plain
from mainstay.data.levels import present_levels
from mainstay.data.outcome import Outcomes
from mainstay.data.profile import ColumnProfile
from mainstay.data.task import are_codes
from mainstay.data.toml import key, literal
from mainstay.domain.expression import term
from mainstay.domain.outcome import outcome_key
from mainstay.domain.schema import Kind
from mainstay.domain.task import Task
from mainstay.stats.arrays import BoolArray, FloatArray

AMOUNT = re.compile(
    r"amount|amt|bal(ance)?$|limit|price|income|salary|revenue|premium|loan_?amount|spend", re.IGNORECASE
)
MAX_SHOWN = 200
MAX_SHOWN_CLASSES = 6  # a table of more is shown by its beginning


def outcome_lines(table: pl.DataFrame, target: str, told: Outcomes, seen: ColumnProfile) -> list[str]:
    """Return the lines of [data] about the outcome."""
    n_rows = table.height
    if told.task is Task.REGRESSION:
        known = told.values[told.kept]
        said = f"from {known.min():g} to {known.max():g}, mean {known.mean():g}"
        return ['task = "regression"  # amounts ' + said, *_missing(told, n_rows)]
    if told.task is Task.MULTICLASS:
        shares = np.bincount(told.values[told.kept].astype(np.int64)) / max(int(told.kept.sum()), 1)
        some = ", ".join(f"{literal(name)} {share:.1%}" for name, share in zip(told.classes, shares, strict=True))
        counts = nameless(plain(table[target])).value_counts(sort=True, name="n")
        is_doubtful = are_codes(present_levels(counts["value"], counts["n"]), seen)
        doubt = '  # ? or are these whole numbers amounts? Then task = "regression"' if is_doubtful else ""
        lines = [f'task = "multiclass"{doubt}', f"#   {len(told.classes)} classes: {_short(some)}"]
        rare = [f"#   {each.because}" for each in told.findings if each.code == "F10-rare-classes"]
        return [*lines, *map(_one_line, rare), *_missing(told, n_rows)]
    n = int((told.values == 1.0).sum())
    said = f"{n:,} of {n_rows:,} rows ({n / max(n_rows, 1):.1%})"
    return ['task = "binary"', f"positive = {_positive(table[target], told)}  # {said}", *_missing(told, n_rows)]


def decision_lines(told: Outcomes) -> list[str]:
    """Return [decision]: two words for two outcomes, nothing to fill in for others."""
    if told.task is Task.BINARY:
        return [
            "[decision]",
            'when_high = "yes"  # ? what is done when the score reaches the threshold',
            'when_low = "no"    # ? what is done when it does not',
            'threshold = "best"',
        ]
    if told.task is Task.MULTICLASS:
        return [
            "[decision]",
            "# Decided is the likeliest class, or the action worth most where [value.matrix] says so.",
        ]
    middle = float(np.median(told.values[told.kept]))
    return [
        "[decision]",
        "# The answer is an amount. If something is done from some amount on, say so:",
        f"# threshold = {middle:.6g}",
        '# when_high = "yes"',
        '# when_low = "no"',
    ]


def today_lines(table: pl.DataFrame, told: Outcomes, strongest: Sequence[str], categories: Sequence[str]) -> list[str]:
    """Return [today] with a rule that the strongest of the honest numbers would make, or else of the categories."""
    said = {
        Task.BINARY: "where it is true, when_high is done today, without the model",
        Task.MULTICLASS: "the class that is decided today, without the model",
        Task.REGRESSION: "the amount that is foretold today, without the model",
    }
    return ["[today]", f"# rule = {literal(_rule(table, told, strongest, categories))}  # ? {said[told.task]}"]


def value_lines(told: Outcomes, honest: Sequence[ColumnProfile]) -> list[str]:
    """Return [value] with an example that becomes a value table when its marks are taken away."""
    lines = ["[value]", SAID[told.task], '# currency = "EUR"']
    if told.task is Task.REGRESSION:
        own = '# expression = "-abs(predicted - actual)"  # instead of over and under, over columns too'
        return [*lines, "# over = -1   # each unit too high", "# under = -1  # each unit too low", own]
    if told.task is Task.MULTICLASS:
        return [*lines, *_matrix(told.classes)]
    amounts = [c.name for c in honest if c.kind is Kind.NUMBER and not c.numbers and AMOUNT.search(c.name)]
    missed, earned = (f"-0.20 * {term(amounts[0])}", f"0.06 * {term(amounts[0])}") if amounts else ("-200", "30")
    return [
        *lines,
        "# when_high_and_positive = 0",
        "# when_high_and_negative = 0",
        f"# when_low_and_positive = {literal(missed)}",
        f"# when_low_and_negative = {literal(earned)}",
    ]


def target_lines(told: Outcomes) -> list[str]:
    """Return [targets] with examples of the task's own metrics."""
    examples = {
        Task.BINARY: ["# roc_auc = 0.75"],
        Task.MULTICLASS: ["# accuracy = 0.8", "# log_loss = 0.7"],
        Task.REGRESSION: ["# r2 = 0.8", "# mae = 10  # in the unit of the target"],
    }
    return [
        "[targets]",
        "# ? How good, fast and small is good enough.",
        *examples[told.task],
        "# value_over_today = 1  # currency per decision",
        "# p99_latency_ms = 20",
    ]


SAID = {
    Task.BINARY: "# ? What one decision is worth: numbers, or expressions over columns. Without it there is no best "
    "threshold.",
    Task.MULTICLASS: "# ? What each decision is worth for each class that came: numbers, or expressions over columns.",
    Task.REGRESSION: "# ? What a miss costs, as a negative worth: numbers, or expressions over columns.",
}


def _missing(told: Outcomes, n_rows: int) -> list[str]:
    if not told.n_missing:
        return []
    said = f'{told.n_missing:,} of {n_rows:,} rows have no outcome and are left out; "refuse" trains on none such'
    return [f'missing_target = "drop"  # ? {said}']


def _positive(target: pl.Series, told: Outcomes) -> str:
    raw, text = plain(target), str(told.positive)
    if raw.dtype == pl.Boolean:
        return literal(outcome_key(text) == "true")
    return literal(float(text)) if raw.dtype.is_numeric() else literal(text)


def _matrix(classes: Sequence[str]) -> list[str]:
    shown = classes[:MAX_SHOWN_CLASSES]
    lines = ["# [value.matrix]  # decided = { class that came = worth, … }"]
    for decided in shown:
        worths = ", ".join(f"{key(actual)} = {1 if actual == decided else -1}" for actual in shown)
        lines.append(f"# {key(decided)} = {{ {worths} }}")
    more = f"# … and so on for all {len(classes)} classes: every decision needs a worth for every class."
    return [*lines, more] if len(classes) > len(shown) else lines


def _rule(table: pl.DataFrame, told: Outcomes, strongest: Sequence[str], categories: Sequence[str]) -> str:
    for name in strongest:
        values = nameless(plain(table[name])).cast(pl.Float64, strict=False).fill_nan(None)
        share = 0.8 if told.task is Task.BINARY else 0.5
        low, cut = values.min(), values.quantile(share)
        if isinstance(low, float) and isinstance(cut, float) and low < cut < math.inf:
            return _rule_at(f"{term(name)} >= {cut:.6g}", (values >= cut).fill_null(False).to_numpy(), told)
    for name in categories[:1]:
        texts = nameless(plain(table[name])).cast(pl.String)
        level = texts.drop_nulls().mode().sort()[0]
        return _rule_at(f"{term(name)} == {level!r}", (texts == level).fill_null(False).to_numpy(), told)
    return _rule_at("AMOUNT >= 1000", None, told)


def _rule_at(test: str, above: BoolArray | None, told: Outcomes) -> str:
    if told.task is Task.BINARY:
        return test
    sides = (told.kept, told.kept) if above is None else (told.kept & above, told.kept & ~above)
    yes, no = (_typical(told, side if side.any() else told.kept) for side in sides)
    return f"where({test}, {yes}, {no})"


def _typical(told: Outcomes, rows: BoolArray) -> str:
    """What is foretold of some rows without knowing more: the mean amount, or the class that gained most there."""
    if told.task is Task.REGRESSION:
        return f"{told.values[rows].mean():.4g}"
    here, all_rows = (_shares(told.values[side], len(told.classes)) for side in (rows, told.kept))
    return repr(told.classes[int((here - all_rows).argmax() if (here != all_rows).any() else here.argmax())])


def _shares(classes: FloatArray, n_classes: int) -> FloatArray:
    return np.bincount(classes.astype(np.int64), minlength=n_classes) / max(classes.size, 1)


def _one_line(text: str) -> str:
    """A comment of one line, whatever a class is called."""
    return _short("".join(mark if mark.isprintable() else " " for mark in text))


def _short(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…"
