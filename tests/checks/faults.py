"""Planted faults: one of a kind in an honest version, columns called c1, c2, … wherever nothing hangs on a name.

Each has a clean twin: the same table without the fault.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from tests.checks.made import changed, exam, lending
from tests.checks.planted import Columns, amounts, clean, days, moments_of, outcomes_of, people, version
from tests.checks.served import served
from tests.checks.test_bent import faulty
from tests.checks.test_labels import flipped
from tests.checks.test_odd_data import DATA

from mainstay.checks.bent import BENT_CHECKS
from mainstay.checks.check import Check
from mainstay.checks.examined import Examined
from mainstay.checks.group_costs import COST_CHECKS
from mainstay.checks.groups import GROUP_CHECKS
from mainstay.checks.levels import LEVELS
from mainstay.checks.segments import SEGMENT_CHECKS
from mainstay.checks.skill import SKILL_CHECKS
from mainstay.checks.slices import SLICE_CHECKS

OF_DATA: tuple[Check, ...] = (*DATA, *LEVELS)
OF_MODEL: tuple[Check, ...] = (*SKILL_CHECKS, *SEGMENT_CHECKS, *SLICE_CHECKS, *GROUP_CHECKS, *COST_CHECKS)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: how to plant it, its clean twin, the code that should find it, those that may speak, who is asked."""

    plant: Callable[[], Examined]
    twin: Callable[[], Examined]
    code: str
    related: frozenset[str] = field(default_factory=frozenset)
    asked: tuple[Check, ...] = OF_DATA


N = 3000
SEGMENTS, PROTECTED = 'segments = ["c3"]', 'protected = ["c4"]'


def _people(columns: Columns | None = None, **more: object) -> Examined:
    drawn, odds = people(N, 3)
    return version((columns or drawn) | more, outcomes_of(odds, 3))  # type: ignore[arg-type]


def leak() -> Examined:
    """The outcome in other words, as an input."""
    return _people(leak=3 - 2 * outcomes_of(people(N, 3)[1], 3))


def almost() -> Examined:
    """An input that is the outcome but for 2% of rows."""
    rng = np.random.default_rng(11)
    outcomes = outcomes_of(people(N, 3)[1], 3)
    return _people(almost=np.where(rng.random(N) < 0.02, 1 - outcomes, outcomes))


def later() -> Examined:
    """An input that the brief declares known later."""
    columns, odds = people(N, 3)
    return version(columns, outcomes_of(odds, 3), more='[fields.c1]\nknown_at = "later"')


def identifier() -> Examined:
    """A row number that was dealt by outcome."""
    rng = np.random.default_rng(11)
    outcomes = outcomes_of(people(N, 3)[1], 3)
    return _people(key=np.argsort(np.argsort(outcomes + rng.normal(0, 0.7, N))) + 1.0)


def numbered() -> Examined:
    rng = np.random.default_rng(11)
    return _people(key=rng.permutation(N) + 1.0)


def filled() -> Examined:
    """Gaps filled with the mean of each outcome's rows."""
    rng = np.random.default_rng(11)
    columns, odds = amounts(N, 3)
    outcomes, gaps = outcomes_of(odds, 3), rng.random(N) < 0.15
    means = [columns["x3"][~gaps & (outcomes == one)].mean() for one in (0, 1)]
    columns["x3"] = np.where(gaps, np.where(outcomes == 1, means[1], means[0]), columns["x3"])
    return version(columns, outcomes)


def in_amounts() -> Examined:
    return clean("amounts", N, 3)


def gaps() -> Examined:
    """A column that is missing where the outcome is positive."""
    rng = np.random.default_rng(11)
    columns, odds = people(N, 3)
    outcomes = outcomes_of(odds, 3)
    columns["income"] = np.where(rng.random(N) < np.where(outcomes == 1, 0.25, 0.01), np.nan, columns["income"])
    return version(columns, outcomes)


