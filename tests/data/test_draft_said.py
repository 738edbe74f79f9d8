"""What a draft decided without being asked is told: the task, rare classes, the time, what is left out, the entity."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from mainstay.data.draft import draft_brief, see
from mainstay.data.draft_said import settled
from mainstay.domain.brief import parse_brief

RNG = np.random.default_rng(2)
N = 300
KINDS = RNG.choice(["a", "b", "c"], N).astype("U8")
KINDS[:3] = "rare"
TABLE = pl.DataFrame(
    {
        "row_id": range(N),
        "customer_id": RNG.integers(0, 60, N),
        "decided_on": [date(2026, 1, 1) + timedelta(days=n // 2) for n in range(N)],
        "fnlwgt": RNG.integers(1, 999, N),
        "region": RNG.choice(["north", "south"], N),
        "sex": RNG.choice(["f", "m"], N),
        "kind": KINDS,
    }
)


def told(table: pl.DataFrame, target: str) -> dict[str, str]:
    return {each.key: each.because for each in settled(see(table, target=target))}


def test_a_rare_outcome_is_counted_where_its_share_would_read_as_none() -> None:
    table = pl.DataFrame({"x": RNG.normal(size=60_000), "t": [1] * 25 + [0] * 59_975})
    assert told(table, "t")["data.task"] == "two outcomes; '1' counts as positive, in 25 of 60,000 rows"


def test_what_was_set_is_told_with_its_reason() -> None:
    said = told(TABLE, "kind")
    assert said["data.task"] == "3 classes of kind"
    assert "left out: 'rare' (3 rows)" in said["data.target"]
    assert said["data.time"].startswith("decided_on, ")
    assert "fnlwgt is left out: it looks like a sampling weight" in said["data.exclude"]
    assert said["data.entity"].startswith("none; customer_id may name")


def test_examples_name_columns_of_the_table() -> None:
    text = draft_brief(TABLE, source="t.csv", target="kind", name="m")
    assert '# segments = ["' in text
    assert '# protected = ["sex"]' in text
    assert "came in fewer than" in text
    few = TABLE.select("region", "sex", left=pl.col("kind") == "a")
    rule = next(line for line in draft_brief(few, source="t", target="left", name="m").splitlines() if "# rule" in line)
    assert "region ==" in rule or "sex ==" in rule
    assert parse_brief(draft_brief(few, source="t", target="left", name="m")).data.target == "left"
