"""A bundle's model where Mainstay is not installed: a default and other words for levels are read there as here."""

from __future__ import annotations

import msgspec
from tests.serving.made import PLAN, ROW, SCHEMA, body, make, words

from mainstay.serving.answer import Answer
from mainstay.serving.call import Call
from mainstay.serving.decide import decide
from mainstay.serving.portable import PortableModel
from mainstay.serving.repeats import Repeats
from mainstay.serving.service import make_service

MORE = {
    "age": {"default": 33.0},
    "region": {"level_aliases": (("Europe", "EU"), ("Amerika", "US"))},
    "income": {"unit": "EUR"},
}
FIELDS = tuple(msgspec.structs.replace(field, **MORE.get(field.name, {})) for field in SCHEMA.fields)
ODD = msgspec.structs.replace(SCHEMA, fields=FIELDS)


def test_odd_rows_get_the_scores_that_the_service_gives(call: Call) -> None:
    rows = [
        ROW | {"age": None, "region": "Amerika", "income": "5 EUR"},
        ROW | {"age": 40, "region": "europe "},
        ROW | {"age": "NA", "region": "zebra"},
    ]
    served = decide(make_service("credit", 3, schema=ODD, plan=PLAN, words=words()), body(*rows), call, Repeats())
    portable = PortableModel(msgspec.to_builtins(PLAN), msgspec.to_builtins(ODD))
    columns = {name: [row[name] for row in rows] for name in ROW}
    alone = portable.predict(columns)["score"]
    assert alone == [entry.score for entry in served.entries if isinstance(entry, Answer)]
    without = portable.predict({name: values for name, values in columns.items() if name != "age"})["score"]
    assert without[0] == alone[0]  # absent is taken as the default, too
    assert without[1] != alone[1]


def test_the_default_is_what_the_model_sees(call: Call) -> None:
    (entry,) = decide(make(), body(ROW | {"age": 33}), call, Repeats()).entries
    portable = PortableModel(msgspec.to_builtins(PLAN), msgspec.to_builtins(ODD))
    assert isinstance(entry, Answer)
    assert portable.predict({name: [value] for name, value in (ROW | {"age": None}).items()})["score"] == [entry.score]
