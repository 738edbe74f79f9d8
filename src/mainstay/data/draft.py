"""The draft of a brief: everything that the table shows, and a comment at everything that a person must decide."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from mainstay.data.cases import cases
from mainstay.data.columns import require, require_rows
from mainstay.data.draft_task import decision_lines, outcome_lines, target_lines, today_lines, value_lines
from mainstay.data.moment_column import moment_column
from mainstay.data.outcome import Outcomes, outcomes
from mainstay.data.profile import ColumnProfile, profile
from mainstay.data.question import Question
from mainstay.data.questions import column_strengths, questions
from mainstay.data.schema import learn_schema
from mainstay.data.split import split
from mainstay.data.toml import array, key, literal
from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.errors import DataError
from mainstay.domain.outcome import require_both
from mainstay.domain.schema import Kind
from mainstay.domain.task import Task

ENTITY = re.compile(r"(^|[\W_])id$|customer|client|account|user|patient|household", re.IGNORECASE)

PROTECTED = re.compile(r"(^|[\W_])(sex|gender|race|ethnicity|religion|age|nationality|disability)$", re.IGNORECASE)
FEW_LEVELS = (2, 20)

LATER = 'When is it known? Only after the decision: known_at = "later"; by then: known_at = "decision"'
ASK = {
    "too-strong": LATER,
    "part-of-target": LATER,
    "dormant": "What did it mean before, and does it still mean that? If it tells nothing: add it to data.exclude",
    "dates": "Write the dates as ISO (2026-03-31) at the source and they can be used",
    "personal": "If it is: personal = true keeps it out of statistics files and examples",
    "sentinel": "If that means missing, say so",
    "numbers": "Say which sign stands before the fraction",
    "units": "One unit for all of them, written or not, lets it be read as a number",
    "mixed": "If the texts are faults, say so: they then count as missing",
    "code": "If it is one, say so",
    "weight": 'If it is one, name it in data.weight; if it is not: known_at = "decision"',
}
EARLY = ("too-strong", "part-of-target")
WEIGHT = "looks like a sampling weight"
NO_WEIGHT = 'take it out of exclude, and say known_at = "decision" of it'


@dataclass(frozen=True, slots=True)
class Sight:
    """What a table shows to somebody who drafts a brief for it. `is_time_found`: nobody named the time column."""

    table: pl.DataFrame
    target: str
    time: str | None
    is_time_found: bool
    told: Outcomes
    columns: tuple[ColumnProfile, ...]
    asked: tuple[Question, ...]
    strengths: dict[str, float]

    def asked_as(self, code: str) -> list[str]:
        """Return the columns with a question of that code."""
        return [question.column for question in self.asked if question.code == code]

    @property
    def honest(self) -> list[ColumnProfile]:
        """The columns about which nothing is asked."""
        asked = {question.column for question in self.asked} | {self.target, self.time}
        return [column for column in self.columns if column.name not in asked]

    @property
    def strongest(self) -> list[str]:
        """The honest columns of numbers, the one that tells most of the outcome first."""
        numbers = [c.name for c in self.honest if c.kind is Kind.NUMBER and not c.numbers and c.name in self.strengths]
        return sorted(numbers, key=lambda name: -self.strengths[name])

    @property
    def categories(self) -> list[str]:
        """The honest columns of a few levels, the one that tells most of the outcome first."""
        few = [
            c.name for c in self.honest if c.kind is Kind.CATEGORY and FEW_LEVELS[0] <= c.n_distinct <= FEW_LEVELS[1]
        ]
        return sorted(few, key=lambda name: -self.strengths.get(name, 0.0))

    @property
    def excluded(self) -> list[tuple[str, str]]:
        """The columns that no model can or should read, each with the reason."""
        return _excluded(self)

    @property
    def entities(self) -> list[str]:
        """The columns that may name who or what is decided about."""
        return [
            c.name
            for c in self.columns
            if ENTITY.search(c.name) and not c.identifier and 20 < c.n_distinct < c.n and c.name != self.target
        ]

    @property
    def dates(self) -> list[str]:
        """The columns of dates that might be the moment of the decision."""
        found = [c.name for c in self.columns if c.kind is Kind.DATETIME and not c.ambiguous]
        return [name for name in found if name not in (self.target, self.time)]


def see(table: pl.DataFrame, *, target: str, time: str | None = None, positive: str | None = None) -> Sight:
    """Look at a table: its task, its columns, and what should be asked about them.

    `time` is found where one column clearly is the moment of each row. Raises `DataError` where there is no such
    column, and where the target cannot be learned.
    """
    require(table.columns, target, key="target")
    if time is not None:
        require(table.columns, time, key="time")
    require_rows(table)
    columns = profile(table)
    others = [column for column in columns if column.name != target]
    found = time or moment_column(table, others)
    told = outcomes(table, _said(target, positive))
    strengths = column_strengths(table, told, [column for column in others if column.name != found])
    asked = questions(table, target, columns, strengths, time=found)
    return Sight(table, target, found, time is None and found is not None, told, columns, asked, dict(strengths.of))


def draft_brief(
    table: pl.DataFrame, *, source: str, target: str, name: str, time: str | None = None, positive: str | None = None
) -> str:
    """Return the text of a `mainstay.toml` that parses and trains as it stands (see `draft_of`).

    >>> table = pl.DataFrame({"age": [20, 30] * 30, "left": [0, 1, 1] * 20})
    >>> print(draft_brief(table, source="staff.csv", target="left", name="staff").splitlines()[3])
    [model]
    """
    return draft_of(see(table, target=target, time=time, positive=positive), source=source, name=name)


def draft_of(sight: Sight, *, source: str, name: str) -> str:
    """Return the text of a `mainstay.toml` for a table that was looked at; it parses and trains as it stands.

    Identifiers and what looks like a sampling weight are excluded, personal columns marked, a time column is set where
    one is clear; nothing else is decided for a person: what is asked stands in a comment at its column. Raises
    `DataError` where no model can be trained on the table, saying why.
    """
    told = sight.told
    tables = (
        _model(name, sight),
        _data(sight, source),
        _fields(sight),
        decision_lines(told),
        today_lines(sight.table, told, sight.strongest, sight.categories),
        value_lines(told, sight.honest),
        target_lines(told),
        ["[watch]", "false_alarms_per_month = 1"],
        ["[lifecycle]", 'autonomy = "recommend"  # ? observe, recommend, approve or automatic'],
    )
    text = "\n\n".join("\n".join(lines) for lines in tables if lines) + "\n"
    _require_trainable(sight.table, parse_brief(text))
    return text


def _said(target: str, positive: str | None) -> Brief:
    wanted = "" if positive is None else f"positive = {literal(positive)}"
    return parse_brief(f'[model]\nname = "seen"\n[data]\ntarget = {literal(target)}\n{wanted}')


def _model(name: str, sight: Sight) -> list[str]:
    return [
        f"# Drafted by mainstay init from {sight.table.height:,} rows and {sight.table.width:,} columns.",
        "# It trains and deploys as it stands; the report says what nobody has decided. That is where a line says '?'.",
        "",
        "[model]",
        f"name = {literal(name)}",
        'purpose = ""    # ? one sentence: what is decided with the score, and why it is worth deciding well',
        'owner = ""      # ? who answers for it: a person or a team, with an address',
        "consumers = []  # ? which products or teams use the decisions",
        '# time_box = "14d"  # ? how long it may take from the first fit to live',
    ]


def _data(sight: Sight, source: str) -> list[str]:
    excluded = _excluded(sight)
    seen = next(column for column in sight.columns if column.name == sight.target)
    return [
        "[data]",
        f"source = {literal(source)}",
        f"target = {literal(sight.target)}",
        *outcome_lines(sight.table, sight.target, sight.told, seen),
        *_time(sight),
        *_entity(sight),
        f"exclude = {array([name for name, _ in excluded])}",
        *[f"#   {literal(name)}: {why}" for name, why in excluded],
        *[f"# weight = {literal(name)}  # ? {WEIGHT}; if not: {NO_WEIGHT}" for name in sight.asked_as("weight")],
        f"# segments = {array(sight.categories[:2])}  # ? columns whose levels are watched and judged apart",
        f"# protected = {array(_protected(sight))}  # ? columns by which fairness is judged",
        'outcome_delay = "0d"  # ? how late the truth arrives, such as "30d"',
        *_silence(sight),
    ]


def _protected(sight: Sight) -> list[str]:
    return [c.name for c in sight.columns if PROTECTED.search(c.name) and c.name != sight.target]


def _silence(sight: Sight) -> list[str]:
    if sight.told.positive is None:
        return []
    return ['no_outcome_means = "unknown"  # ? "negative" where silence after the delay is an answer']


def _time(sight: Sight) -> list[str]:
    said = "the moment of the decision, if it is one: the newest rows then judge the model"
    if sight.time is not None:
        doubt = "  # ? found; if it is not the moment of the decision, leave it out" if sight.is_time_found else ""
        zone = '# time_zone = "Europe/Berlin"  # ? of dates without an offset; UTC if left out'
        return [f"time = {literal(sight.time)}{doubt}", zone]
    return [f"# time = {literal(name)}  # ? {said}" for name in sight.dates]


def _entity(sight: Sight) -> list[str]:
    return [f"# entity = {literal(name)}  # ? who or what is decided about" for name in sight.entities]


def _excluded(sight: Sight) -> list[tuple[str, str]]:
    """Columns that no model can or should read, with the reason."""
    reasons: dict[str, str] = {}
    kept: set[str] = set()
    weights = sight.asked_as("weight") if sight.honest else []  # with nothing else to read it stays
    for column in sight.columns:
        if column.name in (sight.target, sight.time):
            continue
        if column.kind is None:
            reasons[column.name] = f"holds {column.dtype}"
        elif column.identifier:
            reasons[column.name] = "looks like an identifier: its values hardly ever repeat"
        elif column.name in weights:
            reasons[column.name] = f"{WEIGHT}, which is never an input"
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
        lines += [f"# ? It {question.because}." for question in mine]
        lines += [f"#   {asked}." for asked in dict.fromkeys(ASK[question.code] for question in mine)]
        lines += ["personal = true"] if any(question.code == "personal" for question in mine) else []
        lines += ['# known_at = "later"'] if any(question.code in EARLY for question in mine) else []
        lines += [f"# {question.example}" for question in mine if question.example]
    return lines[1:]


def _require_trainable(table: pl.DataFrame, brief: Brief) -> None:
    """Take the steps of a training up to the first fit, so that what cannot train is refused here and now."""
    told = outcomes(table, brief)
    rows = table if told.kept.all() else table.filter(pl.Series(told.kept))
    dealt = split(cases(rows, told.among(told.kept), brief))
    learned = learn_schema(rows, brief, rows=dealt.training, known=told)
    if told.task is Task.BINARY:
        taught = told.among(told.kept).values[dealt.training]
        require_both(taught.size, int(taught.sum()))
    if not learned.schema.fields:
        raise DataError("no column is left for the model to read", remedy="Give the table more columns.")
