"""Another language in a text is seen, by its script and by words that nobody knew."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.monitoring.watching import Watching
from tests.monitoring.worlds import brief, same_columns, seconds

from mainstay.domain.schema import Field, Kind, Schema
from mainstay.monitoring import drift, novelty
from mainstay.monitoring.count import count
from mainstay.monitoring.reference import build_reference
from mainstay.monitoring.texts import known_words, scripts, unknown_shares
from mainstay.monitoring.yardstick import learn

DAILY = brief(watch='period = "1d"')
ENGLISH = "the order came late and the box was broken please send a new one or pay back"
GERMAN = "die ware kam spät und der karton war kaputt bitte schickt etwas neues oder zahlt"
RUSSIAN = "заказ пришёл поздно и коробка была сломана пришлите новый или верните деньги"
N_BEFORE, N_AFTER, A_DAY = 4_000, 1_500, 100


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Hello", "Latin"),
        ("Grüße aus Köln", "Latin"),
        ("привет, Anna", "Cyrillic"),
        ("東京", "Han"),
        ("東京へ行く", "Japanese"),
        ("한국어", "Hangul"),
        ("γεια", "Greek"),
        ("שלום", "Hebrew"),
        ("مرحبا", "Arabic"),
        ("12 %", "no letters"),
        ("€ 12", "no letters"),
        ("", "no letters"),
        ("ᏣᎳᎩ", "another script"),
        (None, None),
    ],
)
def test_the_script_of_a_text(text: str | None, script: str | None) -> None:
    assert scripts(pl.Series(["a", text], dtype=pl.String)).to_list() == ["Latin", script]


@settings(max_examples=10, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=20)), max_size=20))
def test_every_text_has_a_script_and_a_share_if_it_has_words(texts: list[str | None]) -> None:
    column = pl.Series("t", texts, dtype=pl.String)
    assert scripts(column).is_null().to_list() == [text is None for text in texts]
    shares = unknown_shares(column, ["aa"])
    assert shares.len() == column.len()
    assert shares.drop_nulls().is_between(0, 1).all()


def test_words_are_known_that_stand_in_several_texts_and_no_others() -> None:
    texts = pl.Series(["order late", "order"] * 3 + ["name of somebody"])
    assert known_words(texts) == (("order",), ("order",))
    five, elsewhere = known_words(texts[:5])
    assert (five, elsewhere) == (("order",), ())


def written(language: str, n: int, seed: int) -> pl.Series:
    rng = np.random.default_rng(seed)
    return pl.Series([" ".join(rng.choice(language.split(), size=8)) for _ in range(n)])


def told(later: pl.Series) -> Watching:
    """Notes in English, a hundred a day; `later` come after forty days."""
    notes = pl.concat([written(ENGLISH, N_BEFORE, 1), later])
    start = datetime(2024, 1, 1, tzinfo=UTC)
    day_us = 86_400_000_000
    at = pl.Series(np.arange(notes.len()) * (day_us // A_DAY)).cast(pl.Duration("us")) + start
    rows = pl.DataFrame({"at": at, "note": notes})
    schema = Schema(fields=(Field(name="note", kind=Kind.TEXT),), target="outcome", time="at")
    old = rows[:N_BEFORE]
    reference = build_reference(old, np.full(N_BEFORE, 0.5), seconds(old), schema=schema, brief=DAILY, seed=1)
    decided = rows[N_BEFORE:].with_columns(version=pl.lit(1), arm=pl.lit("champion"), score=0.5, decision=pl.lit("no"))
    return Watching(learn(reference, DAILY), decided, count(decided, reference, columns=same_columns(schema)), schema)


def test_a_new_script_is_named_at_once() -> None:
    seen = told(pl.concat([written(ENGLISH, 500, 2), written(RUSSIAN, N_AFTER, 3)]))
    named = seen.findings(novelty.UNSEEN)
    assert named[0].finding.subjects == ("note=Cyrillic",)
    assert "are in a script of note that training never saw: Cyrillic" in named[0].finding.because
    assert named[0].start == "2024-02-15T00:00:00Z"


def test_another_language_in_the_same_script_is_seen_by_its_words() -> None:
    seen = told(pl.concat([written(ENGLISH, 500, 2), written(GERMAN, N_AFTER, 3)]))
    named = [each for each in seen.findings(drift.DRIFT) if "unknown words in note" in each.finding.because]
    assert named[0].finding.subjects == ("note",)
    assert named[0].start == "2024-02-15T00:00:00Z"
    assert seen.findings(novelty.UNSEEN) == []


def test_more_of_the_same_is_no_news() -> None:
    assert told(written(ENGLISH, 2_000, 2)).judged().judged == ()


def test_words_of_personal_texts_are_not_kept() -> None:
    notes = pl.DataFrame({"note": written(ENGLISH, 500, 1)})
    schema = Schema(fields=(Field(name="note", kind=Kind.TEXT, personal=True),), target="outcome")
    made = build_reference(notes, np.full(500, 0.5), None, schema=schema, brief=DAILY, seed=1)
    assert made.words == {}
