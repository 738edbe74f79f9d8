"""Targets of serving are held, figures are shown without them, and what a bundle holds is judged."""

from __future__ import annotations

import pytest
from tests.checks.made import changed, exam

from mainstay.checks.examined import Examined, Footprint, Kept
from mainstay.checks.running import is_binding, licences, pinned, same_model, service, types
from mainstay.domain.errors import NotFound
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.plan import Packed, Plan

TARGETS = "[targets]\np50_latency_ms = {0}\np99_latency_ms = {0}\nmemory_mb = {0}\nsize_mb = {0}\nstart_s = {0}\n"
FILES = ("requirements.txt", "environment.json")
KEPT = Kept(("sklearn.x",), (), {"numpy": "2.1"}, {"numpy": "BSD-3-Clause"}, FILES)


def verdicts(examined: Examined) -> dict[str, Verdict]:
    return {finding.code.removeprefix("F16-service-"): finding.verdict for finding in service(examined)}


def one(look: object, **fields: object) -> Finding:
    (found,) = look(changed(exam(), **fields))  # type: ignore[operator]
    return found  # type: ignore[no-any-return]


def test_targets_are_held_and_figures_are_always_there() -> None:
    named = {"p50", "p99", "memory", "size", "start"}
    (without,) = service(exam())
    assert (without.code, without.verdict) == ("F16-service", Verdict.UNKNOWN)
    assert "0.3 milliseconds for 99 of 100 single rows, 20 milliseconds for 1,000 rows at once" in without.because
    assert without.remedy.endswith("p50_latency_ms, p99_latency_ms, memory_mb, size_mb, start_s."), "told once"
    assert verdicts(exam(more=TARGETS.format(1000))) == dict.fromkeys(named, Verdict.PASS) | {
        "thousand-rows": Verdict.UNKNOWN
    }
    assert verdicts(exam(more=TARGETS.format(0.0001)))["p99"] is Verdict.FAIL
    slow = Footprint(5.0, 90.0, 20.0, 50_000, 80_000_000, 0.3)
    one_slow = changed(exam(more=TARGETS.format(81)), footprint=lambda: slow)
    assert [name for name, verdict in verdicts(one_slow).items() if verdict is Verdict.FAIL] == ["p99"]


def test_a_packed_model_is_warned_about_with_what_it_costs() -> None:
    packed = Plan(task="binary", models=(Packed(frame="pandas", columns=(), digest=""),), link="logistic")
    slow = Footprint(5.0, 90.0, 20.0, 50_000, 380_000_000, 0.3)
    found = {each.code: each for each in service(changed(exam(), plan=packed, footprint=lambda: slow))}
    told = found["F16-service-packed"]
    assert told.verdict is Verdict.WARN
    assert "5 ms and a worker holds 380 MB" in told.because
    assert "F16-service-packed" not in {each.code for each in service(exam())}


def test_another_model_is_found_and_a_lost_snapshot_is_unknown() -> None:
    def lost() -> str:
        raise NotFound("the snapshot is gone", remedy="Bring it back.")

    assert one(same_model).verdict is Verdict.PASS
    assert one(same_model, refitted=lambda: "sha256:other").verdict is Verdict.FAIL
    assert one(same_model, refitted=lost).verdict is Verdict.UNKNOWN


def test_types_licences_and_pins_are_judged() -> None:
    assert [one(look, kept=KEPT).verdict for look in (types, licences, pinned)] == [Verdict.PASS] * 3
    assert [one(look).verdict for look in (types, licences, pinned)] == [Verdict.UNKNOWN] * 3
    own = Kept(("own.Model",), ("own.Model",), {"a": "1", "b": "2"}, {"a": "AGPL-3.0-only"}, FILES[:1])
    assert one(types, kept=own).verdict is Verdict.WARN
    assert one(licences, kept=own).verdict is Verdict.WARN
    assert one(pinned, kept=own).verdict is Verdict.FAIL
    silent = Kept((), (), {"a": "1"}, {}, FILES)
    assert one(licences, kept=silent).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("licence", "binds"),
    [
        ("GNU General Public License v3 (GPLv3)", True),
        ("GNU Lesser General Public License v2 (LGPLv2)", False),
        ("BSD-3-Clause AND (GPL-3.0-or-later WITH GCC-exception-3.1)", False),
        ("MPL-2.0", False),
    ],
)
def test_which_licences_bind(licence: str, binds: bool) -> None:
    assert is_binding(licence) is binds
