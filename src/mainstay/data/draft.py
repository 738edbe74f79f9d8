"""The draft of a brief: everything that the table shows, and a comment at everything that a person must decide."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from mainstay.data.cases import cases
from mainstay.data.columns import plain, require, require_rows
from mainstay.data.levels import Level, choose_positive, present_levels, require_two
from mainstay.data.outcome import outcomes
from mainstay.data.profile import ColumnProfile, profile
from mainstay.data.questions import Question, column_strengths, questions
from mainstay.data.schema import learn_schema
from mainstay.data.split import split
from mainstay.data.toml import array, key, literal, term
from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.errors import DataError
from mainstay.domain.schema import Kind

AMOUNT = re.compile(
    r"amount|amt|bal(ance)?$|limit|price|income|salary|revenue|premium|loan_?amount|spend", re.IGNORECASE
)
ENTITY = re.compile(r"(^|[\W_])id$|customer|client|account|user|patient|household", re.IGNORECASE)

ASK = {
    "too-strong": 'When is it known? If only after the decision: known_at = "later"',
    "part-of-target": 'When is it known? If only after the decision: known_at = "later"',
    "dormant": "What did it mean before, and does it still mean that? If it tells nothing: add it to data.exclude",
    "weight": "If it is one, name it in data.weight",
    "dates": "Write the dates as ISO (2026-03-31) at the source and they can be used",
    "personal": "If it is: personal = true keeps it out of statistics files and examples",
}


@dataclass(frozen=True, slots=True)
class Sight:
    """What a table shows to somebody who drafts a brief for it."""

    table: pl.DataFrame
    target: str
    time: str | None
    columns: tuple[ColumnProfile, ...]
    asked: tuple[Question, ...]
    strengths: dict[str, float]

    def asked_as(self, code: str) -> list[str]:
        """Return the columns with a question of that code."""
        return [question.column for question in self.asked if question.code == code]


def draft_brief(
    table: pl.DataFrame, *, source: str, target: str, name: str, time: str | None = None, positive: str | None = None
) -> str:
    """Return the text of a `mainstay.toml` that parses and trains as it stands.

    Identifiers are excluded, personal columns marked; nothing else is decided for a person: what is asked stands in a
    comment at its column. Raises `DataError` where no model can be trained on the table, saying why.

    >>> table = pl.DataFrame({"age": [20, 30] * 30, "left": [0, 1, 1] * 20})
    >>> print(draft_brief(table, source="staff.csv", target="left", name="staff").splitlines()[3])
    [model]
    """
    require(table.columns, target, key="target")
    if time is not None:
        require(table.columns, time, key="time")
    require_rows(table)
    asked = questions(table, target, time=time)
    sight = Sight(table, target, time, profile(table), asked, column_strengths(table, target, time=time))
    level, said = _positive(sight, name, positive)
    tables = (_model(name, sight), _data(sight, source, said, level), _fields(sight), _decision(), _today(sight))
    text = "\n\n".join("\n".join(lines) for lines in (*tables, _value(sight), *_rest()) if lines) + "\n"
    _require_trainable(table, parse_brief(text))
    return text


def _positive(sight: Sight, name: str, positive: str | None) -> tuple[Level, str]:
    raw = plain(sight.table[sight.target])
    counts = raw.alias("value").value_counts(sort=True, name="n")
    levels = present_levels(counts["value"], counts["n"])
    require_two(levels, sight.target)
    wanted = "" if positive is None else f"positive = {literal(positive)}"
    brief = parse_brief(f"[model]\nname = {literal(name)}\n[data]\ntarget = {literal(sight.target)}\n{wanted}")
    level, _ = choose_positive(levels, brief)
    if raw.dtype == pl.Boolean:
        return level, literal(level.key == "true")
    return level, literal(float(level.key)) if raw.dtype.is_numeric() else literal(level.text)


def _model(name: str, sight: Sight) -> list[str]:
    return [
        f"# Drafted by mainstay init from {sight.table.height:,} rows and {sight.table.width} columns.",
        "# It trains and deploys as it stands; the report says what nobody has decided. That is where a line says '?'.",
        "",
        "[model]",
        f"name = {literal(name)}",
        'purpose = ""    # ? one sentence: what is decided with the score, and why it is worth deciding well',
        'owner = ""      # ? who answers for it: a person or a team, with an address',
        "consumers = []  # ? which products or teams use the decisions",
        '# time_box = "14d"  # ? how long it may take from the first fit to live',
    ]


def _data(sight: Sight, source: str, positive: str, level: Level) -> list[str]:
    share = level.n / max(sight.table.height, 1)
    excluded = _excluded(sight)
    return [
        "[data]",
        f"source = {literal(source)}",
        f"target = {literal(sight.target)}",
        f"positive = {positive}  # {level.n:,} of {sight.table.height:,} rows ({share:.1%})",
        *_time(sight),
        *_entity(sight),
        f"exclude = {array([name for name, _ in excluded])}",
        *[f"#   {literal(name)}: {why}" for name, why in excluded],
        *[f"# weight = {literal(name)}  # ? looks like a sampling weight" for name in sight.asked_as("weight")],
        "# segments = []   # ? columns whose levels are watched and judged apart, such as a region",
        "# protected = []  # ? columns by which fairness is judged",
        'outcome_delay = "0d"  # ? how late the truth arrives, such as "30d"',
        'no_outcome_means = "unknown"  # ? "negative" where silence after the delay is an answer',
    ]


def _time(sight: Sight) -> list[str]:
    if sight.time is not None:
        return [
            f"time = {literal(sight.time)}",
            '# time_zone = "Europe/Berlin"  # ? of dates without an offset; UTC if left out',
        ]
    dates = [c.name for c in sight.columns if c.kind is Kind.DATETIME and not (c.dates and c.dates.ambiguous)]
    said = "? the moment of the decision, if it is one: the newest rows then judge the model"
    return [f"# time = {literal(name)}  # {said}" for name in dates if name != sight.target]


def _entity(sight: Sight) -> list[str]:
    repeated = [
        c.name
        for c in sight.columns
        if ENTITY.search(c.name) and not c.identifier and 20 < c.n_distinct < c.n and c.name != sight.target
    ]
    return [f"# entity = {literal(name)}  # ? who or what is decided about" for name in repeated]


def _excluded(sight: Sight) -> list[tuple[str, str]]:
    """Columns that no model can or should read, with the reason."""
    reasons: dict[str, str] = {}
    kept: set[str] = set()
    for column in sight.columns:
        if column.name in (sight.target, sight.time):
            continue
        if column.kind is None:
            reasons[column.name] = f"holds {column.dtype}"
        elif column.identifier:
            reasons[column.name] = "looks like an identifier: its values hardly ever repeat"
        elif column.name.casefold() in kept:
            reasons[column.name] = "differs from another column in case only"
        else:
            kept.add(column.name.casefold())
    return list(reasons.items())


def _fields(sight: Sight) -> list[str]:
    lines: list[str] = []
    excluded = dict(_excluded(sight))
    for name in dict.fromkeys(question.column for question in sight.asked):
        if name in excluded:
            continue
        mine = [question for question in sight.asked if question.column == name]
        lines += ["", f"[fields.{key(name)}]"]
        lines += [line for question in mine for line in (f"# ? It {question.because}.", f"#   {ASK[question.code]}.")]
        lines += ["personal = true"] if any(question.code == "personal" for question in mine) else []
        lines += ['# known_at = "later"'] if any(question.code in EARLY for question in mine) else []
    return lines[1:]


EARLY = ("too-strong", "part-of-target")


def _decision() -> list[str]:
    return [
        "[decision]",
        'when_high = "yes"  # ? what is done when the score reaches the threshold',
        'when_low = "no"    # ? what is done when it does not',
        'threshold = "best"',
    ]


def _today(sight: Sight) -> list[str]:
    return [
        "[today]",
        f"# rule = {literal(_rule(sight))}  # ? where it is true, when_high is done today, without the model",
    ]


def _rule(sight: Sight) -> str:
    """A rule that the strongest of the honest columns would make."""
    numbers = [c.name for c in _honest(sight) if c.kind is Kind.NUMBER and c.name in sight.strengths]
    for name in sorted(numbers, key=lambda name: -sight.strengths[name]):
        values = plain(sight.table[name]).cast(pl.Float64, strict=False).fill_nan(None)
        low, high = values.min(), values.quantile(0.8)
        if isinstance(low, float) and isinstance(high, float) and low < high < math.inf:
            return f"{term(name)} >= {high:.6g}"
    return "AMOUNT >= 1000"


def _honest(sight: Sight) -> list[ColumnProfile]:
    asked = {question.column for question in sight.asked} | {sight.target, sight.time}
    return [column for column in sight.columns if column.name not in asked]


def _value(sight: Sight) -> list[str]:
    amounts = [c.name for c in _honest(sight) if c.kind is Kind.NUMBER and AMOUNT.search(c.name)]
    missed, earned = (f"-0.20 * {term(amounts[0])}", f"0.06 * {term(amounts[0])}") if amounts else ("-200", "30")
    return [
        "[value]",
        "# ? What one decision is worth: numbers, or expressions over columns. Without it there is no best threshold.",
        '# currency = "EUR"',
        "# when_high_and_positive = 0",
        "# when_high_and_negative = 0",
        f"# when_low_and_positive = {literal(missed)}",
        f"# when_low_and_negative = {literal(earned)}",
    ]


def _rest() -> Sequence[list[str]]:
    return (
        [
            "[targets]",
            "# ? How good, fast and small is good enough.",
            "# roc_auc = 0.75",
            "# value_over_today = 1  # currency per decision",
            "# p99_latency_ms = 20",
        ],
        ["[watch]", "false_alarms_per_month = 1"],
        ["[lifecycle]", 'autonomy = "recommend"  # ? observe, recommend, approve or automatic'],
    )


def _require_trainable(table: pl.DataFrame, brief: Brief) -> None:
    """Take the steps of a training up to the first fit, so that what cannot train is refused here and now."""
    told = outcomes(table, brief)
    rows = table.filter(pl.Series(told.kept))
    dealt = split(cases(rows, told.among(told.kept), brief))
    learned = learn_schema(rows[dealt.training], brief, known=told)
    if not learned.schema.fields:
        raise DataError("no column is left for the model to read", remedy="Give the table more columns.")
