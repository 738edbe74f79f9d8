"""Numbers written as text: which sign stands before the fraction, what stands around them, and when that is unclear."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from mainstay.domain.number_text import DASHES, SPACES, number_of

# Before a number only currencies: letters there are more often the name of something, such as A12.
CODES = (
    "AUD|BRL|CAD|CHF|CNY|CZK|DKK|EUR|GBP|HKD|HUF|IDR|ILS|INR|JPY|KRW|MXN|NOK|NZD|PLN|RUB|SEK|SGD|THB|TRY|TWD|USD|ZAR"
)
BEFORE = rf"\p{{Sc}}|[A-Z]{{1,3}}\$|(?:{CODES})|Rs\.?|[Kk]r\.?|Fr\.?"
BEHIND = r"\p{Sc}|[%‰]|°[CFK]?|[\p{L}µ][\p{L}\d²³/%°.*]{0,15}"
SIGNS = "[+−-]?"
BODY = rf"(?:\d[\d.,'’{SPACES}]*|[.,]\d+)(?:[eE][+-]?\d{{1,4}})?"
SHAPE = rf"^\(?\s*{SIGNS}\s*({BEFORE})?\s*{SIGNS}\s*\(?({BODY})\s*\)?\s*({BEHIND})?\s*[−-]?\s*\)?$"
CODED = (
    rf"^\(?\s*{SIGNS}\s*0\d"  # a leading zero is dropped by arithmetic: postcodes and account numbers are not amounts
)
PLAIN = r"^[+-]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})$"  # read by Polars and by Python to the same bit
PLAIN_WHOLE = r"^[+-]?\d{1,15}$"

NUMBER_SHARE = 0.95  # texts that are numbers but for a few stray words are numbers with faults, not categories
MAX_SEEN = 50_000  # distinct texts that tell how a column writes its numbers
MAX_SHARED = 2_000  # distinct texts that tell the share of numbers among them
FEW = 20  # with so few distinct texts a stray word is a code of its own


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How a column writes its numbers: the sign before the fraction, and the currency or unit around them.

    `ambiguous` says that `1,234` may be a thousand or a one: `decimal` is then one of two.
    """

    decimal: str = "."
    affix: str = ""
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class NumberSight:
    """What numbers there are among texts: their style where they are numbers but for a few, and their share.

    `units` are the currencies and units around them where there are several.
    """

    style: NumberStyle | None
    share: float
    units: tuple[str, ...] = ()


def number_sight(distinct: pl.Series) -> NumberSight:
    """See what numbers stand among distinct, trimmed texts.

    >>> number_sight(pl.Series(["€ 1.234,5", "€ 3"])).style
    NumberStyle(decimal=',', affix='€', ambiguous=False)
    >>> number_sight(pl.Series(["1,234", "5,678"])).style
    NumberStyle(decimal='.', affix='', ambiguous=True)
    """
    distinct = distinct.filter(~distinct.is_in(list(DASHES)))
    if distinct.str.contains(CODED).any():
        return NumberSight(None, 0.0)
    if distinct.len() and distinct.str.contains(PLAIN).all():
        return NumberSight(NumberStyle(), 1.0)
    if distinct.len() > MAX_SEEN:
        distinct = distinct.sample(MAX_SEEN, seed=0)
    shapes = distinct.str.extract_groups(SHAPE).struct.unnest()
    shapes.columns = ["before", "body", "behind"]
    bodies = shapes["body"].drop_nulls().str.strip_chars()
    share = numbers_of(distinct.head(MAX_SHARED), NumberStyle()).count() / max(min(distinct.len(), MAX_SHARED), 1)
    n_stray = distinct.len() - bodies.len()
    if bodies.is_empty() or not _are_most(bodies.len(), n_stray):
        return NumberSight(None, share)
    affixes = shapes["before"].fill_null(shapes["behind"]).drop_nulls()
    units = _units(affixes)
    rest = affixes.len() - int(units[0][1]) if units else 0
    if len(units) > 1 and not _are_most(bodies.len() - rest, n_stray + rest):
        return NumberSight(None, share, tuple(unit for unit, _ in units))
    decimal, ambiguous = _decimal(bodies)
    style = NumberStyle(decimal or ".", units[0][0] if units else "", ambiguous)
    n_read = numbers_of(distinct, style).count()
    is_read = decimal is not None and _are_most(n_read, distinct.len() - n_read)
    return NumberSight(style if is_read else None, share)


