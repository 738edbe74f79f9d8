"""A replay told as a page: sentences from its numbers, a time line, a table of what was noticed."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape

import numpy as np

from mainstay.report.pictures import Mark
from mainstay.report.story import Noticed, Period, Story, render_replay, says_money
from mainstay.report.turn import over_baseline
from mainstay.stats.intervals import ratio_interval

START = datetime(2026, 1, 5, tzinfo=UTC)
WEEK = timedelta(days=7)
HOSTILE = '</script><script>alert(1)</script> & "q" 🙂'


def story(n: int = 30) -> Story:
    rng = np.random.default_rng(2)
    periods = tuple(
        Period(
            at=START + i * WEEK,
            decisions=100 + i,
            value_mainstay=12 + rng.normal() if i < n - 4 else None,
            value_baseline=9 + rng.normal() if i < n - 4 else None,
            roc_auc=0.8 if i < n - 4 else None,
        )
        for i in range(n)
    )
    signal = Noticed(
        what="event_type=festival is new",
        since=START + 5 * WEEK,
        noticed_at=START + 6 * WEEK,
        cause="world",
        remedy="retrain",
        truth="festival joins",
        truth_at=START + 5 * WEEK,
    )
    marks = (Mark(START + 5 * WEEK, "festival", "truth"), Mark(START + 6 * WEEK, "noticed", "signal"))
    return Story(
        title="Upsell",
        answer="One change, noticed after seven days.",
        periods=periods,
        marks=marks,
        signals=(signal,),
        currency="USD",
    )


def page(told: Story) -> str:
    return render_replay(told, version="upsell/1", made_at=datetime(2026, 11, 21, tzinfo=UTC))


def test_the_page_tells_answer_money_and_signals() -> None:
    html = page(story())
    assert '<p class="answer">One change, noticed after seven days.</p>' in html
    assert re.search(
        r"Worth USD \d+(\.\d)? a decision more than today's rule over the whole time \(likely", unescape(html)
    )
    assert "noticed on 16 Feb 2026, seven days after it began; in truth: festival joins, 9 Feb 2026" in html
    assert len(re.findall('class="picture"', html)) == 2


def test_the_difference_counts_periods_by_their_decisions() -> None:
    told = story()
    known = [p for p in told.periods if p.value_mainstay is not None and p.value_baseline is not None]
    n = np.array([p.decisions for p in known], dtype=float)
    gains = np.array([(p.value_mainstay or 0) - (p.value_baseline or 0) for p in known])
    assert over_baseline(told.periods) == ratio_interval(gains * n, n)
    assert over_baseline(()) is None


def test_without_money_or_signals_it_still_tells() -> None:
    bare = tuple(Period(at=START + i * WEEK, decisions=0) for i in range(3))
    html = page(Story(title="Quiet", answer="Nothing changed, nothing was noticed.", periods=bare))
    assert "Nothing was noticed" in html
    assert "<figure" not in html


def test_missed_changes_are_named() -> None:
    html = page(replace(story(), missed=("prices changed on 3 June",), next_steps=("mainstay status",)))
    assert "1 signal, 1 missed" in html
    assert "prices changed on 3 June" in html
    assert "mainstay status" in html


def test_one_period_claims_nothing() -> None:
    told = story()
    assert "Worth USD" not in page(replace(told, periods=told.periods[:1]))


def test_texts_are_never_markup_and_nothing_is_loaded() -> None:
    signal = replace(story().signals[0], what=HOSTILE, truth=HOSTILE, cause=HOSTILE)
    html = page(replace(story(), title=HOSTILE, answer=HOSTILE, baseline=HOSTILE, signals=(signal,)))
    assert "<script>alert" not in html
    assert not [url for url in re.findall(r"https?://[^\"'\s<]*", html) if not url.startswith("http://www.w3.org/")]


def test_a_turn_parts_the_time_and_the_wait_stands_beside_the_delay() -> None:
    told = story()
    half = tuple(
        replace(p, value_mainstay=p.value_mainstay and p.value_mainstay - 15, roc_auc=p.roc_auc and 0.62 + i / 1000)
        for i, p in enumerate(told.periods[13:])
    )
    turn = told.periods[13].at
    late = replace(told.signals[0], truth="", truth_at=None, since=turn, noticed_at=turn + 15 * WEEK, wait_days=90.0)
    turned = replace(told, periods=told.periods[:13] + half, turn_at=turn, signals=(late,))
    assert re.match(
        r"Worth USD [\d.]+ a decision more than today's rule \(likely [\d. to]+\) until 6 Apr 2026; since then it "
        r"loses USD [\d.]+ a decision in all, USD \d+ a decision less than today's rule \(likely",
        says_money(turned),
    ), says_money(turned)
    html = page(turned)
    assert "Ranking fell from 0.80 to 0.63 on 6 Apr 2026" in html
    assert "105 days after it seems to have begun, of which 90 days are the wait for outcomes" in html
    assert ">truth<" not in html


def test_a_turn_without_enough_on_either_side_is_none() -> None:
    told = story()
    assert says_money(replace(told, turn_at=told.periods[1].at)) == says_money(told)


def test_columns_that_nothing_fills_are_not_shown() -> None:
    html = page(replace(story(), signals=(replace(story().signals[0], truth="", truth_at=None),)))
    assert "days until noticed" not in html
