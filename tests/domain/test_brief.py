"""A brief is read whole or refused with file, line, what came and what is wanted."""

from __future__ import annotations

import contextlib
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.brief.read import brief_digest, line_numbers
from mainstay.domain.errors import BriefError
from mainstay.domain.schema import Kind
from mainstay.domain.task import Task

BASE = '[model]\nname = "m"\n[data]\ntarget = "t"\n'

CREDIT = """
[model]
name = "credit"
purpose = "Decline card applications that would lose money"
owner = "risk-models@example.com"
consumers = ["loan-origination"]
[data]
source = "credit_card_default.csv"     # CSV, Parquet or a Delta table
target = "target"
positive = 1
exclude = ["ID"]
outcome_delay = "30d"
no_outcome_means = "unknown"
[decision]
when_high = "decline"
when_low = "approve"
threshold = "best"
[today]
rule = "PAY_0 >= 2"
[value]
currency = "TWD"
when_high_and_positive = 0
when_high_and_negative = 0
when_low_and_positive = "-0.20 * LIMIT_BAL"
when_low_and_negative = "0.06 * LIMIT_BAL"
[value.revenue]
when_high_and_positive = 0
when_high_and_negative = 0
when_low_and_positive = 0
when_low_and_negative = "0.06 * LIMIT_BAL"
[fairness]
max_gap = 0.1
[fairness.SEX]
max_ratio = 1.25
[fields."my column"]
kind = "category"
[targets]
roc_auc = 0.75
value_over_today = 300
p99_latency_ms = 20
[watch]
false_alarms_per_month = 1
[lifecycle]
autonomy = "recommend"
"""


def refusal(text: str) -> str:
    with pytest.raises(BriefError) as caught:
        parse_brief(text, file="mainstay.toml")
    return caught.value.what


def test_the_brief_of_the_credit_table_is_understood() -> None:
    brief = parse_brief(CREDIT)
    assert brief.value.outcomes == (0, 0, "-0.20 * LIMIT_BAL", "0.06 * LIMIT_BAL")
    assert brief.value.views["revenue"].when_low_and_negative == "0.06 * LIMIT_BAL"
    assert brief.fairness.by["SEX"].max_ratio == 1.25
    assert brief.fields["my column"].kind is Kind.CATEGORY
    assert brief.gates == ("targets",)


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ('\n[inputs.age]\nknown_at = "later"', "mainstay.toml:6: inputs: unknown key. Known: model"),
        ("[modell]\nx = 1", "mainstay.toml:5: modell: unknown key. Did you mean 'model'?"),
        (
            "[value.revenue]\nwhen_hi = 1",
            "mainstay.toml:6: value.revenue.when_hi: unknown key. Known: currency, when_high",
        ),
        ("[fairness.sex]\nmaxgap = 1", "mainstay.toml:6: fairness.sex.maxgap: unknown key. Did you mean 'max_gap'?"),
        ('[fields."my col"]\nkindd = 1', "mainstay.toml:6: fields.\"my col\".kindd: unknown key. Did you mean 'kind'?"),
        ('[fields."a]b"]\n\nlow = "x"', "mainstay.toml:7: fields.\"a]b\".low: got 'x'; input should be a valid number"),
        ('[fields.str]\nlow = "x"', "mainstay.toml:6: fields.str.low: got 'x'; input should be a valid number"),
        ("[fields]\nx = {low = 5, high = 1}", "mainstay.toml:6: fields.x: low 5.0 is above high 1.0"),
        ('exclude = "ID"', "mainstay.toml:5: data.exclude: got 'ID'; input should be a list"),
        ('outcome_delay = "-1d"', "mainstay.toml:5: data.outcome_delay: '-1d' is not a duration"),
        ('time_zone = "Mars/Base"', "mainstay.toml:5: data.time_zone: 'Mars/Base' is not a time zone"),
        (
            "positive = nan",
            "mainstay.toml:5: data.positive: got nan; input should be a valid string or a finite number",
        ),
        (
            "[targets]\nroc_auc = 75",
            "mainstay.toml:6: targets.roc_auc: got 75; input should be less than or equal to 1",
        ),
        ('[decision]\nthreshold = "bst"', "mainstay.toml:6: decision.threshold: got 'bst'; input should be 'best' or"),
        (
            '[value]\nwhen_high_and_positive = "0.1 *"',
            "mainstay.toml:6: value.when_high_and_positive: '0.1 *' is not an",
        ),
        ('[watch]\nperiod = "0d"', "mainstay.toml:6: watch.period: '0d' has no length"),
        ("[data]", "mainstay.toml:5: Cannot declare ('data',) twice"),
        ('x = "', "mainstay.toml:5: "),
    ],
)
def test_a_wrong_key_is_named_with_its_line_and_what_is_wanted(lines: str, wanted: str) -> None:
    said = refusal(f"{BASE}{lines}\n")
    assert said.startswith(wanted)
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ('time = "t"', "4: data.target: 't' has a second role"),
        ('exclude = ["t"]', "5: data.exclude: the target 't' is excluded"),
        ("[value]\nwhen_high_and_positive = 1", "5: value: all four of"),
        ("[value]\nover = 1\nwhen_high_and_positive = 1", "5: value: keys of more than one task"),
        ("positive = 1\n[decision]\nthreshold = 3", "7: decision.threshold: 3.0 is not a probability"),
        ("[decision]\ncontrol_share = 0.1", "6: decision.control_share: the control group gets today's rule"),
        (
            '[fields.a]\ndefault = 1\non_missing = "refuse"',
            "5: fields.a: a default is what a missing value is taken as, and on_missing refuses them: drop one",
        ),
        (
            '[fields.a]\nlevels = ["fest"]\nlevel_aliases = { fest = "festival" }',
            "5: fields.a: level_aliases: 'fest' is a level itself, so it cannot be another word for one",
        ),
        ('[decision]\nfallback = "rule"', "6: decision.fallback: 'rule' needs [today] rule"),
        ('[decision]\nwhen_high = "no"', "5: decision: when_high and when_low are both 'no'"),
        ('no_outcome_means = "negative"', "5: data.no_outcome_means: 'negative' needs an outcome_delay"),
        ("[targets]\nvalue_over_today = 3", "6: targets.value_over_today: there is no [value]"),
        ('[fields.x]\naliases = ["y", "y"]', "6: fields.x.aliases: 'y' already names another field"),
        ("[value]\nwhen_high_and_positive = -1e308", "6: value.when_high_and_positive: -1e+308 is no sum of money"),
        ("[costs]\nlabel = 1e308", "6: costs.label: 1e+308 is no sum of money"),
        ("[today]\ncost_per_case = 1e16", "6: today.cost_per_case: 1e+16 is no sum of money"),
        ('population = "postgresql://anna:secret@host/db"', "5: data.population: the address holds a password"),
        ('population = "postgresql://host/db"', "5: data.population: name a file, a folder of files or a Delta table"),
        ('population = " "', "5: data.population: name a file, a folder of files or a Delta table"),
    ],
)
def test_contradictions_are_refused(lines: str, wanted: str) -> None:
    assert refusal(f"{BASE}{lines}\n").startswith(f"mainstay.toml:{wanted}")


