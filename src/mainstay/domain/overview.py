"""What the watch knows of a version since a moment, in numbers: what its page draws and `--json` prints.

Everything is cut into the same `spans` of time, a period of the watch each or several together where there are too many
to draw; what hangs on outcomes has spans of its own, those of ripe cohorts, thin ones together. Moments are ISO, shares
0 to 1, money is per decision in the brief's currency.
"""

from __future__ import annotations

import msgspec

from mainstay.domain.estimates import Estimates
from mainstay.domain.evaluation import Estimate

ELSE = "anything else"  # the level of what a constant of the reference is not


class Spans(msgspec.Struct, frozen=True):
    """Stretches of time in order: `starts` and `ends` are ISO moments."""

    starts: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.starts)


class Distances(msgspec.Struct, frozen=True, kw_only=True):
    """How far counts lie from the reference's, in the measures that people know; None where a measure has no meaning.

    `psi` in nats and `chi_square` (with its degrees of freedom) over about ten groups of bins; `jensen_shannon`,
    `hellinger` and `kolmogorov_smirnov` from 0 to 1; `wasserstein` in standard deviations of the reference.
    """

    psi: float
    jensen_shannon: float
    hellinger: float
    chi_square: float
    n_degrees: int
    kolmogorov_smirnov: float | None = None
    wasserstein: float | None = None


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """How one input, or the score, lies now beside the reference, and by span.

    Numbers: bins between `cuts` (one more than bins); `course` is the middle by span, `course_low` and `course_high`
    bound the middle half, None where a span is empty. Else bins are `levels`, and `course` is the share of `level`, the
    one that moved most. `usual` are the same three of the reference (the share thrice for a level). `reference` and
    `now` are shares of the values that are there and within what the reference knows; `outside` is the share below or
    above all of it, or of a level it never had (`unseen` names such levels with their rows).
    """

    name: str
    rows: int
    distances: Distances | None
    missing: float
    missing_before: float
    outside: float
    reference: tuple[float, ...]
    now: tuple[float, ...]
    course: tuple[float | None, ...]
    usual: tuple[float, float, float] | None
    cuts: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()
    level: str = ""
    course_low: tuple[float | None, ...] = ()
    course_high: tuple[float | None, ...] = ()
    unseen: dict[str, int] = {}


class Earned(msgspec.Struct, frozen=True, kw_only=True):
    """Money on ripe decisions: what was promised, what came, and what deciding otherwise would have earned on them.

    `value` is of all ripe decisions since the page's moment, `rows` of them; `otherwise` and `ahead` (the model less
    that way, paired) are by way of deciding: `value_of_rule`, `value_of_never`. `course` and `course_otherwise` are by
    span.
    """

    rows: int
    value: Estimate | None
    promised: Estimate | None
    spans: Spans
    course: tuple[Estimate, ...]
    n_by_span: tuple[int, ...]
    otherwise: dict[str, Estimate]
    ahead: dict[str, Estimate]
    course_otherwise: dict[str, tuple[float | None, ...]]


class Performance(msgspec.Struct, frozen=True, kw_only=True):
    """The metric that leads for the task on ripe decisions, by span and in all, beside what the holdout promised.

    Of two outcomes `happened` and `expected` are the shares of positive ones that came and that scores made expect.
    """

    metric: str
    rows: int
    value: Estimate | None
    promised: Estimate | None
    spans: Spans
    course: tuple[Estimate, ...]
    n_by_span: tuple[int, ...]
    happened: tuple[float, ...] = ()
    expected: tuple[float, ...] = ()


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """How outcomes come: of `decided` decisions `came` are known; of the `due` ones, `due_came`.

    `share` has come by `lag_days` after a decision, foretold from all decisions old enough to tell; `half_days` and
    `most_days` are when a half and nine tenths of those that come in all had come. The spans are of when was decided.
    `by_silence` says that silence counts as an outcome once `delay_days` have passed.
    """

    decided: int
    came: int
    due: int
    due_came: int
    delay_days: float
    by_silence: bool
    lag_days: tuple[float, ...]
    share: tuple[float, ...]
    half_days: float | None
    most_days: float | None
    spans: Spans
    decided_by_span: tuple[int, ...]
    came_by_span: tuple[int, ...]
    due_by_span: tuple[bool, ...]


class FaultTold(msgspec.Struct, frozen=True):
    """Rows whose field broke, by code: how many, and whether they were refused rather than answered."""

    field: str
    code: str
    n: int
    refused: bool


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """What came in by span: decisions, rows refused, repairs made, and what broke; `usual` is the median of spans."""

    decisions: tuple[int, ...]
    refused: tuple[int, ...]
    repaired: tuple[int, ...]
    usual: float | None
    decided: dict[str, tuple[int, ...]]
    decided_before: dict[str, float]
    faults: tuple[FaultTold, ...]


class SignalCost(msgspec.Struct, frozen=True, kw_only=True):
    """What a signal costs: money in all since it began, and a month at that pace; `basis` says how it is known.

    `missed`: ripe decisions earned so much less than their scores made expect, `rows` of them. `refused`: so many rows
    got no decision, at what one gains over never having deployed.
    """

    basis: str
    rows: int
    so_far: Estimate
    a_month: Estimate | None


class SignalTold(msgspec.Struct, frozen=True, kw_only=True):
    """An open signal as the page tells it; without `cost`, `no_cost` says why it has none."""

    id: str
    code: str
    verdict: str
    status: str
    since: str
    cause: str
    because: str
    remedy: str
    subjects: tuple[str, ...]
    cost: SignalCost | None
    no_cost: str = ""


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of one version from `since` to `at`. `timed` is false where the reference has no time to compare by.

    Of `estimates` the stretches are those that ended since `since`, the record is of all there ever were.
    """

    model: str
    version: int
    live_since: str
    since: str
    at: str
    task: str
    currency: str
    time_zone: str
    period_days: float
    n_reference: int
    reference_from: str
    reference_to: str
    timed: bool
    spans: Spans
    traffic: Traffic
    score: Moved
    inputs: tuple[Moved, ...]
    earned: Earned
    performance: Performance
    arrival: Arrival
    signals: tuple[SignalTold, ...]
    estimates: Estimates
