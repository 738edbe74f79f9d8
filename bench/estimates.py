"""How right estimates before labels are: on adult and credit, resampled so that their mix of cases moves.

Each split of a table fits a model on four tenths of its rows, calibrates it, keeps the calibration rows and as many
more as the reference, and draws chunks of 1,000 rows from the rest, tilted by up to three inputs drawn at random.
NannyML's CBPE is given the same scores, outcomes of the reference and chunks. Outcomes of a chunk are the truth.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

from kit.environments import CHECKOUT, Environment, environment
from kit.show import machine, table
from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.estimates import Estimates
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.monitoring.count import count
from mainstay.monitoring.estimated import estimates
from mainstay.monitoring.foretold import count_foretold
from mainstay.monitoring.reference import Scored, build_reference
from mainstay.monitoring.yardstick import learn
from mainstay.stats.calibration import apply_logistic, fit_logistic

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
ROWS, MOST_POOL = 1000, 12_000
START = datetime(2026, 1, 1, tzinfo=UTC)
METRICS = {"roc_auc": "roc_auc", "accuracy": "accuracy", "value": "business_value"}  # ours and theirs
WORTHS = (5.0, -2.0, -1.0, 0.5)  # high and positive, high and negative, low and positive, low and negative
BRIEF = """
[model]
name = "m"
[data]
target = "outcome"
positive = 1
[value]
currency = "EUR"
when_high_and_positive = 5.0
when_high_and_negative = -2.0
when_low_and_positive = -1.0
when_low_and_negative = 0.5
[watch]
period = "1d"
"""


@dataclass(frozen=True)
class Asked:
    """A table: its inputs, and 1.0 where the outcome is positive."""

    inputs: pl.DataFrame
    outcomes: Floats
    threshold: float


@dataclass(frozen=True)
class Split:
    """One split: scores of all rows, the rows of the reference, and those of each chunk."""

    scores: Floats
    reference: Ints
    chunks: list[Ints]


def adult(folder: Path) -> Asked:
    """Who earns more than 50,000."""
    rows = pl.read_parquet(folder / "adult.parquet").drop("fnlwgt", "education")
    rows = rows.with_columns(pl.col(pl.Categorical).cast(pl.String))
    happened = rows["class"].str.contains(">").cast(pl.Float64).to_numpy()
    return Asked(rows.drop("class"), happened, 0.4)


def credit(folder: Path) -> Asked:
    """Who does not pay next month."""
    rows = pl.read_csv(folder / "credit_card_default.csv", infer_schema_length=None).drop("ID")
    coded = [pl.col(name).cast(pl.Int64).cast(pl.String) for name in ("SEX", "EDUCATION", "MARRIAGE")]
    return Asked(rows.with_columns(coded).drop("target"), rows["target"].cast(pl.Float64).to_numpy(), 0.25)


def coded(inputs: pl.DataFrame) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Inputs as numbers, and which of them are levels."""
    columns = [
        each.cast(pl.Categorical).to_physical() if each.dtype == pl.String else each for each in inputs.get_columns()
    ]
    is_level = np.array([each.dtype == pl.String for each in inputs.get_columns()])
    return np.column_stack([each.cast(pl.Float64).fill_null(np.nan).to_numpy() for each in columns]), is_level


def split(asked: Asked, *, seed: int, n_chunks: int) -> Split:
    """Fit, calibrate, and draw chunks whose mix has moved."""
    random = np.random.default_rng(seed)
    values, is_level = coded(asked.inputs)
    n, order = len(values), random.permutation(len(values))
    learned, calibration, kept, pool = np.split(order, (np.array([0.4, 0.55, 0.7]) * n).astype(int))
    model = HistGradientBoostingClassifier(
        max_iter=80, learning_rate=0.08, random_state=0, categorical_features=is_level if is_level.any() else None
    )
    raw = model.fit(values[learned], asked.outcomes[learned]).predict_proba(values)[:, 1]
    scores = apply_logistic(raw, *fit_logistic(raw[calibration], asked.outcomes[calibration]))
    pool = pool[:MOST_POOL]
    chunks = [pool[tilted(values[pool], is_level, random)] for _ in range(n_chunks)]
    return Split(scores, np.concatenate([calibration, kept]), chunks)


def tilted(values: Floats, is_level: npt.NDArray[np.bool_], random: np.random.Generator) -> Ints:
    """Draw rows without replacement, with odds that lean on one to three inputs."""
    lean = np.zeros(len(values))
    for column in random.choice(values.shape[1], random.integers(1, 4), replace=False):
        one = np.nan_to_num(values[:, column], nan=-1.0)
        if is_level[column]:
            level = random.choice(one)
            lean += random.uniform(-1.5, 1.5) * (one == level)
        else:
            rank = np.argsort(np.argsort(one, kind="stable"))
            lean += random.uniform(-2.5, 2.5) * rank / one.size
    drawn: Ints = np.argsort(-(lean + random.gumbel(size=lean.size)))[:ROWS]
    return drawn