def test_every_problem_is_told_at_once() -> None:
    said = refusal(f'{BASE}time = "t"\n[decision]\ncontrol_share = 0.1\n').splitlines()
    assert [line.split(": ")[1] for line in said] == ["data.target", "decision.control_share"]
    assert refusal("").splitlines() == [
        "mainstay.toml:1: model: this key is needed",
        "mainstay.toml:1: data: this key is needed",
    ]


@pytest.mark.parametrize(
    ("gates", "wanted"),
    [
        ('["target"]', "'target' is not a gate. Did you mean 'targets'?"),
        ('["targets", "F02-calibratoin"]', "'F02-calibratoin' is not a gate. Did you mean 'F02-calibration'?"),
        ('["nope", "F1"]', "'nope' is not a gate. Known: targets, "),
    ],
)
def test_a_gate_that_nothing_can_fail_is_refused(gates: str, wanted: str) -> None:
    assert refusal(f"# gates\ngates = {gates}\n{BASE}").startswith(f"mainstay.toml:2: gates: {wanted}")


@pytest.mark.parametrize("gates", [(), ("targets",), ("F05-beats", "F10"), ("F04-target-roc-auc",)])
def test_a_gate_is_a_family_a_code_or_the_first_words_of_codes(gates: tuple[str, ...]) -> None:
    assert parse_brief(f"gates = {json.dumps(gates)}\n{BASE}").gates == gates


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (f"[costs]\nlabel = {'9' * 5000}", "mainstay.toml:6: a value cannot be read: Exceeds the limit"),
        (f"entity = 0x{'f' * 5000}", "mainstay.toml:5: a value cannot be read: Exceeds the limit"),
        (f"exclude = {'[' * 5000}", "mainstay.toml: lists or tables are nested too deeply"),
    ],
)
def test_what_python_cannot_read_is_refused_as_any_other_fault(lines: str, wanted: str) -> None:
    said = refusal(f"{BASE}{lines}\n")
    assert said.startswith(wanted)
    assert len(said) < 300


