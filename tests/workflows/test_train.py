"""Training as a person starts it: the same twice, two at once, killed, on bad tables, on full disks, on a real one."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from mainstay.bundle.inspect import inspect
from mainstay.domain.canonical import digest
from mainstay.domain.evaluation import Summary
from mainstay.domain.event import Act
from mainstay.domain.finding import Verdict
from mainstay.simulation.streams import clean_stream
from mainstay.store.evaluations import NAME, read_rows
from mainstay.store.project import Project, open_project, write_brief
from mainstay.workflows.train import train

AT = datetime(2026, 5, 4, tzinfo=UTC)
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("MAINSTAY")}
BRIEF = """\
[model]
name = "stream"
[data]
source = "rows.csv"
target = "outcome"
positive = 1
exclude = ["row_id", "at"]
[value]
currency = "EUR"
when_high_and_positive = 10
when_high_and_negative = -3
when_low_and_positive = 0
when_low_and_negative = 0
"""


def simulated(n_rows: int) -> pl.DataFrame:
    """Rows whose outcome no line can follow, so that trees win and everything that could differ is in the digest."""
    rows = clean_stream(seed=5, days=100, rows_per_day=1 + n_rows // 80, n_numbers=3, n_categories=2).rows.head(n_rows)
    odds = 4 * pl.col("number_1") * pl.col("number_3").fill_null(0) + pl.col("category_1").eq("a") - 1.5
    luck = pl.Series(np.random.default_rng(6).logistic(size=n_rows))
    return rows.with_columns(outcome=(odds + luck > 0).cast(pl.Int64))


def lay(folder: Path, table: str | bytes, brief: str = BRIEF) -> Path:
    """Lay a project: the brief, and its table beside it."""
    write_brief(folder, brief)
    (folder / "rows.csv").write_bytes(table if isinstance(table, bytes) else table.encode())
    return folder


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> str:
        """Standard error without the lines of progress."""
        return "\n".join(line for line in self.err.splitlines() if "%  " not in line)


def mainstay(*arguments: str, env: Mapping[str, str] | None = None, before: Callable[[], None] | None = None) -> Said:
    """Run the real command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "mainstay", *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=CLEAN | dict(env or {}),
        preexec_fn=before,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def at_once(runs: Iterable[Callable[[], Any]]) -> list[Any]:
    """Do several things at once, as many as there are cores."""
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return [each.result() for each in [pool.submit(run) for run in runs]]


def numbers(project: Project) -> list[int]:
    """The versions that the ledger knows; each must be whole, and the one look of each model told."""
    life = project.home.ledger.life(project.model)
    for known in life.versions:
        contents = inspect(project.home.artifacts.version_files(project.model, known.number))
        assert contents.manifest.model_digest == known.model_digest
        assert contents.usual is not None
        assert len(contents.usual.models) == len(contents.plan.models)
        assert read_rows(project.home.artifacts, contents.version).height > 0
        kept = project.home.artifacts.artifact(project.model, known.number, NAME)
        assert known.evaluation_digest == digest(kept)
    assert project.home.ledger.verify() == ()
    events = project.home.ledger.events(project.model)
    looks = [event.body["version"] for event in events if event.act == Act.HOLDOUT_LOOKED]
    digests = [known.model_digest for known in life.versions]
    assert looks == [known.number for i, known in enumerate(life.versions) if known.model_digest not in digests[:i]]
    return [known.number for known in life.versions]


def train_here(project: Project, *, seed: int = 0) -> Summary:
    """Train in this process."""
    return train(project, seed=seed, actor="anna", at=AT, on_progress=lambda what, share: None)


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, list[dict[str, Any]]]:
    """A project in which two processes trained at once, with other hash seeds and other numbers of threads."""
    folder = lay(tmp_path_factory.mktemp("twins") / "project", simulated(900).write_csv())
    ways = [("0", "1"), ("4711", "2")]
    envs = [{"PYTHONHASHSEED": hashed, "OMP_NUM_THREADS": n, "OPENBLAS_NUM_THREADS": n} for hashed, n in ways]
    said = at_once(partial(mainstay, "train", "--json", "--project", str(folder), env=env) for env in envs)
    assert [each.code for each in said] == [0, 0], [each.told for each in said]
    return open_project(folder), [json.loads(each.out) for each in said]