def ours(asked: Asked, made: Split) -> Estimates:
    """Estimate every chunk as a day of decisions, from what the watch counts of it."""
    told: Brief = parse_brief(BRIEF)
    fields = tuple(
        Field(name=each.name, kind=Kind.CATEGORY, levels=tuple(each.drop_nulls().unique().sort()))
        if each.dtype == pl.String
        else Field(name=each.name, kind=Kind.NUMBER)
        for each in asked.inputs.get_columns()
    )
    schema = Schema(fields=fields, target="outcome")
    rows = made.reference
    known = Scored(made.scores[rows], outcomes=asked.outcomes[rows])
    used = asked.inputs.with_columns(pl.col(pl.Int64, pl.Float64).cast(pl.Float64))
    reference = build_reference(used[rows], known, None, schema=schema, brief=told, seed=1)
    every = np.concatenate(made.chunks)
    at = [START + timedelta(days=day, hours=1) for day in range(len(made.chunks)) for _ in range(ROWS)]
    high = made.scores[every] >= asked.threshold
    decided = used[every].with_columns(
        version=pl.lit(1),
        arm=pl.lit("champion"),
        at=pl.Series(at),
        score=pl.Series(made.scores[every]),
        decision=pl.Series(np.where(high, "yes", "no")),
    )
    columns = {name: name for name in asked.inputs.columns}
    scored = decided.select("version", "arm", "at", "score", "decision")
    cells = pl.concat([count(scored, reference, columns={}), count_foretold(decided, reference, told, columns=columns)])
    end = START + timedelta(days=len(made.chunks))
    return estimates(learn(reference, told), cells, brief=told, promised={}, version="m/1", at=end)


def theirs(asked: Asked, made: Split, peer: Environment) -> dict[str, list[float]]:
    """Estimate every chunk with CBPE."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        for name, rows in (("reference", made.reference), ("chunks", np.concatenate(made.chunks))):
            high = (made.scores[rows] >= asked.threshold).astype(np.int64)
            frame = pl.DataFrame({"score": made.scores[rows], "high": high, "outcome": asked.outcomes[rows]})
            frame.with_columns(pl.col("outcome").cast(pl.Int64)).write_parquet(folder / f"{name}.parquet")
        matrix = [[WORTHS[3], WORTHS[1]], [WORTHS[2], WORTHS[0]]]
        (folder / "settings.json").write_text(json.dumps({"rows": ROWS, "matrix": matrix}))
        script = CHECKOUT / "bench" / "peers" / "cbpe.py"
        done = subprocess.run(
            [peer.python, str(script), str(folder)],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"NML_DISABLE_USAGE_LOGGING": "1"},
        )
    found: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def truth(asked: Asked, made: Split) -> dict[str, Floats]:
    """What came true of every chunk."""
    found: dict[str, list[float]] = {name: [] for name in METRICS}
    for rows in made.chunks:
        came, high = asked.outcomes[rows] == 1, made.scores[rows] >= asked.threshold
        found["roc_auc"].append(float(roc_auc_score(came, made.scores[rows])))
        found["accuracy"].append(float(np.mean(came == high)))
        worth = np.where(high, np.where(came, *WORTHS[:2]), np.where(came, *WORTHS[2:]))
        found["value"].append(float(worth.mean()))
    return {name: np.array(values) for name, values in found.items()}


def compared(asked: Asked, *, n_splits: int, n_chunks: int, peer: Environment | None) -> None:
    """Print how far off both are."""
    true: dict[str, list[Floats]] = {name: [] for name in METRICS}
    said: dict[str, list[Floats]] = {name: [] for name in METRICS}
    peers: dict[str, list[Floats]] = {name: [] for name in METRICS}
    for seed in range(n_splits):
        made = split(asked, seed=seed, n_chunks=n_chunks)
        own, came = ours(asked, made), truth(asked, made)
        other = theirs(asked, made, peer) if peer is not None else {}
        for name, their_name in METRICS.items():
            true[name].append(came[name])
            bounds = [(p.estimated[name].value, p.estimated[name].low, p.estimated[name].high) for p in own.periods]
            said[name].append(np.array(bounds, dtype=np.float64))
            peers[name].append(np.array(other.get(their_name, np.full(n_chunks, np.nan))))
    headings = ["metric", "chunks", "ours off by", "CBPE off by", "ours nearer", "within 90%", "width"]
    rows = [_row(name, *(np.concatenate(each[name]) for each in (true, said, peers))) for name in METRICS]
    table(headings, rows)


def _row(name: str, true: Floats, said: Floats, peer: Floats) -> Sequence[str]:
    own, other = np.abs(said[:, 0] - true), np.abs(peer - true)
    within = float(np.mean((said[:, 1] <= true) & (true <= said[:, 2])))
    width = float(np.mean(said[:, 2] - said[:, 1]))
    return [
        name,
        str(true.size),
        f"{own.mean():.5f}",
        f"{other.mean():.5f}",
        f"{np.mean(own < other):.0%}",
        f"{within:.1%}",
        f"{width:.4f}",
    ]


def main() -> None:
    """Compare on both tables."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--splits", type=int, default=20)
    asked.add_argument("--chunks", type=int, default=20, help="of each split")
    chosen = asked.parse_args()
    folder = Path(os.environ.get("MAINSTAY_SHARED_DATA", CHECKOUT.parent / "shared" / "data"))
    peer = environment("nannyml", "nannyml", "statsmodels", "pyarrow", "river")
    print(f"\n{machine()}; {chosen.splits} splits with {chosen.chunks} chunks of {ROWS:,} rows each\n")
    for made in (adult, credit):
        print(made.__name__)
        compared(made(folder), n_splits=chosen.splits, n_chunks=chosen.chunks, peer=peer)
        print()


if __name__ == "__main__":
    main()
