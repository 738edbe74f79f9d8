"""How a score follows from the raw score that reasons are of, in words: link first, calibration after."""

from __future__ import annotations

from mainstay.domain.plan import Beta, Calibration, Isotonic, Logistic, Plan, Temperature

UNITS = {"logistic": "log odds", "softmax": "log odds among the classes", "exp": "logarithm of the amount"}
LINKS = {
    "logistic": "score = 1 / (1 + exp(-raw))",
    "softmax": "score = exp(raw) / the sum of exp(raw) over all classes",
    "exp": "score = exp(raw)",
}
LEVEL = "where it is level, a contribution moves raw and not the score"


def unit_of(plan: Plan) -> str:
    """Return what raw scores, and reasons with them, are counted in."""
    return UNITS.get(plan.link, "unit of the score")


def follows(plan: Plan) -> str:
    """Return how the score that is answered follows from the raw score.

    >>> follows(Plan(task="binary", models=(), link="logistic", calibration=Logistic(slope=0.9, intercept=0.1)))
    'score = 1 / (1 + exp(-(0.1 + 0.9 × raw)))'
    """
    calibration, link = plan.calibration, plan.link
    if calibration is None:
        return LINKS.get(link, "score = raw")
    if isinstance(calibration, Isotonic):
        first = LINKS.get(link, "score = raw").replace("score", "s", 1)
        n = len(calibration.scores)
        return f"{first}; score = s read off a rising curve through {n} points; {LEVEL}"
    if isinstance(calibration, Temperature) and plan.classes:
        near = "raw" if link == "softmax" else "ln(raw)"
        of = f"exp({near} / {calibration.temperature:.6g})"
        return f"score = {of} / the sum of that over all classes"
    return _of_odds(calibration, "raw" if link == "logistic" else "ln(raw / (1 - raw))")


def _of_odds(calibration: Calibration, raw: str) -> str:
    if isinstance(calibration, Logistic):
        return f"score = 1 / (1 + exp(-({calibration.intercept:.6g} + {calibration.slope:.6g} × {raw})))"
    if isinstance(calibration, Temperature):
        return f"score = 1 / (1 + exp(-{raw} / {calibration.temperature:.6g}))"
    if isinstance(calibration, Beta):
        moved = f"{calibration.a:.6g} × ln(p) - {calibration.b:.6g} × ln(1 - p) + {calibration.c:.6g}"
        return f"p = 1 / (1 + exp(-{raw})); score = 1 / (1 + exp(-({moved})))"
    raise TypeError(f"{type(calibration).__name__} is no calibration of odds")