def test_two_at_once_get_two_numbers_and_both_are_whole(twins: tuple[Project, list[dict[str, Any]]]) -> None:
    project, told = twins
    assert sorted(each["version"] for each in told) == ["stream/1", "stream/2"]
    assert numbers(project) == [1, 2]


def test_the_same_rows_brief_and_seed_give_the_same_model(twins: tuple[Project, list[dict[str, Any]]]) -> None:
    project, told = twins
    winner = next(each["name"] for each in told[0]["candidates"] if each["chosen"])
    assert winner == "boosting"
    assert told[0]["model_digest"] == told[1]["model_digest"]
    assert told[0]["metrics"] == told[1]["metrics"]
    one, other = (project.home.artifacts.version_files("stream", number) for number in (1, 2))
    assert one.keys() == other.keys()
    assert [path for path in one if one[path] != other[path]] == ["manifest.json"]  # it says which version it is


# Trains in one folder after the other, each time in a process of its own that kills itself at its n-th act on a file of
# the project (0: not at all). Everything is loaded before the first of them begins, and nothing has run by then.
DYING = """
import os, signal, sys
from mainstay.interfaces.cli.main import main
import mainstay.interfaces.cli.train

def hook(event, args):
    global acts
    if event.startswith(("open", "os.", "shutil.", "sqlite3.")) and folder in str(args[:2]):
        acts += 1
        if acts == last:
            os.kill(os.getpid(), signal.SIGKILL)

for folder, last in zip(sys.argv[1::2], map(int, sys.argv[2::2])):
    child = os.fork()
    if child == 0:
        acts = 0
        sys.addaudithook(hook)
        sys.argv = ["mainstay", "train", "--project", folder]
        try:
            main()
        finally:
            print("acts", acts, flush=True)
    print("ended", os.waitpid(child, 0)[1], flush=True)
"""


def dying(deaths: Mapping[Path, int]) -> tuple[list[int], list[int]]:
    """Train in each folder, killed with -9 at an act on a file; return counts of acts and how each process ended."""
    words = [str(word) for death in deaths.items() for word in death]
    command = [sys.executable, "-c", DYING, *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True, env=CLEAN)
    found = [line.split() for line in done.stdout.splitlines() if line.startswith(("acts ", "ended "))]
    acts, ended = ([int(number) for word, number in found if word == kind] for kind in ("acts", "ended"))
    return acts, ended


