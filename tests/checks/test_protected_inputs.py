"""A protected column that is read is told, with the decisions that hang on it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from tests.checks.made import changed, exam
from tests.checks.odd import odd

from mainstay.checks.examined import Examined, Reply, Row
from mainstay.checks.protected_inputs import protected_input
from mainstay.domain.brief import Brief
from mainstay.domain.finding import Verdict
from mainstay.domain.plan import Constant
from mainstay.domain.schema import Field, Kind
from mainstay.workflows.opened import opened

ODD = list(odd())
DATA = 'protected = ["sex"]'


def test_one_that_is_not_read_passes() -> None:
    (found,) = protected_input(exam(data=DATA))
    assert found.verdict is Verdict.PASS


def test_one_that_is_read_is_told_with_what_hangs_on_it() -> None:
    made = exam(data=DATA)
    schema = msgspec.structs.replace(made.schema, fields=(*made.schema.fields, Field(name="sex", kind=Kind.CATEGORY)))

    def leaning(rows: Sequence[Row]) -> list[Reply]:
        return [Reply(0.5, "decline" if row["sex"] == "f" and row["region"] == "north" else "approve") for row in rows]

    (found,) = protected_input(changed(made, schema=schema, reply=leaning))
    assert found.verdict is Verdict.WARN
    assert found.subjects == ("sex",)
    assert found.measured == pytest.approx(1 / 3, abs=0.15)


def test_a_model_that_says_the_same_of_everybody_reads_nothing() -> None:
    made = exam(data=DATA)
    schema = msgspec.structs.replace(made.schema, fields=(*made.schema.fields, Field(name="sex", kind=Kind.CATEGORY)))
    plan = msgspec.structs.replace(made.plan, models=(Constant(0.0),))
    (found,) = protected_input(changed(made, schema=schema, plan=plan, opened=opened(plan)))
    assert (found.verdict, found.because) == (Verdict.PASS, "the model reads none of sex")


@pytest.mark.parametrize(("name", "made"), ODD, ids=[name for name, _ in ODD])
def test_odd_tables_break_nothing(name: str, made: Examined) -> None:
    assert list(protected_input(made))
    assert list(protected_input(changed(made, brief=with_inputs(made))))


def with_inputs(made: Examined) -> Brief:
    """The brief with inputs as protected columns too."""
    protected = (*made.brief.data.protected, *made.inputs)
    return made.brief.model_copy(update={"data": made.brief.data.model_copy(update={"protected": protected})})
