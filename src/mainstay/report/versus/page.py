"""The page of two versions: the answer in a sentence, then numbers, lift, findings and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mainstay.domain.evaluation import Estimate
from mainstay.domain.finding import Finding
from mainstay.domain.instead import unsaid_of
from mainstay.domain.task import Task
from mainstay.report.actions import cut
from mainstay.report.ahead import against
from mainstay.report.answer import SHAPES
from mainstay.report.cells import NONE, Cell, Column, Table, metric_cells, money_cells
from mainstay.report.checked import evidence
from mainstay.report.frame import html_of
from mainstay.report.metrics import IN_UNITS, SHOWN, name_of
from mainstay.report.steps import marked
from mainstay.report.versus.compare import Comparison
from mainstay.report.versus.measures import MONEY, Measure
from mainstay.report.versus.moves import Moves
from mainstay.report.versus.sides import Side
from mainstay.report.words import MINUS, counted
from mainstay.stats.intervals import Interval

VERDICTS = {"better": "● better", "worse": "■ worse", "alike": "○ no surer than luck", "unknown": "○ cannot be told"}

SHORT = {**VERDICTS, "alike": "○ unclear", "unknown": "○ unknown"}  # in the table, which is wide enough already
THE_SAME = "– the same"
APART = "*"  # behind a measure that is compared as if both were measured on rows of their own


@dataclass(frozen=True, slots=True)
class Moved:
    """A finding of the second version, or one that is gone; what it was before; codes of `others` that say the same."""

    finding: Finding
    before: Finding | None = None
    others: tuple[str, ...] = ()


def render_comparison(found: Comparison, *, made_at: datetime) -> str:
    """One offline HTML page of a comparison, in the look of the report."""
    return html_of(
        "versus.html.j2",
        title=f"{found.first.name} and {found.then.name}",
        scripts=("page.js",),
        found=found,
        made_at=made_at,
        sentence_first=answer_sentence(found),
        more=more_sentences(found),
        paired_words=paired_words(found),
        is_corrected=any(any(each.corrected) for each in found.measures),
        measures=measures_table(found),
        changes=changes_table(found),
        groups=_groups(found.moves),
        moves_heading=moves_heading(found.moves),
        shapes=SHAPES,
        evidence=evidence,
    )


def answer_sentence(found: Comparison) -> str:
    """Whether the second is better, in money where both have a worth, else in the task's first metric."""
    lead = next((each for each in found.measures if each.name == MONEY and each.ahead), None)
    if lead is not None and lead.ahead is not None:
        return f"{found.then.name}: {_uncapped(against(lead.ahead, found.first.name, lead.unit))}."
    if found.scored_alike:
        n = found.then.evaluation.rows.height
        return f"{found.then.name} and {found.first.name} score the same {n:,} cases the same{_decided(found)}."
    by_name = {each.name: each for each in found.measures}
    leading = next((by_name[name] for name in SHOWN[found.then.summary.task] if name in by_name), None)
    if leading is None or leading.ahead is None:
        return f"Nothing that both measured tells {found.then.name} from {found.first.name}."
    return f"{_led(leading, found.then.name, found.first.name)}."


def _led(leading: Measure, then: str, first: str) -> str:
    """Whether the second leads in a measure, and by how much: a sentence without its end."""
    assert leading.ahead is not None
    named, ahead = name_of(leading.name), leading.ahead
    if leading.verdict == "alike":
        value, likely = _cells(leading, ahead)
        return f"{then} cannot be told from {first}: {named} differs by {value.text} (likely {likely.text})"
    side, sign = ("higher", 1.0) if ahead.value > 0 else ("lower", -1.0)
    low, high = sorted((sign * ahead.low, sign * ahead.high))
    value, likely = _cells(leading, Interval(sign * ahead.value, low, high))
    if leading.verdict == "unknown":
        return f"{then} beside {first}: {named} is {value.text} {side}, and how sure that is cannot be told"
    return f"{then} is {leading.verdict} than {first}: {named} is {value.text} {side} (likely {likely.text})"


def _decided(found: Comparison) -> str:
    """What becomes of the same scores, as the end of a sentence; empty for amounts, which nobody decides by sides."""
    if found.then.summary.task == Task.REGRESSION:
        return ""
    return ", and decide them alike" if found.behaviour.otherwise is None else ", but decide some otherwise"


def more_sentences(found: Comparison) -> list[str]:
    """How findings moved and how much was changed."""
    said = [f"{moves_heading(found.moves)}; {_changed(len(found.changes))} between them."]
    said += [_too_good(side) for side in (found.first, found.then) if unsaid_of(side.summary)]
    if not found.same_value:
        said.append("Their value tables differ: money is counted by each one's own.")
    return said


