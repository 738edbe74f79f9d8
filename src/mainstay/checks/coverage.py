"""Whether the rows stand for those to come: against a fair sample of the population, and around the calendar."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import polars as pl

from mainstay.checks.check import Check, Section
from mainstay.checks.draws import MOST_ROWS, Draw, drawn
from mainstay.checks.examined import Examined
from mainstay.checks.sight import holds_values, nameless, names_rows, numbers_of
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.schema import Kind
from mainstay.stats.arrays import FloatArray, IntArray
from mainstay.stats.gaps import ordered_gap, share_gap
from mainstay.stats.intervals import Interval

REPRESENTATIVE, SEASONS = "F10-representative", "F09-seasons"
FLOOR = 0.1
MIN_ROWS = 100
MOST_LEVELS = 200
BARELY = 0.3  # of the days that other months have
MIN_DAYS = 14
DAY_S = 86_400.0


def representative(exam: Examined) -> Iterable[Finding]:
    """Whether training rows are spread as the population is, column by column."""
    if exam.population is None:
        unnamed = "the brief names no fair sample of the population"
        because = f"{exam.no_population or unnamed}: nobody can tell whether these rows stand for it"
        remedy = "Draw some hundred rows at random from all there are, and name them in data.population."
        return [Finding(code=REPRESENTATIVE, verdict=Verdict.UNKNOWN, because=because, remedy=remedy)]
    rows, n = _weighed(exam, drawn(exam, exam.training)), exam.population.height
    if n < MIN_ROWS or rows.size < MIN_ROWS:
        because = f"{n} rows of the population and {rows.size} of training are too few to compare"
        return [Finding(code=REPRESENTATIVE, verdict=Verdict.UNKNOWN, because=because)]
    names = _compared(exam)
    known = [name for name in names if name in exam.population.columns and holds_values(exam.population[name])]
    others = drawn(exam, np.arange(n))
    found = [_against(exam, name, rows, others, level=1 - 0.05 / len(known)) for name in known]
    if not known:
        because = "the sample of the population has none of the columns that could be compared"
        return [Finding(code=REPRESENTATIVE, verdict=Verdict.UNKNOWN, because=because)]
    return [*_summed(found), *_absent(sorted(set(exam.inputs) & set(names) - set(known)))]


def seasons(exam: Examined) -> Iterable[Finding]:
    """Which months, weekdays and hours the model has learned from, and which it has never seen."""
    if exam.moments is None:
        because = "the rows have no moment (data.time): nobody can tell which seasons they cover"
        return [Finding(code=SEASONS, verdict=Verdict.UNKNOWN, because=because)]
    taught, others = (_clock(exam, rows) for rows in (exam.training, np.concatenate([exam.calibration, exam.holdout])))
    if taught.is_empty():
        return [Finding(code=SEASONS, verdict=Verdict.UNKNOWN, because="no training row has a moment")]
    return [_months(taught), *_phases(taught, others)]


def _weighed(exam: Examined, rows: IntArray) -> IntArray:
    """Rows as often as their sampling weights say, as many as they are worth; the rows themselves without weights."""
    name = exam.brief.data.weight
    weights = None if name is None or name not in exam.table.columns else numbers_of(exam.table[name][rows])
    if weights is None:
        return rows
    weights = np.where(np.isnan(weights) | (weights < 0), 0.0, weights)
    total = float(weights.sum())
    if total <= 0:
        return rows
    n = int(total**2 / float(weights @ weights))
    return np.random.default_rng(exam.seed).choice(rows, n, p=weights / total)


def _compared(exam: Examined) -> list[str]:
    """Inputs, groups and the outcome, without what names rows or tells the time."""
    clocks = {field.name for field in exam.schema.fields if field.kind is Kind.DATETIME} | {exam.schema.time}
    groups = (*exam.brief.data.protected, *exam.brief.data.segments, exam.schema.target)
    names = [name for name in dict.fromkeys((*exam.inputs, *groups)) if name in exam.table.columns]
    plain = [name for name in names if name not in clocks and holds_values(exam.table[name])]
    return [name for name in plain if not names_rows(exam.table[name])]


def _against(exam: Examined, name: str, rows: IntArray, others: IntArray, *, level: float) -> Finding:
    assert exam.population is not None
    gap = column_gap(exam.table[name][rows], exam.population[name][others], level=level)
    verdict = Verdict.PASS
    if gap.value >= FLOOR:
        verdict = Verdict.FAIL if gap.low >= FLOOR else Verdict.UNKNOWN
    sure = "" if verdict is not Verdict.UNKNOWN else "; too few rows to be sure"
    return Finding(
        code=REPRESENTATIVE,
        verdict=verdict,
        because=f"{gap.value:.0%} of the rows would have to change {name} to be spread as the population is{sure}",
        subjects=(name,),
        measured=gap.value,
        limit=FLOOR,
        low=gap.low,
        high=gap.high,
    )


def column_gap(first: pl.Series, second: pl.Series, *, level: float) -> Interval:
    """Return how far apart two columns are: of numbers by order, of levels by share; or what is missing, if farther.

    A column that is a number in one table and a text in the other is read as numbers where all texts are.
    """
    one, other = _alike(first, second)
    numbers = [numbers_of(column) for column in (one, other)]
    if numbers[0] is None or numbers[1] is None:
        return share_gap(*_level_counts(one, other), level=level)
    known = [each[~np.isnan(each)] for each in numbers if each is not None]
    counts = [
        np.array([part.size, column.len() - part.size], dtype=float)
        for part, column in zip(known, (one, other), strict=True)
    ]
    gaps = (ordered_gap(known[0], known[1], level=level), share_gap(counts[0], counts[1], level=level))
    return max((gap for gap in gaps if gap.known), key=lambda gap: gap.low or gap.value / 1e6)


def _alike(first: pl.Series, second: pl.Series) -> tuple[pl.Series, pl.Series]:
    if (numbers_of(first.head(0)) is None) == (numbers_of(second.head(0)) is None):
        return first, second
    read = [
        column.cast(pl.Float64, strict=False) if column.dtype == pl.String else column for column in (first, second)
    ]
    if all(new.null_count() == old.null_count() for new, old in zip(read, (first, second), strict=True)):
        return read[0], read[1]
    return _as_texts(first), _as_texts(second)


def _as_texts(column: pl.Series) -> pl.Series:
    return (column.to_physical() if column.dtype == pl.Duration else column).cast(pl.String)


def _level_counts(first: pl.Series, second: pl.Series) -> tuple[FloatArray, FloatArray]:
    """How often both say each of the commonest levels, anything else, and nothing."""
    texts = [_as_texts(nameless(column)).fill_null("\0missing").alias("level") for column in (first, second)]
    levels = pl.concat(texts).value_counts(sort=True)["level"].head(MOST_LEVELS).to_list()
    places = {level: place for place, level in enumerate(levels)}
    found = []
    for each in texts:
        counted = each.value_counts()
        at = [places.get(level, len(levels)) for level in counted["level"].to_list()]
        found.append(np.bincount(at, weights=counted["count"].to_numpy(), minlength=len(levels) + 1).astype(np.float64))
    return found[0], found[1]


def _summed(found: Sequence[Finding]) -> Iterator[Finding]:
    """What is wrong or not sure, column by column; one finding where all is well."""
    told = [finding for finding in found if finding.verdict is not Verdict.PASS]
    yield from told
    if found and not told:
        widest = max(found, key=lambda finding: finding.measured or 0.0)
        because = f"{len(found)} columns are spread as in the population; the farthest is {widest.subject}"
        fields = {"measured": widest.measured, "limit": FLOOR, "low": widest.low, "high": widest.high}
        yield Finding(code=REPRESENTATIVE, verdict=Verdict.PASS, because=because, **fields)  # type: ignore[arg-type]


def _absent(names: Sequence[str]) -> Iterator[Finding]:
    if names:
        because = f"the sample of the population does not have {len(names)} of the columns that the model reads"
        yield Finding(code=REPRESENTATIVE, verdict=Verdict.UNKNOWN, because=because, subjects=tuple(names))


def _clock(exam: Examined, rows: IntArray) -> pl.DataFrame:
    """Date, month, weekday and hour of rows by the wall clock of the brief's zone."""
    assert exam.moments is not None
    seconds = exam.moments[rows]
    moments = pl.Series("at", (seconds[np.isfinite(seconds)] * 1e6).astype(np.int64)).cast(pl.Datetime("us", "UTC"))
    local = moments.dt.convert_time_zone(exam.brief.data.time_zone).dt
    return pl.DataFrame(
        {"date": local.date(), "month": local.month(), "weekday": local.weekday(), "hour": local.hour()}
    )


