"""The reference a bundle carries."""

from __future__ import annotations

import msgspec
import numpy as np
import polars as pl
from tests.monitoring.worlds import Calm, brief, schema_of

from mainstay.domain.signature import SCORE, ReferenceSignature
from mainstay.monitoring.reference import build_reference

ROWS = pl.DataFrame({"x": np.arange(1000.0), "c": ["a", "b"] * 500})


def test_counts_every_row_once(calm: Calm) -> None:
    for bins in calm.reference.bins:
        counts = np.array(calm.reference.counts[bins.subject])
        assert counts.shape == (len(calm.reference.periods), bins.n_bins)
    totals = {s: np.sum(calm.reference.counts[s]) for s in calm.reference.counts}
    assert len({total for subject, total in totals.items() if subject != SCORE}) == 1


def test_scores_of_fitted_rows_are_left_out(calm: Calm) -> None:
    scores = np.array(calm.reference.counts[SCORE]).sum(axis=1)
    assert scores[0] == 0
    assert scores[-1] > 0


def test_survives_its_file(calm: Calm) -> None:
    packed = msgspec.json.encode(calm.reference)
    assert msgspec.json.decode(packed, type=ReferenceSignature) == calm.reference


def test_without_time_rows_are_dealt() -> None:
    schema = schema_of(ROWS)
    made = [
        build_reference(ROWS, np.full(1000, 0.5), None, schema=schema, brief=brief(), seed=seed) for seed in (1, 1, 2)
    ]
    assert made[0] == made[1] != made[2]
    assert not made[0].timed
    assert np.array(made[0].counts["input:c"]).sum(axis=1).tolist() == [250] * 4


def test_rows_without_a_moment_are_in_no_period() -> None:
    moments = np.arange(1000.0) * 3600
    moments[:10] = np.nan
    schema = schema_of(ROWS)
    made = build_reference(ROWS, np.full(1000, np.nan), moments, schema=schema, brief=brief(), seed=1)
    assert np.sum(made.counts["input:x"]) == 990
    assert np.sum(made.counts[SCORE]) == 0


def test_a_single_row() -> None:
    schema = schema_of(ROWS[:1])
    made = build_reference(ROWS[:1], np.array([0.5]), np.array([0.0]), schema=schema, brief=brief(), seed=1)
    assert made.counts["input:x"] == ((0, 0, 1, 0),)
