"""Each planted fault is found by the check that is for it and by no unrelated one, as the page of the exam says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.checks.faults import FAULTS, Fault
from tests.checks.planted import bad

CONFUSION = json.loads((Path(__file__).parents[2] / "docs" / "confusion.json").read_text(encoding="utf-8"))
TOLD = {each["fault"]: each["spoke"] for each in CONFUSION["faults"]}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.plant.__name__)
def test_a_fault_is_found_by_its_check_alone(fault: Fault) -> None:
    found = set(bad(fault.plant(), fault.asked))
    assert fault.code in found
    assert found <= {fault.code} | fault.related
    assert sorted(found) == TOLD[fault.plant.__doc__], "run: python docs/confusion.py"


def test_the_page_names_every_fault_and_no_clean_table_failed() -> None:
    assert list(TOLD) == [fault.plant.__doc__ for fault in FAULTS]
    assert CONFUSION["clean"]["failed"] == []
