"""How far a copy of a model in another form is from the model, measured on rows."""

from __future__ import annotations

import msgspec


class Parity(msgspec.Struct, frozen=True, kw_only=True):
    """The ONNX twin of a version beside its plan, both asked about the same rows.

    `n_rows` are rows it was trained on, `n_beside` rows on and one float64 step beside thresholds, `n_golden` golden
    ones. `largest` is the largest difference of a score (over the larger of 1 and the score), `n_same` the rows of all
    that differ by less than 1e-12. `adds_single` says whether the plan adds leaves in float32, as XGBoost does, and the
    twin in float64. `given` are the inputs that a caller works out; `runtime` is what it was run with.
    """

    file_digest: str
    n_rows: int
    n_beside: int
    n_golden: int
    largest: float
    n_same: int
    adds_single: bool
    given: tuple[str, ...]
    runtime: str

    @property
    def n_asked(self) -> int:
        """How many rows both were asked about."""
        return self.n_rows + self.n_beside + self.n_golden


def parity_words(parity: Parity) -> str:
    """Return a parity in a sentence.

    >>> parity_words(Parity(file_digest="", n_rows=900, n_beside=90, n_golden=10, largest=2e-16, n_same=1000,
    ...     adds_single=False, given=(), runtime="onnx 1"))
    '1,000 of 1,000 rows (90 beside thresholds) the same within 1e-12, the largest difference 2e-16, by onnx 1'
    """
    rows = f"{parity.n_same:,} of {parity.n_asked:,} rows ({parity.n_beside:,} beside thresholds)"
    why = "; it adds leaves in float64, the plan in float32 as its library does" if parity.adds_single else ""
    return f"{rows} the same within 1e-12, the largest difference {parity.largest:.1g}, by {parity.runtime}{why}"
