"""What reads bytes from outside, what they may become, and bytes to begin with.

Whatever comes, each reads it or raises a `MainstayError` whose message says something. Of what was read every row
has its entry, every entry a score or the reason why not, and every decision comes back from the spool as it went.
"""

from __future__ import annotations

import gzip
import json
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count

import msgspec

from fuzz.model import PLAN, SCHEMA, WORDS, service
from mainstay.bundle.inspect import schema_bytes
from mainstay.domain.brief import parse_brief
from mainstay.domain.errors import MainstayError
from mainstay.domain.expectation import parse_expectations
from mainstay.domain.expression import evaluate_any
from mainstay.domain.limits import LIMITS
from mainstay.domain.moments import parse_moment
from mainstay.domain.plan import plan_bytes, read_plan
from mainstay.domain.schema import Schema
from mainstay.domain.traffic import Decision
from mainstay.interfaces.http.reply import Reply
from mainstay.interfaces.http.request import unpacked
from mainstay.serving.answer import Answer, Failed
from mainstay.serving.body import DecideBody, read_actions, read_outcomes
from mainstay.serving.call import Call
from mainstay.serving.decide import Decided, decide
from mainstay.serving.infer import inference_answer, nothing_inferred, read_inference
from mainstay.serving.intake import Told, take_actions, take_outcomes
from mainstay.serving.invocations import read_invocations
from mainstay.serving.posted import Form, Posted, read_posted
from mainstay.serving.repeats import Repeats
from mainstay.serving.service import make_service, scores_of
from mainstay.serving.tensors import float_bytes, text_bytes
from mainstay.store.spool_lines import lines_of

SERVICE = service()
LIMITED = msgspec.structs.replace(LIMITS, body_bytes=100_000, rows=100, row_bytes=10_000, text_characters=500)
TICKS = count()
TOLD = Told("caller", 1_700_000_000_000_000)
ROW = {"age": 30, "debt": "1.234,5 €", "town": "cologne", "married": True, "since": "24.12.2020", "note": "n", "at": 1}
ROW_TEXT = json.dumps(ROW | {"customer": "c-1", "amount": 3})
MOST = 200  # bytes that any one byte of a body may become in an answer, beside what every entry has

_json = msgspec.json.Encoder()
_decisions = msgspec.json.Decoder(Decision)
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Target:
    """Something that reads bytes, and bytes that it can read."""

    read: Callable[[bytes], None]
    seeds: tuple[bytes, ...]


def decided_well(body: DecideBody) -> Decided:
    """Decide rows, and hold what comes of it against what was promised."""
    call = Call(
        key="caller",
        at_us=TOLD.at_us,
        started_us=0,
        clock_us=lambda: next(TICKS) % 1000,
        entropy=os.urandom,
        secret=bytes(32),
        limits=LIMITED,
    )
    decided = decide(SERVICE, body, call, Repeats(10))
    assert len(decided.entries) == len(body.rows)
    for entry in decided.entries:
        if isinstance(entry, Failed):
            assert entry.error.wanted, entry
        elif isinstance(entry.score, float):
            assert math.isfinite(entry.score), entry
            assert entry.decision in ("decline", "approve"), entry
    lines = lines_of(list(decided.decisions))
    assert lines.count(b"\n") == len(decided.decisions)
    alone = [each if isinstance(each, Decision) else _decisions.decode(_encode(each)) for each in decided.decisions]
    assert _decisions.decode_lines(lines) == alone
    told = _json.encode(decided.entries)
    json.loads(told)
    size = sum(len(bytes(row)) for row in body.rows)
    assert len(told) < 20_000 * len(body.rows) + MOST * size
    return decided


def _posted(form: Form, wishes: Mapping[str, str] = {}) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        decided_well(read_posted(Posted(data, form, wishes), SERVICE.index, LIMITED))

    return read


def _inference(data: bytes) -> None:
    length = int.from_bytes(data[:2], "little")
    inference = read_inference(data[2:], length or None, SERVICE, LIMITED)
    decided = decided_well(inference.rows)
    document, _ = inference_answer(inference, SERVICE, decided)
    _json.encode(document)
    if not any(isinstance(entry, Answer) for entry in decided.entries):
        assert nothing_inferred(decided)


def _invocations(data: bytes) -> None:
    decided_well(read_invocations(data, SERVICE.schema, LIMITED))


def _outcomes(data: bytes) -> None:
    intake = take_outcomes(read_outcomes(data, LIMITED), SERVICE, TOLD)
    assert len(intake.taken) + len(intake.faults) == intake.n
    lines_of(list(intake.taken))


def _actions(data: bytes) -> None:
    intake = take_actions(read_actions(data, LIMITED), SERVICE, TOLD)
    assert len(intake.taken) + len(intake.faults) == intake.n
    lines_of(list(intake.taken))


def _gzip(data: bytes) -> None:
    body = unpacked(data, LIMITED)
    assert isinstance(body, Reply) or len(body) <= LIMITED.body_bytes