def test_a_byte_order_mark_is_passed_over() -> None:
    assert parse_brief(f"\ufeff{BASE}") == parse_brief(BASE)
    assert refusal(f"\ufeff{BASE}x = 1").startswith("mainstay.toml:5: data.x: unknown key")


def test_a_long_value_is_not_repeated_in_full() -> None:
    assert len(refusal(f"{BASE}exclude = {json.dumps('x' * 10_000)}\n")) < 300


def test_the_digest_is_of_what_is_said_and_not_of_how() -> None:
    spaced = BASE.replace(" = ", "=") + "\n# a remark\n"
    other_order = '[data]\ntarget = "t"\n[model]\nname = "m"\n'
    digests = {brief_digest(parse_brief(text)) for text in (BASE, spaced, other_order)}
    assert len(digests) == 1
    assert brief_digest(parse_brief(BASE + 'entity = "e"\n')) not in digests


names = st.text(min_size=1, max_size=8).filter(lambda name: "\x7f" not in name and name.isprintable())


@given(names, names)
def test_a_key_is_found_at_its_line_whatever_its_characters(table: str, key: str) -> None:
    text = f"# first\n[fields.{json.dumps(table, ensure_ascii=False)}]\n\n{json.dumps(key, ensure_ascii=False)} = 1\n"
    assert line_numbers(text) == {("fields",): 2, ("fields", table): 2, ("fields", table, key): 4}


@given(st.text(max_size=60) | st.text(max_size=30).map(lambda text: BASE + text))
def test_any_text_is_a_brief_or_refused(text: str) -> None:
    with contextlib.suppress(BriefError):
        assert isinstance(parse_brief(text), Brief)


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ("[value]\nover = -1", "both over and under are needed"),
        ("[value]\nover = -1\nunder = 2", "value.under: a miss would earn money.* under = -2"),
        ("[value]\nover = -1\nunder = -2\nexpression = '-predicted'", "either expression, or over and under"),
        ("[value]\nover = 0\nunder = -1\nwhen_high_and_positive = 1", "keys of more than one task"),
        ("[value.matrix.a]\n", "value.matrix: wanted a table for each decision"),
        ("[value.matrix.a]\nb = 1\n[value]\nwhen_low_and_positive = 1", "mainstay.toml:"),
        ('task = "regression"\npositive = 1', "data.positive: only one of two outcomes can be the positive one"),
        (
            'task = "multiclass"\nno_outcome_means = "negative"\noutcome_delay = "1d"',
            "'negative' is one of two outcomes",
        ),
        ('task = "multiclass"\n[decision]\nthreshold = 0.5', "several classes are not decided by a threshold"),
        ('task = "regression"\n[value.matrix.a]\nb = 1', "its keys are for 'multiclass', and the task is 'regression'"),
        ('task = "binary"\n[value]\nover = -1\nunder = -1', "wanted when_high_and_positive"),
        ('positive = "a"\n[value.matrix.a]\nb = 1', "its keys are for 'multiclass', and the task is 'binary'"),
        ('task = "regression"\n[targets]\nroc_auc = 0.8', "targets.roc_auc: 'regression' has no such metric"),
        ('task = "binary"\n[targets]\nr2 = 0.8', "targets.r2: 'binary' has no such metric"),
        ('task = "binary"\n[decision]\nthreshold = 7', "7.0 is not a probability"),
        ('task = "ranking"', "data.task: got 'ranking'; input should be 'binary', 'multiclass' or 'regression'"),
    ],
)
def test_what_is_said_for_another_task_is_a_contradiction(more: str, wanted: str) -> None:
    assert re.search(wanted, refusal(BASE + more))


@pytest.mark.parametrize(
    ("more", "task"),
    [
        ("", None),
        ('task = "multiclass"', Task.MULTICLASS),
        ("positive = 1", Task.BINARY),
        ("[value]\nover = 0\nunder = 0", Task.REGRESSION),
        ("[value]\nexpression = '-abs(predicted - actual)'\n[decision]\nthreshold = 120", Task.REGRESSION),
        ('[value.matrix.a]\na = 1\n"b c" = "-x"', Task.MULTICLASS),
        ("[value]\nover = -1\nunder = -1\n[targets]\nvalue_over_today = 2\nr2 = 0.5", Task.REGRESSION),
    ],
)
def test_a_brief_says_its_task_by_its_task_or_by_its_worths(more: str, task: Task | None) -> None:
    assert parse_brief(BASE + more).task is task
