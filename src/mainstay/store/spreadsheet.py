"""What a spreadsheet would run: texts of a CSV that it takes for formulas when a person opens the file."""

from __future__ import annotations

import polars as pl

FORMULA = r"(?s)(?:^|[;\t\r\n])\"*(?:[=@\t\r\n＝＋－＠]|[+-][^;\t\r\n]*[^\d.,\s%;\t\r\n])"
# Source: OWASP, 'CSV Injection'. A signed number is none. Where a list is parted by semicolons, as in Germany, Excel
# parts a file with commas at the semicolons and tabs within texts, and at the lines within quoted ones.


def formula_columns(table: pl.DataFrame) -> tuple[str, ...]:
    """Return the columns in whose texts, or in whose name, a spreadsheet sees a formula.

    Nothing is put before such texts: what is written must be read back as what it was
    (docs/decisions/0013-a-csv-holds-what-came.md).

    >>> formula_columns(pl.DataFrame({"id": ["=1+1"], "amount": ["-1,234.50"], "low": [-1]}))
    ('id',)
    """
    names = pl.Series(table.columns, dtype=pl.String).str.contains(FORMULA)
    return tuple(name for name, named in zip(table.columns, names, strict=True) if named or _holds_any(table[name]))


def _holds_any(column: pl.Series) -> bool:
    texts = column.cast(pl.String) if isinstance(column.dtype, pl.Categorical | pl.Enum) else column
    return texts.dtype == pl.String and bool(texts.str.contains(FORMULA).any())