def numbers_of(texts: pl.Series, style: NumberStyle) -> pl.Series:
    """Return texts as Float64, each as `number_of` reads it; what is none is null."""
    pattern = PLAIN if style.decimal == "." else PLAIN_WHOLE
    plain = texts.str.contains(pattern).fill_null(False)
    quick = texts.zip_with(plain, pl.Series([None], dtype=pl.String)).cast(pl.Float64, strict=False)
    others = texts.filter(~plain).drop_nulls().unique()
    if others.is_empty():
        return quick
    read = pl.Series([_number(text, style) for text in others.to_list()], dtype=pl.Float64)
    slow = texts.replace_strict(others, read, default=None, return_dtype=pl.Float64)
    return quick.zip_with(plain, slow)


def _number(text: str, style: NumberStyle) -> float | None:
    try:
        return number_of(text, decimal=style.decimal, affix=style.affix)
    except ValueError:
        return None


def _are_most(n_numbers: int, n_stray: int) -> bool:
    return n_stray == 0 or (n_numbers > FEW and n_numbers >= NUMBER_SHARE * (n_numbers + n_stray))


def _units(affixes: pl.Series) -> list[tuple[str, int]]:
    """The currencies and units, however capital, each as it is mostly written; the most frequent first."""
    if affixes.is_empty():
        return []
    written = pl.DataFrame({"unit": affixes}).group_by("unit").len("n").sort(["n", "unit"], descending=[True, False])
    folded = written.group_by(pl.col("unit").str.to_lowercase().alias("key"), maintain_order=True).agg(
        pl.col("unit").first(), pl.col("n").sum()
    )
    return list(folded.sort("n", descending=True, maintain_order=True).select("unit", "n").iter_rows())


def _decimal(bodies: pl.Series) -> tuple[str | None, bool]:
    """The sign before the fraction, None where texts contradict each other; and whether it is a guess.

    A sign is the fraction's where it is the last of both, or has not exactly three digits behind it, or more than three
    or a zero before it; it groups thousands where it comes twice. `1,234` alone tells nothing: it groups where smaller
    numbers stand without it.
    """
    commas = int(bodies.str.contains(",", literal=True).sum())
    if not commas and not bodies.str.contains(r"\..*\.").any():
        return ".", False
    said = {sign: _fractions(bodies, sign) + _groups(bodies, "," if sign == "." else ".") for sign in ".,"}
    n_said = sum(said.values())
    if n_said:
        sign = max(said, key=lambda each: said[each])
        return (sign if said[sign] >= NUMBER_SHARE * n_said else None), False
    if not commas or bodies.str.contains(".", literal=True).any():
        return ("." if not commas else None), False
    whole = bodies.filter(bodies.str.contains(r"^\d+$"))
    return ".", whole.is_empty() or bool((whole.str.len_chars() > 3).any())


def _fractions(bodies: pl.Series, sign: str) -> int:
    """How many bodies can only have this sign before their fraction."""
    other = "," if sign == "." else "."
    point = rf"\{sign}"
    one = bodies.filter(bodies.str.count_matches(point) == 1)
    mixed = one.str.contains(rf"\{other}.*{point}")
    odd = ~one.str.contains(rf"{point}\d{{3}}(?:[eE].*)?$") | one.str.contains(rf"(^|[^\d\{other}])0?{point}")
    long = one.str.contains(rf"[\d'’{SPACES}]{{4,}}{point}")
    alone = ~one.str.contains(rf"\{other}")
    return int((mixed | ((odd | long) & alone)).sum())


def _groups(bodies: pl.Series, sign: str) -> int:
    """How many bodies can only have thousands grouped by this sign, since it comes more than once."""
    other = "," if sign == "." else "."
    several = bodies.filter(bodies.str.count_matches(rf"\{sign}") > 1)
    return int((~several.str.contains(rf"\{other}")).sum())