def copies() -> Examined:
    """A tenth of the rows twice, on both sides of the split."""
    columns, odds = people(N, 3)
    rows = np.concatenate([np.arange(N), np.arange(N // 10)])
    return version({name: each[rows] for name, each in columns.items()}, outcomes_of(odds, 3)[rows])


def apart() -> Examined:
    """A unit that changed in half of the holdout."""
    columns, odds = people(N, 3)
    held = version(columns, outcomes_of(odds, 3)).holdout
    columns["income"][held[::2]] *= 100
    return version(columns, outcomes_of(odds, 3))


def population() -> Examined:
    """Training without one of the regions of the population."""
    columns, odds = people(N, 3)
    kept = columns["region"] != "west"
    made = version({name: each[kept] for name, each in columns.items()}, outcomes_of(odds, 3)[kept])
    return changed(made, population=everybody().population)


def everybody() -> Examined:
    return changed(_people(), population=clean("people", 2000, 99).table)


def season() -> Examined:
    """A year of which training never saw the end."""
    columns, odds = days(N, 3)
    moments = moments_of("days", N)
    assert moments is not None
    return version(columns, outcomes_of(odds, 3), moments=moments[0] + (moments - moments[0]) * 0.6)


def in_days() -> Examined:
    return clean("days", N, 3)


def drift() -> Examined:
    """An input that creeps through the history."""
    columns, odds = days(N, 3)
    columns["temp"] = columns["temp"] + 5 * np.linspace(0, 1, N)
    return version(columns, outcomes_of(odds, 3), moments=moments_of("days", N))


def unit() -> Examined:
    """A stretch of the history in another unit."""
    columns, odds = days(N, 3)
    outcomes = outcomes_of(odds, 3)
    columns["load"][600:1200] *= 1000
    return version(columns, outcomes, moments=moments_of("days", N))


def noise() -> Examined:
    """45% of the outcomes of one branch flipped."""
    columns, odds = people(N, 3)
    return version(columns | {"branch": branch()}, flipped(outcomes_of(1.5 * odds, 3), branch() == "b", 0.45))


def branch() -> npt.NDArray[np.str_]:
    return np.random.default_rng(53).choice(["a", "b", "c", "d"], N)


def in_branches() -> Examined:
    columns, odds = people(N, 3)
    return version(columns | {"branch": branch()}, outcomes_of(1.5 * odds, 3))


def codes() -> Examined:
    """Codes 0, 5 and 6 in a column that is numbered from 1 to 4."""
    dealt = np.repeat([0.0, 1, 2, 3, 4, 5, 6], [10, 1020, 1400, 530, 8, 25, 7])
    return _people(school=np.random.default_rng(11).permutation(dealt))


def in_schools() -> Examined:
    return _people(school=np.random.default_rng(11).permutation(np.repeat([1.0, 2, 3, 4], [1030, 1420, 540, 10])))


def lent(turned: Callable[[Columns], np.ndarray] | None = None, data: str = "", seed: int = 1) -> Examined:
    """Lending with true chances as scores, turned round where asked, under other names and without today's rule."""
    table, chance = lending(9000, seed=seed)
    table = table.rename({"late": "c1", "income": "c2", "region": "c3", "sex": "c4"})
    columns = {name: table[name].to_numpy() for name in table.columns}
    return exam(
        table, chance if turned is None else np.where(turned(columns), 1 - chance, chance), data=data, seed=seed
    )


def worthless() -> Examined:
    """Scores drawn at random."""
    made = lent()
    scores = np.random.default_rng(5).random(9000)
    return changed(made, scores=scores, decided=(scores >= 1 / 6).astype(int))


def constant() -> Examined:
    """The same score for everybody."""
    return changed(lent(), scores=np.full(9000, 0.3), decided=np.ones(9000, int))


def by_heart() -> Examined:
    """Scores that know the training rows by heart and no other."""
    made = lent()
    noise = np.random.default_rng(1).normal(0, 0.005, 9000)
    learned = np.isin(np.arange(9000), made.training)
    return changed(made, scores=np.where(learned, made.outcomes * 0.98 + 0.01, 0.4) + noise)


def segment() -> Examined:
    """One level of a named segment decided the wrong way round."""
    return lent(lambda columns: columns["c3"] == "west", SEGMENTS)


def in_segments() -> Examined:
    return lent(data=SEGMENTS)


def month() -> Examined:
    """One month decided the wrong way round."""
    made = in_months()
    assert made.moments is not None
    hit = made.moments.astype("datetime64[s]").astype("datetime64[M]") == np.datetime64("2021-01")
    scores = np.where(hit, 1 - made.scores, made.scores)
    return changed(made, scores=scores, decided=(scores >= 1 / 6).astype(int))


def in_months() -> Examined:
    return changed(lent(), moments=np.linspace(1.6e9, 1.6e9 + 400 * 86_400, 9000))


def corner() -> Examined:
    """Women of the south decided the wrong way round, and nobody named them."""
    return lent(lambda columns: (columns["c3"] == "south") & (columns["c4"] == "f"))


def harsher() -> Examined:
    """Scores of one protected group a fifth too high."""
    made = protected()
    scores = np.clip(made.scores + 0.2 * (made.table["c4"] == "f").to_numpy(), 0, 1)
    return changed(made, scores=scores, decided=(scores >= 1 / 6).astype(int))


def protected() -> Examined:
    return lent(data=PROTECTED)


def upside_down() -> Examined:
    """One protected group decided the wrong way round."""
    return lent(lambda columns: columns["c4"] == "f", PROTECTED)


def texts() -> Examined:
    """A service that answers otherwise where numbers come as texts."""
    honest = served()
    return changed(honest, reply=faulty(honest, "text"))


def alone() -> Examined:
    """A service that answers otherwise where a row comes alone."""
    honest = served()
    return changed(honest, reply=faulty(honest, "alone"))


FAULTS: tuple[Fault, ...] = (
    Fault(leak, _people, "F10-target-in-disguise"),
    Fault(almost, _people, "F10-too-strong"),
    Fault(later, _people, "F10-known-later"),
    Fault(identifier, numbered, "F10-identifier-tells"),
    Fault(filled, in_amounts, "F10-class-means"),
    Fault(gaps, _people, "F10-missing-tells"),
    Fault(copies, _people, "F10-copies-across"),
    Fault(apart, _people, "F10-told-apart"),
    Fault(population, everybody, "F10-representative"),
    Fault(season, in_days, "F09-seasons-month"),
    Fault(drift, in_days, "F10-drift-inside", frozenset({"F10-told-apart"})),
    Fault(unit, in_days, "F10-unit-change"),
    Fault(noise, in_branches, "F10-label-noise"),
    Fault(codes, in_schools, "F10-undocumented-levels"),
    Fault(worthless, lent, "F02-base-rate", frozenset({"F08-slices"}), OF_MODEL),
    Fault(constant, lent, "F02-scores-finite", frozenset({"F02-base-rate", "F08-slices"}), OF_MODEL),
    Fault(by_heart, lent, "F02-overfit", frozenset({"F02-base-rate"}), OF_MODEL),
    Fault(segment, in_segments, "F08-segments", frozenset({"F08-slices"}), OF_MODEL),
    Fault(month, in_months, "F08-periods", frozenset(), OF_MODEL),
    Fault(corner, lent, "F08-slices", frozenset(), OF_MODEL),
    Fault(harsher, protected, "F18-scores-off", frozenset({"F18-costs"}), OF_MODEL),
    Fault(upside_down, protected, "F18-worse", frozenset({"F18-costs", "F02-base-rate", "F08-slices"}), OF_MODEL),
    Fault(texts, served, "F19-bent-text-for-numbers", frozenset({"F19-schema-made"}), BENT_CHECKS),
    Fault(alone, served, "F19-bent-alone", frozenset({"F19-schema-made"}), BENT_CHECKS),
)
