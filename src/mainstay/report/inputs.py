"""What carries the score: the inputs by importance, and how the score moves with the first of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import altair as alt

from mainstay.domain.shown import EffectShown, InputShown, Shown, near
from mainstay.domain.task import Task
from mainstay.report import pictures
from mainstay.report.actions import cut
from mainstay.report.cells import Cell, Column, Table, count_cell
from mainstay.report.estimates import cells, how_likely, said, span, times
from mainstay.report.figure import Figure, figure, small_figure
from mainstay.report.words import MINUS, counted, number, step_of

MOST_DRAWN = 10
PERCENT = 100.0
FINEST = 0.1  # of a percent: bars that stand side by side are not told apart by less
FLAT = 0.05  # of the scale that all effects share: a line that moves less is called flat
WHOLE = 1e5  # from here on numbers are rounded and spelled
MOVED: dict[str, tuple[str, str]] = {  # what an effect moves: with its verb for many inputs, and by itself
    Task.BINARY: ("the score moves", "score"),
    Task.MULTICLASS: ("the chances move", "chance"),
    Task.REGRESSION: ("the amount moves", "amount"),
}
WOBBLE = 0.1  # of a line's own range: a step back by less does not end a rise


@dataclass(frozen=True, slots=True)
class Inputs:
    """Importances and effects, as the page shows them; `rest` says how many inputs are not drawn."""

    says: str
    share: Figure
    money: Figure | None
    table: Table
    rest: str
    effects: tuple[Figure, ...]
    effects_table: Table | None
    effects_head: str
    effects_say: str


def inputs_of(shown: Shown, task: str, currency: str) -> Inputs | None:
    """What an exam kept of the inputs; None where it kept nothing of them."""
    if not shown.inputs:
        return None
    first = shown.inputs[:MOST_DRAWN]
    return Inputs(
        says=_says(shown.inputs),
        share=figure("importance", lambda width: _shares(first, _says(shown.inputs), width)),
        money=_money(first, currency),
        table=_table(shown.inputs, currency),
        rest=_rest(len(shown.inputs) - len(first), shown.n_inputs - len(shown.inputs)),
        effects=tuple(_effects(shown.effects, task)),
        effects_table=_effects_table(shown.effects, task) if shown.effects else None,
        effects_head=f"How {MOVED[task][0]} with the inputs that carry most",
        effects_say=_effects_say(task),
    )


def _rest(n: int, n_left: int) -> str:
    says = f"{counted(n, 'input')} of less importance {'is' if n == 1 else 'are'} in the table."
    more = f" {n_left:,} more are not told: of so many, nobody reads the last." if n_left > 0 else ""
    return says[:1].upper() + says[1:] + more if n else ""


def _says(inputs: Sequence[InputShown]) -> str:
    first = times(inputs[0].share, PERCENT)
    return f"{cut(inputs[0].name)} carries {said(first)}% of the skill ({how_likely(first)})"


def _shares(inputs: Sequence[InputShown], says: str, width: int) -> alt.LayerChart:
    drawn = [
        pictures.Line(pictures.ended(cut(each.name), f": {said(share, least=FINEST)}%"), (span(share),))
        for each in inputs
        for share in (times(each.share, PERCENT),)
    ]
    shows = "Share of the skill that hangs on each input, measured by shuffling it, with 95% intervals"
    return pictures.lines(drawn, pictures.Axis("% of the skill", as_bars=True), says=says, shows=shows, width=width)


def _money(inputs: Sequence[InputShown], currency: str) -> Figure | None:
    priced = [(each.name, each.money) for each in inputs if each.money is not None]
    if not any(money.value for _, money in priced):
        return None
    axis = pictures.Axis(f"{currency or 'money'} a decision", as_bars=True)
    priced.sort(key=lambda each: -each[1].value)
    name, most = priced[0]
    says = f"Without what {cut(name)} tells, a decision is worth {currency} {said(most)} less ({how_likely(most)})"
    drawn = [pictures.Line(pictures.ended(cut(each), f": {said(money)}"), (span(money),)) for each, money in priced]
    shows = "Money per decision that is lost when an input is shuffled, with 95% intervals"
    return figure(
        "importance-money",
        lambda width: pictures.lines(drawn, axis, says=says, shows=shows, width=width),
    )


def _table(inputs: Sequence[InputShown], currency: str) -> Table:
    has_money = any(each.money is not None for each in inputs)
    rows = tuple(
        (Cell(each.name), *cells(times(each.share, PERCENT)), *(cells(each.money) if has_money else ()))
        for each in inputs
    )
    money = (Column("money", f"{currency} a decision"), Column("likely", currency))
    columns = (Column("input", is_number=False), Column("importance", "% of the skill"), Column("likely", "%"))
    return Table("importance", "Inputs by what hangs on them", columns + (money if has_money else ()), rows)


def _effects(effects: Sequence[EffectShown], task: str) -> list[Figure]:
    if not effects:
        return []
    ends = min(min(each.low) for each in effects), max(max(each.high) for each in effects)
    return [_effect(f"effect-{k}", each, ends, task) for k, each in enumerate(effects)]


def _effect(name: str, moved: EffectShown, ends: tuple[float, float], task: str) -> Figure:
    says, is_share = effect_says(moved, ends, task), task != Task.REGRESSION
    shows = f"Mean {MOVED[task][1]} over {cut(moved.name)}, eight of ten rows as a band, and how many rows there are"
    return small_figure(
        name, lambda width: pictures.effect(moved, ends, says=says, shows=shows, is_share=is_share, width=width)
    )


def effect_says(moved: EffectShown, ends: tuple[float, float], task: str) -> str:
    """What an effect found, in a sentence: it rises, falls, turns, or hardly moves."""
    what = MOVED[task][1]
    name = cut(moved.name) + (f" ({what} of {cut(moved.of)})" if moved.of else "")
    mean, moves = moved.mean, max(moved.mean) - min(moved.mean)
    if moves < FLAT * (ends[1] - ends[0]):
        return f"{name}: hardly moves the {what} by itself"
    low, high = (_score(each, task, moves) for each in (min(mean), max(mean)))
    if not moved.edges:
        return f"{name}: from {low} for {cut(_at(moved, min(mean)))} to {high} for {cut(_at(moved, max(mean)))}"
    steps = [after - before for before, after in pairwise(mean)]
    if min(steps) >= -WOBBLE * moves:
        return f"{name}: the {what} rises with it, from {low} to {high}"
    if max(steps) <= WOBBLE * moves:
        return f"{name}: the {what} falls with it, from {high} to {low}"
    return f"{name}: from {low} at {_at(moved, min(mean))} to {high} at {_at(moved, max(mean))}"


def _at(moved: EffectShown, score: float) -> str:
    """Where an effect is highest or lowest: a level, a whole number, or a number to a hundredth of where rows lie."""
    value = moved.values[moved.mean.index(score)]
    if isinstance(value, str):
        return value
    numbers = [float(each) for each in moved.values]
    among = numbers[near(numbers)]
    room = among[-1] - among[0]
    return _plain(value) if value.is_integer() or not room > 0 else number(value, 10 * step_of(room))


def _plain(value: float) -> str:
    """A value of an input as it is: whole ones whole."""
    return f"{value:,.5g}".replace("-", MINUS) if abs(value) < WHOLE else number(value, step_of(value))


def _score(score: float, task: str, among: float) -> str:
    if task == Task.REGRESSION:
        return number(score, step_of(among) * 10)
    return f"{number(PERCENT * score, step_of(PERCENT * among) * 10)}%"


def _effects_table(effects: Sequence[EffectShown], task: str) -> Table:
    rows = [
        (
            Cell(each.name + (f" ({each.of})" if each.of else "")),
            Cell(*_value(value)),
            *(Cell(_score(score, task, max(each.mean) - min(each.mean)), score) for score in scores),
            Cell("–") if each.edges else count_cell(each.counts[place]),
        )
        for each in effects
        for place, (value, *scores) in enumerate(zip(each.values, each.mean, each.low, each.high, strict=True))
    ]
    columns = (
        Column("input", is_number=False),
        Column("set to", is_number=False),
        Column(f"mean {MOVED[task][1]}"),
        Column("10th", "percentile of rows"),
        Column("90th", "percentile of rows"),
        Column("number", "of rows"),
    )
    return Table("effects", f"The {MOVED[task][1]} when one input is set to a value", columns, tuple(rows))


def _value(value: float | str) -> tuple[str, float | None]:
    return (value, None) if isinstance(value, str) else (_plain(value), value)


def _effects_say(task: str) -> str:
    return (
        f"Each picture sets one input to a value in 500 rows and leaves the others as they are: the line is the mean "
        f"{MOVED[task][1]}, the band holds eight of ten rows, and the grey bars say how many rows there are. Inputs "
        "that go together are bent here into rows that hardly exist: trust the line where there are bars. What hardly "
        "moves it by itself may still carry much, together with others."
    )
