"""People and programs are told of signals: once each, however often something fails or dies on the way."""

from __future__ import annotations

import email
import email.message
import email.policy
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from tests.interfaces.receiver import Receiver, receiving
from tests.workflows.lives import BRIEF, DAY, add, deploy, raise_signal

from mainstay.domain.event import Act
from mainstay.domain.finding import Verdict
from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay
from mainstay.interfaces.notify import deliver
from mainstay.store.clock import now
from mainstay.store.home import Home, open_home
from mainstay.store.outbox import read_outbox, sending, write_outbox

Out = pytest.CaptureFixture[str]
Env = pytest.MonkeyPatch
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
DOCS = Path(__file__).parents[3] / "docs" / "notifying.md"
DESK = '[notify.desk]\nto = "${DESK}"\nsigned_with = "${DESK_KEY}"\n'


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, receiver: Receiver, monkeypatch: Env) -> Home:
    """A live version with an open signal, and a desk that is told."""
    brief = BRIEF.replace("review_by = 2026-12-01", f"review_by = {now().date() + 365 * DAY}") + DESK
    (tmp_path / "mainstay.toml").write_text(brief)
    monkeypatch.setenv("DESK", receiver.url())
    monkeypatch.setenv("DESK_KEY", KEY)
    home = open_home(tmp_path)
    add(home, brief=brief)
    lately = now() - DAY  # nobody has called it for long: nothing else is to be said of it
    deploy(home, 1, at=lately)
    raise_signal(home, "1", verdict=Verdict.FAIL, at=lately + DAY / 2)
    return home


def look(home: Home, capsys: Out) -> str:
    """One look of the watch; return what it said beside the result."""
    assert run(mainstay, ["watch", "--project", str(home.root.parent)]) == 0
    return capsys.readouterr().err


def asked(home: Home, capsys: Out, *arguments: str, code: int = 0) -> str:
    assert run(mainstay, ["notify", *arguments, "--project", str(home.root.parent)]) == code
    printed = capsys.readouterr()
    return printed.out + printed.err


def close(home: Home) -> None:
    home.ledger.append("credit", Act.SIGNAL_CLOSED, {"id": "1", "because": "quiet"}, actor="watch", at=now())


def hurry(home: Home) -> None:
    """Let everything that waits be due now, as if time had passed."""
    import msgspec

    with sending(home, "credit"):
        outbox = read_outbox(home, "credit")
        due = [msgspec.structs.replace(each, due_at="2026-01-01T00:00:00Z") for each in outbox.notices]
        write_outbox(home, "credit", msgspec.structs.replace(outbox, notices=tuple(due)))


def test_every_turn_of_a_signal_is_a_cloud_event_sent_once(home: Home, receiver: Receiver, capsys: Out) -> None:
    assert look(home, capsys) == ""
    look(home, capsys)
    close(home)
    look(home, capsys)
    look(home, capsys)
    first, last = receiver.events
    assert first.keys() == {"specversion", "id", "source", "type", "time", "datacontenttype", "subject", "data"}
    assert (first["specversion"], first["source"]) == ("1.0", "/mainstay/models/credit")
    assert (first["type"], last["type"]) == ("mainstay.signal.opened", "mainstay.signal.closed")
    assert (first["id"], last["id"]) == ("credit.1.3", "credit.1.4")
    told = first["data"]
    assert (told["id"], told["code"], told["subject"], told["version"]) == (
        "1",
        "F29-input-drift",
        "LIMIT_BAL",
        "credit/1",
    )
    (_, headers, _), _ = receiver.came
    assert headers["content-type"] == "application/cloudevents+json; charset=utf-8"


