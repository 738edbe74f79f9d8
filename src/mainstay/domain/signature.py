"""The signature: additive counts of inputs and scores by period, and the bins they are counted in.

Cells are rows of one long table (columns `CELL_COLUMNS`), so that any engine can count partitions and add.
"""

from __future__ import annotations

import msgspec

from mainstay.domain.task import Task

# For numbers: index 0 missing, 1 below the reference's range, 2 .. n+1 the bins, n+2 above the range.
# For levels: index 0 missing, 1 unseen, 2 .. n+1 the levels.
MISSING_BIN = 0
UNSEEN_BIN = 1
FIRST_BIN = 2

SCORE = "score"  # subject of the histogram of scores; an input's subject is `input:NAME`
DECISION = "decision"  # subject of what was decided, where there are several classes
PAIR = "pair:"  # begins the subject of two inputs counted together
SCRIPT = "script:"  # begins the subject of the script that a text is written in
WORDS = "words:"  # begins the subject of the share of a text's words that were not known
MOSTLY_UNKNOWN = 0.5  # from which share on a text is in another language, more or less
OUTCOME = "outcome"  # subject of score bins by outcome, with money sums, filled as truth arrives

CELL_COLUMNS = (
    "version",
    "arm",
    "segment",
    "decided",
    "learned",
    "subject",
    "fold",
    "bin",
    "outcome",
    "n",
    "sum_score",
    "sum_variance",
    "sum_value",
    "sum_value_squared",
    "sum_score_value",
)


class Bins(msgspec.Struct, frozen=True, kw_only=True):
    """How one subject is cut: ascending inner `edges` for numbers (bin i holds edges[i-1] <= x < edges[i]) or `levels`.

    `low` and `high` are the reference's range of numbers; a number outside it is counted apart.
    """

    subject: str
    edges: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None

    @property
    def is_number(self) -> bool:
        """Whether the subject is cut by edges rather than by levels."""
        return self.low is not None

    @property
    def n_bins(self) -> int:
        """How many bins there are, those for missing, unseen and out of range included."""
        return FIRST_BIN + (len(self.edges) + 2 if self.is_number else len(self.levels))

    @property
    def labels(self) -> tuple[str, ...]:
        """A short name per bin, for tables."""
        if not self.is_number:
            return ("missing", "unseen", *self.levels)
        cuts = [f"{edge:.6g}" for edge in self.edges]
        inner = [f"{a} to {b}" for a, b in zip([f"{self.low:.6g}", *cuts], [*cuts, f"{self.high:.6g}"], strict=True)]
        return ("missing", "below range", *inner, "above range")


class ReferenceGroup(msgspec.Struct, frozen=True, kw_only=True):
    """What a version's rows say of one protected group: `n_learned` rows were learned from, `outcome` is their mean.

    `measured` has, by the names of metrics by group, the rows that carry each, the sum over them and that of squares,
    of rows that the model was not fitted on.
    """

    n_learned: int
    outcome: float
    measured: dict[str, tuple[float, float, float]] = {}


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two inputs that are counted together, each in as many groups of bins as its side has here.

    Their table lies in one histogram: the groups of `second` within each group of `first`; a row of which either has
    no group is in the bin for missing.
    """

    first: str
    second: str
    n_first: int
    n_second: int

    @property
    def subject(self) -> str:
        """The subject under which the pair is counted."""
        return f"{PAIR}{self.first}*{self.second}"

    @property
    def bins(self) -> Bins:
        """The bins of the table."""
        cells = tuple(f"{i}*{j}" for i in range(self.n_first) for j in range(self.n_second))
        return Bins(subject=self.subject, levels=cells)


class ReferenceSignature(msgspec.Struct, frozen=True, kw_only=True):
    """The yardstick in a bundle: the bins, and the reference's own counts, period by period.

    `periods` are ISO starts; `counts[subject]` has one row of `n_bins` counts per period. `period_s` is the length of a
    period in seconds. Without a time column the rows are dealt to equal pseudo-periods by hash and `timed` is false.
    `expected` says, for other tasks than binary, what each score bin of the reference came to on average: `error` (the
    outcome less the score) and `miss` (its size), or `right` (1 where the class said came), and `money` per decision;
    `miss_squared` and the like are means of squares. Of a binary rule it says `outcome`, the share of positive ones: a
    rule's 0 and 1 are no chances. `groups` are the protected ones with rows enough to speak of, as `column=level`.
    `pairs` are the pairs of inputs whose relation is watched (none in references made before there were any), and
    `sides[NAME]` the group of values that each bin of such an input belongs to: from 0 on, -1 for none. `words[NAME]`
    are the words known of a text whose script and words are watched. `scored` holds, of two outcomes, sums by score bin
    over those with a fair score: `rows`, `score`, `variance` (score × (1 - score)) and `beyond` (outcome less score).
    """

    format: int = 1
    period_s: float
    time_zone: str
    timed: bool
    periods: tuple[str, ...]
    bins: tuple[Bins, ...]
    counts: dict[str, tuple[tuple[int, ...], ...]]
    value_per_decision: tuple[float, float, float] | None = None
    task: str = Task.BINARY.value
    expected: dict[str, tuple[float, ...]] = {}
    scored: dict[str, tuple[float, ...]] = {}
    groups: dict[str, ReferenceGroup] = {}
    pairs: tuple[Pair, ...] = ()
    sides: dict[str, tuple[int, ...]] = {}
    words: dict[str, tuple[str, ...]] = {}

    def bins_of(self, subject: str) -> Bins:
        """Return the bins of a subject; KeyError if it is not watched."""
        for bins in self.bins:
            if bins.subject == subject:
                return bins
        raise KeyError(subject)


def input_subject(name: str) -> str:
    """Return the subject under which an input is counted.

    >>> input_subject("age")
    'input:age'
    """
    return f"input:{name}"


def script_subject(name: str) -> str:
    """Return the subject under which the script of a text is counted.

    >>> script_subject("note")
    'script:note'
    """
    return f"{SCRIPT}{name}"


def words_subject(name: str) -> str:
    """Return the subject under which the share of words of a text that were not known is counted.

    >>> words_subject("note")
    'words:note'
    """
    return f"{WORDS}{name}"
