"""Where it is better and where worse: segments, stretches of time, and rules that a search found."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from mainstay.domain.evaluation import Estimate
from mainstay.domain.shown import PlaceShown, PlacesShown
from mainstay.report import pictures
from mainstay.report.actions import cut
from mainstay.report.cells import NONE, Cell, Column, Table, count_cell
from mainstay.report.estimates import cells, how_likely, said, span, times
from mainstay.report.figure import Figure, figure
from mainstay.report.words import counted

MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})")
MOST_DRAWN = 16  # the others are in the table
SURE = (
    "Ranges are at 95% for each place alone: of twenty, one may err by chance. A place is called worse only where the "
    "exam is sure of it over all that it looked at."
)


@dataclass(frozen=True, slots=True)
class Part:
    """One picture of places with its table; `rest` says what is not drawn."""

    topic: str
    figure: Figure
    table: Table
    rest: str


@dataclass(frozen=True, slots=True)
class Places:
    """Everything that the page shows of places: `rules` are conditions and what was found under them."""

    parts: tuple[Part, ...]
    rules: tuple[tuple[str, str], ...]
    rules_say: str
    sure: str


def places_of(shown: PlacesShown | None) -> Places | None:
    """What an exam kept of places; None where there is none to show."""
    if shown is None:
        return None
    parts = [_segments(k, column, each, shown) for k, (column, each) in enumerate(shown.segments.items()) if told(each)]
    parts += [_periods(shown)] if told(shown.periods) else []
    rules = tuple((" and ".join(each.conditions), each.says) for each in shown.rules)
    if not parts and not rules and not shown.is_searched:
        return None
    return Places(tuple(parts), rules, _rules_say(shown), SURE if parts else "")


def told(places: Sequence[PlaceShown]) -> bool:
    """Whether anything can be told of any of them."""
    return any(place.gain is not None for place in places)


def _rules_say(shown: PlacesShown) -> str:
    if shown.rules:
        n = len(shown.rules)
        return f"A search found {counted(n, 'kind')} of rows where it is worse than {shown.over}"
    if not shown.is_searched:
        return ""
    return f"A search over short rules found no kind of rows where it is surely worse than {shown.over}"


def _segments(k: int, column: str, places: Sequence[PlaceShown], shown: PlacesShown) -> Part:
    known = sorted((place for place in places if place.gain), key=lambda place: (not place.is_worse, _gain(place)))
    drawn, name = known[:MOST_DRAWN], f"segments-{k}"
    says = _says(places, shown, f"segments by {cut(column)}")
    return Part(
        f"By {cut(column)}",
        figure(name, lambda width: _lines(drawn, says, shown, width)),
        _table(name, f"Segments by {column}", places, shown),
        _rest(len(known) - len(drawn), len(places) - len(known)),
    )


def _periods(shown: PlacesShown) -> Part:
    places = shown.periods
    says = _says(places, shown, "stretches of time")
    shows = f"What a decision gains over {shown.over}, in stretches of the holdout, with 95% intervals"
    small = sum(place.gain is None for place in places)
    return Part(
        "Through time",
        figure(
            "periods",
            lambda width: pictures.periods(
                places, says=says, shows=shows, unit=_unit(shown), zero=f"as {shown.over}", width=width
            ),
        ),
        _table("periods", "Stretches of time", places, shown),
        _rest(0, small),
    )


def _lines(drawn: Sequence[PlaceShown], says: str, shown: PlacesShown, width: int) -> alt.LayerChart:
    found = [(place, place.gain) for place in drawn if place.gain is not None]
    lines = [
        pictures.Line(
            pictures.ended(cut(place.name), f": {said(gain)}{', worse' if place.is_worse else ''}"),
            (span(gain, *(("fail", "square") if place.is_worse else ("ours", "circle"))),),
        )
        for place, gain in found
    ]
    shows = f"What a decision gains over {shown.over} (the line at nought), with 95% intervals"
    return pictures.lines(lines, pictures.Axis(_unit(shown)), says=says, shows=shows, width=width)


def _says(places: Sequence[PlaceShown], shown: PlacesShown, what: str) -> str:
    known = [place for place in places if place.gain is not None]
    worse = [place for place in known if place.is_worse]
    least = min(worse or known, key=_gain)
    assert least.gain is not None
    gain = f"{_money(least.gain, shown)} a decision ({how_likely(least.gain)})"
    if worse:
        return f"Worse than {shown.over} in {len(worse)} of {len(known)} {what}, most in {_named(least)}: {gain}"
    if len(known) == 1:
        return f"It gains {gain} over {shown.over} in {_named(least)}, the only one with enough rows"
    nowhere = f"In none of {len(known)} {what} is it surely worse than {shown.over}"
    return f"{nowhere}; it gains least in {_named(least)}: {gain}"


def _named(place: PlaceShown) -> str:
    return cut(MOMENT.sub(r"\1 \2", place.name))


def _money(gain: Estimate, shown: PlacesShown) -> str:
    return f"{shown.unit} {said(gain)}" if shown.is_money else f"{said(gain)} {shown.unit}"


def _gain(place: PlaceShown) -> float:
    return math.inf if place.gain is None else place.gain.value


def _unit(shown: PlacesShown) -> str:
    return f"{shown.unit} a decision" if shown.is_money else shown.unit


def _rest(n_more: int, n_small: int) -> str:
    more = f"{counted(n_more, 'place')} more {'is' if n_more == 1 else 'are'} in the table." if n_more else ""
    few = "of fewer than 30 rows cannot be told."
    small = f"{counted(n_small, 'place').capitalize()} {few}" if n_small else ""
    return " ".join(part for part in (more[:1].upper() + more[1:], small) if part)


def _table(name: str, caption: str, places: Sequence[PlaceShown], shown: PlacesShown) -> Table:
    verdicts = ["worse" if place.is_worse else "too few rows" if place.gain is None else "" for place in places]
    has_verdicts = any(verdicts)
    rows = tuple(
        (
            Cell(MOMENT.sub(r"\1 \2", place.name)),
            count_cell(place.n),
            *cells(place.gain),
            Cell(NONE) if place.gain is None else cells(times(place.gain, place.n))[0],
            *((Cell(verdict),) if has_verdicts else ()),
        )
        for place, verdict in zip(places, verdicts, strict=True)
    )
    columns = (
        Column("where", is_number=False),
        Column("number", "of rows"),
        Column("gain", f"{_unit(shown)}, over {shown.over}"),
        Column("likely"),
        Column("in all", f"{shown.unit} over the holdout"),
        *((Column("verdict", is_number=False),) if has_verdicts else ()),
    )
    return Table(name, f"{caption}: what it gains over {shown.over}", columns, rows)
