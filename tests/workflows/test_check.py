"""A recipe in a process of its own: whatever it does is seen, said and survived."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from tests.training.made import prepared
from tests.workflows.recipes_for_tests import LIGHTGBM, RULE, own

from mainstay.domain.errors import NotFound, RecipeError
from mainstay.domain.finding import Finding, Verdict
from mainstay.domain.recipe import Opened
from mainstay.domain.recipe_rules import ALL, READ
from mainstay.store.clock import ticks_us
from mainstay.store.recipes import RecipeProcess, recipe_process
from mainstay.training.lessons import lesson_of
from mainstay.workflows import recipe
from mainstay.workflows.own import Workshop, own_learner
from mainstay.workflows.recipe import OwnRecipe, Source, examined, source_of
from mainstay.workflows.recipe_rule import rule_findings, rule_of

WITHIN_S = 60.0  # generous: a machine may be busy


@pytest.fixture
def one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """For recipes that do no harm to their process: it takes the next one, as importing its libraries takes seconds."""
    monkeypatch.setattr(recipe, "recipe_process", kept_process)


_kept: list[tuple[RecipeProcess, ExitStack]] = []


@contextmanager
def kept_process(name: str) -> Iterator[RecipeProcess]:
    if _kept and _kept[0][0].process.poll() is not None:
        _kept.pop()[1].close()
    if not _kept:
        stack = ExitStack()
        _kept.append((stack.enter_context(recipe_process("recipe.py")), stack))
    yield _kept[0][0]


@pytest.fixture(autouse=True, scope="module")
def its_end() -> Iterator[None]:
    yield
    while _kept:
        _kept.pop()[1].close()


def looked_at(text: str, *codes: str, within_s: float = WITHIN_S) -> dict[str, Finding]:
    found = examined(
        Source("recipe.py", text), prepared(300), on_rule=lambda code: None, within_s=within_s, codes=(READ, *codes)
    )
    return {finding.code: finding for finding in found}


@pytest.mark.usefixtures("one_process")
def test_a_good_recipe_passes_in_its_own_process() -> None:
    heard: list[str] = []
    found = examined(Source("recipe.py", LIGHTGBM), prepared(300), on_rule=heard.append, within_s=WITHIN_S)
    assert [finding.code for finding in found] == [*ALL]
    assert not [finding for finding in found if finding.verdict is Verdict.FAIL]
    assert heard == [*ALL]


def test_what_ends_its_process_is_said() -> None:
    dies = own("", fit="print('last words', flush=True); os.kill(os.getpid(), 11)")
    found = looked_at(dies, "R02-fits", "R03-shape")
    assert found["R02-fits"].verdict is Verdict.FAIL
    assert "SIGSEGV; it last printed: last words" in found["R02-fits"].because
    assert found["R03-shape"].verdict is Verdict.UNKNOWN


def test_what_hangs_is_ended_with_all_it_started(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    leaves = "p = subprocess.Popen(['sleep', '600'], start_new_session=True)"
    hangs = f"{leaves}; open({str(told)!r}, 'w').write(str(p.pid)); p.wait()"
    found = looked_at(own("", fit=hangs), "R02-fits", within_s=3.0)
    assert "recipe.py:8 hangs: no answer within 3 seconds" in found["R02-fits"].because
    assert is_gone(int(told.read_text()))


def is_gone(pid: int) -> bool:
    for _ in range(100):
        status = Path(f"/proc/{pid}/stat")
        if not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def test_what_it_forks_and_prints_reaches_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    loud = own("", fit="os.fork(); print('loud'); os.write(1, b'louder')")
    found = looked_at(loud, "R02-fits", "R03-shape", "R18-processes", "R19-prints")
    assert found["R03-shape"].verdict is Verdict.PASS
    assert "os.fork" in found["R18-processes"].because
    assert found["R19-prints"].verdict is Verdict.WARN
    assert capfd.readouterr() == ("", "")


def test_nothing_of_it_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with recipe_process("recipe.py") as process:
        assert process.folder.parent == tmp_path
        (process.folder / "litter").write_text("left")
    assert not list(tmp_path.iterdir())
    assert process.process.poll() is not None


@pytest.mark.usefixtures("one_process")
def test_a_training_refuses_what_breaks_a_rule() -> None:
    source, said = (
        Source("recipe.py", own("share[::2] = np.nan")),
        r"cannot live here \(R04-finite\): 180 scores are NaN",
    )
    with pytest.raises(RecipeError, match=said), own_learner(source, prepared(300)):
        raise AssertionError("it was let in")


@pytest.mark.usefixtures("one_process")
def test_a_rule_that_cannot_be_read_is_broken() -> None:
    found = looked_at("def recipe(context):\n    return 'late >'")
    assert found[READ].verdict is Verdict.FAIL
    assert "the rule 'late >' cannot be read" in found[READ].because


@pytest.mark.parametrize(
    ("rule", "code", "says"),
    [
        ("10 / late", "R04-finite", "divides by zero, or has no number for"),
        ("1 / (late + income)", "R04-finite", "where 'late' is 0"),
        ("late * 10", "R05-shares", "gives scores from 0 to"),
        ("min(late / 100, 1)", "R10-missing", "has no number for 180 of 180 rows where 'late' is missing"),
    ],
)
def test_a_rule_without_a_score_for_every_row_is_told_so(rule: str, code: str, says: str) -> None:
    made = prepared(300)
    if "+" in rule:
        made = replace(made, used=made.used.with_columns(pl.lit(0.0).alias("income"), pl.col("late") + 1))
    (found,) = rule_findings(rule_of(rule, made.schema), made)
    assert (found.code, found.verdict) == (code, Verdict.FAIL)
    assert f"the rule {rule!r} " in found.because
    assert says in found.because
    assert found.remedy


@pytest.mark.usefixtures("one_process")
def test_a_rule_is_a_learner_of_its_own_columns() -> None:
    made = prepared(300)
    lesson = lesson_of(made, made.training)
    with own_learner(Source("recipe.py", RULE), made) as learner:
        fitted = learner.fit(lesson, {})
    wanted = (made.used["late"] >= 5) & (made.used["income"] > 2000)
    assert learner.complexity == "rule"
    assert fitted.scores(made.used).tolist() == wanted.fill_null(False).cast(float).to_list()

    strange = Workshop(OwnRecipe(None, "", Opened("polars", "rule", "", "lateness > 3"), ()), made.schema)
    with pytest.raises(RecipeError, match="'lateness', which no row has"):
        strange.fit(lesson)


def test_a_fit_takes_its_part_of_the_time_and_no_more() -> None:
    made = prepared(300)
    source = Source("recipe.py", own("", fit="import time; time.sleep(60 * (len(frame) > 150))"))
    ends_s = ticks_us() / 1e6 + 1.0
    with own_learner(source, replace(made, training=made.training[:100])) as learner:
        late = Workshop(learner.runner.own, made.schema, ends_s)
        with pytest.raises(RecipeError, match="longer than its part of the time, 5 seconds"):
            late.fit(lesson_of(made, made.training))


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def test_where_a_recipe_is_looked_for(tmp_path: Path) -> None:
    assert source_of(tmp_path) is None
    (tmp_path / "recipe.py").write_text(RULE)
    (tmp_path / "other.py").write_text(LIGHTGBM)
    assert source_of(tmp_path) == Source("recipe.py", RULE)
    with inside(tmp_path):
        assert source_of(Path("elsewhere"), Path("other.py")) == Source("other.py", LIGHTGBM)
    with pytest.raises(NotFound, match="there is no"):
        source_of(tmp_path, tmp_path / "missing.py")
    (tmp_path / "recipe.py").write_bytes(b"\xff\xfe")
    with pytest.raises(RecipeError, match="not UTF-8"):
        source_of(tmp_path)
    (tmp_path / "recipe.py").unlink()
    (tmp_path / "recipe.py").mkdir()
    with pytest.raises(RecipeError, match="is a folder; a recipe is one file"):
        source_of(tmp_path)
