"""Deepchecks and skore on the planted faults of `docs/confusion.py`: who finds what. Some ten minutes on two cores.

`PYTHONPATH=. python bench/faults.py` prints it; `--out docs/confusion-peers.json`, then `python docs/generate.py`, puts
it on the page of the exam. Each fault and its clean twin are written to files: training and calibration rows to learn
from, the holdout to be tested on. Each peer examines a model of those rows in an environment of its own. A check found
a fault if it concerns it and spoke up, or named a column, where it did not on the clean twin.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import polars as pl
from tests.checks.faults import FAULTS, OF_DATA, Fault

from exam import PEERS
from kit.environments import environment
from kit.show import machine, table
from mainstay.checks.examined import Examined

PEER = Path(__file__).parent / "peers" / "faults.py"
KEYS = {"identifier": "c5"}  # named to Deepchecks as the index
ODD = {"texts": "text", "alone": "alone"}
SPOKE = "spoke up"
COLUMN = re.compile(r"\bc\d+\b")
Found = Mapping[str, tuple[str, str]]  # of each check: whether it spoke up, and its words
# What would lead a person to the fault, read generously: any of these counts as found.
GAPS = ("FeatureDrift", "MultivariateDrift", "PredictionDrift", "TrainTestPerformance", "SKD001")
LEAKS = ("FeatureLabelCorrelation", "FeatureLabelCorrelationChange", "SKD011")
SKILL = ("RocReport", "SimpleModelComparison", "TrainTestPerformance", "SKD001", "SKD002", "SKD009")
PLACES = (*SKILL, "WeakSegmentsPerformance", "CalibrationScore")
ABOUT: Mapping[str, tuple[str, ...]] = {
    "leak": LEAKS,
    "almost": LEAKS,
    "later": LEAKS,
    "identifier": (*LEAKS, "IdentifierLabelCorrelation"),
    "filled": (*LEAKS, "OutlierSampleDetection"),
    "gaps": (*LEAKS, "MixedNulls"),
    "copies": ("TrainTestSamplesMix", "DataDuplicates", "IndexTrainTestLeakage", "SKD001"),
    "apart": GAPS,
    "population": (*GAPS, "NewCategoryTrainTest"),
    "season": (*GAPS, "DateTrainTestLeakageOverlap", "SKD013"),
    "drift": GAPS,
    "unit": (*GAPS, "OutlierSampleDetection"),
    "noise": ("ConflictingLabels", "WeakSegmentsPerformance"),
    "codes": ("NewCategoryTrainTest", "OutlierSampleDetection", "FeatureDrift"),
    "worthless": SKILL,
    "constant": (*SKILL, "UnusedFeatures", "SKD012"),
    "by_heart": (*SKILL, "BoostingOverfit", "PredictionDrift"),
    "segment": PLACES,
    "month": PLACES,
    "corner": PLACES,
    "harsher": PLACES,
    "upside_down": PLACES,
    "texts": ("MixedDataTypes",),
    "alone": ("ModelInferenceTime",),
}


def cases(into: Path) -> None:
    """Write every fault and every clean twin, each twin once."""
    for fault in FAULTS:
        name = fault.plant.__name__
        for planted in (fault.plant, fault.twin):
            folder = into / called(fault, planted)
            if not folder.exists():
                folder.mkdir()
                _write(planted(), folder, model=_model(fault, planted), key=KEYS.get(name))


def called(fault: Fault, planted: Callable[[], Examined]) -> str:
    """The folder of a fault or of its twin, which faults of one kind share."""
    if planted is fault.plant:
        return f"fault-{planted.__name__}"
    return f"twin-{planted.__name__.strip('_')}"


def _model(fault: Fault, planted: Callable[[], Examined]) -> str:
    if fault.asked is OF_DATA:
        return "learn"
    return ODD.get(planted.__name__, "given") if planted is fault.plant else "given"


def _write(made: Examined, folder: Path, *, model: str, key: str | None) -> None:
    """Rows to learn from and rows to test on, outcomes and scores beside them; a population takes the test's place."""
    target = made.schema.target
    whole = made.table.with_columns(pl.col(target).cast(pl.Int64), pl.Series("_score", made.scores))
    if made.moments is not None:
        whole = whole.with_columns(pl.from_epoch(pl.Series("at", made.moments.astype(np.int64))).alias("at"))
    test = whole[made.holdout]
    if made.population is not None:
        test = made.population.with_columns(pl.col(target).cast(pl.Int64), pl.lit(0.5).alias("_score"))
    whole[np.sort(np.concatenate([made.training, made.calibration]))].write_csv(folder / "train.csv")
    test.write_csv(folder / "test.csv")
    moment = [] if made.moments is None else ["at"]
    case = {"target": target, "moment": moment, "key": [key] if key else [], "model": model}
    (folder / "case.json").write_text(json.dumps(case))


