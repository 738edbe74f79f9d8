"""What a brief leaves open comes back with the training: once it is answered, no longer."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from mainstay.data.asked import unanswered
from mainstay.data.draft import draft_brief
from mainstay.data.outcome import outcomes
from mainstay.domain.brief import parse_brief
from mainstay.domain.finding import Verdict

RNG = np.random.default_rng(3)
N = 400
HAPPENED = RNG.random(N) < 0.4
CASUAL, REGISTERED = RNG.integers(0, 90, N), RNG.integers(0, 300, N)
TABLE = pl.DataFrame(
    {
        "age": RNG.integers(18, 80, N),
        "seconds": 300 * HAPPENED + RNG.normal(0, 80, N),
        "fnlwgt": RNG.integers(1, 10_000, N),
        "left": HAPPENED.astype(int),
    }
)
COUNTS = pl.DataFrame({"hour": RNG.integers(0, 24, N), "a": CASUAL, "b": REGISTERED, "all": CASUAL + REGISTERED})


def codes(table: pl.DataFrame, target: str, said: str = "", data: str = "") -> set[tuple[str, str]]:
    brief = parse_brief(f'[model]\nname = "m"\n[data]\ntarget = "{target}"\n{data}\n{said}')
    told = outcomes(table, brief)
    inputs = [
        name
        for name in table.columns
        if name not in (target, brief.data.weight, *brief.data.exclude)
        and (name not in brief.fields or brief.fields[name].known_at != "later")
    ]
    found = unanswered(table, told.values, brief, task=told.task, inputs=inputs)
    assert all(each.verdict is Verdict.WARN and each.remedy for each in found)
    assert all(each.because.startswith(f"{each.subject} ") for each in found)
    return {(str(each.subject), each.code) for each in found}


def test_what_init_asks_is_asked_again() -> None:
    assert codes(TABLE, "left") == {("seconds", "F10-too-strong"), ("fnlwgt", "F10-weight-as-input")}
    assert codes(COUNTS, "all") == {("a", "F10-part-of-target"), ("b", "F10-part-of-target")}


@pytest.mark.parametrize("known_at", ["decision", "later"])
def test_an_answer_is_the_end_of_it(known_at: str) -> None:
    said = f'[fields.seconds]\nknown_at = "{known_at}"\n[fields.fnlwgt]\nknown_at = "{known_at}"'
    assert codes(TABLE, "left", said) == set()


def test_what_the_rule_in_use_reads_is_known_when_deciding() -> None:
    assert codes(TABLE, "left", '[today]\nrule = "seconds > 9"') == {("fnlwgt", "F10-weight-as-input")}


def test_a_role_is_an_answer_too() -> None:
    assert codes(TABLE, "left", data='weight = "fnlwgt"\nexclude = ["seconds"]') == set()


def test_a_part_stays_a_part_when_the_other_is_left_out() -> None:
    assert codes(COUNTS, "all", data='exclude = ["a"]') == {("b", "F10-part-of-target")}


def test_a_suspected_weight_is_no_input_of_a_draft() -> None:
    brief = parse_brief(draft_brief(TABLE, source="t.csv", target="left", name="m"))
    assert brief.data.exclude == ("fnlwgt",)