def _months(taught: pl.DataFrame) -> Finding:
    days = taught.group_by(pl.col("date").dt.year().alias("year"), "month").agg(pl.col("date").n_unique().alias("n"))
    by_month = dict(days.group_by("month").agg(pl.col("n").max()).iter_rows())
    usual = float(np.median(list(by_month.values())))
    unseen = [month for month in range(1, 13) if by_month.get(month, 0) < BARELY * usual]
    code = f"{SEASONS}-month"
    if unseen:
        because = f"training saw nothing, or next to nothing, of {_listed([calendar.month_name[m] for m in unseen])}"
        subjects = tuple(f"month={month}" for month in unseen)
        n = float(len(unseen))
        return Finding(code=code, verdict=Verdict.FAIL, because=because, subjects=subjects, measured=n, limit=0.0)
    years = (taught["date"].max() - taught["date"].min()).days / 365.25  # type: ignore[operator, union-attr]
    once = "" if years >= 2 else f"; in {years:.1f} years, so that season and trend can hardly be told apart"
    return Finding(
        code=code, verdict=Verdict.PASS, because=f"training saw all twelve months{once}", measured=0.0, limit=0.0
    )


def _phases(taught: pl.DataFrame, others: pl.DataFrame) -> Iterator[Finding]:
    """Weekdays and hours: a fault where other rows have some that training never saw; else what nobody decides at."""
    for key, whole in (("weekday", range(1, 8)), ("hour", range(24))):
        seen, later = set(taught[key].to_list()), set(others[key].to_list())
        is_asked = taught["date"].n_unique() >= MIN_DAYS if key == "weekday" else len(seen | later) > 1
        if not is_asked:
            continue
        names = [_name(key, phase) for phase in whole if phase not in seen]
        new = [phase for phase in whole if phase in later - seen]
        code, subjects = f"{SEASONS}-{key}", tuple(f"{key}={phase}" for phase in new)
        if new:
            because = f"later rows have {_listed([_name(key, phase) for phase in new])}, which training never saw"
            yield Finding(code=code, verdict=Verdict.FAIL, because=because, subjects=subjects, measured=float(len(new)))
        else:
            well = (
                f"every {key} is there" if not names else f"no row at all is of {_listed(names)}: expected, or a gap?"
            )
            yield Finding(code=code, verdict=Verdict.PASS, because=well)


def _name(key: str, phase: int) -> str:
    return calendar.day_name[phase - 1] if key == "weekday" else f"{phase}:00"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


COVERAGE: tuple[Check, ...] = (
    Check(
        code=REPRESENTATIVE,
        section=Section.DATA,
        asks="Are training rows spread as the population is?",
        limit="In no column surely (95% over all columns) more than a tenth of the rows would have to change to be "
        "spread as data.population: below, no share that is decided by moves much.",
        remedy="Weigh the rows (data.weight), or gather those that are too few; until then say for whom it holds.",
        source="Massart 1990; McDiarmid 1989",
        look=representative,
        draws=Draw(training=MOST_ROWS),
    ),
    Check(
        code=SEASONS,
        section=Section.DATA,
        asks="Has training seen every month, and every weekday and hour at which there will be decisions?",
        limit="Every month has at least 0.3 of the days that months usually have in these rows, and later rows have no "
        "weekday or hour that training lacks.",
        remedy="Bring a whole year, two to tell season from trend; until then do not trust it in what it never saw.",
        look=seasons,
    ),
)
