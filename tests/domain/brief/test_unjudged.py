"""What a brief sets and nothing judges is named, and only that."""

from __future__ import annotations

import pytest

from mainstay.domain.brief import Brief, parse_brief
from mainstay.domain.brief.parts import DataPart, FieldPart, Part
from mainstay.domain.brief.unjudged import UNJUDGED, unjudged, unjudged_findings
from mainstay.domain.finding import Verdict

BASE = '[model]\nname = "m"\n[data]\ntarget = "t"\n'
PARTS: dict[str, type[Part]] = {"fields": FieldPart, "data": DataPart}


@pytest.mark.parametrize("path", UNJUDGED)
def test_every_listed_key_exists_and_says_so_in_its_description(path: str) -> None:
    table, *rest = path.split(".")
    assert table in Brief.model_fields
    part = PARTS.get(table) or type(Brief.model_fields[table].default)
    said = part.model_fields[rest[-1]].description if rest else part.__doc__
    assert "(not judged yet)" in str(said)


def test_a_brief_that_sets_none_of_them_is_told_nothing() -> None:
    assert unjudged(parse_brief(BASE + '[lifecycle]\nautonomy = "recommend"\n[holdouts]\ncount = 1')) == ()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[costs]\nreview_minute = 0", "costs.review_minute"),
        ("[lifecycle]\nautonomy = 'automatic'", "lifecycle.autonomy"),
        ("[lifecycle]\nretrain = 'best'", "lifecycle.retrain"),
        ("[store]\nretention = '90d'", "store.retention"),
    ],
)
def test_what_is_set_is_named_with_an_unknown_verdict(text: str, key: str) -> None:
    (finding,) = unjudged_findings(parse_brief(BASE + text))
    assert (finding.code, finding.verdict, finding.subjects) == ("F01-not-judged-yet", Verdict.UNKNOWN, (key,))
    assert finding.because == f"{key} is set, and this version does not judge it yet"
