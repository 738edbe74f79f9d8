"""The upsell story holds what its page says: shares, seasons, money, and changes on their days and at their size."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from mainstay.domain.brief import parse_brief
from mainstay.domain.errors import Asked
from mainstay.domain.expression import columns_of, evaluate
from mainstay.simulation.upsell import Upsell, brief_text, upsell

FESTIVAL_AT = datetime(2025, 4, 1, tzinfo=UTC)
TURN_AT = datetime(2025, 7, 1, tzinfo=UTC)
YEAR_END = datetime(2025, 1, 1, tzinfo=UTC)
CATEGORIES = ("region", "company_size", "industry", "plan", "channel", "email_domain", "event_type")
NOT_INPUTS = ("signup_id", "signed_up_at", "upgraded")


@pytest.fixture(scope="module")
def world() -> Upsell:
    return upsell(seed=0)


@pytest.fixture(scope="module")
def unchanged() -> Upsell:
    return upsell(seed=0, festival_on=None, price_change_on=None)


def between(rows: pl.DataFrame, low: datetime, high: datetime) -> np.ndarray:
    return rows["signed_up_at"].is_between(low, high, closed="left").to_numpy()


def month(year: int, number: int) -> datetime:
    return datetime(year + (number - 1) // 12, (number - 1) % 12 + 1, 1, tzinfo=UTC)


def test_rows_come_in_time_order_with_their_own_ids_and_the_moments_of_two_years(world: Upsell) -> None:
    at = world.rows["signed_up_at"]
    assert world.rows.height == len(world.true_probability) == 60_000
    assert at.is_sorted()
    assert world.rows["signup_id"].n_unique() == 60_000
    assert at.min() >= datetime(2024, 1, 1, tzinfo=UTC)  # type: ignore[operator]
    assert at.max() < datetime(2026, 1, 1, tzinfo=UTC)  # type: ignore[operator]
    assert at.dt.date().n_unique() == 731


def test_the_same_seed_gives_the_same_world_and_another_seed_another(world: Upsell) -> None:
    again = upsell(seed=0)
    assert again.rows.equals(world.rows)
    assert np.array_equal(again.true_probability, world.true_probability)
    assert not upsell(seed=1).rows.equals(world.rows)


def test_the_base_rate_and_the_shares_of_levels_are_as_told(world: Upsell) -> None:
    rows = world.rows
    assert rows["upgraded"].mean() == pytest.approx(0.12, abs=0.01)
    assert (rows["region"] == "europe").mean() == pytest.approx(0.32, abs=0.02)
    assert rows["industry"].null_count() / rows.height == pytest.approx(0.085, abs=0.01)
    assert rows["event_type"].null_count() / rows.height == pytest.approx(0.25, abs=0.02)
    refused = rows.group_by("region").agg(pl.col("website_visits").is_null().mean()).sort("region")
    assert refused["website_visits"].to_list() == pytest.approx([0.15, 0.38, 0.12, 0.12], abs=0.02)
    assert (rows["seats_invited"] >= 10).mean() == pytest.approx(0.125, abs=0.02)


def test_what_was_not_hosted_has_no_type_length_people_or_hours(world: Upsell) -> None:
    none_hosted = world.rows["events_hosted"] == 0
    for name in ("event_type", "mean_participants", "hours_to_first_event"):
        assert (world.rows[name].is_null() == none_hosted).all()
    assert world.rows.filter(none_hosted)["minutes_hosted"].null_count() == none_hosted.sum()


def test_weekends_are_quiet_and_small_and_the_summer_is_low(unchanged: Upsell) -> None:
    rows = unchanged.rows
    weekday = rows["signed_up_at"].dt.weekday()
    weekend = weekday >= 6
    assert weekend.mean() == pytest.approx(0.145, abs=0.02)
    solo = rows["company_size"] == "solo"
    assert solo.filter(weekend).mean() > solo.filter(~weekend).mean() + 0.15  # type: ignore[operator]
    by_month = rows.group_by(pl.col("signed_up_at").dt.month().alias("month")).len().sort("month")["len"]
    assert by_month[6] + by_month[7] < 0.9 * (by_month[0] + by_month[11])


def test_the_outcome_is_drawn_from_the_true_probability(world: Upsell) -> None:
    tenth = np.digitize(world.true_probability, np.quantile(world.true_probability, np.linspace(0.1, 0.9, 9)))
    outcome = world.rows["upgraded"].to_numpy()
    for group in range(10):
        expected = world.true_probability[tenth == group]
        error = np.sqrt((expected * (1 - expected)).sum()) / expected.size
        assert abs(outcome[tenth == group].mean() - expected.mean()) < 4 * error


def test_the_truth_names_each_change_its_day_and_its_columns(world: Upsell) -> None:
    festival, turn = world.truth
    assert (festival.at, festival.kind, festival.columns[0]) == (FESTIVAL_AT, "unseen_level", "event_type")
    assert (turn.at, turn.kind, turn.columns) == (TURN_AT, "concept", ())
    assert upsell(seed=0, n_rows=50, festival_on=None, price_change_on=None).truth == ()


def test_before_the_first_change_the_world_is_the_unchanged_world(world: Upsell, unchanged: Upsell) -> None:
    before = world.rows["signed_up_at"] < FESTIVAL_AT
    assert world.rows.filter(before).equals(unchanged.rows.filter(before))
    assert np.array_equal(world.true_probability[before.to_numpy()], unchanged.true_probability[before.to_numpy()])


def test_festivals_grow_from_one_to_sixteen_percent_of_those_who_hosted(world: Upsell) -> None:
    rows = world.rows.filter(pl.col("event_type").is_not_null())
    festival = (rows["event_type"] == "festival").to_numpy()
    assert not festival[between(rows, month(2024, 1), FESTIVAL_AT)].any()
    assert 0 < festival[between(rows, FESTIVAL_AT, datetime(2025, 4, 8, tzinfo=UTC))].mean() < 0.05
    grown = festival[between(rows, month(2025, 7), month(2026, 1))]
    assert grown.mean() == pytest.approx(world.truth[0].size, abs=0.015)


def test_festivals_move_only_the_columns_that_the_truth_names(world: Upsell, unchanged: Upsell) -> None:
    inputs = world.rows.drop("upgraded")
    moved = [name for name in inputs.columns if not inputs[name].equals(unchanged.rows[name], null_equal=True)]
    assert sorted(moved) == sorted(world.truth[0].columns)


def test_the_price_change_moves_no_input_and_turns_who_upgrades() -> None:
    turned = upsell(seed=3, festival_on=None)
    kept = upsell(seed=3, festival_on=None, price_change_on=None)
    after = between(turned.rows, TURN_AT, month(2026, 1))
    assert turned.rows.drop("upgraded").equals(kept.rows.drop("upgraded"))
    assert np.array_equal(turned.true_probability[~after], kept.true_probability[~after])
    assert abs(turned.true_probability[after].mean() - kept.true_probability[after].mean()) < 0.02
    assert np.corrcoef(turned.true_probability[after], kept.true_probability[after])[0, 1] < 0.5


def test_a_change_outside_the_days_or_a_world_without_days_is_refused() -> None:
    with pytest.raises(Asked, match="lies outside"):
        upsell(seed=0, n_rows=10, last_day=date(2025, 1, 1))
    with pytest.raises(Asked, match="nothing to tell"):
        upsell(seed=0, n_rows=10, last_day=date(2023, 1, 1), festival_on=None, price_change_on=None)
    with pytest.raises(Asked, match="nothing to tell"):
        upsell(seed=0, n_rows=0)


def test_the_brief_reads_and_speaks_of_columns_that_are_there(world: Upsell) -> None:
    text = brief_text(source='a "quoted" näme.csv', control_share=0.1)
    brief = parse_brief(text)
    assert tomllib.loads(text)["data"]["source"] == 'a "quoted" näme.csv'
    assert brief.decision.control_share == 0.1
    assert brief.data.outcome_delay == "90d"
    expressions = [brief.today.rule, *(money for money in brief.value.outcomes if isinstance(money, str))]
    named = {column for expression in expressions if expression for column in columns_of(expression)}
    named |= {brief.data.target, brief.data.time or "", brief.data.entity or "", *brief.data.segments}
    assert named <= set(world.rows.columns)


class Models:
    """Gradient boosting and logistic regression, fitted on the first two thirds of 2024."""

    def __init__(self, rows: pl.DataFrame) -> None:
        numbers = [name for name in rows.columns if name not in (*CATEGORIES, *NOT_INPUTS)]
        self.names = [*numbers, *CATEGORIES]
        n = len(numbers)
        encode = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
        boosting = HistGradientBoostingClassifier(
            learning_rate=0.06, max_iter=120, max_leaf_nodes=12, categorical_features=range(7), random_state=0
        )
        linear = make_column_transformer(
            (make_pipeline(SimpleImputer(), StandardScaler()), slice(0, n)),
            (OneHotEncoder(handle_unknown="ignore"), slice(n, None)),
        )
        self.by_name = {
            "boosting": make_pipeline(
                make_column_transformer((encode, slice(n, None)), ("passthrough", slice(0, n))), boosting
            ),
            "logistic": make_pipeline(linear, LogisticRegression(max_iter=500)),
        }
        fitted_on = rows.filter(pl.col("signed_up_at") < month(2024, 9))
        for model in self.by_name.values():
            model.fit(self.table(fitted_on), fitted_on["upgraded"].to_numpy())

    def table(self, rows: pl.DataFrame) -> np.ndarray:
        numbers = rows.select(self.names[: -len(CATEGORIES)]).cast(pl.Float64).to_numpy().astype(object)
        return np.hstack([numbers, rows.select(CATEGORIES).fill_null("not said").to_numpy()])

    def scores(self, name: str, rows: pl.DataFrame) -> np.ndarray:
        return self.by_name[name].predict_proba(self.table(rows))[:, 1]


@pytest.fixture(scope="module")
def models(world: Upsell) -> Models:
    return Models(world.rows)


def test_a_good_model_ranks_well_and_a_simple_one_a_little_less(world: Upsell, models: Models) -> None:
    later = world.rows.filter(between(world.rows, month(2024, 9), FESTIVAL_AT))
    auc = {name: roc_auc_score(later["upgraded"], models.scores(name, later)) for name in models.by_name}
    assert 0.77 < auc["boosting"] < 0.83
    assert 0.75 < auc["logistic"] < auc["boosting"]


def test_after_the_price_change_the_old_model_no_longer_ranks(world: Upsell, models: Models) -> None:
    before = world.rows.filter(between(world.rows, FESTIVAL_AT, TURN_AT))
    after = world.rows.filter(between(world.rows, TURN_AT, month(2026, 1)))
    assert roc_auc_score(before["upgraded"], models.scores("boosting", before)) > 0.76
    assert roc_auc_score(after["upgraded"], models.scores("boosting", after)) < 0.68


def worth(rows: pl.DataFrame, called: np.ndarray) -> np.ndarray:
    """Money per sign-up by the brief's own expressions."""
    brief = parse_brief(brief_text())
    columns = {name: rows[name].to_numpy() for name in ("expected_seats", "price_shown")}
    upgrade = evaluate(str(brief.value.when_high_and_positive), columns, n_rows=rows.height)
    return np.where(called, np.where(rows["upgraded"].to_numpy() == 1, upgrade, -50.0), 0.0)


def test_the_model_earns_clearly_more_than_the_rule_and_the_rule_more_than_nobody(
    world: Upsell, models: Models
) -> None:
    holdout = world.rows.filter(between(world.rows, month(2024, 9), YEAR_END))
    rule = worth(holdout, (holdout["seats_invited"] >= 10).to_numpy())
    called = models.scores("boosting", holdout) >= 0.18
    gain = worth(holdout, called) - rule
    standard_error = gain.std() / np.sqrt(holdout.height)
    assert 9_000 < holdout.height < 11_000
    assert 0.10 < called.mean() < 0.27
    assert rule.mean() > 3 * rule.std() / np.sqrt(holdout.height)
    assert worth(holdout, np.ones(holdout.height, dtype=bool)).mean() < 0
    assert gain.mean() - 2.6 * standard_error > 0


def test_after_the_price_change_calling_by_the_old_model_earns_nothing(world: Upsell, models: Models) -> None:
    after = world.rows.filter(between(world.rows, TURN_AT, month(2026, 1)))
    assert worth(after, models.scores("boosting", after) >= 0.18).mean() < 1.0