def test_what_is_not_taken_is_sent_again_until_it_is(home: Home, receiver: Receiver, capsys: Out) -> None:
    receiver.answers = [503, 500]
    said = look(home, capsys)
    assert said == "Not told, and tried again: desk: 127.0.0.1 answered 503.\n"
    assert look(home, capsys) == "", "it waits a little first"
    assert len(receiver.came) == 1
    assert "127.0.0.1 answered 503" in asked(home, capsys)
    for _ in range(3):
        hurry(home)
        look(home, capsys)
    assert {event["id"] for event in receiver.events} == {"credit.1.3"}
    assert len(receiver.came) == 3, "taken at the third attempt, and not sent again"


KILLED = """
import os, sys
from mainstay.interfaces.cli.edge import run
from mainstay.interfaces.cli.main import mainstay
run(mainstay, ["watch", "--project", sys.argv[1]])
"""


def test_nothing_is_lost_when_the_watch_dies_while_it_tells(home: Home, receiver: Receiver, capsys: Out) -> None:
    """It is killed in the worst moment: the desk has the message, and nobody has noted so."""
    folder = str(home.root.parent)
    process = subprocess.Popen([sys.executable, "-c", KILLED, folder], stdout=subprocess.DEVNULL)
    receiver.on_each = lambda: os.kill(process.pid, signal.SIGKILL)
    assert process.wait(300) == -signal.SIGKILL
    receiver.on_each = lambda: None
    look(home, capsys)
    look(home, capsys)
    assert [event["id"] for event in receiver.events] == ["credit.1.3", "credit.1.3"], "the same message, and no third"


