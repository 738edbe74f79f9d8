"""A growing set of 64-bit hashes that answers 'which of these have I seen?' for many at once, at 8 bytes each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.int64]


class Seen:
    """Sorted runs of hashes, each at least twice as long as the next: adding and asking cost next to nothing."""

    def __init__(self) -> None:
        self._runs: list[Hashes] = []

    def add(self, hashes: Hashes) -> None:
        """Add hashes; those that are there already do no harm."""
        run = np.unique(hashes)
        while self._runs and self._runs[-1].size < 2 * run.size:
            run = np.union1d(self._runs.pop(), run)
        self._runs.append(run)

    def among(self, hashes: Hashes) -> npt.NDArray[np.bool_]:
        """Return for each hash whether it was added before.

        >>> seen = Seen()
        >>> seen.add(np.array([1, 2]))
        >>> seen.among(np.array([2, 3])).tolist()
        [True, False]
        """
        found = np.zeros(hashes.size, dtype=np.bool_)
        for run in self._runs:
            if run.size:
                places = np.minimum(np.searchsorted(run, hashes), run.size - 1)
                found |= run[places] == hashes
        return found
