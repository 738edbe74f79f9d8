"""Clients in other languages, built by their own compilers, hear the same scores from a real service with keys."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.interfaces.http.homes import ROW, new_home
from tests.interfaces.http.programs import CSHARP, GO, JAVA, TYPESCRIPT
from tests.interfaces.http.services import Running, serving

from mainstay.client import Answer, Client
from mainstay.domain.key import Scope
from mainstay.domain.schema import Field, Kind, Policy, Schema
from mainstay.export.clients import Described, client_file
from mainstay.interfaces.cli.client import client as client_command
from mainstay.workflows.keys import Wanted, add_key

CALLING = Path(__file__).parents[3] / "docs" / "calling.md"
ODD = {"region": "fête 🎉", "late": 1}
ROWS: list[dict[str, Any]] = [ROW, ODD, {}]


@dataclass(frozen=True)
class Service:
    """A service with a key, its folder, and what Python's client hears of the rows."""

    running: Running
    folder: Path
    key: str
    expected: dict[str, Any]

    def client(self) -> Client:
        return Client(self.running.url, "credit", self.key)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("home")
    home = new_home(folder)
    scopes = (Scope.DECIDE, Scope.OUTCOMES, Scope.ACTIONS)
    key = add_key(home, "shop", Wanted(scopes=scopes), actor="test", at=datetime.now(UTC)).text
    with serving(folder) as running:
        entries = Client(running.url, "credit", key).decide(ROWS, dry_run=True).entries
        scores = [entry.score if isinstance(entry, Answer) else None for entry in entries]
        words = [entry.decision if isinstance(entry, Answer) else entry.fault.code for entry in entries]
        heard = {"scores": scores, "decisions": words, "repeated": True, "told": 1, "done": 1}
        yield Service(running, folder, key, heard | {"refused": [409, "other-version"]})


