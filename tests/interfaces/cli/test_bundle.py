"""`mainstay bundle verify` and `mainstay export`: a model is proven, and taken along, wherever it lies."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.workflows.lives import AT, BRIEF, add, bundle

from mainstay.domain.canonical import canonical, digest
from mainstay.domain.event import Act
from mainstay.domain.plan import Packed, Plan
from mainstay.domain.version import VersionName
from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay
from mainstay.report.small_print import with_twin
from mainstay.store.home import Home, open_home
from mainstay.workflows.export_kept import exported_parity
from mainstay.workflows.verify import verify_folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    (tmp_path / "mainstay.toml").write_text(BRIEF)
    home = open_home(tmp_path)
    add(home, at=AT)
    monkeypatch.chdir(tmp_path)
    return home


@pytest.fixture
def copy(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle's folder alone, far from any project."""
    place = tmp_path / "elsewhere" / "copied"
    shutil.copytree(home.artifacts.bundle_folder("credit", 1), place)
    monkeypatch.chdir(place.parent)
    return place


def resigned(folder: Path, name: str, content: bytes) -> None:
    """Change a file as a forger would: with the manifest."""
    (folder / name).write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["files"][name] = digest(content)
    (folder / "manifest.json").write_bytes(canonical(manifest))


def test_a_version_is_verified_against_the_ledger(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(mainstay, ["bundle", "verify", "credit/1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["version"], told["n_golden"] > 20) == ("credit/1", True)
    assert told["bundle_digest"] == home.ledger.life("credit").version(1).bundle_digest
    assert run(mainstay, ["bundle", "verify", "credit/7"]) == 2
    assert "there is no version credit/7" in capsys.readouterr().err


def test_a_copied_folder_is_verified_without_a_project(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(mainstay, ["bundle", "verify", str(copy)]) == 0
    said = capsys.readouterr().out
    assert "credit/1 is whole" in said
    assert "golden rows have their scores to the bit" in said


def test_a_changed_file_is_named(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copy / "requirements.txt").write_text("numpy==1.0\n")
    assert run(mainstay, ["bundle", "verify", str(copy)]) != 0
    assert "requirements.txt was changed" in capsys.readouterr().err


def test_golden_rows_tell_another_score_though_every_digest_holds(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = json.loads((copy / "golden.json").read_bytes())
    rows["rows"][3]["score"] += 1e-15
    resigned(copy, "golden.json", canonical(rows))
    assert run(mainstay, ["bundle", "verify", str(copy)]) != 0
    assert "golden row" in capsys.readouterr().err


def test_a_folder_that_is_no_bundle_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(mainstay, ["bundle", "verify", str(tmp_path)]) == 2
    assert "there is no manifest.json" in capsys.readouterr().err


def test_a_packed_model_is_not_opened_where_nobody_vouches_for_it(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = Plan(task="binary", models=(Packed(frame="pandas", columns=(), digest=""),), link="logistic")
    from mainstay.workflows import verify

    inspected = verify.inspect(bundle(1))
    contents = type(inspected)(**{name: getattr(inspected, name) for name in inspected.__slots__} | {"plan": packed})
    monkeypatch.setattr(verify, "inspect", lambda files: contents)
    assert verify_folder(copy).n_golden is None


def test_an_export_tells_how_far_it_is_and_is_in_the_small_print(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnxruntime")
    name = VersionName("credit", 1)
    assert exported_parity(home, name) is None
    assert run(mainstay, ["export", "credit/1", "--onnx", "credit.onnx", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["bytes"] == Path("credit.onnx").stat().st_size
    assert told["parity"]["n_same"] == sum(told["parity"][f"n_{part}"] for part in ("rows", "beside", "golden"))
    assert json.loads(Path("credit.onnx.parity.json").read_bytes()) == told["parity"]
    assert digest(Path("credit.onnx").read_bytes()) == told["parity"]["file_digest"]
    event = home.ledger.events("credit")[-1]
    assert (event.act, event.body["file_digest"]) == (Act.EXPORTED, told["parity"]["file_digest"])
    parity = exported_parity(home, name)
    assert parity is not None
    terms = dict(with_twin((("seed", "0"), ("report made", "now")), parity))
    assert "the same within 1e-12" in terms["ONNX file"]
    assert with_twin((("seed", "0"),), None) == (("seed", "0"),)
    assert run(mainstay, ["export", "--onnx", "again.onnx"]) == 0
    assert Path("again.onnx").read_bytes() == Path("credit.onnx").read_bytes()
    assert "the same within 1e-12" in capsys.readouterr().out
