"""Every picture is one function that returns an Altair chart, drawn once and shown everywhere."""

from mainstay.report.pictures.arriving import arriving
from mainstay.report.pictures.candidates import candidates
from mainstay.report.pictures.candidates_by_metric import candidates_by_metric, first_metric
from mainstay.report.pictures.canvas import bare, ended, finding, subtitle, to_png, to_svg
from mainstay.report.pictures.confusion import confusion
from mainstay.report.pictures.course import Beside, Bounded, Course, Level, course, middles
from mainstay.report.pictures.effect import effect
from mainstay.report.pictures.foretold import foretold
from mainstay.report.pictures.found import found
from mainstay.report.pictures.learning_curve import learning_curve
from mainstay.report.pictures.lift import lift
from mainstay.report.pictures.lines import Axis, Line, Span, lines
from mainstay.report.pictures.money_curve import money_curve
from mainstay.report.pictures.periods import periods
from mainstay.report.pictures.reliability import reliability
from mainstay.report.pictures.shape import shape
from mainstay.report.pictures.timeline import Mark, watch_timeline
from mainstay.report.pictures.volume import volume

__all__ = [
    "Axis",
    "Beside",
    "Bounded",
    "Course",
    "Level",
    "Line",
    "Mark",
    "Span",
    "arriving",
    "bare",
    "candidates",
    "candidates_by_metric",
    "confusion",
    "course",
    "effect",
    "ended",
    "finding",
    "first_metric",
    "foretold",
    "found",
    "learning_curve",
    "lift",
    "lines",
    "middles",
    "money_curve",
    "periods",
    "reliability",
    "shape",
    "subtitle",
    "to_png",
    "to_svg",
    "volume",
    "watch_timeline",
]
