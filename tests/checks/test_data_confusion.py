"""Each planted fault of the data is found by the check that is for it, and by no unrelated one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from tests.checks.made import changed
from tests.checks.planted import Columns, amounts, bad, clean, days, moments_of, outcomes_of, people, version
from tests.checks.test_labels import flipped
from tests.checks.test_odd_data import DATA

from mainstay.checks.examined import Examined

N = 3000
RNG = np.random.default_rng(11)


def _people(columns: Columns | None = None, **more: object) -> Examined:
    drawn, odds = people(N, 3)
    return version((columns or drawn) | more, outcomes_of(odds, 3))  # type: ignore[arg-type]


def leak() -> Examined:
    return _people(leak=3 - 2 * outcomes_of(people(N, 3)[1], 3))


def almost() -> Examined:
    outcomes = outcomes_of(people(N, 3)[1], 3)
    return _people(almost=np.where(RNG.random(N) < 0.02, 1 - outcomes, outcomes))


def later() -> Examined:
    columns, odds = people(N, 3)
    return version(columns, outcomes_of(odds, 3), more='[fields.c1]\nknown_at = "later"')


def identifier() -> Examined:
    outcomes = outcomes_of(people(N, 3)[1], 3)
    return _people(key=np.argsort(np.argsort(outcomes + RNG.normal(0, 0.7, N))) + 1.0)


def filled() -> Examined:
    columns, odds = amounts(N, 3)
    outcomes, gaps = outcomes_of(odds, 3), RNG.random(N) < 0.15
    means = [columns["x3"][~gaps & (outcomes == one)].mean() for one in (0, 1)]
    columns["x3"] = np.where(gaps, np.where(outcomes == 1, means[1], means[0]), columns["x3"])
    return version(columns, outcomes)


def gaps() -> Examined:
    columns, odds = people(N, 3)
    outcomes = outcomes_of(odds, 3)
    columns["income"] = np.where(RNG.random(N) < np.where(outcomes == 1, 0.25, 0.01), np.nan, columns["income"])
    return version(columns, outcomes)


def copies() -> Examined:
    columns, odds = people(N, 3)
    rows = np.concatenate([np.arange(N), np.arange(N // 10)])
    return version({name: each[rows] for name, each in columns.items()}, outcomes_of(odds, 3)[rows])


def apart() -> Examined:
    columns, odds = people(N, 3)
    held = version(columns, outcomes_of(odds, 3)).holdout
    columns["income"][held[::2]] *= 100
    return version(columns, outcomes_of(odds, 3))


def population() -> Examined:
    everybody = clean("people", 2000, 99).table.drop("defaulted")
    made = _people()
    return changed(made, population=everybody.filter(everybody["c3"] != "west"))


def season() -> Examined:
    columns, odds = days(N, 3)
    moments = moments_of("days", N)
    assert moments is not None
    return version(columns, outcomes_of(odds, 3), moments=moments[0] + (moments - moments[0]) * 0.6)


def drift() -> Examined:
    columns, odds = days(N, 3)
    columns["temp"] = columns["temp"] + 5 * np.linspace(0, 1, N)
    return version(columns, outcomes_of(odds, 3), moments=moments_of("days", N))


def unit() -> Examined:
    columns, odds = days(N, 3)
    outcomes = outcomes_of(odds, 3)
    columns["load"][600:1200] *= 1000
    return version(columns, outcomes, moments=moments_of("days", N))


def noise() -> Examined:
    columns, odds = people(N, 3)
    branch = np.random.default_rng(53).choice(["a", "b", "c", "d"], N)
    return version(columns | {"branch": branch}, flipped(outcomes_of(1.5 * odds, 3), branch == "b", 0.45))


FAULTS: dict[Callable[[], Examined], tuple[str, set[str]]] = {
    leak: ("F10-target-in-disguise", set()),
    almost: ("F10-too-strong", set()),
    later: ("F10-known-later", set()),
    identifier: ("F10-identifier-tells", set()),
    filled: ("F10-class-means", set()),
    gaps: ("F10-missing-tells", set()),
    copies: ("F10-copies-across", set()),
    apart: ("F10-told-apart", set()),
    population: ("F10-representative", set()),
    season: ("F09-seasons-month", set()),
    drift: ("F10-drift-inside", {"F10-told-apart"}),  # a later holdout is told apart by what drifts: a warning
    unit: ("F10-unit-change", set()),
    noise: ("F10-label-noise", set()),
}


@pytest.mark.parametrize("fault", list(FAULTS), ids=lambda fault: fault.__name__)
def test_a_fault_is_found_by_its_check_alone(fault: Callable[[], Examined]) -> None:
    code, related = FAULTS[fault]
    found = set(bad(fault(), DATA))
    assert code in found
    assert found <= {code} | related
