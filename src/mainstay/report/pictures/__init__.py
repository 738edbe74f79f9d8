"""Every picture is one function that returns an Altair chart, drawn once and shown everywhere."""

from mainstay.report.pictures.candidates import candidates
from mainstay.report.pictures.candidates_by_metric import candidates_by_metric, first_metric
from mainstay.report.pictures.canvas import bare, finding, subtitle, to_png, to_svg
from mainstay.report.pictures.confusion import confusion
from mainstay.report.pictures.foretold import foretold
from mainstay.report.pictures.learning_curve import learning_curve
from mainstay.report.pictures.lift import lift
from mainstay.report.pictures.money_curve import money_curve
from mainstay.report.pictures.reliability import reliability
from mainstay.report.pictures.timeline import Mark, watch_timeline

__all__ = [
    "Mark",
    "bare",
    "candidates",
    "candidates_by_metric",
    "confusion",
    "finding",
    "first_metric",
    "foretold",
    "learning_curve",
    "lift",
    "money_curve",
    "reliability",
    "subtitle",
    "to_png",
    "to_svg",
    "watch_timeline",
]