def written(service: Service, language: str, folder: Path) -> Path:
    """Write a client as people do."""
    arguments = ["--lang", language, "--out", str(folder), "--project", str(service.folder), "--json"]
    done = CliRunner().invoke(client_command, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return Path(json.loads(done.stdout)["path"])


def odd(language: str, folder: Path) -> Path:
    """Write a client of a model whose names and words are as odd as any table's."""
    names = ("class", "1st */ visit", 'say "no"', "back\\users", "PAY_0", "pay-0", "ü", "wait", "get class")
    kinds = [*Kind, *Kind]
    fields = [Field(name=name, kind=kind, levels=("a", '*/ "')) for name, kind in zip(names, kinds, strict=False)]
    refused = Field(name="must", kind=Kind.NUMBER, on_missing=Policy.REFUSE, meaning="ends */ here\nin C:\\users")
    schema = Schema(fields=(*fields, refused), target="state", task="multiclass", classes=("fine", "worn", '"?'))
    described = Described("odd-one", 7, 'what "for" */\n', schema, schema.classes)
    name, text = client_file(described, language, base="from __future__ import annotations\nfrom typing import Any\n")
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


def run(*command: str, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def told(service: Service, language: str, *, own_id: str) -> str:
    """The program that the page for callers shows, asking this service; ids are its own, so that tests do not meet."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", CALLING.read_text(), re.MULTILINE | re.DOTALL)
    (block,) = (each for each in blocks if "http://127.0.0.1:8080" in each)
    for shown, meant in (("http://127.0.0.1:8080", service.running.url), ("mk_…", service.key), ("a-1", own_id)):
        assert shown in block
        block = block.replace(shown, meant)
    return str(block)


def needs(*programs: str) -> None:
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        pytest.skip(f"no {' and no '.join(missing)} on PATH, the client was not built")


def heard(said: str) -> Any:
    return json.loads(said.strip().splitlines()[-1])


def test_java_hears_the_same(service: Service, tmp_path: Path) -> None:
    needs("javac", "java")
    source = written(service, "java", tmp_path)
    strange = odd("java", tmp_path)
    (tmp_path / "Call.java").write_text(JAVA)
    (tmp_path / "Ask.java").write_text(told(service, "java", own_id="ask-java"))
    run(
        "javac",
        "-Xlint:all",
        "-Werror",
        "-encoding",
        "UTF-8",
        source.name,
        "Call.java",
        "Ask.java",
        strange.name,
        cwd=tmp_path,
    )
    assert (
        heard(run("java", "-Xshare:auto", "Call", service.running.url, service.key, cwd=tmp_path)) == service.expected
    )


def test_go_hears_the_same(service: Service, tmp_path: Path) -> None:
    needs("go")
    written(service, "go", tmp_path / "credit")
    odd("go", tmp_path / "odd")
    (tmp_path / "go.mod").write_text("module caller\n\ngo 1.18\n")
    (tmp_path / "main.go").write_text(GO)
    assert not run("gofmt", "-d", "credit", "odd", cwd=tmp_path)
    run("go", "vet", "./odd", cwd=tmp_path)
    (tmp_path / "ask").mkdir()
    (tmp_path / "ask" / "main.go").write_text(told(service, "go", own_id="ask-go"))
    run("go", "build", "-o", "./built/", ".", "./ask", cwd=tmp_path)
    assert heard(run("./built/caller", service.running.url, service.key, cwd=tmp_path)) == service.expected
    assert run("./built/ask", cwd=tmp_path) == "ask-go wait\n"


def test_csharp_hears_the_same(service: Service, tmp_path: Path) -> None:
    needs("mcs", "mono")
    source, strange = written(service, "csharp", tmp_path), odd("csharp", tmp_path)
    (tmp_path / "Call.cs").write_text(CSHARP)
    (tmp_path / "Ask.cs").write_text(told(service, "csharp", own_id="ask-cs"))
    options = ("-warnaserror", "-warn:4", "-r:System.Net.Http.dll", "-main:Call", "-out:call.exe")
    run("mcs", *options, source.name, strange.name, "Call.cs", "Ask.cs", cwd=tmp_path)
    asked, called = run("mono", "call.exe", service.running.url, service.key, cwd=tmp_path).splitlines()
    assert asked == "ask-cs wait"
    assert heard(called) == service.expected


def test_typescript_hears_the_same(service: Service, tmp_path: Path) -> None:
    needs("tsc", "node")
    source, strange = written(service, "typescript", tmp_path), odd("typescript", tmp_path)
    rows = ", ".join(json.dumps(row) for row in ROWS)
    (tmp_path / "call.ts").write_text(TYPESCRIPT.replace("{ROWS}", rows))
    (tmp_path / "ask.ts").write_text(told(service, "ts", own_id="ask-ts"))
    (tmp_path / "package.json").write_text('{"type": "module"}')
    options = "--strict --noUncheckedIndexedAccess --exactOptionalPropertyTypes --rewriteRelativeImportExtensions"
    target = ("--target", "es2022", "--module", "nodenext", "--lib", "es2023,dom", "--types", "")
    run("tsc", *options.split(), *target, source.name, "call.ts", "ask.ts", strange.name, cwd=tmp_path)
    assert heard(run("node", "call.js", service.running.url, service.key, cwd=tmp_path)) == service.expected
    assert run("node", "ask.js", cwd=tmp_path) == "ask-ts wait\n"


def test_the_copied_python_client_hears_the_same(service: Service, tmp_path: Path) -> None:
    source = written(service, "python", tmp_path)
    compile(odd("python", tmp_path).read_text(), "odd", "exec")
    (tmp_path / "call.py").write_text(
        f"import json, sys\nfrom {source.stem} import Answer, CreditRow, credit_client\n"
        "client = credit_client(sys.argv[1], key=sys.argv[2])\n"
        f"row: CreditRow = json.loads({json.dumps(json.dumps(ROW))})\n"
        "print(json.dumps([e.score for e in client.decide([row]) if isinstance(e, Answer)]))\n"
    )
    said = run(sys.executable, "-S", "call.py", service.running.url, service.key, cwd=tmp_path)
    assert heard(said) == service.expected["scores"][:1]
    (tmp_path / "ask.py").write_text(told(service, "python", own_id="ask-python"))
    assert run(sys.executable, "ask.py", cwd=tmp_path) == "wait\n"


def test_the_contract_can_be_had_without_a_service(service: Service, tmp_path: Path) -> None:
    contract = json.loads(written(service, "openapi", tmp_path).read_text())
    assert contract["openapi"] == "3.1.0"
    assert "/v1/models/credit/decide" in contract["paths"]
