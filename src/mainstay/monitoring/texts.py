"""What is watched of free texts beside their length: the script they are written in, and words nobody knew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
import polars as pl

from mainstay.domain.signature import MOSTLY_UNKNOWN, Bins, ReferenceSignature, script_subject, words_subject
from mainstay.domain.terms import WORDS
from mainstay.monitoring.bins import Ints, Used, place
from mainstay.monitoring.counts import histogram

# Where a text mixes them the script of most letters counts; but whoever writes any kana writes Japanese.
SCRIPTS: Mapping[str, str] = {
    "Latin": r"\p{Latin}",
    "Cyrillic": r"\p{Cyrillic}",
    "Greek": r"\p{Greek}",
    "Arabic": r"\p{Arabic}",
    "Hebrew": r"\p{Hebrew}",
    "Devanagari": r"\p{Devanagari}",
    "Bengali": r"\p{Bengali}",
    "Tamil": r"\p{Tamil}",
    "Thai": r"\p{Thai}",
    "Georgian": r"\p{Georgian}",
    "Armenian": r"\p{Armenian}",
    "Ethiopic": r"\p{Ethiopic}",
    "Hangul": r"\p{Hangul}",
    "Han": r"\p{Han}",
}
KANA, JAPANESE = r"[\p{Hiragana}\p{Katakana}]", "Japanese"
OTHER, NO_LETTERS = "another script", "no letters"
READ_LETTERS = 500  # characters of a text that tell its script

# Shares are cut alike everywhere: a reference of which every word is known has no quantiles, and yet moves.
CUTS = (1e-9, 0.05, 0.1, 0.2, 0.3, 0.4, MOSTLY_UNKNOWN, 0.6, 0.7, 0.8, 0.9, 1.0)
MAX_WORDS = 5_000
LEAST_TEXTS = 5  # that a word stands in to be known: what fewer say may be about somebody
MAX_TEXTS = 50_000  # that teach words
AT_ONCE = 50_000  # texts taken apart at once


def scripts(texts: pl.Series) -> pl.Series:
    """Return the script that most letters of each text are written in; null for a missing text.

    >>> scripts(pl.Series(["win", "выиграй", "12", None])).to_list()
    ['Latin', 'Cyrillic', 'no letters', None]
    """
    frame = texts.alias("text").str.slice(0, READ_LETTERS).to_frame()
    text = pl.col("text")
    plain = text.str.len_bytes() == text.str.len_chars()  # ASCII: nothing to look up
    simple = pl.when(text.str.contains(r"[A-Za-z]")).then(pl.lit("Latin")).otherwise(pl.lit(NO_LETTERS))
    told = frame.with_columns(plain=plain, script=pl.when(plain).then(simple))
    odd = told.with_row_index().filter(~pl.col("plain"))
    found = odd.select("index", found=_looked_up(odd["text"]))
    return (
        told.with_row_index()
        .join(found, on="index", how="left", maintain_order="left")
        .select(pl.coalesce("script", "found").alias(texts.name))[texts.name]
    )


def known_words(texts: pl.Series) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the most frequent words that stand in five texts or more, and those of them that stand in six.

    The latter are what a text of the same table finds known in the others. Words are those that models read
    (`domain.terms`), in lower case.
    """
    counted = _words(texts[:MAX_TEXTS]).unique().group_by("word").len("n").filter(pl.col("n") >= LEAST_TEXTS)
    often = counted.sort("n", "word", descending=[True, False]).head(MAX_WORDS).sort("word")
    return tuple(often["word"].to_list()), tuple(often.filter(pl.col("n") > LEAST_TEXTS)["word"].to_list())


def unknown_shares(texts: pl.Series, known: Sequence[str]) -> pl.Series:
    """Return the share of each text's words that are not known, 0 to 1; null for a text without words.

    >>> unknown_shares(pl.Series(["win cash", "win", "!"]), ["win"]).to_list()
    [0.5, 0.0, None]
    """
    vocabulary = pl.Series("word", list(known), dtype=pl.String)
    parts = []
    for first in range(0, max(texts.len(), 1), AT_ONCE):
        some = texts[first : first + AT_ONCE]
        strange = _words(some).group_by("row").agg((~pl.col("word").is_in(vocabulary.implode())).mean().alias("share"))
        rows = pl.DataFrame({"row": pl.int_range(some.len(), eager=True, dtype=pl.UInt32)})
        parts.append(rows.join(strange, on="row", how="left", maintain_order="left")["share"])
    return pl.concat(parts).alias(texts.name)


def with_texts(reference: ReferenceSignature, used: Used, row: Ints, *, names: Sequence[str]) -> ReferenceSignature:
    """Return the reference with the scripts and unknown words of texts `names`, and their counts, period by period.

    `row` is the period of each row (-1 for none).
    """
    made: list[Bins] = []
    counts, words = dict(reference.counts), dict(reference.words)
    for name in names:
        texts = used[name]
        words[name], known_elsewhere = known_words(texts)
        for bins, values in _facts(name, texts, known_elsewhere):
            made.append(bins)
            counts[bins.subject] = histogram(place(values, bins), row, bins, len(reference.periods))
    return msgspec.structs.replace(reference, bins=(*reference.bins, *made), counts=counts, words=words)


def with_facts(decisions: pl.DataFrame, reference: ReferenceSignature, held: Mapping[str, str]) -> pl.DataFrame:
    """Return decisions with a column for each fact that the reference watches of their texts, named by its subject."""
    facts = []
    for name, known in reference.words.items():
        if name in held:
            texts = decisions[held[name]]
            facts += [scripts(texts).alias(script_subject(name))]
            facts += [unknown_shares(texts, known).alias(words_subject(name))]
    return decisions.with_columns(facts)


def _facts(name: str, texts: pl.Series, known: Sequence[str]) -> Iterator[tuple[Bins, pl.Series]]:
    written = scripts(texts)
    yield Bins(subject=script_subject(name), levels=tuple(sorted(written.drop_nulls().unique()))), written
    shares = unknown_shares(texts, known)
    yield Bins(subject=words_subject(name), edges=CUTS, low=0.0, high=1.0), shares


def _looked_up(texts: pl.Series) -> pl.Series:
    """The script of texts that hold more than ASCII."""
    text = pl.col("text")
    counts = [text.str.count_matches(letters).alias(name) for name, letters in SCRIPTS.items()]
    frame = texts.alias("text").to_frame().select("text", *counts)
    most = pl.max_horizontal(*SCRIPTS)
    named = pl.coalesce(pl.when(pl.col(name) == most).then(pl.lit(name)) for name in SCRIPTS)
    rest = pl.when(text.str.contains(r"\p{L}")).then(pl.lit(OTHER)).otherwise(pl.lit(NO_LETTERS))
    chosen = pl.when(text.str.contains(KANA)).then(pl.lit(JAPANESE)).when(most > 0).then(named).otherwise(rest)
    return frame.select(script=chosen)["script"]


def _words(texts: pl.Series) -> pl.DataFrame:
    """Every word of every text: `row` and `word`."""
    found = texts.alias("word").str.to_lowercase().str.extract_all(WORDS).to_frame()
    return found.with_row_index("row").explode("word").filter(pl.col("word").is_not_null())