def said(peer: str, folder: Path) -> dict[str, Found]:
    """What a peer's checks say of every case; empty where it cannot be installed."""
    env = environment(peer, *PEERS[peer])
    if env is None:
        return {}
    command = [env.python, str(PEER), peer, str(folder)]
    one_process = {**os.environ, "OMP_NUM_THREADS": "1", "LOKY_MAX_CPU_COUNT": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=one_process)
    if done.returncode:
        raise SystemExit(f"{peer} failed: {done.stderr.strip().splitlines()[-1:]}")
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"case"')]
    return {line["case"]: line["said"] for line in lines}


def spoke(found: Found) -> set[tuple[str, str]]:
    """The checks that spoke up, each with every column that it names, and with none."""
    loud = [(check, words) for check, (word, words) in found.items() if word == SPOKE]
    return {(check, name) for check, words in loud for name in ("", *COLUMN.findall(words))}


def compared(found: Mapping[str, Found]) -> Iterator[dict[str, object]]:
    """Of each fault the checks that spoke of it and not of its twin: those that concern it, and others."""
    for fault in FAULTS:
        new = spoke(found[called(fault, fault.plant)]) - spoke(found[called(fault, fault.twin)])
        checks = {check for check, _ in new}
        about = {check for check in checks if check.split(" ")[0] in ABOUT[fault.plant.__name__]}
        yield {"fault": fault.plant.__doc__, "by": sorted(about), "others": sorted(checks - about)}


def page(peer: str, version: str, found: Mapping[str, Found]) -> dict[str, object]:
    """What `docs/confusion-peers.json` holds of a peer."""
    twins = [each for name, each in found.items() if name.startswith("twin-")]
    words = Counter(word for each in twins for word, _ in each.values())
    loud = Counter(check for each in twins for check, (word, _) in each.items() if word == SPOKE)
    return {
        "peer": peer,
        "version": version,
        "faults": list(compared(found)),
        "twins": len(twins),
        "asked": words["passed"] + words[SPOKE],
        "silent": words["could not run"] + words["shows, does not judge"],
        "spoke": dict(sorted(loud.items())),
    }


def pages(folder: Path) -> Iterator[dict[str, object]]:
    """Ask every peer that can be installed."""
    for peer, requirements in PEERS.items():
        found = said(peer, folder)
        env = environment(peer, *requirements)
        if found and env:
            yield page(peer, env.version(peer), found)


def main() -> None:
    """Plant, ask, print and write."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--out", type=Path)
    out = given.parse_args().out
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        cases(Path(name))
        told = list(pages(Path(name)))
    print(f"\nWho finds which planted fault, and on how many clean twins a check spoke; {machine()}\n")
    found = [[", ".join(each["by"]) or "-" for each in peer["faults"]] for peer in told]  # type: ignore[attr-defined]
    rows = list(zip([str(fault.plant.__doc__) for fault in FAULTS], *found, strict=True))
    table(("planted", *(f"{peer['peer']} {peer['version']}" for peer in told)), rows)
    for peer in told:
        print(f"\n{peer['peer']}, {peer['twins']} clean twins: {peer['spoke']}")
    if out:
        out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
