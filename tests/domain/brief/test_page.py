"""The reference page and the published schema say what the typed brief says."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mainstay.domain.brief.model import Brief
from mainstay.domain.brief.page import INTRO, brief_page
from mainstay.domain.brief.read import parse_brief
from mainstay.domain.brief.schema import brief_schema, schema_text
from mainstay.domain.errors import BriefError

DOCS = Path(__file__).parents[3] / "docs"
CREDIT = """
[model]
name = "credit"
purpose = "Decline card applications that would lose money"
owner = "risk-models@example.com"
consumers = ["loan-origination"]
review_by = 2027-05-01
time_box = "14d"
[data]
source = "credit_card_default.csv"
target = "target"
positive = 1
exclude = ["ID"]
outcome_delay = "30d"
no_outcome_means = "unknown"
[fields.AGE]
kind = "number"
low = 18
on_missing = "refuse"
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
currency = "TWD"
when_low_and_negative = 5
[targets]
roc_auc = 0.75
value_over_today = 300
p99_latency_ms = 20
[fairness]
metric = "roc_auc"
[fairness.SEX]
max_gap = 0.1
[watch]
false_alarms_per_month = 1
[lifecycle]
autonomy = "recommend"
retrain = "90d"
"""
MINIMAL = '[model]\nname = "m"\n[data]\ntarget = "t"\n'
VALIDATOR = Draft202012Validator(brief_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)


def as_editors_see(text: str) -> Any:
    """The document as a schema is held against it: dates are texts."""
    return _dates_as_text(tomllib.loads(text))


def _dates_as_text(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _dates_as_text(each) for key, each in node.items()}
    return node.isoformat() if isinstance(node, date) else node


def keys(node: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key of every table of the schema."""
    for table in node["$defs"].values():
        yield from table.get("properties", {}).items()
    yield from ((k, n) for k, n in node["properties"].items() if "$ref" not in n)


def test_the_committed_page_is_the_generated_one() -> None:
    assert (DOCS / "brief.md").read_text() == brief_page(), "run: make docs"


def test_the_committed_schema_is_the_published_one() -> None:
    assert (DOCS / "mainstay.schema.json").read_text() == schema_text(), "run: make docs"


def test_every_key_and_every_table_says_what_it_is_for() -> None:
    schema = brief_schema()
    assert not [key for key, node in keys(schema) if not node.get("description")]
    assert not [name for name, table in schema["$defs"].items() if not table.get("description")]


def test_the_page_names_every_key() -> None:
    page = brief_page()
    assert not [key for key, _ in keys(brief_schema()) if key != "fields" and f"| `{key}` |" not in page]
    assert not [key for key in Brief.model_fields if f"`{key}" not in page and f"`[{key}" not in page]


def test_the_example_on_the_page_is_a_brief() -> None:
    example = INTRO.partition("```toml\n")[2].partition("```")[0]
    assert parse_brief(example).value.is_binary
    VALIDATOR.validate(as_editors_see(example))


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(brief_schema())


@pytest.mark.parametrize("text", [CREDIT, MINIMAL])
def test_what_the_reader_takes_the_schema_takes(text: str) -> None:
    parse_brief(text)
    VALIDATOR.validate(as_editors_see(text))


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ('name = "credit"', 'name = "Credit Cards"'),
        ('name = "credit"\n', ""),
        ('target = "target"\n', ""),
        ('purpose = "', 'porpoise = "'),
        ("review_by = 2027-05-01", 'review_by = "soon"'),
        ('time_box = "14d"', 'time_box = "a fortnight"'),
        ('exclude = ["ID"]', "exclude = [1]"),
        ('no_outcome_means = "unknown"', 'no_outcome_means = "positive"'),
        ('kind = "number"', 'kind = "integer"'),
        ('on_missing = "refuse"', 'on_missing = "panic"'),
        ("roc_auc = 0.75", "roc_auc = 75"),
        ("p99_latency_ms = 20", "p99_latency_ms = -20"),
        ("max_gap = 0.1", "max_gap = -0.1"),
        ("max_gap = 0.1", "gap = 0.1"),
        ("false_alarms_per_month = 1", "false_alarms_per_month = 0"),
        ('autonomy = "recommend"', 'autonomy = "full"'),
        ('retrain = "90d"', 'retrain = "often"'),
        ("[watch]", "[wotch]"),
    ],
)
def test_what_the_schema_refuses_the_reader_refuses(good: str, bad: str) -> None:
    text = CREDIT.replace(good, bad, 1)
    assert text != CREDIT
    assert not VALIDATOR.is_valid(as_editors_see(text))
    with pytest.raises(BriefError):
        parse_brief(text)


@given(st.text(alphabet="0123456789.smhdw w", max_size=6))
def test_durations_are_the_same_to_schema_and_reader(text: str) -> None:
    written = f'{MINIMAL}outcome_delay = "{text}"\n'
    try:
        parse_brief(written)
    except BriefError:
        assert not VALIDATOR.is_valid(as_editors_see(written))
    else:
        VALIDATOR.validate(as_editors_see(written))
