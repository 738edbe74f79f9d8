"""The report's own part of amounts: how near they come, what misses cost, and what came for each amount foretold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mainstay.domain.brief import Brief
from mainstay.domain.evaluation import CandidateResult, Evaluation, Summary
from mainstay.report import pictures
from mainstay.report.actions import target_words
from mainstay.report.amount_bins import amount_bins, bins_table
from mainstay.report.answer import Fact
from mainstay.report.cells import Cell, Column, Table, count_cell, money_cells, share_cells
from mainstay.report.compared import blind_of, money_facts, money_sentences, rule_of
from mainstay.report.figure import figure
from mainstay.report.own import Own
from mainstay.report.rows import Flags, Floats, numbers, optional, refuse_empty
from mainstay.report.small_print import amount_terms
from mainstay.report.views import view_facts
from mainstay.report.words import likely, number, of_hundred, percent, share_range, step_of
from mainstay.stats.amounts import mean_bias
from mainstay.stats.intervals import Interval, mean_interval, wilson

SECTIONS = (("amounts", "Foretold and real"), ("misses", "Too high, too low"))
ALIKE = "always foretelling the mean"


@dataclass(frozen=True, slots=True)
class Amounts:
    """Holdout rows, arrays of shape (n,): what came, what was foretold, its money, and the moment (UTC s)."""

    outcomes: Floats
    scores: Floats
    values: Floats | None
    at: Floats | None

    @property
    def misses(self) -> Floats:
        """How much too high each was foretold."""
        return self.scores - self.outcomes


@dataclass(frozen=True, slots=True)
class AmountWords:
    """What the page calls the amount, and its unit with a space before it (empty where the brief has none)."""

    target: str
    unit: str


def amounts_of(evaluation: Evaluation) -> Amounts:
    """The arrays of an evaluation's holdout; raises `DataError` for no rows and for columns that are not whole."""
    frame = evaluation.rows
    refuse_empty(frame)
    outcomes, scores = numbers(frame, "outcome"), numbers(frame, "score")
    return Amounts(outcomes, scores, optional(frame, "value"), optional(frame, "at"))


def amounts_part(evaluation: Evaluation, brief: Brief, n_buckets: int) -> Own:
    """What the page says of amounts; `n_buckets` is how many bands of foretold amounts the picture has."""
    summary, rows = evaluation.summary, amounts_of(evaluation)
    words = words_of(brief)
    bins = amount_bins(rows.outcomes, rows.scores, n_buckets)
    table = misses_table(rows, words, summary.currency)
    return Own(
        first="report_facts.html.j2",
        body="report_amounts.html.j2",
        no_money="report_no_money_amounts.html.j2",
        sections=SECTIONS,
        sentences=[*money_sentences(summary, ALIKE, rows.at), error_sentence(summary, words)],
        facts=(*facts(rows, summary, words), *money_facts(summary, ALIKE), *view_facts(evaluation, brief)),
        decides=f"Foretells {words.target} for each case; what is done about it stays with whoever asks.",
        accepted=_accepted(summary, words),
        unpriced="what a miss costs",
        has_money=summary.value is not None,
        terms=amount_terms(summary, brief, words.unit),
        context={
            "foretold": figure(
                "foretold", lambda width: pictures.foretold(bins, _finding(rows, words), words.target, width=width)
            ),
            "foretold_table": bins_table(bins, words.target),
            "misses": misses_sentences(rows, words, summary.settings.get("quantile")),
            "misses_table": table,
        },
    )


def words_of(brief: Brief) -> AmountWords:
    """The brief's own words for the amount and its unit."""
    field = brief.fields.get(brief.data.target)
    return AmountWords(target_words(brief), f" {field.unit}" if field and field.unit else "")


def error_sentence(summary: Summary, words: AmountWords) -> str:
    """How near the amounts come, beside what can be had without looking and by today's rule."""
    found = summary.metrics.get("mae")
    if found is None:
        return f"How near {words.target} is foretold cannot be told from these rows."
    step = step_of(found.value, found.low, found.high)
    near = f"Foretells {words.target} with an average error of {number(found.value, step)}{words.unit}"
    others = [(ALIKE, _error(blind_of(summary))), ("today's rule", _error(rule_of(summary)))]
    told = [f"{name} errs by {error}" for name, error in others if error]
    beside = f"; {' and '.join(told)}" if told else ""
    return f"{near} ({likely(found.low, found.high, step)}){beside}."


