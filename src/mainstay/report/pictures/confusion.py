"""What came against what was decided, each class's cases as shares: right ones in our colour, others beside it."""

from __future__ import annotations

from typing import Any

import altair as alt

from mainstay.report.class_matrix import ClassMatrix, matrix_finding
from mainstay.report.pictures.canvas import layered, points
from mainstay.report.theme import LIGHT, WIDE
from mainstay.report.words import fixed

ROW = 34  # pixels a class
LEAST_LETTERS = 5  # of a name, however narrow the picture
LETTER = 6.6  # pixels of a letter at 12 pixels
NAMED_SHARE = 0.3  # of the width that names of classes may take
CELL = 24  # pixels, below which a number does not fit


def confusion(matrix: ClassMatrix, *, width: int = WIDE) -> alt.LayerChart:
    """A field of shares: a row for each class that came, a column for each decision, every row adding up to 100."""
    letters = max(int(width * NAMED_SHARE / LETTER), LEAST_LETTERS)
    inner = width - int(LETTER * min(max(map(len, matrix.came)), letters))
    rows = _rows(matrix)
    slots = len(matrix.decided)
    x = alt.X(
        "j:O",
        title="decided",
        axis=_axis(matrix.decided, min(letters, 14), labelAngle=-45 if slots > 4 or width < WIDE else 0, orient="top"),
    )
    y = alt.Y("i:O", title="came", axis=_axis(matrix.came, letters, titleAngle=0, titleAlign="right", titleY=-6))
    drawn = [
        alt.Chart(points([row for row in rows if row["right"] is right]))
        .mark_rect(color=LIGHT["ours" if right else "other"], stroke=LIGHT["paper"], strokeWidth=2)
        .encode(
            x=x, y=y, opacity=alt.Opacity("share:Q", legend=None, scale=alt.Scale(domain=[0, 1], range=[0.05, 0.6]))
        )
        for right in (True, False)
        if any(row["right"] is right for row in rows)
    ]
    texts = alt.Chart(points(rows)).mark_text(color=LIGHT["ink"], fontSize=12 if inner / slots > CELL else 10)
    return layered(
        *drawn,
        texts.encode(x=x, y=y, text=alt.Text("text:N")),
        says=matrix_finding(matrix),
        shows="Of a hundred cases of each class that came (rows), how many were decided each way (columns)",
        width=inner,
        height=ROW * len(matrix.came),
    )


def _axis(names: tuple[str, ...], letters: int, **more: Any) -> alt.Axis:
    shown = [name if len(name) <= letters else f"{name[: letters - 1]}…" for name in names]
    return alt.Axis(labelExpr=f"{_quoted(shown)}[datum.value]", labelLimit=1000, grid=False, **more)


def _quoted(names: list[str]) -> str:
    """Names as a list of the renderer's own language, every letter but plain ones escaped."""
    return "[" + ",".join("'" + "".join(_letter(each) for each in name) + "'" for name in names) + "]"


def _letter(each: str) -> str:
    if each.isascii() and (each.isalnum() or each in " -.,:;<>=()+/_%&!?"):
        return each
    return "".join(f"\\u{int.from_bytes(unit, 'big'):04x}" for unit in _units(each))


def _units(each: str) -> list[bytes]:
    coded = each.encode("utf-16-be", "replace")
    return [coded[i : i + 2] for i in range(0, len(coded), 2)]


def _rows(matrix: ClassMatrix) -> list[dict[str, object]]:
    return [
        {
            "i": i,
            "j": j,
            "share": matrix.share(i, j),
            "text": fixed(100 * matrix.share(i, j), 0),
            "right": came == decided or not matrix.is_of_classes,
        }
        for i, came in enumerate(matrix.came)
        for j, decided in enumerate(matrix.decided)
    ]
