"""The story of an upsell model: which free sign-ups of a video-conferencing company should the sales team call?

A call costs half an hour of a sales person. In this world it makes an upgrader of nobody, but it moves an upgrade that
comes anyway forward by about six weeks, worth `1.5 * expected_seats * price_shown` dollars. So whoever is called has
the same outcome as if not called, and calling those who will upgrade pays. The decision falls at the end of the third
day after the sign-up; whether the account `upgraded` within 90 days is known 90 days after the sign-up.

**Inputs** (`signups`, `first_days`). Sign-ups arrive by weekday, with a summer low, a growth of 15% over the two years
and days that wander (correlation 0.3 from one to the next). Each has a region, company size, industry (8% did not say),
plan, channel, kind of e-mail, expected seats (log-normal around the company size) and the price it was shown (a
standing random test of 11, 13 and 15 USD). The small come at weekends, schools before autumn. A hidden intent drives
what they do in three days: events hosted (a quarter host none, and then have no event type, minutes, people or hours),
the event's type (by industry and season), length, people, seats invited, a calendar connected, website visits (a fifth
refuse to be counted, far more in Europe).

**Outcome** (`upgrades`). Log-odds of an upgrade = base + effects of industry, event type, plan, channel, e-mail and
region + 0.1 log(1 + events) + 0.15 log(1 + visits, 3 where unknown) + 0.25 calendar + 0.7 (a team meeting in a small
company with a calendar) + 0.8 (the event is how that industry earns its money) + 0.25 (first event within 6 hours) +
0.12 cos(time of year) + what the prices turn: effects of company size, of events (two or more) that the free plan cut
short at 40 minutes, of events as crowded as the free plan allows (or of a team of nine), of log(1 + seats invited), and
of the price shown (small companies mind it most). The numbers are the constants of `upgrades`; the intent is not among
them, so `true_probability` is a function of the row and its day alone, and a perfect model could know it.

**What changes.** From `festival_on` (default 2025-04-01: events in person are allowed again) a share of those who
hosted an event hosted a `festival`, a type never seen before: 1% on the first day, 16% from the seventieth on (12% of
all sign-ups), each with three times the people. From `price_change_on` (default 2025-07-01) new sign-ups are offered
other plans (a starter plan for small teams, no volume discount, no limits on free events), while the list price shown
stays: no input moves, but small companies now upgrade more and large ones less. Sign-ups before that day keep the old
offer, so the turn can be seen in outcomes only, 90 days later. Take a change away (`None`) and all else stays, row by
row.

Measured, trained on 2024: gradient boosting reaches a ROC AUC of about 0.80, logistic regression 0.79, the truth itself
0.82; calling the best fifth is worth some 13 USD a sign-up, today's rule (10 seats invited) 8; after the turn the model
falls to 0.61 and loses money.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from mainstay.domain.errors import Asked
from mainstay.simulation.change import Change
from mainstay.simulation.draws import Floats, generators, midnight
from mainstay.simulation.first_days import FESTIVAL_LAST_SHARE, add_festivals, draw_activity
from mainstay.simulation.signups import draw_profiles
from mainstay.simulation.upgrades import NEW_PRICES, OLD_PRICES, chance_of_upgrade
from mainstay.simulation.upsell_table import signup_table

FIRST_DAY = date(2024, 1, 1)
LAST_DAY = date(2025, 12, 31)
FESTIVAL_ON = date(2025, 4, 1)
PRICE_CHANGE_ON = date(2025, 7, 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class Upsell:
    """Sign-ups in time order and the truth about them.

    `rows` holds `signup_id`, `signed_up_at` (UTC), the inputs and the outcome `upgraded` (0 or 1). `true_probability`
    is the chance from which each row's outcome was drawn, shape (n_rows,), in the order of `rows`. `truth` names what
    changed, in time order.
    """

    rows: pl.DataFrame
    true_probability: Floats
    truth: tuple[Change, ...]


def upsell(
    *,
    seed: int,
    n_rows: int = 60_000,
    first_day: date = FIRST_DAY,
    last_day: date = LAST_DAY,
    festival_on: date | None = FESTIVAL_ON,
    price_change_on: date | None = PRICE_CHANGE_ON,
) -> Upsell:
    """Simulate `n_rows` sign-ups from `first_day` to `last_day`, both included.

    Same arguments, same rows. Raises `Asked` if there are no days or rows, or a change lies outside the days.

    >>> world = upsell(seed=1, n_rows=2_000)
    >>> world.rows.height, world.rows["upgraded"].mean() < 0.2, [change.at.date().isoformat() for change in world.truth]
    (2000, True, ['2025-04-01', '2025-07-01'])
    """
    for_profiles, for_activity, for_festivals, for_outcomes = generators(seed, 4)
    n_days = (last_day - first_day).days + 1
    who = draw_profiles(n_rows, start=first_day, n_days=n_days, rng=for_profiles)
    did = draw_activity(who, for_activity)
    if festival_on is not None:
        did = add_festivals(did, who.day - _day_of(festival_on, first_day, n_days), for_festivals)
    chance = chance_of_upgrade(who, did, OLD_PRICES)
    if price_change_on is not None:
        turned = who.day >= _day_of(price_change_on, first_day, n_days)
        chance = np.where(turned, chance_of_upgrade(who, did, NEW_PRICES), chance)
    outcome = (for_outcomes.random(n_rows) < chance).astype(np.int64)
    rows = signup_table(who, did).with_columns(pl.Series("upgraded", outcome))
    return Upsell(rows=rows, true_probability=chance, truth=_truth(festival_on, price_change_on))


def _day_of(change_on: date, first_day: date, n_days: int) -> int:
    """Count the days from the first to a change, which must lie between."""
    day = (change_on - first_day).days
    if not 0 <= day < n_days:
        raise Asked(
            f"a change on {change_on} lies outside the {n_days} days from {first_day}",
            remedy="Move the change or the days, or pass None for a world without it.",
        )
    return day


def _truth(festival_on: date | None, price_change_on: date | None) -> tuple[Change, ...]:
    changes = []
    if festival_on is not None:
        festival = Change(
            at=midnight(festival_on),
            kind="unseen_level",
            columns=("event_type", "mean_participants"),
            size=FESTIVAL_LAST_SHARE,
            says="events in person return: 'festival' appears among event types, within ten weeks at 16% of the hosts",
        )
        changes.append(festival)
    if price_change_on is not None:
        turn = Change(
            at=midnight(price_change_on),
            kind="concept",
            columns=(),
            size=1.0,
            says="new plans and prices: small companies upgrade more, large ones less; no input moves",
        )
        changes.append(turn)
    return tuple(sorted(changes, key=lambda change: change.at))


def brief_text(*, source: str = "signups.csv", control_share: float = 0.05) -> str:
    """Return the `mainstay.toml` of this story, for the rows written to `source` (relative to the brief).

    `control_share` (0 to 1) of the accounts get today's rule.

    >>> brief_text().splitlines()[2]
    '[model]'
    """
    return BRIEF.format(source=json.dumps(source, ensure_ascii=False), control_share=control_share)


BRIEF = """\
gates = ["F04-target"]                 # the targets that training itself can tell must be met before it is live