def facts(rows: Amounts, summary: Summary, words: AmountWords) -> list[Fact]:
    """How near amounts come: the share explained, the typical error, most errors, and the mean miss."""
    found = []
    if (r2 := summary.metrics.get("r2")) is not None:
        low, high = (r2.low, r2.high) if r2.low is not None and r2.high is not None else (np.nan, np.nan)
        found.append(
            Fact("explained", "explained", f"{percent(r2.value)} of what varies", f"R², {share_range(low, high)}")
        )
    half, most = np.quantile(np.abs(rows.misses), [0.5, 0.9])
    step = step_of(float(half)) * 10
    found.append(
        Fact(
            "half",
            "half",
            f"off by {number(float(half), step)}{words.unit} at most",
            f"nine of ten by {_most(float(most))}{words.unit} at most",
        )
    )
    bias = mean_bias(rows.outcomes, rows.scores)
    step = step_of(bias.value, bias.low, bias.high)
    side = "high" if bias.value > 0 else "low"
    low, high = (bias.low, bias.high) if bias.value > 0 else (-bias.high, -bias.low)
    says = f"{number(abs(bias.value), step)}{words.unit} too {side}"
    found.append(Fact("bias", "on average", says, likely(low, high, step)))
    return found


def misses_sentences(rows: Amounts, words: AmountWords, aim: object = None) -> tuple[str, str]:
    """A heading and what it rests on: on which side amounts miss, how often and by how much.

    `aim` is the share of outcomes that amounts were fitted to cover, None where they were fitted to the mean.
    """
    low, high = rows.misses < 0, rows.misses > 0
    heading = f"{of_hundred(float(low.mean()))} are foretold too low, {of_hundred(float(high.mean()))} too high"
    sides = [
        f"{name} by {_mean_miss(rows, side)}{words.unit}"
        for name, side in (("too low", low), ("too high", high))
        if side.any()
    ]
    said = f"On average {' and '.join(sides)}." if sides else "Every amount was foretold to the point."
    return heading, said + (_aimed(aim) if isinstance(aim, float) else "")


def _aimed(aim: float) -> str:
    side, share = ("low", 1 - aim) if aim > 0.5 else ("high", aim)
    return f" They are meant to be too {side} in {of_hundred(share)} only, because a miss on that side is dearer."


def misses_table(rows: Amounts, words: AmountWords, currency: str) -> Table:
    """The two kinds of miss: how many, how far, and what each brings per decision of all."""
    sides = (("too low", rows.misses < 0), ("too high", rows.misses > 0), ("to the point", rows.misses == 0))
    drawn = [_miss_row(name, side, rows) for name, side in sides if side.any()]
    plain = (
        Column("foretold", is_number=False),
        Column("number"),
        Column("of all"),
        Column("likely", "%"),
        Column("off by", f"{words.unit.strip()} on average".strip()),
        Column("likely"),
    )
    money = (Column("brings", f"{currency} a decision"), Column("likely", currency))
    return Table("misses", "Too high and too low", plain + (money if rows.values is not None else ()), tuple(drawn))


def _miss_row(name: str, side: Flags, rows: Amounts) -> tuple[Cell, ...]:
    shared = share_cells(wilson(int(side.sum()), side.size))
    cells = (Cell(name), count_cell(int(side.sum())), *shared, *money_cells(mean_interval(np.abs(rows.misses[side]))))
    if rows.values is None:
        return cells
    return (*cells, *money_cells(mean_interval(np.where(side, rows.values, 0.0))))


def _mean_miss(rows: Amounts, side: Flags) -> str:
    found = mean_interval(np.abs(rows.misses[side]))
    return number(found.value, step_of(found.value, found.low, found.high))


def _error(one: CandidateResult | None) -> str:
    found = None if one is None or one.chosen else one.metrics.get("mae")
    return "" if found is None else number(found.value, step_of(found.value, found.low, found.high))


def _finding(rows: Amounts, words: AmountWords) -> str:
    """What the picture found: how far nine of ten miss, and on which side what came lies."""
    most = float(np.quantile(np.abs(rows.misses), 0.9))
    above = wilson(int(np.count_nonzero(rows.misses < 0)), rows.misses.size)
    near = f"Nine of ten come within {_most(most)}{words.unit} of what was foretold"
    return f"{near}; {_side(above)}"


def _most(size: float) -> str:
    """How far nine of ten miss at the most, said the same wherever it is said."""
    return number(size, step_of(size))


def _accepted(summary: Summary, words: AmountWords) -> str:
    found = summary.metrics.get("mae")
    if found is None:
        return "errors of this size"
    return f"an average error of {number(found.value, step_of(found.value, found.low, found.high))}{words.unit}"


def _side(above: Interval) -> str:
    if above.low <= 0.5 <= above.high:
        return "as many come above it as below"
    share, side = (above.value, "above") if above.value > 0.5 else (1 - above.value, "below")
    return f"{of_hundred(share)} come {side} it"