def _too_good(side: Side) -> str:
    """What a version leans on that nobody has said can be known: its numbers may not be had in use."""
    names = unsaid_of(side.summary)
    known = f"{' and '.join(cut(name) for name in names)} {'is' if len(names) == 1 else 'are'} known"
    return f"Nobody has said when {known}, which {side.name} reads: its numbers may be too good to be true."


def paired_words(found: Comparison) -> str:
    """Whether differences are taken row by row, and if not, why."""
    if found.unpaired:
        return f"Not compared case by case, because {found.unpaired}: ranges of differences are wider for it."
    n = found.then.evaluation.rows.height
    marks = "" if all(each.paired for each in found.measures) else f"; {APART} marks what cannot be"
    said = f"Both were judged on the same {n:,} cases, and are compared case by case{marks}."
    entity = found.then.brief.data.entity
    alone = f" Cases of one {cut(entity)} are counted as if each stood alone." if entity else ""
    return said + alone


def moves_heading(moves: Moves) -> str:
    """How findings moved, in a clause."""
    counts = (
        (len(moves.new), "new"),
        (len(moves.worse), "worse"),
        (len(moves.gone), "gone"),
        (len(moves.better), "better"),
    )
    parts = [f"{n} {word}" for n, word in counts if n]
    return f"Findings: {', '.join(parts)}" if parts else "No finding is new, gone, worse or better"


def measures_table(found: Comparison) -> Table:
    """Money and metrics of both, and the difference with its likely range."""
    columns = (
        Column("measure", is_number=False),
        Column(found.first.name),
        Column("likely"),
        Column(found.then.name),
        Column("likely"),
        Column("difference"),
        Column("likely"),
        Column("which is", is_number=False),
    )
    rows = tuple(_measure_row(each, not found.unpaired) for each in found.measures)
    return Table("measures", "Money and metrics of both", columns, rows)


def changes_table(found: Comparison) -> Table:
    """Everything that is not the same."""
    columns = tuple(Column(name, is_number=False) for name in ("part", "what", found.first.name, found.then.name))
    rows = tuple((Cell(c.part), Cell(c.what), Cell(c.before), Cell(c.after)) for c in found.changes)
    return Table("changes", "What is not the same", columns, rows)


def _measure_row(each: Measure, is_paired: bool) -> tuple[Cell, ...]:
    name = f"{each.name}, {f'{each.unit} a decision'.strip()}" if each.name.startswith(MONEY) else name_of(each.name)
    return (
        Cell(name if each.paired or not is_paired else f"{name} {APART}"),
        *marked(_cells(each, each.before), each.corrected[0]),
        *marked(_cells(each, each.after), each.corrected[1]),
        *_cells(each, each.ahead),
        Cell(THE_SAME if each.ahead == Interval(0.0, 0.0, 0.0) else SHORT[each.verdict]),
    )


def _cells(each: Measure, found: Interval | None) -> tuple[Cell, Cell]:
    if found is None:
        return Cell(NONE), Cell(NONE)
    if each.name.startswith(MONEY) or each.name in IN_UNITS:
        return money_cells(found)
    low, high = (found.low, found.high) if found.known else (None, None)
    value, likely = (
        Cell(cell.text.replace("-", MINUS), cell.value) for cell in metric_cells(Estimate(found.value, low, high))
    )
    return value, likely


def _groups(moves: Moves) -> list[tuple[str, list[Moved]]]:
    """Findings under the heading of what became of them; those that say the same for the same reason once."""
    found = [
        ("New", _alike([Moved(each) for each in moves.new])),
        ("Worse", [Moved(after, before) for before, after in moves.worse]),
        ("Gone", _alike([Moved(each) for each in moves.gone])),
        ("Better", [Moved(after, before) for before, after in moves.better]),
    ]
    return [(title, each) for title, each in found if each]


def _changed(n: int) -> str:
    return f"{counted(n, 'thing')} changed" if n else "nothing else changed"


def _alike(moved: Sequence[Moved]) -> list[Moved]:
    """One for all of the same words: the first, with the codes of the others beside its own."""
    found: dict[tuple[str, ...], list[Moved]] = {}
    for each in moved:
        of = each.finding
        found.setdefault((of.word, of.because, of.remedy, *of.subjects), []).append(each)
    return [replace(same[0], others=tuple(each.finding.code for each in same[1:])) for same in found.values()]


def _uncapped(text: str) -> str:
    return text[:1].lower() + text[1:]
