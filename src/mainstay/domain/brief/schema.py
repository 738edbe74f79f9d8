"""The published JSON Schema of the brief, made from the typed model: editors complete `mainstay.toml` with it."""

from __future__ import annotations

from typing import Any

from mainstay.domain.brief.model import Brief

GATHERED = {"ValuePart": "views", "FairnessPart": "by"}  # tables gathered from sub-tables under names of the user's own


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
        **schema,
        "title": "Mainstay brief",
    }