def test_who_joins_two_looks_at_once_is_told_once(home: Home, receiver: Receiver) -> None:
    folder = str(home.root.parent)
    both = [subprocess.Popen([sys.executable, "-c", KILLED, folder], stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [each.wait(300) for each in both] == [0, 0]
    assert len(receiver.came) == 1


def test_an_address_is_proved_and_gets_what_had_failed(
    home: Home, receiver: Receiver, capsys: Out, monkeypatch: Env
) -> None:
    monkeypatch.setenv("DESK", "http://127.0.0.1:9/secret-path")
    assert "127.0.0.1 cannot be reached: connection refused" in look(home, capsys)
    said = asked(home, capsys, "--test", code=1)
    assert "connection refused" in said
    assert "secret-path" not in said
    monkeypatch.setenv("DESK", receiver.url())
    assert "desk took the message." in asked(home, capsys, "--test")
    look(home, capsys)
    assert [event["type"] for event in receiver.events] == ["mainstay.test", "mainstay.signal.opened"]
    told = json.loads(asked(home, capsys, "--json"))
    assert told["told"][0]["name"] == "desk"
    assert told["waiting"] == []


def test_an_address_may_lie_in_a_file_and_never_in_the_brief(
    home: Home, receiver: Receiver, capsys: Out, monkeypatch: Env
) -> None:
    monkeypatch.delenv("DESK")
    assert "neither DESK nor DESK_FILE is set" in asked(home, capsys, "--test", code=1)
    file = home.root.parent / "desk"
    file.write_text(f"{receiver.url()}\n")
    monkeypatch.setenv("DESK_FILE", str(file))
    asked(home, capsys, "--test", "desk")
    assert len(receiver.came) == 1
    brief = home.root.parent / "mainstay.toml"
    brief.write_text(BRIEF + '[notify.desk]\nto = "https://hooks.example/s3cret"\n')
    said = asked(home, capsys, code=2)
    assert 'write the name of a variable, such as "${OPS_ADDRESS}"' in said
    assert "s3cret" not in said


def test_a_brief_that_is_wrong_ends_no_watch(home: Home, receiver: Receiver, capsys: Out) -> None:
    (home.root.parent / "mainstay.toml").write_text("[model")
    assert run(mainstay, ["watch", "--project", str(home.root)]) == 0
    assert "Nobody was told" in capsys.readouterr().err
    assert receiver.came == []


def test_redirects_are_not_followed(home: Home, receiver: Receiver, capsys: Out) -> None:
    receiver.answers = [307]
    assert "answered 307. It sends elsewhere" in asked(home, capsys, "--test", code=1)
    assert len(receiver.came) == 1


def test_without_apprise_an_error_names_the_extra(home: Home, capsys: Out, monkeypatch: Env) -> None:
    monkeypatch.setenv("DESK", "mailto://somebody:s3cret@mail.example")
    monkeypatch.setitem(sys.modules, deliver.APPRISE, None)
    said = asked(home, capsys, "--test", code=1)
    assert "mailto:// needs Apprise" in said
    assert "pip install 'mainstay[notify]'" in said
    assert "s3cret" not in said


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", DOCS.read_text(), re.MULTILINE | re.DOTALL)


def test_receivers_verify_as_the_docs_show(home: Home, capsys: Out, receiver: Receiver) -> None:
    if shutil.which("node") is None:
        pytest.skip("no node on PATH, the receiver in JavaScript was not run")
    look(home, capsys)
    ((_, headers, body),) = receiver.came
    known: dict[str, object] = {}
    exec(blocks("python")[0], known)
    is_ours = known["is_ours"]
    late = headers | {"webhook-timestamp": str(int(headers["webhook-timestamp"]) - 600)}
    cases = [(headers, body), (headers, body + b" "), (late, body), (headers | {"webhook-id": "other"}, body)]
    assert [is_ours(KEY, *case) for case in cases] == [True, False, False, False]  # type: ignore[operator]
    asked_js = ";".join(f"isOurs({json.dumps(KEY)}, {json.dumps(h)}, {json.dumps(b.decode())})" for h, b in cases)
    script = f"{blocks('js')[0]}\nconsole.log(JSON.stringify([{asked_js.replace(';isOurs', ',isOurs')}]))"
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout) == [True, False, False, False]


def test_the_briefs_of_the_docs_are_briefs(home: Home, capsys: Out) -> None:
    owner = '[fields.LIMIT_BAL]\nowner = "crm team"\n'
    (home.root.parent / "mainstay.toml").write_text(BRIEF + owner + blocks("toml")[0])
    said = asked(home, capsys)
    assert {"on-call", "team", "crm", "desk"} <= set(said.split())
    assert "what crm team answers for" in said


class Sink(Controller):  # type: ignore[misc]
    """A real mail server on a free port, which keeps what it gets."""

    def __init__(self) -> None:
        self.got: list[Envelope] = []
        super().__init__(self, hostname="127.0.0.1", port=0)

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802 - its name
        self.got.append(envelope)
        return "250 taken"


def test_an_owner_of_an_input_is_told_by_mail(home: Home, capsys: Out, monkeypatch: Env) -> None:
    owner = '[fields.LIMIT_BAL]\nowner = "crm"\n[notify.crm]\nto = "${CRM}"\nowner = "crm"\n'
    (home.root.parent / "mainstay.toml").write_text(BRIEF + owner)
    sink = Sink()
    sink.start()
    monkeypatch.setenv("CRM", f"mailto://127.0.0.1:{sink.port}?from=a@mail.example&to=crm@mail.example&mode=insecure")
    try:
        assert look(home, capsys) == ""
        look(home, capsys)
    finally:
        sink.stop()
    (envelope,) = sink.got
    assert envelope.rcpt_tos == ["crm@mail.example"]
    mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert mail["subject"] == "■ credit/1: F29-input-drift LIMIT_BAL"
    assert isinstance(mail, email.message.EmailMessage)
    text = mail.get_content()
    assert "LIMIT_BAL has moved." in text
    assert "mainstay signals show 1 --model credit" in text


def test_a_mail_server_that_is_away_is_tried_again(home: Home, capsys: Out, monkeypatch: Env) -> None:
    (home.root.parent / "mainstay.toml").write_text(BRIEF + '[notify.crm]\nto = "${CRM}"\n')
    monkeypatch.setenv("CRM", "mailto://127.0.0.1:9?from=a@mail.example&to=crm@mail.example&mode=insecure")
    assert "crm: mailto:// did not take the message" in look(home, capsys)
    (notice,) = read_outbox(home, "credit").waiting
    assert notice.attempts == 1
