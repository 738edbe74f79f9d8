"""The command line as people and scripts meet it: its table, its help, its errors and its exit codes."""

from __future__ import annotations

import ast
import json
import os
import pty
import subprocess
import sys
import warnings
from importlib.util import find_spec
from pathlib import Path

import click
import pytest

from mainstay.domain.errors import BundleError, MainstayError, Refused
from mainstay.interfaces.cli.edge import DEBUG, run
from mainstay.interfaces.cli.main import COMMANDS, LazyGroup, mainstay
from mainstay.interfaces.cli.show import answer, next_step, note, table

CLEAN = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "MAINSTAY_PROJECT", DEBUG)}


def shell(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the real command in a process of its own."""
    command = [sys.executable, "-m", "mainstay", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False, env=CLEAN)


def group_with(raised: Exception) -> click.Group:
    """A group whose only command, `act`, raises."""

    @click.command()
    @click.option("--json", "as_json", is_flag=True)
    def act(as_json: bool) -> None:
        raise raised

    return click.Group("mainstay", commands={"act": act})


def said_into(cwd: Path, words: str) -> tuple[int, str]:
    """Run a line of a shell that names the command as `m`; return its exit code and what it said on standard error."""
    line = f"m() {{ '{sys.executable}' -m mainstay \"$@\"; }}; {words}"
    done = subprocess.run(["sh", "-c", line], cwd=cwd, capture_output=True, text=True, timeout=120, env=CLEAN)  # noqa: PLW1510
    return done.returncode, done.stderr


def test_names_of_a_table_command_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    name = "a\x1b[2J\x9b1m\u202eb"
    answer(name)
    next_step(name)
    note(name)
    table([name], [[name]])
    assert run(group_with(Refused(name, remedy=name)), ["act"]) == 1
    said = "".join(capsys.readouterr())
    assert said.count("a·[2J·1m·b") == 7
    assert "\x1b[2J" not in said


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ("m history >&-", 2, "holds a mainstay.toml"),
        ("m --help >&- <&- 2>&-", 0, ""),
        ("m --help > /dev/full", 1, "what the command says cannot be written (No space left on device)"),
        ("m history --json > /dev/full", 2, "holds a mainstay.toml"),
        ("mkdir gone; cd gone; rmdir ../gone; m history", 2, "the folder you are in is no longer there"),
    ],
)
def test_odd_streams_and_folders_end_in_a_sentence(words: str, code: int, says: str, tmp_path: Path) -> None:
    ended, said = said_into(tmp_path, words)
    assert (ended, "Traceback" in said, "Mainstay itself" in said) == (code, False, False), said
    assert says in said


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_what_the_command_says(name: str) -> None:
    module, sentence = COMMANDS[name]
    spec = find_spec(f"mainstay.interfaces.cli.{module}")
    if spec is None or spec.origin is None:
        pytest.fail(f"{name} is in the table and its module {module} is not there")
    told = ast.get_docstring(ast.parse(Path(spec.origin).read_text())) or ""
    command = LazyGroup().get_command(click.Context(mainstay), name)
    assert command is not None
    assert command.name == name
    assert (command.help or "").splitlines()[0] == sentence
    assert f"`mainstay {name}`" in told


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_is_for(name: str) -> None:
    command = LazyGroup().get_command(click.Context(mainstay), name)
    assert command is not None
    silent = [p.name for p in command.params if isinstance(p, click.Option) and not p.help]
    assert not silent


def test_help_lists_every_command_with_its_sentence(tmp_path: Path) -> None:
    printed = " ".join(shell("--help", cwd=tmp_path).stdout.split())
    assert not [name for name, (_, says) in COMMANDS.items() if f"{name} {says}" not in printed]


def test_an_unknown_command_suggests_the_nearest(tmp_path: Path) -> None:
    done = shell("statsu", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "there is no command 'statsu'" in done.stderr
    assert "Did you mean 'status'?" in done.stderr
    assert "Did you mean" not in shell("xyzzy", cwd=tmp_path).stderr


def test_an_unknown_option_is_asked_wrongly(tmp_path: Path) -> None:
    done = shell("versions", "--jsn", cwd=tmp_path)
    assert done.returncode == 2
    assert "--json" in done.stderr


@pytest.mark.parametrize("arguments", [("statsu",), ("versions",), ("deploy",), ("versions", "--model")])
def test_an_error_asked_for_as_json_is_one_document(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = shell(*arguments[:1], "--json", *arguments[1:], cwd=tmp_path)
    told = json.loads(done.stdout)
    assert told["error"]["what"]
    assert done.returncode == 2
    assert done.stderr.startswith("Error: ")


@pytest.mark.parametrize(
    ("raised", "code"),
    [(MainstayError("asked wrongly"), 2), (Refused("no", remedy="ask"), 1), (BundleError("torn"), 1)],
)
def test_errors_on_purpose_give_their_exit_code(
    raised: MainstayError, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(group_with(raised), ["act"]) == code
    assert raised.what in capsys.readouterr().err


def test_a_command_that_ends_well_or_says_no(capsys: pytest.CaptureFixture[str]) -> None:
    group = click.Group("mainstay", commands={"yes": click.Command("yes", callback=lambda: None)})
    group.add_command(click.Command("no", callback=lambda: 1))
    assert run(group, ["yes"]) == 0
    assert run(group, ["no"]) == 1


def test_a_fault_of_our_own_shows_no_traceback_and_no_data(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(DEBUG, raising=False)
    assert run(group_with(RuntimeError("row of anna@example.com")), ["act", "--json"]) == 1
    seen = capsys.readouterr()
    assert "Traceback" not in seen.err
    assert "anna" not in seen.err + seen.out
    assert "Mainstay itself failed: RuntimeError" in json.loads(seen.out)["error"]["what"]


def test_a_fault_of_our_own_can_be_looked_into(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DEBUG, "1")
    assert run(group_with(RuntimeError("inside")), ["act"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_is_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    def act() -> None:
        raise KeyboardInterrupt

    assert run(click.Group("mainstay", commands={"act": click.Command("act", callback=act)}), ["act"]) == 130
    assert "Interrupted" in capsys.readouterr().err


PRINT_A_TABLE = "from mainstay.interfaces.cli.show import table; table(('version', 'worth'), [('credit/1', '4,518')])"


def test_a_table_has_no_colours_when_piped() -> None:
    done = subprocess.run([sys.executable, "-c", PRINT_A_TABLE], capture_output=True, text=True, check=True, env=CLEAN)
    assert "credit/1" in done.stdout
    assert "\x1b" not in done.stdout


def test_a_table_has_colours_on_a_terminal() -> None:
    mine, theirs = pty.openpty()
    env = {k: v for k, v in CLEAN.items() if k != "NO_COLOR"} | {"TERM": "xterm-256color"}
    with subprocess.Popen([sys.executable, "-c", PRINT_A_TABLE], stdout=theirs, env=env) as process:
        os.close(theirs)
        seen = b""
        try:
            while chunk := os.read(mine, 4096):
                seen += chunk
        except OSError:  # the other end closed
            pass
        process.wait(30)
    os.close(mine)
    assert b"\x1b[" in seen


@pytest.mark.parametrize(
    "command", [["train"], ["check"], ["demo", "x"], ["replay", "x", "--train-until", "2026"], ["review"]]
)
@pytest.mark.parametrize("seed", ["-1", str(2**31), "99999999999999999999"])
def test_a_seed_that_no_learner_takes_is_asked_wrongly(
    command: list[str], seed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(mainstay, [*command, "--seed", seed]) == 2
    assert f"Invalid value for '--seed': {seed} is not in the range 0<=x<=2147483647" in capsys.readouterr().err


def test_what_libraries_warn_of_does_not_reach_people(capfd: pytest.CaptureFixture[str]) -> None:
    @click.command()
    def warned() -> None:
        warnings.warn("overflow encountered in subtract", RuntimeWarning, stacklevel=1)

    with warnings.catch_warnings():
        warnings.simplefilter("default")
        assert run(warned, []) == 0
    assert capfd.readouterr().err == ""
