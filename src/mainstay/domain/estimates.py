"""What a version is thought to be worth before its outcomes are known, and how right such estimates proved."""

from __future__ import annotations

import msgspec

from mainstay.domain.evaluation import Estimate

LEVEL = 0.9  # of the intervals of estimates: nine of ten realised numbers should lie within

# Money per decision: of what was decided, of today's rule, of deciding nothing high; and ours less the rule's (or less
# deciding nothing high, where the brief has no rule), paired.
VALUE, VALUE_OF_RULE, VALUE_OF_NEVER, VALUE_AHEAD = "value", "value_of_rule", "value_of_never", "value_ahead"


class EstimatedPeriod(msgspec.Struct, frozen=True, kw_only=True):
    """The decisions of one stretch of time: what scores make expect of them, and what came of them.

    `start` and `end` are ISO moments: a period, or several thin ones together. `estimated` and `realised` hold numbers
    by metric (`roc_auc`, `accuracy`, `brier_score`, `log_loss`, `mae`, `rmse`) or money per decision (`value`,
    `value_of_rule`, `value_of_never`, `value_ahead`); intervals of estimates hold 90% of what is realised, those of
    what was realised are 95%. `ripe_share` is the share of decisions whose outcome is known; `partly` says that
    `realised` was worked out from early outcomes by how outcomes usually arrive. `withdrawn` says why the estimate is
    not to be relied on, and is empty where it stands.
    """

    start: str
    end: str
    decisions: int
    estimated: dict[str, Estimate]
    realised: dict[str, Estimate] = {}
    ripe_share: float = 0.0
    partly: bool = False
    withdrawn: str = ""


class Proved(msgspec.Struct, frozen=True, kw_only=True):
    """How right the estimates of one metric were over ripe stretches: how many, how many within their interval.

    `mean_error` is the mean of realised less estimated, `mean_absolute_error` that of its size, `mean_width` that of
    the intervals, all in the metric's unit.
    """

    metric: str
    ripe: int
    within: int
    mean_error: float
    mean_absolute_error: float
    mean_width: float


class Estimates(msgspec.Struct, frozen=True, kw_only=True):
    """The estimates of a version by stretch of time, oldest first, and their record.

    `promised` is what the holdout showed, under the same names. `withdrawn` says why there is no estimate to rely on
    now (empty where there is one), `since` when that began.
    """

    version: str
    at: str
    currency: str
    periods: tuple[EstimatedPeriod, ...]
    record: tuple[Proved, ...] = ()
    promised: dict[str, Estimate] = {}
    withdrawn: str = ""
    since: str | None = None
    level: float = LEVEL

    @property
    def last(self) -> EstimatedPeriod | None:
        """The newest stretch, or None before the first."""
        return self.periods[-1] if self.periods else None
