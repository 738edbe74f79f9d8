"""Numbers read off a holdout that has been looked at before: what of a gain is more than luck.

A number that is read once has its plain interval. After many looks the best of them is partly luck, and the more so as
later models are made by those who saw the earlier answers. The Ladder takes that back: an answer moves only where the
new number differs from the best answer so far by more than luck over all looks explains, so that most looks tell
nothing that could be steered by. Source: Blum & Hardt, "The Ladder" (2015); the step here is the interval at the level
of all looks together (Bonferroni), in both directions, so that a clear loss is told as well.
"""

from __future__ import annotations

from scipy.special import ndtri

from mainstay.stats.intervals import Interval

ERROR = 0.05  # the share of holdouts at which luck alone moves an answer, however many looks come


def corrected(plain: Interval, best: float | None, *, look: int) -> Interval:
    """Return the answer to a look: the number itself where it is new or clearly apart from the best, else the best.

    `plain` is the number with its 95% interval, `best` the best answer that this holdout gave so far (None: it gave
    none of this kind), `look` counts from 1. The interval that comes back is the plain one widened to hold over all
    looks; it always holds the answer. A number without an interval comes back as it is.

    >>> corrected(Interval(0.78, 0.77, 0.79), None, look=1)
    Interval(value=0.78, low=0.77, high=0.79)
    >>> corrected(Interval(0.785, 0.775, 0.795), 0.78, look=2).value
    0.78
    >>> corrected(Interval(0.90, 0.89, 0.91), 0.78, look=2).value
    0.9
    """
    if look < 1:
        raise ValueError(f"look is {look}; wanted 1 or more")
    if not plain.known:
        return plain
    wider = widening(look)
    low = plain.value - wider * (plain.value - plain.low)
    high = plain.value + wider * (plain.high - plain.value)
    if best is not None and low <= best <= high:
        return Interval(best, low, high)
    return Interval(plain.value, low, high)


def widening(look: int) -> float:
    """Return by what a 95% interval grows so that all looks together err as rarely as one.

    Look k spends 0.05 / (k (k - 1)) of the error, which sums to 0.05 over all looks that ever come.

    >>> [round(widening(look), 2) for look in (1, 2, 5, 20, 500)]
    [1.0, 1.14, 1.54, 1.95, 2.65]
    """
    share = ERROR if look == 1 else ERROR / (look * (look - 1))
    return float(ndtri(1 - share / 2) / ndtri(1 - ERROR / 2))
