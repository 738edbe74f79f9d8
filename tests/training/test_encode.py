"""Inputs are learned from the lesson's rows alone, and do not fool the estimator that is fitted on them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mainstay.domain.plan import DatePart, Level, LevelNumber, Number, TextPart, TextScore
from mainstay.domain.schema import Field, Kind, Schema
from mainstay.domain.task import Task
from mainstay.training import encode_texts
from mainstay.training.encode import Learned, learn_inputs
from mainstay.training.features import features
from mainstay.training.learner import Lesson

KINDS = {"x": Kind.NUMBER, "c": Kind.CATEGORY, "b": Kind.BOOLEAN, "at": Kind.DATETIME, "t": Kind.TEXT}


def lesson(used: pl.DataFrame, outcomes: np.ndarray, *, task: Task = Task.BINARY, **more: object) -> Lesson:
    """A lesson whose columns are of the kind that the first letters of their names say."""
    kinds = {name: next(kind for start, kind in KINDS.items() if name.startswith(start)) for name in used.columns}
    kinds |= {"at": Kind.DATETIME} if "at" in used.columns else {}
    schema = Schema(
        fields=tuple(Field(name=name, kind=kind) for name, kind in kinds.items()),
        target="y",
        classes=tuple(f"class {i}" for i in range(30)) if task is Task.MULTICLASS else (),
        time="at",
    )
    told = {"weights": None, "clusters": None, "moments": None, "seed": 1} | more
    return Lesson(task=task, schema=schema, used=used, outcomes=outcomes, **told)


def coin(n_rows: int, *, seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).random(n_rows) < 0.3).astype(float)


def many_levels(n_rows: int, n_levels: int, *, seed: int = 0) -> pl.Series:
    return pl.Series("c", [f"level {i}" for i in np.random.default_rng(seed).integers(0, n_levels, n_rows)])


def of_levels(levels: pl.Series, *, seed: int = 0) -> np.ndarray:
    """Outcomes that depend on the level."""
    share = levels.str.extract(r"(\d+)").cast(pl.Int64).to_numpy() % 3 / 4 + 0.1
    return (np.random.default_rng(seed).random(share.size) < share).astype(float)


@pytest.mark.parametrize("clusters", [None, np.arange(3000) // 3])
def test_levels_and_texts_without_a_signal_do_not_fool_an_estimator(clusters: np.ndarray | None) -> None:
    outcomes = coin(3000) if clusters is None else np.repeat(coin(1000), 3)
    names = many_levels(3000, 900)
    if clusters is not None:  # three rows of one person have one outcome, one level and one text
        names = pl.Series("c", np.repeat(names[:1000].to_numpy(), 3))
    given = lesson(pl.DataFrame({"c": names, "t": names + " " + names}), outcomes, clusters=clusters)
    learned = learn_inputs(given)
    assert (
        "c:mean" not in learned.inputs or abs(roc_auc_score(outcomes, learned.frame["c:mean"].to_numpy()) - 0.5) < 0.08
    )
    score = {"t:score": learned.inputs["t:score"]}
    assert abs(roc_auc_score(outcomes, learned.frame["t:score"].to_numpy()) - 0.5) < 0.08
    assert roc_auc_score(outcomes, features(given.used, score)["t:score"].to_numpy()) > 0.65  # what fooling would be


def test_a_signal_of_many_levels_is_kept() -> None:
    random = np.random.default_rng(3)
    share = random.beta(1, 3, 800)
    place = random.integers(0, 800, 20_000)
    outcomes = (random.random(20_000) < share[place]).astype(float)
    given = lesson(pl.DataFrame({"c": [f"level {i}" for i in place]}), outcomes)
    learned = learn_inputs(given)
    assert set(learned.inputs) == {"c", "c:mean", "c:rows"}
    assert len(learned.inputs["c"].levels) == 30
    known = learned.inputs["c:mean"]
    assert isinstance(known, LevelNumber)
    truth = [share[int(level.split()[1])] for level in known.levels]
    assert np.corrcoef(truth, known.numbers)[0, 1] > 0.9
    assert known.unseen == pytest.approx(outcomes.mean())
    assert roc_auc_score(outcomes, learned.frame["c:mean"].to_numpy()) > 0.7


def test_a_level_of_few_rows_is_drawn_to_the_mean() -> None:
    texts = ["often 0"] * 500 + ["often 1"] * 500 + [f"few {i}" for i in range(40) for _ in range(2)]
    outcomes = np.array([0.0] * 400 + [1.0] * 100 + [1.0] * 400 + [0.0] * 100 + [1.0] * 80)
    known = learn_inputs(lesson(pl.DataFrame({"c": texts}), outcomes)).inputs["c:mean"]
    numbers = dict(zip(known.levels, known.numbers, strict=True))
    assert numbers["often 0"] == pytest.approx(0.2, abs=0.01)
    assert known.unseen < numbers["few 3"] < 1.0


def test_rare_levels_and_missing_ones() -> None:
    texts = ["a"] * 100 + ["b"] * 50 + ["c"] * 3 + [None] * 47
    learned = learn_inputs(lesson(pl.DataFrame({"c": texts}), coin(200)))
    assert learned.inputs == {"c": Level("c", ("a", "b"), missing_is_level=True)}
    assert learned.frame["c"].value_counts().sort("c").rows() == [(None, 3), (0.0, 100), (1.0, 50), (2.0, 47)]
    few = learn_inputs(lesson(pl.DataFrame({"c": texts[:160]}), coin(160)))
    assert few.inputs == {"c": Level("c", ("a", "b"))}


@pytest.mark.parametrize(
    "values",
    [
        pl.Series("x", [7.0] * 60),
        pl.Series("x", [None] * 60, dtype=pl.Float64),
        pl.Series("c", ["same"] * 60),
        pl.Series("c", [None] * 60, dtype=pl.String),
        pl.Series("c", [f"each its own {i}" for i in range(60)]),
        pl.Series("at", [1.7e9] * 60),
        pl.Series("t", [None] * 60, dtype=pl.String),
        pl.Series("t", [""] * 60),
    ],
)
def test_what_never_changes_gives_nothing(values: pl.Series) -> None:
    learned = learn_inputs(lesson(values.to_frame(), coin(60)))
    assert (dict(learned.inputs), learned.frame.columns) == ({}, [])


def test_missing_alone_may_say_something() -> None:
    used = pl.DataFrame({"x": [7.0] * 30 + [None] * 30, "c": ["same"] * 30 + [None] * 30})
    assert set(learn_inputs(lesson(used, coin(60))).inputs) == {"x", "c"}


def test_parts_of_dates() -> None:
    moments = 1.7e9 + np.arange(300) * 1801.0  # from the 14th of November on, for six days
    used = pl.DataFrame({"at": moments, "at_other": np.floor(moments / 86400) * 86400})
    found = learn_inputs(lesson(used, coin(300))).inputs
    days = {"day", "weekday"}
    assert {name.removeprefix("at:") for name in found if name.startswith("at:")} == {"hour", "minute"} | days
    assert {name.removeprefix("at_other:") for name in found if name.startswith("at_o")} == {"days"} | days
    assert all(isinstance(source, DatePart) for source in found.values())


def test_texts_become_facts_and_a_score() -> None:
    random = np.random.default_rng(5)
    outcomes = coin(400)
    words = [" ".join(random.choice(["alpha", "beta", "gamma", "delta"], 4)) for _ in range(400)]
    texts = [text + (" Win 50!" if won else "") for text, won in zip(words, outcomes, strict=True)]
    texts[:5] = [None] * 5
    learned = learn_inputs(lesson(pl.DataFrame({"t": texts}), outcomes))
    score = learned.inputs["t:score"]
    assert isinstance(score, TextScore)
    assert {source.part for source in learned.inputs.values() if isinstance(source, TextPart)} == {
        "characters",
        "words",
        "digits",
        "capitals",
    }
    weights = dict(zip(score.terms, score.weights, strict=True))
    assert weights["win 50"] > 0 > weights["alpha"]
    assert learned.frame["t:score"][:5].to_list() == [score.missing] * 5
    assert roc_auc_score(outcomes[5:], learned.frame["t:score"][5:].to_numpy()) > 0.99


def test_of_very_many_texts_some_teach_and_all_are_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encode_texts, "MAX_TEXTS", 200)
    outcomes = coin(500)
    texts = [None if i % 50 == 0 else "win now" if won else "see you" for i, won in enumerate(outcomes)]
    learned = learn_inputs(lesson(pl.DataFrame({"t": texts}), outcomes))
    there = [text is not None for text in texts]
    assert roc_auc_score(outcomes[there], learned.frame["t:score"].filter(there).to_numpy()) == 1.0


@pytest.mark.parametrize("task", list(Task))
def test_amounts_and_classes_are_learned_for_too(task: Task) -> None:
    random = np.random.default_rng(6)
    place = random.integers(0, 60, 3000)
    outcomes = {
        Task.BINARY: (place % 2 == 0).astype(float),
        Task.MULTICLASS: (place % 13).astype(float),
        Task.REGRESSION: place * 10.0 + random.normal(size=3000),
    }[task]
    texts = pl.Series([f"level {i}" for i in place])
    learned = learn_inputs(lesson(pl.DataFrame({"c": texts, "t": texts}), outcomes, task=task))
    means = [name for name in learned.inputs if name.startswith("c:mean")]
    assert len(means) == (10 if task is Task.MULTICLASS else 1)
    assert len([name for name in learned.inputs if name.startswith("t:score")]) == len(means)
    first = (outcomes == 0) if task is Task.MULTICLASS else outcomes
    column = learned.frame["c:mean class 0" if task is Task.MULTICLASS else "c:mean"].to_numpy()
    assert np.corrcoef(first, column)[0, 1] > 0.95


def test_weights_count_in_what_levels_mean() -> None:
    levels = many_levels(2000, 40)
    outcomes = of_levels(levels)
    weights = np.where(outcomes == 1, 3.0, 1.0)
    given = lesson(levels.to_frame(), outcomes, weights=weights)
    assert learn_inputs(given).inputs["c:mean"].unseen == pytest.approx(np.average(outcomes, weights=weights))


def test_the_same_lesson_gives_the_same_bits_and_another_seed_other_folds() -> None:
    levels = many_levels(2000, 300)
    given = lesson(pl.DataFrame({"c": levels, "t": levels + " in words"}), of_levels(levels))
    first, again, other = learn_inputs(given), learn_inputs(given), learn_inputs(replace(given, seed=2))
    assert (first.inputs, first.frame.equals(again.frame)) == (again.inputs, True)
    assert first.inputs["c:mean"] == other.inputs["c:mean"]
    assert not first.frame["c:mean"].equals(other.frame["c:mean"])


def test_names_of_columns_never_clash() -> None:
    random = np.random.default_rng(7)
    levels = many_levels(500, 40)
    used = pl.DataFrame({"c": levels, "c:mean": many_levels(500, 3, seed=1), "x": random.random(500)})
    learned = learn_inputs(lesson(used, of_levels(levels)))
    assert list(learned.inputs) == ["c:mean'", "c:mean", "x"]
    assert isinstance(learned.inputs["c:mean'"], LevelNumber)
    assert isinstance(learned.inputs["x"], Number)


def test_one_outcome_in_a_fold_is_no_error() -> None:
    used = pl.DataFrame({"c": many_levels(300, 40), "t": many_levels(300, 40)})
    for outcomes in (np.zeros(300), np.append(np.zeros(299), 1.0)):
        assert isinstance(learn_inputs(lesson(used, outcomes, clusters=np.arange(300))), Learned)
    assert isinstance(learn_inputs(lesson(used, coin(300), clusters=np.zeros(300, dtype=np.int64))), Learned)


def test_spam_is_told_from_its_words(shared_data: Path) -> None:
    table = pl.read_csv(shared_data / "sms_spam.csv")
    outcomes = (table["type"] == "spam").to_numpy().astype(float)
    texts, same = table.select(t="text"), table["text"].rank("dense").to_numpy().astype(np.int64)
    lines, trees = np.zeros(outcomes.size), np.zeros(outcomes.size)
    for fold in range(5):
        is_new = same % 5 == fold
        given = lesson(texts.filter(~is_new), outcomes[~is_new], clusters=same[~is_new])
        learned = learn_inputs(given)
        seen = features(texts.filter(is_new), learned.inputs).to_numpy()
        scaled = make_pipeline(StandardScaler(), LogisticRegression())
        for model, scores in ((scaled, lines), (HistGradientBoostingClassifier(max_iter=60), trees)):
            scores[is_new] = model.fit(learned.frame.to_numpy(), given.outcomes).predict_proba(seen)[:, 1]
    assert min(roc_auc_score(outcomes, lines), roc_auc_score(outcomes, trees)) > 0.99


def test_columns_named_as_patterns_are_learned_from_under_names_that_are_none() -> None:
    random = np.random.default_rng(0)
    used = pl.DataFrame(
        {
            "^x$": random.normal(size=200),
            "*": random.choice(["a", "b"], 200),
            "^n$": [f"some words, {i} of a text" for i in range(200)],
        }
    )
    fields = (
        Field(name="^x$", kind=Kind.NUMBER),
        Field(name="*", kind=Kind.CATEGORY, levels=("a", "b")),
        Field(name="^n$", kind=Kind.TEXT),
    )
    given = Lesson(
        task=Task.BINARY,
        schema=Schema(fields=fields, target="y"),
        used=used,
        outcomes=coin(200),
        weights=None,
        clusters=None,
        moments=None,
        seed=1,
    )
    names = set(learn_inputs(given).inputs)
    assert {"^x$:value", "*:value"} <= names
    assert not names & {"^x$", "*", "^n$"}