[model]
name = "upsell"
purpose = "Call the free sign-ups whose upgrade a call can bring forward"
owner = "growth@example.com"
consumers = ["sales-desk"]

[data]
source = {source}
target = "upgraded"                    # within 90 days of the sign-up
positive = 1
time = "signed_up_at"
time_zone = "UTC"
entity = "signup_id"
segments = ["region"]
outcome_delay = "90d"                  # how late the truth arrives
no_outcome_means = "negative"          # who has not upgraded after 90 days did not upgrade

[decision]
when_high = "call"
when_low = "leave"
threshold = "best"                     # the score from which a call is worth its cost
control_share = {control_share}                   # accounts that get today's rule, to tell our own effect
fallback = "rule"

[today]
rule = "seats_invited >= 10"           # whom the sales team calls without a model

[value]                                # money per sign-up
currency = "USD"
when_high_and_positive = "1.5 * expected_seats * price_shown - 50"  # the upgrade comes six weeks earlier
when_high_and_negative = -50           # half an hour of a sales person
when_low_and_positive = 0
when_low_and_negative = 0

[targets]
roc_auc = 0.75
value_over_today = 2                   # USD per sign-up
p99_latency_ms = 20                    # an exam measures it: no gate of this story

[watch]
false_alarms_per_month = 1

[lifecycle]
autonomy = "recommend"
"""
