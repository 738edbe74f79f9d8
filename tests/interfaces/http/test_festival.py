"""The festival night: among a thousand rows some that nobody was prepared for, and every row has its entry."""

from __future__ import annotations

import json
import math
from pathlib import Path

from tests.interfaces.http.homes import ROW, new_home
from tests.interfaces.http.inside import running
from tests.interfaces.http.spools import journalled, lines

N_ROWS, LEAST_DECIDED = 1000, 997
WITHOUT_AGE = {name: value for name, value in ROW.items() if name != "age"}
ODD = {  # the place of a row, the row, its field and how that is told
    100: (ROW | {"region": "festival"}, "region", "unseen-level"),
    300: (WITHOUT_AGE, "age", "absent"),
    500: (ROW | {"income": "12"}, "income", "converted"),
    700: (ROW | {"income": math.nan}, "income", "not-finite"),
}


def test_odd_rows_are_decided_flagged_and_logged_and_take_no_other_with_them(tmp_path: Path) -> None:
    rows = [ODD[place][0] if place in ODD else ROW for place in range(N_ROWS)]
    new_home(tmp_path)
    with running(tmp_path) as inside:
        got = inside.ask("POST", "/v1/models/credit/decide", [json.dumps({"rows": rows}).encode()])
    entries = got.json()["decisions"]
    decided = [entry for entry in entries if entry.get("decision") in ("call", "wait")]
    flagged = {
        place: [(warned["field"], warned["code"]) for warned in entry["warnings"]]
        for place, entry in enumerate(entries)
        if entry["warnings"]
    }
    assert (got.status, len(entries)) == (200, N_ROWS)
    assert len(decided) >= LEAST_DECIDED
    assert flagged == {place: [(field, code)] for place, (_, field, code) in ODD.items()}
    assert sorted(journalled(tmp_path)) == sorted(entry["id"] for entry in decided)
    kept = {(line["field"], line["code"]): line["n"] for line in lines(tmp_path, "faults")}
    assert kept == {(field, code): 1 for _, field, code in ODD.values()}
