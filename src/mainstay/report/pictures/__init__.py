"""Every picture is one function that returns an Altair chart, drawn once and shown everywhere."""

from mainstay.report.pictures.candidates import candidates
from mainstay.report.pictures.canvas import bare, finding, subtitle, to_png, to_svg
from mainstay.report.pictures.lift import lift
from mainstay.report.pictures.money_curve import money_curve
from mainstay.report.pictures.reliability import reliability
from mainstay.report.pictures.timeline import Mark, watch_timeline

__all__ = [
    "Mark",
    "bare",
    "candidates",
    "finding",
    "lift",
    "money_curve",
    "reliability",
    "subtitle",
    "to_png",
    "to_svg",
    "watch_timeline",
]
