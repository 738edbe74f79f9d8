"""The report is one page that is whole, offline, escaped and small, for any evaluation there may be."""

import base64
import hashlib
import json
import re
from datetime import datetime
from html import unescape
from html.parser import HTMLParser

import msgspec
import numpy as np
import polars as pl
import pytest
from tests.report.conftest import BRIEF, VALUE, MakeEvaluation

from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.errors import Asked
from mainstay.domain.evaluation import CandidateResult, Estimate, Evaluation
from mainstay.domain.finding import Finding, Verdict
from mainstay.report.actions import words_of
from mainstay.report.answer import facts
from mainstay.report.ladder import ladder
from mainstay.report.page import render
from mainstay.report.rows import rows_of

HOSTILE = "</script><script>alert(1)</script> \"q\" 'a' & <b> 🙂 {{ 7*7 }} " + "n" * 300
MOST_BYTES = 2_000_000
EVENTS = re.compile(r"\son\w+=")


class Page(HTMLParser):
    """The parts of a page that matter here: tags by name with their attributes, and the text of scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] == "script":
            self.scripts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def html(evaluation: Evaluation, brief: Brief, made_at: datetime) -> str:
    return render(evaluation, brief, version="credit/3", made_at=made_at)


def test_the_first_page_says_what_the_statistics_say(html: str, evaluation: Evaluation, brief: Brief) -> None:
    rows = rows_of(evaluation)
    steps = ladder(rows, evaluation.summary.threshold)
    for fact in facts(steps, steps.chosen, words_of(brief), "TWD", "declining every case"):
        assert f'<span class="says">{fact.says}</span> <small>{fact.likely}</small>' in unescape(html)
    assert "version credit/3 · 21 Nov 2026" in html
    assert "Not examined yet; by what training asked it is ready, with one condition." in html
    assert evaluation.summary.model_digest in html


def test_the_first_page_has_room_for_the_first_clauses_of_a_finding(
    evaluation: Evaluation, brief: Brief, made_at: datetime
) -> None:
    clauses = [f"group {i} is decided wrongly in {i} of 100 cases" for i in range(9)]
    long = Finding(code="F18-costs", verdict=Verdict.FAIL, because="; ".join(clauses))
    summary = msgspec.structs.replace(evaluation.summary, findings=(long,))
    html = render(Evaluation(summary, evaluation.rows), brief, version="credit/3", made_at=made_at)
    first, others = html.split('<section id="checks">')
    assert clauses[1] in first
    assert clauses[8] not in first
    assert clauses[8] in others


def test_same_in_same_out(html: str, evaluation: Evaluation, brief: Brief, made_at: datetime) -> None:
    assert render(evaluation, brief, version="credit/3", made_at=made_at) == html


def test_nothing_is_loaded(html: str) -> None:
    urls = re.findall(r"(?:https?:)?//[a-z][^\"'\s<>]*", re.sub(r"(?s)<script.*?</script>", "", html))
    assert [url for url in urls if "://" in url and not url.startswith("http://www.w3.org/")] == []
    page = Page(html)
    assert not {"link", "img", "iframe", "object", "embed", "base", "form"} & {tag for tag, _ in page.tags}
    assert not [a for _, a in page.tags if "src" in a]
    assert {a["href"][0] for a in page.all("a") if a["href"]} == {"#"}
    assert "@import" not in html
    assert not re.findall(r"url\((?!#)", html)


def test_only_our_script_may_run(html: str) -> None:
    policy = next(a["content"] for a in Page(html).all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert policy
    assert policy.startswith("default-src 'none'")
    scripts = re.findall(r"(?s)<script>(.*?)</script>", html)
    assert len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policy


def test_every_picture_has_words_and_a_table(html: str) -> None:
    page = Page(html)
    pictures = [a for a in page.all("div") if a.get("class") == "picture"]
    assert len(pictures) == 6  # three cuts of lift, reliability, money, candidates
    assert all(len(a["aria-label"] or "") > 30 for a in pictures)
    ids = [a["id"] for _, a in page.tags if a.get("id")]
    assert len(ids) == len(set(ids))
    assert {"table-lift", "table-reliability", "table-thresholds", "table-candidates", "table-confusion"} <= set(ids)


def test_controls_are_native_and_named(html: str) -> None:
    page = Page(html)
    named = {a["for"] for a in page.all("label")}
    controls = [a for tag in ("input", "select") for a in page.all(tag)]
    assert {a["id"] for a in controls} == {"threshold", "threshold-number", "buckets"}
    assert all(a["id"] in named or a.get("aria-label") for a in controls)


def hostile(evaluation: Evaluation) -> Evaluation:
    finding = Finding(code=HOSTILE, verdict=Verdict.FAIL, because=HOSTILE, remedy=HOSTILE, subjects=(HOSTILE,))
    candidates = tuple(msgspec.structs.replace(one, title=HOSTILE) for one in evaluation.summary.candidates)
    summary = msgspec.structs.replace(
        evaluation.summary, findings=(finding,), candidates=candidates, currency=HOSTILE, snapshot=HOSTILE
    )
    return Evaluation(summary, evaluation.rows)


def hostile_brief() -> Brief:
    text = json.dumps(HOSTILE, ensure_ascii=False)
    return parse_brief(
        f'[model]\nname = "m"\npurpose = {text}\nowner = {text}\n[data]\ntarget = {text}\npositive = {text}\n'
        f'[decision]\nwhen_high = {text}\nwhen_low = "no"\n' + VALUE
    )


def test_texts_are_never_markup(evaluation: Evaluation, made_at: datetime) -> None:
    html = render(hostile(evaluation), hostile_brief(), version=HOSTILE, made_at=made_at)
    page = Page(html)
    assert len(page.all("script")) == 3
    assert not page.all("b") or all(not a for a in page.all("b"))
    assert "<script>alert" not in html
    assert "{{ 7*7 }}" in html
    assert "<b> 🙂" not in html
    assert not [a for _, a in page.tags if any(name.startswith("on") for name in a)]
    data = re.search(r'(?s)id="thresholds-data">(.*?)</script>', html)
    assert data
    assert HOSTILE[:40] in json.loads(data[1])["words"]["cases"]


def test_without_money_the_page_works_in_shares(
    make_evaluation: MakeEvaluation, brief_without_money: Brief, made_at: datetime
) -> None:
    html = render(make_evaluation(800, money=False), brief_without_money, version="m/1", made_at=made_at)
    assert "Money is not stated" in html
    assert "when_low_and_negative" in html
    assert "figure-money" not in html
    assert 'id="fact-ahead"' not in html
    assert 'id="fact-share"' in html


BENT = {
    "one row": {"n": 1},
    "nobody happened, nobody reaches it": {"n": 90, "outcome": np.zeros(90), "threshold": None},
    "everybody happened, everybody reaches it": {"n": 90, "outcome": np.ones(90), "threshold": 0.0},
    "one score for all": {"n": 90, "score": np.full(90, 0.3)},
    "scores of nought and one": {"n": 90, "score": np.arange(90) % 2.0, "threshold": 1.0},
    "worthless either way": {"n": 90, "value_low": np.zeros(90), "score": np.zeros(90)},
    "huge money": {"n": 90, "value_low": np.full(90, 1e15), "value_high": np.full(90, -1e15)},
    "tiny money on rare events": {
        "n": 90,
        "value_low": np.full(90, 1e-7),
        "score": np.linspace(0, 1e-4, 90),
        "threshold": 2e-5,
    },
    "nothing was judged": {"n": 90, "findings": (), "candidates": (), "metrics": {}},
}


@pytest.mark.parametrize("bent", BENT.values(), ids=BENT.keys())
def test_odd_evaluations_make_a_page(
    bent: dict[str, object], make_evaluation: MakeEvaluation, brief: Brief, made_at: datetime
) -> None:
    html = render(make_evaluation(**bent), brief, version="credit/1", made_at=made_at)
    text = re.sub(r"(?s)<(script|style).*?</\1>", "", html)
    assert not re.search(r"\b(nan|NaN|inf|None|Infinity)\b", re.sub(r"<[^>]*>", " ", text))
    for data in re.findall(r'(?s)<script type="application/json"[^>]*>(.*?)</script>', html):
        json.loads(data, parse_constant=lambda word: pytest.fail(f"{word} in the page's data"))


def test_a_candidate_without_bounds(make_evaluation: MakeEvaluation, brief: Brief, made_at: datetime) -> None:
    evaluation = make_evaluation(300)
    bare = CandidateResult(
        name="rule",
        title="rule",
        metrics={},
        threshold=None,
        value=Estimate(3.0),
        winner_ahead=Estimate(2.0),
        chosen=False,
    )
    summary = msgspec.structs.replace(evaluation.summary, candidates=(*evaluation.summary.candidates, bare))
    assert "rule" in render(Evaluation(summary, evaluation.rows), brief, version="credit/1", made_at=made_at)


def test_other_bucket_counts_open_first(evaluation: Evaluation, brief: Brief, made_at: datetime) -> None:
    html = render(evaluation, brief, version="credit/3", made_at=made_at, n_buckets=7)
    assert re.findall(r'<option value="(\d+)"( selected)?', html) == [
        ("5", ""),
        ("7", " selected"),
        ("10", ""),
        ("20", ""),
    ]


def test_many_rows_stay_small(make_evaluation: MakeEvaluation, brief: Brief, made_at: datetime) -> None:
    rng = np.random.default_rng(5)
    n = 200_000
    html = render(make_evaluation(n, score=rng.beta(1.2, 4, n)), brief, version="credit/3", made_at=made_at)
    assert len(html.encode()) < MOST_BYTES / 3


def test_many_rows_views_and_segments_stay_within_bounds(
    make_evaluation: MakeEvaluation, brief: Brief, made_at: datetime
) -> None:
    n, rng = 100_000, np.random.default_rng(5)
    made = make_evaluation(n, score=rng.beta(1.2, 4, n))
    views = {f"value_{side}:view {k}": rng.lognormal(9, 2, n) for k in range(6) for side in ("high", "low")}
    levels = {f"segment:c{k}": rng.integers(0, 500, n).astype(str) for k in range(9)}
    frame = made.rows.with_columns(**{name: pl.Series(column) for name, column in (views | levels).items()})
    html = render(Evaluation(made.summary, frame), brief, version="credit/3", made_at=made_at)
    assert "Not shown, for having one level or too many: c3, c4" in html
    assert len(html.encode()) < MOST_BYTES


def test_a_month_is_told_where_time_is_known(make_evaluation: MakeEvaluation, made_at: datetime) -> None:
    at = np.linspace(0, 200 * 86400.0, 2000)
    html = render(
        make_evaluation(2000, at=at, split="time"), parse_brief(BRIEF + VALUE), version="credit/3", made_at=made_at
    )
    assert "At about 300 decisions a month that is TWD" in html
    assert not EVENTS.search(html)


@pytest.mark.parametrize("n_buckets", [0, 1, 101])
def test_absurd_bucket_counts_are_refused(
    n_buckets: int, evaluation: Evaluation, brief: Brief, made_at: datetime
) -> None:
    with pytest.raises(Asked, match="buckets"):
        render(evaluation, brief, version="credit/3", made_at=made_at, n_buckets=n_buckets)
