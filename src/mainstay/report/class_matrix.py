"""Several classes: what came against what was decided, the rarest classes together where there are many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from mainstay.report.cells import Cell, Column, Table, count_cell
from mainstay.report.words import percent

Texts: TypeAlias = npt.NDArray[np.str_]
Counts: TypeAlias = npt.NDArray[np.int64]
MOST = 10  # classes drawn by name: more would leave a phone no room for a number
OTHERS = "all others"
FEWEST = 30  # cases of a class, below which a heading says nothing of it


@dataclass(frozen=True, slots=True)
class ClassMatrix:
    """`counts` has shape (n_came, n_decided): cases by the class that came and by what was decided.

    The commonest classes stand first, in `came` and in `decided` alike; actions that are no class follow. `found` are
    all classes, those that are counted together too: the share of each that was decided so, its name and its number.
    """

    came: tuple[str, ...]
    decided: tuple[str, ...]
    counts: Counts
    found: tuple[tuple[float, str, int], ...] = ()

    @property
    def is_of_classes(self) -> bool:
        """Whether what is decided are the classes themselves, so that decisions are right or wrong."""
        return set(self.decided) <= set(self.came)

    def share(self, i: int, j: int) -> float:
        """Of the cases of the i-th class, the share that was decided the j-th way."""
        return float(self.counts[i, j] / max(int(self.counts[i].sum()), 1))


def class_matrix(came: Texts, decided: Texts, most: int = MOST) -> ClassMatrix:
    """Count cases by what came and what was decided; beyond `most` classes the rarest are counted together.

    >>> class_matrix(np.array(["a", "b", "a"]), np.array(["a", "a", "a"])).counts.tolist()
    [[2, 0], [1, 0]]
    """
    names = by_number(came)
    more = [name for name in by_number(decided) if name not in names]
    is_class = len(more) == 0 or bool(np.isin(decided, names).any())
    kept = names if len(names) <= most else (*names[: most - 1], OTHERS)
    ways = (*kept, *more) if is_class else tuple(more)
    rows, columns = _places(came, kept), _places(decided, ways)
    counts = np.zeros((len(kept), len(ways)), dtype=np.int64)
    np.add.at(counts, (rows, columns), 1)
    every = ((name, came == name) for name in names)
    found = tuple((float((decided[of_it] == name).mean()), name, int(of_it.sum())) for name, of_it in every)
    return ClassMatrix(kept, ways, counts, found)


def matrix_finding(matrix: ClassMatrix) -> str:
    """Which class is found best and which worst, or what is decided most where decisions are no classes."""
    if not matrix.is_of_classes:
        j = int(matrix.counts.sum(axis=0).argmax())
        share = float(matrix.counts[:, j].sum() / matrix.counts.sum())
        return f"“{matrix.decided[j]}” is decided in {percent(share)} of cases"
    if len(matrix.found) < 2:
        return "Only one class came"
    known = [(share, name) for share, name, n in matrix.found if n >= FEWEST]
    found = known if len(known) > 1 else [(share, name) for share, name, _ in matrix.found]
    best, worst = max(found), min(found)
    most = f"“{best[1]}” is found most often, in {percent(best[0])} of its cases"
    return f"{most}; “{worst[1]}” least, in {percent(worst[0])}"


def matrix_table(matrix: ClassMatrix) -> Table:
    """Cases by what came (rows) and what was decided (columns)."""
    rows = tuple(
        (Cell(name), *(count_cell(int(n)) for n in matrix.counts[i]), count_cell(int(matrix.counts[i].sum())))
        for i, name in enumerate(matrix.came)
    )
    columns = (Column("came", is_number=False), *(Column(name, "decided") for name in matrix.decided), Column("number"))
    return Table("confusion", "Cases as they came against as they were decided", columns, rows)


def by_number(texts: Texts) -> tuple[str, ...]:
    """The distinct texts, the commonest first.

    >>> by_number(np.array(["a", "b", "b"]))
    ('b', 'a')
    """
    names, n = np.unique(texts, return_counts=True)
    return tuple(str(names[i]) for i in np.argsort(-n, kind="stable"))


def _places(texts: Texts, names: tuple[str, ...]) -> Counts:
    """The place of each text among the names; those without a place of their own stand with all others."""
    place = {name: i for i, name in enumerate(names)}
    distinct, which = np.unique(texts, return_inverse=True)
    places = np.array([place.get(str(name), place.get(OTHERS, 0)) for name in distinct], dtype=np.int64)
    return places[which]
