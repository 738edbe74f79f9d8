"""What is counted: every number is told of in the docs, the rules there ask for such numbers, the dead are left out."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.interfaces.http.homes import ROW
from tests.interfaces.http.inside import Inside, ask, running, scope_of

from mainstay.interfaces.http.measures import forget_the_dead
from mainstay.interfaces.http.reply import Message
from mainstay.store.clock import now
from mainstay.store.home import open_home
from mainstay.store.ingest import ingest

OPERATING = Path(__file__).parents[3] / "docs" / "operating.md"
DECIDE = "/v1/models/credit/decide"


@pytest.fixture(scope="module")
def inside(folder: Path) -> Iterator[Inside]:
    with running(folder) as app:
        yield app


def numbers(inside: Inside) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """Every sample that is exposed, by its name and labels."""
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(inside.ask("GET", "/metrics", [b""]).body.decode()):
        found.setdefault(family.name + ("_total" if family.type == "counter" else ""), {})
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def test_the_docs_tell_of_every_number_and_of_no_other(inside: Inside) -> None:
    inside.ask("POST", DECIDE, [json.dumps({"rows": [ROW]}).encode()])
    counted = {name.removesuffix("_created") for name in numbers(inside) if name.startswith("mainstay_")}
    told = set(re.findall(r"\bmainstay_\w+", OPERATING.read_text()))
    parts = {name for name in counted if re.search(r"_seconds_(bucket|count|sum)$", name)}
    assert told <= counted
    assert {name for name in counted - parts if f"{name}_total" not in counted} <= told


def test_labels_in_the_rules_are_those_that_are_exposed(inside: Inside) -> None:
    inside.ask("POST", DECIDE, [json.dumps({"rows": [ROW, {"age": "abc"}]}).encode()])
    exposed = numbers(inside)
    for name, labels in re.findall(r"(mainstay_\w+)\{([^}]*)\}", OPERATING.read_text()):
        asked = {label.split("=")[0].rstrip("~!") for label in labels.split(",")}
        known = {label for key in exposed[name] for label, _ in key}
        assert asked <= (known or asked)


def test_what_waits_and_for_how_long(inside: Inside, folder: Path) -> None:
    inside.ask("POST", DECIDE, [json.dumps({"rows": [ROW]}).encode()])
    before = numbers(inside)
    assert before["mainstay_spool_bytes"][()] > 0
    ingest(open_home(folder), "credit", at=now())
    age_s = numbers(inside)["mainstay_journal_age_seconds"][("model", "credit"),]
    assert 0 <= age_s < 600


def test_requests_in_flight_are_seen_while_they_are(inside: Inside) -> None:
    """One request waits for its body until it is seen by others."""
    body = json.dumps({"rows": [ROW]}).encode()
    sent: list[Message] = []

    async def receive() -> Message:
        async with asyncio.timeout(60):
            while b"mainstay_requests_in_flight 1.0" not in (await ask(inside.app, "GET", "/metrics", [b""], {})).body:
                await asyncio.sleep(0.02)
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    async def one() -> None:
        await inside.app(scope_of("POST", DECIDE, {}), receive, send)
        async with asyncio.timeout(60):
            while b"mainstay_requests_in_flight 0.0" not in (await ask(inside.app, "GET", "/metrics", [b""], {})).body:
                await asyncio.sleep(0.02)

    inside.runner.run(one())
    assert sent[0]["status"] == 200


def test_numbers_of_the_living_are_forgotten_with_them(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    for name in (f"gauge_livesum_{child.pid}.db", f"gauge_livesum_{os.getpid()}.db", f"counter_{child.pid}.db"):
        (tmp_path / name).touch()
    forget_the_dead(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"counter_{child.pid}.db",
        f"gauge_livesum_{os.getpid()}.db",
    ]
