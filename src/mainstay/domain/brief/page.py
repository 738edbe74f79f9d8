"""The reference page of the brief: every table and key, from the published schema, so that it cannot be out of date."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mainstay.domain.brief.schema import brief_schema

INTRO = """\
# The brief

`mainstay.toml` says what a model is for: the decision, what each outcome is worth, how good is good enough. Everything
after it is derived from it. `mainstay init` drafts one from a table; a person decides the rest. What is unknown,
contradictory or impossible is refused with its file and line.

Only `model.name` and `data.target` are needed to train. To be told what a model is worth, fill `[value]`.

```toml
[model]
name = "credit"
purpose = "Decline card applications that would lose money"

[data]
source = "credit_card_default.csv"
target = "target"
positive = 1
outcome_delay = "30d"

[decision]
when_high = "decline"
when_low = "approve"

[value]
currency = "TWD"
when_high_and_positive = 0
when_high_and_negative = 0
when_low_and_positive = "-0.20 * LIMIT_BAL"
when_low_and_negative = "0.06 * LIMIT_BAL"
```

An **expression** computes with the columns of the row (below). A **duration** is a number with `s`, `m`, `h`, `d`, `w`:
`90d`, `12h`; a **period** is one of some length. A **name** has lower-case letters, digits, `.`, `-`, `_`.

Editors complete and check the file with its [JSON Schema](mainstay.schema.json), which `mainstay init --schema` prints:
keep it beside the brief and write `#:schema ./mainstay.schema.json` into the first line.

## Expressions

Worths, today's rule and the rule of a recipe are expressions over the columns of one row.

| write | for |
|---|---|
| `0.06 * LIMIT_BAL`, `(a + b) / 2`, `a % 7`, `a ** 2` | arithmetic with numbers; only numbers and their columns |
| `PAY_0 >= 2`, `plan == "basic"`, `plan != "basic"` | comparisons, one at a time; texts stand in quotes |
| `region in ["EU", "UK"]`, `region not in ["EU"]` | one of several |
| `a > 3 and not (b > 2 or late)` | truths; a column of true and false may stand alone |
| `where(a > 3, 10, 0)`, `10 if a > 3 else 0` | a choice between two |
| `missing(a)` | whether a value is missing |
| `abs(a)`, `sqrt(a)`, `log(a)`, `exp(a)`, `round(a)`, `min(a, b)`, `max(a, b)` | functions of numbers |
| `column("a-b")`, `column("my column")` | a column whose name is no plain word: `a-b` alone is a minus b |

A comparison with what is missing is false, so `not a > 3` is true where `a` is missing; arithmetic with it is missing.
`where(missing(a), 0, a)` puts 0 there. A division by zero has no number: write `where(b == 0, 0, a / b)`. Nothing else
is understood, so nothing can run.
"""

# tables below these are named by the user
OWN_NAMES = {"fields": "NAME", "notify": "NAME", "value": "VIEW", "fairness": "COLUMN"}
WORDS = {"string": "text", "number": "number", "integer": "whole number", "boolean": "true or false"}
HEADING = "| key | what it says | takes | if left out |\n|---|---|---|---|"


def brief_page() -> str:
    """Return the reference page of every key, as Markdown.

    >>> "### `[value.VIEW]`" in brief_page()
    True
    """
    schema = brief_schema()
    return "\n".join([INTRO, *_sections(schema)])


def _sections(schema: dict[str, Any]) -> Iterator[str]:
    tables = schema["properties"]
    plain = {key: node for key, node in tables.items() if "$ref" not in node and key not in OWN_NAMES}
    yield _section("## Before the first table", "Keys of the whole file.", {"properties": plain}, schema)
    for key, node in tables.items():
        if "$ref" in node:
            table = _resolved(node, schema)
            yield _section(f"## `[{key}]`", table["description"], table, schema)
        if key in OWN_NAMES:
            yield _inner_section(key, _resolved(node, schema), schema)


def _inner_section(key: str, table: dict[str, Any], schema: dict[str, Any]) -> str:
    title, inner = f"### `[{key}.{OWN_NAMES[key]}]`", _resolved(table["additionalProperties"], schema)
    if inner["properties"] == table.get("properties"):
        return f"{title}\n\n{inner['description']} The same keys as `[{key}]`.\n"
    return _section(title, inner["description"], inner, schema)


def _section(title: str, says: str, table: dict[str, Any], schema: dict[str, Any]) -> str:
    needed = table.get("required", ())
    rows = [_row(key, node, key in needed, schema) for key, node in table["properties"].items()]
    return "\n".join([title, "", says, "", HEADING, *rows, ""])


def _row(key: str, node: dict[str, Any], needed: bool, schema: dict[str, Any]) -> str:
    left_out = "**needed**" if needed else _default(node)
    return f"| `{key}` | {node['description']} | {_takes(node, schema)} | {left_out} |"


def _default(node: dict[str, Any]) -> str:
    return f"`{json.dumps(node['default'], ensure_ascii=False)}`" if "default" in node else ""


def _takes(node: dict[str, Any], schema: dict[str, Any]) -> str:
    node = _resolved(node, schema)
    if "anyOf" in node:
        return _either([_takes(branch, schema) for branch in node["anyOf"]])
    if "enum" in node or "const" in node:
        return ", ".join(f"`{json.dumps(word)}`" for word in node.get("enum", [node.get("const")]))
    if node["type"] == "array":
        return f"list of {_takes(node['items'], schema)}s"
    if node["type"] == "object":
        return f"a table, each {_takes(node['additionalProperties'], schema)}"
    return _named(node) + _range(node)


def _either(words: list[str]) -> str:
    said = [word for word in words if not (word == "whole number" and "number" in words)]
    return " or ".join([", ".join(said[:-1]), said[-1]] if said[1:] else said)


def _named(node: dict[str, Any]) -> str:
    return str(node.get("title") or node.get("format") or WORDS[node["type"]])


def _range(node: dict[str, Any]) -> str:
    low, high, above = node.get("minimum"), node.get("maximum"), node.get("exclusiveMinimum")
    if low is not None and high is not None:
        return f", {low} to {high}"
    if above is not None:
        return f" above {above}"
    if low is not None:
        return f", at least {low}"
    return f", at most {high}" if high is not None else ""


def _resolved(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    found: dict[str, Any] = schema["$defs"][node["$ref"].rpartition("/")[2]]
    return found | {key: each for key, each in node.items() if key != "$ref"}
