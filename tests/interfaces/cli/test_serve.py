"""`mainstay serve` as typed: its options reach the service."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from tests.interfaces.http.homes import BRIEF, ROW, new_home

from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay


def test_what_is_asked_for_is_how_it_answers(tmp_path: Path) -> None:
    (tmp_path / "mainstay.toml").write_text(BRIEF)
    new_home(tmp_path)
    options = "--port 0 --workers 1 --no-ingest --log-format json --access-log --allow-origin https://shop.example"
    command = [sys.executable, "-m", "mainstay", "serve", *options.split()]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as service:
        try:
            assert service.stderr is not None
            url = json.loads(service.stderr.readline())["message"].removeprefix("answering on ")
            body = {"rows": [ROW]}
            reply = httpx.post(f"{url}/v1/models/credit/decide", json=body, headers={"origin": "https://shop.example"})
            assert (reply.status_code, reply.headers["vary"]) == (200, "origin")
        finally:
            service.send_signal(signal.SIGTERM)
        logged = [json.loads(line) for line in service.stderr]
        assert service.wait(60) == 0
    assert [line["route"] for line in logged if line["logger"] == "mainstay.access"] == ["/v1/models/{name}/decide"]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ("--allow-origin *", "no origin of a page"),
        ("--tls-cert cert.pem", "come together"),
        ("--host 0.0.0.0", "no key was made yet"),
    ],
)
def test_what_cannot_be_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], options: str, why: str
) -> None:
    (tmp_path / "mainstay.toml").write_text(BRIEF)
    new_home(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run(mainstay, ["serve", "--port", "0", *options.split()]) in (1, 2)
    assert why in capsys.readouterr().err
