"""What is usual: how a plan's models answer a row of which nothing is known, as training rows have it.

Sums over many rows, never a row: this travels in a bundle, so that reasons can say what moved a score away from it.
"""

from __future__ import annotations

import msgspec


class Usual(msgspec.Struct, frozen=True):
    """For each model of a plan: of a linear one the mean of each term, of a forest the share going left at each node.

    Empty where a model has no reasons that add up (a rule, a constant).
    """

    models: tuple[tuple[float, ...], ...]
