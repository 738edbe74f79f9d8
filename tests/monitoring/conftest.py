"""What the tests of the watch share."""

from __future__ import annotations

import numpy as np
import pytest
from tests.monitoring.worlds import Calm, decisions, reference_of, schema_of

from mainstay.simulation.streams import clean_stream


@pytest.fixture(scope="session")
def calm() -> Calm:
    """A small clean stream, its reference and its decisions."""
    stream = clean_stream(seed=5, days=90, rows_per_day=60, n_numbers=3, n_categories=2)
    schema = schema_of(stream.rows)
    split = int(np.searchsorted(stream.drawn.day, 60))
    scores = stream.true_probability
    reference = reference_of(stream.rows[:split], scores[:split], schema)
    return Calm(schema, reference, decisions(stream.rows[split:], scores[split:]))