@pytest.mark.parametrize("n_before", [0, 1])
def test_a_killed_training_leaves_nothing_half_registered(tmp_path: Path, n_before: int) -> None:
    first = lay(tmp_path / "first", simulated(240).write_csv())
    for _ in range(n_before):
        train_here(open_project(first))
    before = list(range(1, n_before + 1))
    whole, *killed = (Path(shutil.copytree(first, tmp_path / str(number))) for number in range(6))
    (n_acts,), ended = dying({whole: 0})
    assert (ended, numbers(open_project(whole))) == ([0], [*before, n_before + 1])

    # The version gets its name, and then its event, in the last ten acts.
    moments = [n_acts // 4, n_acts // 2, n_acts - 7, n_acts - 5, n_acts - 2]
    assert dying(dict(zip(killed, moments, strict=True))) == ([], [signal.SIGKILL] * len(killed))
    for folder in killed:
        assert numbers(open_project(folder)) in (before, [*before, n_before + 1])
    for folder in killed[2:4]:
        project = open_project(folder)
        left = numbers(project)
        train_here(project)
        assert numbers(project) == [*left, len(left) + 1]
        assert [str(path) for path in folder.rglob("*.tmp")] == []


GOOD = simulated(180)


def changed(name: str, value: object, *, row: int | None = None) -> str:
    """The good table with one column, or one cell of it, changed."""
    here = pl.lit(True) if row is None else pl.int_range(pl.len()) == row
    return GOOD.with_columns(
        pl.when(here).then(pl.lit(value)).otherwise(pl.col(name).cast(pl.String)).alias(name)
    ).write_csv()


WITH_TIME = BRIEF.replace('exclude = ["row_id", "at"]', 'time = "at"\nexclude = ["row_id"]')
# name: (table, brief, words that the message must have)
BAD: dict[str, tuple[str | bytes, str, tuple[str, ...]]] = {
    "empty": ("", BRIEF, ("rows.csv is empty",)),
    "header only": (GOOD.head(0).write_csv(), BRIEF, ("header", "no rows")),
    "one row": (GOOD.head(1).write_csv(), BRIEF, ("outcome", "one outcome only")),
    "few rows": (GOOD.head(12).write_csv(), BRIEF, ("12 rows", "At least")),
    "one class": (changed("outcome", "0"), BRIEF, ("'outcome'", "one outcome only", "180 rows")),
    "no outcome": (changed("outcome", None), BRIEF, ("'outcome'", "missing in every row")),
    "two columns of one name": (
        GOOD.write_csv().replace("number_2", "number_1", 1),
        BRIEF,
        ("two columns of one name", "'number_1'"),
    ),
    "another target": (
        GOOD.write_csv(),
        BRIEF.replace('"outcome"', '"outcom"'),
        ("no column 'outcom'", "Did you mean 'outcome'?"),
    ),
    "a date that is none": (changed("at", "last Tuesday", row=6), WITH_TIME, ("'at'", "row 7")),
    "a number in words": (changed("at", "17", row=6), WITH_TIME, ("'at'", "row 7")),
    "a source that is not there": (
        GOOD.write_csv(),
        BRIEF.replace("rows.csv", "rowz.csv"),
        ("Did you mean 'rows.csv'?",),
    ),
    "nothing to read": (
        GOOD.select("row_id", "at", "outcome").write_csv(),
        BRIEF,
        ("no column is left for the model to read",),
    ),
    "money of a column that is not there": (
        GOOD.write_csv(),
        BRIEF.replace("= 10", '= "2 * number_11"'),
        ("value.when_high_and_positive", "'number_11'", "Did you mean 'number_1'?"),
    ),
}


# Runs the command in one folder after the other: learners are loaded once.
ONE_AFTER_ANOTHER = """
import io, json, sys
from contextlib import redirect_stderr, redirect_stdout
from mainstay.__main__ import main
said = []
for folder in sys.argv[1:]:
    sys.argv = ["mainstay", "train", "--json", "--project", folder]
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        try:
            code = main()
        except SystemExit as end:
            code = end.code
    said.append((code or 0, out.getvalue(), err.getvalue()))
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Said]]:
    """Every bad table, and what training on it said."""
    folder = tmp_path_factory.mktemp("bad")
    places = [lay(folder / name, table, brief) for name, (table, brief, _) in BAD.items()]
    command = [sys.executable, "-c", ONE_AFTER_ANOTHER, *map(str, places)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True, env=CLEAN)
    said = [Said(*each) for each in json.loads(done.stdout)]
    return dict(zip(BAD, zip(places, said, strict=True), strict=True))


@pytest.mark.parametrize("name", BAD)
def test_a_bad_table_is_refused_in_words_and_leaves_no_version(
    refused: dict[str, tuple[Path, Said]], name: str
) -> None:
    folder, said = refused[name]
    assert said.code == 2
    assert said.told.startswith("Error: ")
    assert [words for words in BAD[name][2] if words not in said.told] == [], said.told
    assert json.loads(said.out)["error"]["remedy"]
    assert "Traceback" not in said.err
    assert numbers(open_project(folder)) == []


def test_a_column_without_a_value_is_told_of_and_not_learned_from(tmp_path: Path) -> None:
    project = open_project(lay(tmp_path / "project", changed("number_1", None)))
    summary = train_here(project)
    told = [finding for finding in summary.findings if "number_1" in finding.subjects]
    assert told
    assert told[0].verdict is not Verdict.PASS
    assert b"number_1" not in project.home.artifacts.version_files("stream", 1)["plan.json"]


@pytest.mark.parametrize("largest_bytes", [2_000, 20_000, 34_000])
def test_a_full_disk_leaves_no_version_and_the_next_training_works(tmp_path: Path, largest_bytes: int) -> None:
    folder = lay(tmp_path / "project", simulated(360).write_csv())
    no_more = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (largest_bytes, largest_bytes))
    said = mainstay("train", "--json", "--project", str(folder), before=no_more)
    assert said.code == 1
    assert said.told.startswith("Error: the ")
    assert "Traceback" not in said.err
    assert json.loads(said.out)["error"]["remedy"]
    project = open_project(folder)
    assert numbers(project) == []
    train_here(project)
    assert numbers(project) == [1]
    assert [str(path) for path in folder.rglob("*.tmp")] == []
