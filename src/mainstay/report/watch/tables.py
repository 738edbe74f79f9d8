"""The tables behind the pictures of the watch page."""

from __future__ import annotations

from mainstay.domain.brief import Brief
from mainstay.domain.estimates import VALUE, VALUE_AHEAD, VALUE_OF_NEVER, VALUE_OF_RULE
from mainstay.domain.overview import Moved, Overview
from mainstay.report.cells import NONE, Cell, Column, Table, count_cell, money_cells
from mainstay.report.metrics import cells_of, name_of, title_of
from mainstay.report.watch.ways import way_of
from mainstay.report.watch.when import on
from mainstay.report.words import fixed, number, percent, step_of

DIGITS = 2  # of a distance
NAMED = {
    VALUE: "money",
    VALUE_OF_RULE: "money of today's rule",
    VALUE_OF_NEVER: "money without any decision",
    VALUE_AHEAD: "money ahead",
}


def money_table(found: Overview, brief: Brief) -> Table:
    """Money per decision by stretch, and what others would have earned."""
    earned, unit = found.earned, f"{found.currency} a decision".strip()
    others = list(earned.course_otherwise)
    columns = (
        Column("from", is_number=False),
        Column("to", is_number=False),
        Column("decisions", "outcome known"),
        Column("earned", unit),
        Column("likely", unit),
        *(Column(way_of(name, brief), unit) for name in others),
    )
    rows = tuple(
        (
            *_stretch(found, start, end),
            count_cell(n),
            *money_cells(each),
            *(_money(earned.course_otherwise[name][i]) for name in others),
        )
        for i, (start, end, n, each) in enumerate(
            zip(earned.spans.starts, earned.spans.ends, earned.n_by_span, earned.course, strict=True)
        )
    )
    return Table("money", "Money by when was decided", columns, rows)


def performance_table(found: Overview) -> Table:
    """The leading metric by stretch; of two outcomes what came beside what scores made expect."""
    shown = found.performance
    both = (Column("came", "%"), Column("scores made expect", "%")) if shown.happened else ()
    columns = (
        Column("from", is_number=False),
        Column("to", is_number=False),
        Column("outcomes"),
        Column(title_of(shown.metric)),
        Column("likely"),
        *both,
    )
    rows = tuple(
        (
            *_stretch(found, shown.spans.starts[i], shown.spans.ends[i]),
            count_cell(shown.n_by_span[i]),
            *cells_of(shown.metric, each),
            *(Cell(percent(s[i]).rstrip("%"), s[i]) for s in (shown.happened, shown.expected) if shown.happened),
        )
        for i, each in enumerate(shown.course)
    )
    return Table("performance", f"{title_of(shown.metric)} by when was decided", columns, rows)


def record_table(found: Overview) -> Table:
    """How right estimates proved, by what was estimated."""
    columns = (
        Column("estimate of", is_number=False),
        Column("proved", "stretches"),
        Column("held", "stretches"),
        Column("off by", "mean size"),
        Column("to one side", "mean"),
        Column("width", "of intervals"),
    )
    rows = tuple(
        (
            Cell(NAMED.get(one.metric, name_of(one.metric))),
            count_cell(one.ripe),
            count_cell(one.within),
            _money(one.mean_absolute_error),
            _money(one.mean_error),
            _money(one.mean_width),
        )
        for one in found.estimates.record
    )
    return Table("record", "Estimates beside what came, of all time", columns, rows)


def inputs_table(found: Overview) -> Table:
    """Every input with the distances that people know, the farthest first."""
    columns = (
        Column("input", is_number=False),
        Column("PSI"),
        Column("Jensen-Shannon"),
        Column("Wasserstein", "sd"),
        Column("KS"),
        Column("chi-square", "degrees"),
        Column("Hellinger"),
        Column("missing", "%, was"),
        Column("new or outside", "%"),
    )
    ordered = sorted((found.score, *found.inputs), key=lambda each: -(each.distances.psi if each.distances else -1.0))
    return Table("inputs", "How far inputs lie from the reference", columns, tuple(map(_input, ordered)))


def outcomes_table(found: Overview) -> Table:
    """Outcomes by when was decided."""
    arrival = found.arrival
    columns = (
        Column("from", is_number=False),
        Column("to", is_number=False),
        Column("decisions"),
        Column("outcomes known"),
        Column("known", "%"),
        Column("all due", is_number=False),
    )
    rows = tuple(
        (
            *_stretch(found, arrival.spans.starts[i], arrival.spans.ends[i]),
            count_cell(n),
            count_cell(arrival.came_by_span[i]),
            Cell(percent(arrival.came_by_span[i] / n).rstrip("%"), arrival.came_by_span[i] / n) if n else Cell(NONE),
            Cell("yes" if arrival.due_by_span[i] else "not yet"),
        )
        for i, n in enumerate(arrival.decided_by_span)
    )
    return Table("outcomes", "Outcomes by when was decided", columns, rows)


def traffic_table(found: Overview) -> Table:
    """What came in by stretch."""
    seen = found.traffic
    columns = (
        Column("from", is_number=False),
        Column("to", is_number=False),
        Column("decisions"),
        *(Column(f"“{word}”") for word in seen.decided),
        Column("refused"),
        Column("repairs"),
    )
    rows = tuple(
        (
            *_stretch(found, found.spans.starts[i], found.spans.ends[i]),
            count_cell(n),
            *(count_cell(counts[i]) for counts in seen.decided.values()),
            count_cell(seen.refused[i]),
            count_cell(seen.repaired[i]),
        )
        for i, n in enumerate(seen.decisions)
    )
    return Table("traffic", "What came in", columns, rows)


def faults_table(found: Overview) -> Table | None:
    """What was odd about rows, by field and code."""
    if not found.traffic.faults:
        return None
    columns = (
        Column("field", is_number=False),
        Column("what was odd", is_number=False),
        Column("rows"),
        Column("refused", is_number=False),
    )
    rows = tuple(
        (
            Cell(each.field or "the whole row"),
            Cell(each.code),
            count_cell(each.n),
            Cell("yes" if each.refused else "no"),
        )
        for each in found.traffic.faults
    )
    return Table("faults", "Rows that were not as they should be", columns, rows)


def _input(moved: Moved) -> tuple[Cell, ...]:
    apart = moved.distances
    parts = (None,) * 3 if apart is None else (apart.psi, apart.jensen_shannon, apart.wasserstein)
    ks = None if apart is None else apart.kolmogorov_smirnov
    chi = (
        Cell(NONE)
        if apart is None
        else Cell(f"{number(apart.chi_square, step_of(apart.chi_square))}, {apart.n_degrees}", apart.chi_square)
    )
    missing = Cell(f"{_percent(moved.missing)}, {_percent(moved.missing_before)}", moved.missing)
    return (
        Cell(moved.name),
        *map(_distance, parts),
        _distance(ks),
        chi,
        _distance(None if apart is None else apart.hellinger),
        missing,
        Cell(_percent(moved.outside), moved.outside),
    )


def _percent(share: float) -> str:
    return percent(share).rstrip("%")


def _distance(value: float | None) -> Cell:
    return Cell(NONE) if value is None else Cell(fixed(value, DIGITS), value)


def _money(value: float | None) -> Cell:
    return Cell(NONE) if value is None else Cell(number(value, step_of(value)), value)


def _stretch(found: Overview, start: str, end: str) -> tuple[Cell, Cell]:
    return Cell(on(found, start)), Cell(on(found, end))
