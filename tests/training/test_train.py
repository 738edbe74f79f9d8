"""Training as a whole: the right winner, judged on rows that chose nothing, the same every time."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl
import pytest
from tests.training.made import SCHEMA, brief, prepared, without_money, worth
from threadpoolctl import threadpool_limits

from mainstay.bundle.compile import compile_plan
from mainstay.bundle.inspect import model_digest, schema_bytes
from mainstay.domain.errors import DataError
from mainstay.domain.finding import Verdict
from mainstay.domain.plan import plan_bytes
from mainstay.domain.progress import News
from mainstay.serving.score import Scorer
from mainstay.training.effort import Effort
from mainstay.training.prepared import Prepared
from mainstay.training.train import Trained, train


@cache
def usual() -> tuple[Prepared, Trained]:
    given = prepared(2000)
    return given, run(given)


def run(given: Prepared) -> Trained:
    seconds = itertools.count()
    return train(given, tick=lambda: float(next(seconds)), effort=Effort(n_tries=1))


def digest_of(trained: Trained, given: Prepared) -> str:
    winner = trained.winner
    plan = compile_plan(
        winner.fitted.estimator if winner.fitted else winner.rule,
        winner.fitted.inputs if winner.fitted else {},
        decision=given.brief.decision,
        threshold=winner.threshold,
        calibration=winner.calibration,
    )
    return model_digest(plan_bytes(plan), schema_bytes(given.schema))


def test_a_curved_truth_is_won_by_trees_in_money() -> None:
    trained = run(prepared())
    shown = trained.judgement
    assert trained.winner.name == "boosting"
    assert [result.name for result in shown.results] == [
        "base_rate",
        "today",
        "logistic",
        "boosting",
        "all_high",
        "all_low",
    ]
    assert [result.title for result in shown.results[-2:]] == ["decline everyone", "approve everyone"]
    for result in shown.results:
        assert result.value is not None
        if not result.chosen:
            assert result.winner_ahead is not None
            assert shown.value is not None
            assert result.winner_ahead.value == pytest.approx(shown.value.value - result.value.value)
    verdicts = {finding.code: finding.verdict for finding in shown.findings}
    assert verdicts.pop("F02-calibration") in (Verdict.PASS, Verdict.WARN)
    assert verdicts == {
        "F04-target-roc-auc": Verdict.PASS,
        "F04-target-value-over-today": Verdict.PASS,
        "F05-beats-base-rate": Verdict.PASS,
        "F05-beats-today": Verdict.PASS,
        "F05-beats-logistic": Verdict.PASS,
        "F03-value-tail": Verdict.PASS,
        "F05-winners-curse": Verdict.PASS,
    }


def test_where_a_line_is_as_good_the_line_wins() -> None:
    assert run(replace(prepared(2000, curved=False), today=None)).winner.name == "logistic"


def test_where_nothing_can_be_learned_nothing_complicated_is_chosen() -> None:
    given = prepared(2000)
    random = np.random.default_rng(3)
    noise = replace(
        given,
        outcomes=random.permutation(given.outcomes),
        worth=worth(random.permutation(given.money(np.arange(2000))[1])),
    )
    assert run(noise).winner.name == "base_rate"


@pytest.mark.parametrize(
    "make", [lambda: prepared(2000), lambda: without_money(prepared(1500))], ids=["money", "log loss"]
)
def test_the_same_rows_and_seed_give_the_same_model(make: object) -> None:
    given = make()  # type: ignore[operator]
    digests = set()
    for n_threads in (1, 2):
        with threadpool_limits(limits=n_threads):
            digests.add(digest_of(run(given), given))
    assert len(digests) == 1


def test_nothing_is_learned_from_holdout_rows() -> None:
    given = prepared(2000)
    outcomes, values = given.outcomes.copy(), given.money(np.arange(2000))[1].copy()
    outcomes[given.holdout] = 1 - outcomes[given.holdout]
    values[given.holdout] *= -7
    used = given.used.with_columns(
        pl.when(pl.int_range(given.outcomes.size).is_in(given.holdout.tolist()))
        .then(1e6)
        .otherwise("amount")
        .alias("amount")
    )
    other = replace(given, outcomes=outcomes, worth=worth(values), used=used)
    assert digest_of(usual()[1], given) == digest_of(run(other), other)


def test_the_plan_scores_the_holdout_as_the_judgement_did() -> None:
    given, trained = usual()
    winner = trained.winner
    assert winner.fitted is not None
    plan = compile_plan(
        winner.fitted.estimator,
        winner.fitted.inputs,
        decision=given.brief.decision,
        threshold=winner.threshold,
        calibration=winner.calibration,
    )
    used = given.used[given.holdout]
    served = Scorer(plan).scores({name: used[name].to_list() for name in used.columns})
    np.testing.assert_allclose(served, trained.judgement.rows["score"].to_numpy(), rtol=0, atol=1e-12)


def test_without_money_log_loss_decides_and_it_is_said() -> None:
    trained = run(without_money(prepared(2000)))
    assert trained.winner.name == "boosting"
    assert trained.winner.threshold == 0.5
    assert trained.judgement.value is None
    codes = {finding.code: finding for finding in trained.judgement.findings}
    assert codes["F03-money-not-stated"].verdict is Verdict.UNKNOWN
    assert codes["F05-beats-logistic"].verdict is Verdict.PASS
    assert "F05-beats-today" not in codes


def test_the_briefs_threshold_is_obeyed() -> None:
    given = replace(prepared(2000), brief=brief(decision="threshold = 0.3"))
    trained = run(given)
    assert trained.judgement.threshold == 0.3
    assert {result.threshold for result in trained.judgement.results if result.name != "today"} == {0.3, None}
    assert trained.judgement.threshold_interval is None


def test_today_wins_where_it_is_the_truth() -> None:
    given = prepared(2000)
    late = given.used["late"].to_numpy()
    outcomes = (np.random.default_rng(1).random(2000) < np.where(late >= 3, 0.9, 0.02)).astype(float)
    amount = given.used["amount"].to_numpy()
    trained = run(replace(given, outcomes=outcomes, worth=worth(np.where(outcomes == 1, -0.5 * amount, 0.1 * amount))))
    assert trained.winner.name == "today"
    assert trained.winner.rule is not None
    assert trained.judgement.rows["score"].n_unique() == 2
    over = next(f for f in trained.judgement.findings if f.code == "F04-target-value-over-today")
    assert over.verdict is Verdict.FAIL


def test_time_and_entities_are_kept_whole() -> None:
    given = prepared(2000)
    moments = np.arange(2000.0)
    entities = np.arange(2000) // 4
    timed = replace(
        given,
        moments=moments,
        clusters=entities,
        split_by="time",
        training=np.arange(1200),
        calibration=np.arange(1200, 1600),
        holdout=np.arange(1600, 2000),
    )
    trained = run(timed)
    assert trained.judgement.rows["at"].to_list() == moments[1600:].tolist()


def test_weights_count_in_fitting() -> None:
    given = prepared(2000)
    weights = np.where(given.outcomes == 1, 5.0, 1.0)
    heavy = run(replace(given, weights=weights))
    assert digest_of(heavy, given) != digest_of(usual()[1], given)


def test_segments_and_today_reach_the_rows_of_the_evaluation() -> None:
    given = prepared(2000)
    rows = run(replace(given, segments=given.used.select("region"))).judgement.rows
    assert rows.columns == ["outcome", "score", "value_high", "value_low", "today", "segment:region"]
    assert rows.height == given.holdout.size


def test_progress_ends_at_one_and_says_how_candidates_stand() -> None:
    heard: list[News] = []
    train(prepared(1000), tick=lambda: 0.0, effort=Effort(n_tries=1), on_news=heard.append)
    shares = [news.share for news in heard]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    last = [news for news in heard if news.standings][-1].standings
    assert [standing.title for standing in last] == ["base rate", "logistic regression", "gradient boosting"]
    assert [standing.n_tries for standing in last] == [1, 1, 1]
    assert sum(standing.leads for standing in last) == 1


def test_too_few_outcomes_are_refused() -> None:
    given = prepared(2000)
    with pytest.raises(DataError, match="too few to compare"):
        run(replace(given, outcomes=np.zeros(2000)))
    with pytest.raises(DataError, match="holdout"):
        run(replace(given, holdout=np.array([], dtype=np.int64)))


def test_columns_that_say_nothing_leave_the_base_rate() -> None:
    given = prepared(1000)
    empty = given.used.with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in ("late", "income", "amount"))
    empty = empty.with_columns(region=pl.lit("north"))
    trained = run(replace(given, used=empty, today=None))
    assert [candidate.name for candidate in trained.candidates] == ["base_rate"]


def test_a_dozen_rows_of_a_class_are_enough_to_try() -> None:
    given = prepared(400)
    rare = np.zeros(400)
    rare[np.concatenate([given.training[:12], given.calibration[:2], given.holdout[:2]])] = 1.0
    trained = run(replace(given, outcomes=rare, schema=SCHEMA))
    calibration = next(f for f in trained.judgement.findings if f.code == "F02-calibration")
    assert calibration.verdict is Verdict.UNKNOWN
