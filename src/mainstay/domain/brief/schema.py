"""The published JSON Schema of the brief, made from the typed model: editors complete `mainstay.toml` with it."""

from __future__ import annotations

import json
from typing import Any

from mainstay.domain.brief.model import Brief

GATHERED = {"ValuePart": "views", "FairnessPart": "by"}  # tables gathered from sub-tables under names of the user's own
EMPTY: tuple[Any, ...] = (None, "", [], {})


def brief_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of `mainstay.toml`.

    >>> brief_schema()["title"]
    'Mainstay brief'
    """
    schema = Brief.model_json_schema()
    for part, key in GATHERED.items():
        table = schema["$defs"][part]
        table["additionalProperties"] = table["properties"].pop(key)["additionalProperties"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_written(schema),
        "title": "Mainstay brief",
    }


def schema_text() -> str:
    """Return the JSON Schema as it is published."""
    return json.dumps(brief_schema(), indent=2, ensure_ascii=False) + "\n"


def _written(node: Any) -> Any:
    """Keep what a person can write: TOML has no null, and a default that says nothing is no help."""
    if isinstance(node, list):
        return [_written(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _written(each) for key, each in node.items() if key != "default" or _tells(each)}
    if "properties" in kept:
        kept["properties"] = {key: _untitled(key, each) for key, each in kept["properties"].items()}
    return _without_null(kept)


def _tells(default: Any) -> bool:
    return default not in EMPTY and not isinstance(default, dict)


def _untitled(key: str, node: dict[str, Any]) -> dict[str, Any]:
    is_echo = node.get("title") == key.replace("_", " ").title()
    return {k: v for k, v in node.items() if not (k == "title" and is_echo)}


def _without_null(node: dict[str, Any]) -> dict[str, Any]:
    branches: list[dict[str, Any]] = [branch for branch in node.get("anyOf", ()) if branch != {"type": "null"}]
    if not branches:
        return node
    rest = {key: each for key, each in node.items() if key != "anyOf"}
    return rest | (branches[0] if len(branches) == 1 else {"anyOf": branches})