def _bundle(data: bytes) -> None:
    """What lies on disk, and may have been altered there together with its digests."""
    text, _, schema = data.partition(b"\n\n")
    try:
        plan, fields = read_plan(text), msgspec.json.decode(schema, type=Schema)
    except msgspec.MsgspecError:  # what `inspect` turns into one of our own
        return
    scores_of(make_service("late", 1, schema=fields, plan=plan, words=WORDS), [dict.fromkeys(fields.names)])


def _expression(data: bytes) -> None:
    columns = {"age": [1.0, math.nan], "town": ["a", None], "debt": [1e308, -0.0]}
    evaluate_any(data.decode("utf-8", "replace"), columns, n_rows=2)


def _moment(data: bytes) -> None:
    try:
        parse_moment(data.decode("utf-8", "replace"), time_zone="Europe/Berlin")
    except (OverflowError, ValueError):  # what its callers catch beside our own errors
        return


def _tensors() -> bytes:
    floats, texts = float_bytes([1.0, None]), text_bytes(["Ulm", "n"])
    tensors = [
        {"name": "age", "datatype": "FP64", "shape": [2], "parameters": {"binary_data_size": len(floats)}},
        {"name": "town", "datatype": "BYTES", "shape": [2], "parameters": {"binary_data_size": len(texts)}},
    ]
    head = json.dumps({"inputs": tensors, "id": "r", "parameters": {"binary_data_output": True}}).encode()
    return len(head).to_bytes(2, "little") + head + floats + texts


def _in_json() -> bytes:
    tensors = [{"name": name, "datatype": "BYTES", "shape": [1], "data": [value]} for name, value in ROW.items()]
    return bytes(2) + json.dumps({"inputs": tensors, "outputs": [{"name": "score"}]}).encode()


BRIEF = b"""[model]\nname = "late"\n[data]\nsource = "a.csv"\ntarget = "late"\npositive = "yes"
[value]
when_high_and_positive = 0
[fields.age]\nknown_at = "later"\n[decision]\nwhen_high = "decline"\nwhen_low = "approve"\n"""
ASKED = json.dumps({"rows": [ROW, {"age": "x"}], "ids": ["a", 2], "explain": {"top": 2}, "dry_run": False}).encode()
SPLIT = {"columns": list(ROW), "data": [list(ROW.values())], "index": [0]}
TARGETS: Mapping[str, Target] = {
    "json": Target(_posted(Form.JSON), (ASKED, b'{"rows":[{"age":NaN,"note":"\\ud800"}],"strict":true}')),
    "csv": Target(_posted(Form.CSV, {"ids": "id"}), (b'id;age;note\n1;30;"a\nb"\n', b"id,age,note\na,1,x\n")),
    "lines": Target(_posted(Form.LINES), (ROW_TEXT.encode() + b"\n" + ROW_TEXT.encode(),)),
    "inference": Target(_inference, (_tensors(), _in_json())),
    "invocations": Target(
        _invocations,
        (
            json.dumps({"dataframe_split": SPLIT, "params": {"ids": ["a"]}}).encode(),
            json.dumps({"dataframe_records": [ROW]}).encode(),
            json.dumps({"inputs": {name: [value] for name, value in ROW.items()}}).encode(),
            json.dumps({"instances": [ROW]}).encode(),
        ),
    ),
    "outcomes": Target(_outcomes, (b'{"outcomes":[{"id":"a","outcome":"yes","happened_at":"2024-01-01T00:00:00Z"}]}',)),
    "actions": Target(_actions, (b'{"actions":[{"id":"a","action":"decline","by":"me","at":"2024-01-01"}]}',)),
    "gzip": Target(_gzip, (gzip.compress(ASKED, mtime=0), gzip.compress(bytes(200_000), mtime=0))),
    "bundle": Target(_bundle, (plan_bytes(PLAN) + b"\n\n" + schema_bytes(SCHEMA),)),
    "brief": Target(lambda data: void(parse_brief(data.decode("utf-8", "replace"))), (BRIEF,)),
    "expectations": Target(
        lambda data: void(parse_expectations(data.decode("utf-8", "replace"))),
        (b'[[invariant]]\nname = "a name changes nothing"\ncolumn = "name"\nvalues = ["a", "b"]\n',),
    ),
    "expression": Target(_expression, (b"where(age > 3 and town == 'a', debt * 2, -1)", b"min(age, debt) in [1, 2]")),
    "moment": Target(_moment, (b"2024-02-29T23:59:59+14:00", b"2024-02-29")),
}


def void(_: object) -> None:
    """Take what was read, and do nothing with it."""


def attempt(target: Target, data: bytes) -> bool:
    """Read bytes; returns whether they could be read. Whatever else happens than a message passes on."""
    try:
        target.read(data)
    except MainstayError as error:
        if not error.what.strip():
            raise AssertionError("an error without a message") from error
        return False
    return True
