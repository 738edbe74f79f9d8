"""Rows made from the schema to break it: whatever comes, there is a score or a fault that says what to mend."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mainstay.checks.check import Check, Section
from mainstay.checks.examined import Examined, Reply
from mainstay.checks.replies import answers, is_sane
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.schema import Field, Kind, Schema

SCHEMA_MADE = "F19-schema-made"
N_ROWS = 400
PLAIN_SHARE = 0.6  # of the values stay fine: a row that is all nonsense is refused at once, and tests nothing more
LEFT_OUT_SHARE = 0.1

ANYTHING: tuple[object, ...] = (
    None, "", " ", "nan", "null", "None", True, False, 0, -0.0, 1e-320, 1e308, -1e308, float("inf"), float("-inf"),
    float("nan"), 2**63, -(2**63) - 1, 10**400, [], {}, [[]], {"a": {"b": None}}, b"\x00\xff", "\x00", "\ud800",
    "\u202e\u200b", "🦋" * 50, "x" * 30_000, "1e999", "0x10", "１２", "1_000", "12,5", "1.000,5", "12 kg", "--1",
    "=1+1", "'; drop table rows; --", "<script>", "2020-02-30", "0000-00-00", "9999-12-31T23:59:60Z", "1e5e5",
    "٣", "∞", "½",
)  # fmt: skip
OF_KIND: dict[Kind, tuple[object, ...]] = {
    Kind.NUMBER: ("1e5", " 7 ", "1,000.5", "-", "+", ".", ",", "1e", "€5", "5%", "(5)", 5e-324, 1.7976931348623157e308),
    Kind.CATEGORY: (" ", "a" * 300, "A\u030a", "\n", 3, 3.5, True, "other", "unseen"),
    Kind.BOOLEAN: ("yes", "NO", "wahr", 2, -1, "y ", "maybe"),
    Kind.DATETIME: ("1900-01-01", "2038-01-19T03:14:08Z", "0001-01-01", "2020-13-01", "now", 0, 1e18, "2020-W53-7"),
    Kind.TEXT: ("\n" * 1000, "a " * 5000, "\x00", "𝔘𝔫𝔦", 5),
}


def schema_made(exam: Examined) -> Iterable[Finding]:
    """Ask about rows made to break the schema, in a batch and those that went wrong alone."""
    rows = made(exam.schema, seed=exam.seed)
    got = answers(exam, rows)
    if isinstance(got, str):
        alone = [answers(exam, [row]) for row in rows]
        errors = sorted({reply for reply in alone if isinstance(reply, str)} | {got})
        n = sum(isinstance(reply, str) for reply in alone)
        because = f"of {len(rows)} rows made to break the schema {n} break the answer ({', '.join(errors)})"
        yield Finding(code=SCHEMA_MADE, verdict=Verdict.FAIL, because=because, measured=n / len(rows), limit=0.0)
        return
    yield _judged(exam, got)


def made(schema: Schema, *, seed: int, n_rows: int = N_ROWS) -> list[dict[str, object]]:
    """Return rows whose values are fine, odd, hostile or left out, and columns that nobody knows; the same by seed."""
    rng = np.random.default_rng(seed)
    return [_row(schema, rng) for _ in range(n_rows)] + [{}, {"\x00": None}, dict.fromkeys(map(str, range(2000)), 1)]


def _row(schema: Schema, rng: np.random.Generator) -> dict[str, object]:
    row: dict[str, object] = {}
    for field in schema.admitted:
        chance = rng.random()
        if chance >= LEFT_OUT_SHARE:
            name = field.name.upper() if rng.random() < 0.02 else field.name
            row[name] = _fine(field, rng) if chance < LEFT_OUT_SHARE + PLAIN_SHARE else _odd(field, rng)
    if rng.random() < 0.1:
        row[str(_picked(ANYTHING, rng))[:300]] = _picked(ANYTHING, rng)
    return row


def _fine(field: Field, rng: np.random.Generator) -> object:
    if field.levels:
        return field.levels[int(rng.integers(len(field.levels)))]
    if field.kind is Kind.NUMBER:
        low, high = field.low if field.low is not None else 0.0, field.high if field.high is not None else 1.0
        return low + (high - low) * float(rng.random()) if np.isfinite(high - low) else low
    return "2024-02-29T12:00:00Z" if field.kind is Kind.DATETIME else field.example


def _odd(field: Field, rng: np.random.Generator) -> object:
    bounds = tuple(10 * bound for bound in (field.low, field.high) if bound is not None)
    near = (*OF_KIND[field.kind], *bounds, *(f" {level.upper()} " for level in field.levels[:3]))
    return _picked(near if rng.random() < 0.4 else ANYTHING, rng)


def _picked(among: tuple[object, ...], rng: np.random.Generator) -> object:
    return among[int(rng.integers(len(among)))]


def _judged(exam: Examined, got: list[Reply]) -> Finding:
    mad, refused = sum(not is_sane(exam, reply) for reply in got), sum(bool(reply.faults) for reply in got)
    share = mad / len(got)
    if mad:
        because = f"{mad} of {len(got)} rows made to break the schema got neither a score in range nor a fault to mend"
        return Finding(code=SCHEMA_MADE, verdict=Verdict.FAIL, because=because, measured=share, limit=0.0)
    because = (
        f"{len(got)} rows made to break the schema: {len(got) - refused} scored, {refused} refused with what to mend"
    )
    return Finding(code=SCHEMA_MADE, verdict=Verdict.PASS, because=because, measured=share, limit=0.0)


SCHEMA_MADE_CHECK = Check(
    code=SCHEMA_MADE,
    section=Section.ROBUSTNESS,
    asks="Is there always a score or a fault that can be mended, whatever comes?",
    limit="Of some 400 rows made from the schema to break it, none may break an answer or get a score out of range.",
    remedy="A recipe of one's own must score any row that its schema admits; report anything else as a fault.",
    source="Polyzotis et al. 2019, schema-driven fuzzing; MacIver & Hatfield-Dodds 2019",
    look=schema_made,
)
