"""A bundle scored where Mainstay is not installed: what `mlflow.pyfunc.load_model` loads.

This text and the modules it imports travel inside every bundle as the package `mainstay_model`; they need Python and
numpy. Values are read, scored and decided by the very code that serves them elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from mainstay.domain.deciding import deciding, decisions
from mainstay.domain.kind import Kind
from mainstay.domain.reading import Unreadable, read_value
from mainstay.serving import plan_math
from mainstay.serving.plan_inputs import FloatArray, Json
from mainstay.serving.rule import rule_values

MISSING_TYPES = ("NAType", "NaTType")  # of pandas, which is not imported here


class PortableModel:
    """A bundle's model: a table of raw rows in, a table of scores and decisions out."""

    def __init__(self, plan: Json, schema: Json) -> None:
        self._ready, self._deciding = plan_math.prepare(plan), deciding(plan)
        self._fields = [_field(raw) for raw in (*schema["fields"], *schema["carried"])]
        self._time_zone = schema["time_zone"]

    def predict(self, model_input: Any, params: Mapping[str, Any] | None = None) -> Any:
        """Score raw rows: a pandas frame gives a frame of `score` and `decision`, any other table a dict of lists.

        Of several classes there is a column `score_NAME` for each, and the decision is the action worth most.
        A column may stand under an alias, be absent (missing in every row) or extra (ignored). Unseen levels and
        missing values are scored as in the service. Raises `ValueError` with column and row where a value cannot be
        read.
        """
        used = {field.name: self._column(field, model_input) for field in self._fields}
        n_rows = len(model_input) if hasattr(model_input, "columns") else max(map(len, model_input.values()), default=0)
        absent = {field.name: [field.default] * n_rows for field in self._fields}
        columns = {name: values or absent[name] for name, values in used.items()}
        scores = plan_math.scores(self._ready, columns, evaluate=rule_values)
        answer = self._scores(scores) | {"decision": decisions(self._deciding, scores, columns)}
        return type(model_input)(answer, index=model_input.index) if hasattr(model_input, "index") else answer

    def _column(self, field: Any, table: Any) -> list[Any]:
        name = next((name for name in (field.name, *field.aliases) if name in table), None)
        values = [] if name is None else _plain(table[name])
        return [self._read(field, raw, row) for row, raw in enumerate(values)]

    def _read(self, field: Any, raw: object, row: int) -> Any:
        try:
            return read_value(field, raw, time_zone=self._time_zone).value
        except Unreadable as error:
            raise ValueError(f"column {field.name!r}, row {row}: wanted {error.wanted}") from error

    def _scores(self, scores: FloatArray) -> dict[str, list[Any]]:
        classes = self._deciding.classes
        if not classes:
            return {"score": scores.tolist()}
        return {f"score_{name}": column.tolist() for name, column in zip(classes, scores.T, strict=True)}


def _load_pyfunc(path: str) -> PortableModel:
    """Load a bundle's folder; MLflow calls this by its name."""
    folder = Path(path)
    plan, schema = (json.loads((folder / name).read_text(encoding="utf-8")) for name in ("plan.json", "schema.json"))
    return PortableModel(plan, schema)


def _field(raw: Json) -> Any:
    lists = {"levels": tuple(raw["levels"]), "level_aliases": tuple(map(tuple, raw["level_aliases"]))}
    return SimpleNamespace(**{**raw, "kind": Kind(raw["kind"]), **lists})


def _plain(column: Any) -> list[Any]:
    """Return a column's values as plain Python ones; what pandas calls missing is None."""
    values = column.tolist() if hasattr(column, "tolist") else list(column)
    return [None if type(value).__name__ in MISSING_TYPES else _scalar(value) for value in values]


def _scalar(value: Any) -> Any:
    return value.item() if type(value).__module__ == "numpy" else value
