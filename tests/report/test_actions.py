"""Words of the brief are bent only where that is sure, and quoted elsewhere."""

import pytest

from mainstay.domain.brief import parse_brief
from mainstay.report.actions import action_of, words_of

BRIEF = '[model]\nname = "m"\n[data]\ntarget = "churned"\n'


@pytest.mark.parametrize(
    ("word", "done", "always"),
    [
        ("decline", "declined", "declining every case"),
        ("deny", "denied", "denying every case"),
        ("admit", "admitted", "admitting every case"),
        ("send_offer", "sent offer", "sending offer in every case"),
        ("Approve", "approved", "approving every case"),
        ("yes", "decided “yes”", "deciding “yes” in every case"),
        ("premium", "decided “premium”", "deciding “premium” in every case"),
        ("", "decided “”", "deciding “” in every case"),
    ],
)
def test_forms(word: str, done: str, always: str) -> None:
    assert (action_of(word).done, action_of(word).always) == (done, always)


def test_the_outcome_is_the_target_and_what_counts() -> None:
    assert words_of(parse_brief(BRIEF)).cases == "cases with churned"
    assert words_of(parse_brief(BRIEF + "positive = 1.0\n")).cases == "cases with churned\u00a0=\u00a01"


def test_a_short_meaning_names_the_outcome() -> None:
    named = words_of(parse_brief(BRIEF + '[fields.churned]\nmeaning = "churn"\n'))
    assert (named.event, named.cases) == ("churn", "churn cases")
    told = words_of(parse_brief(BRIEF + f'[fields.churned]\nmeaning = "{"long " * 20}"\n'))
    assert told.event == "churned"
