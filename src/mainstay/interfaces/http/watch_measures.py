"""What the watch knows, for Prometheus: read at the moment of a scrape from what it left, never counted here."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from mainstay.workflows.serve import Desk
from mainstay.workflows.watch_numbers import WatchNumbers, numbers_now


class Watch:
    """Signals, looks, outcomes, money and notices of every model, at the moment of a scrape."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def collect(self) -> Iterator[Metric]:
        """Give the numbers of this moment."""
        numbers = numbers_now(self._desk.home, self._desk.routes.lives)
        yield _signals(numbers)
        yield from _ages(numbers)
        yield from _outcomes(numbers)
        yield from _value(numbers)
        yield _waiting(numbers)


def _signals(numbers: dict[str, WatchNumbers]) -> Metric:
    labels = ("model", "severity", "code", "state")
    family = GaugeMetricFamily("mainstay_open_signals", "Signals that are not over.", labels=labels)
    for model, known in numbers.items():
        for kind, n in known.signals.items():
            family.add_metric([model, *kind], n)
    return family


def _ages(numbers: dict[str, WatchNumbers]) -> Iterator[Metric]:
    look = GaugeMetricFamily("mainstay_watch_age_seconds", "Since the watch last looked.", labels=("model",))
    judged = GaugeMetricFamily(
        "mainstay_judged_age_seconds", "Since the end of the last period judged.", labels=("model",)
    )
    for model, known in numbers.items():
        for family, age_s in ((look, known.look_age_s), (judged, known.judged_age_s)):
            if age_s is not None:
                family.add_metric([model], age_s)
    yield from (look, judged)


def _outcomes(numbers: dict[str, WatchNumbers]) -> Iterator[Metric]:
    due = GaugeMetricFamily(
        "mainstay_outcomes_due", "Decisions of the live version whose outcome is due.", labels=("model",)
    )
    came = GaugeMetricFamily("mainstay_outcomes_came", "Those of them that have it.", labels=("model",))
    for model, known in numbers.items():
        if known.look_age_s is not None:
            due.add_metric([model], known.due)
            came.add_metric([model], known.came)
    yield from (due, came)


def _value(numbers: dict[str, WatchNumbers]) -> Iterator[Metric]:
    """Money with the ends of its interval: a number alone says more than is known."""
    name, labels = "mainstay_value_per_decision", ("model", "kind")
    about = "Money per decision in the brief's currency: promised, estimated of the newest, or realised"
    value = GaugeMetricFamily(name, f"{about}.", labels=labels)
    low = GaugeMetricFamily(f"{name}_low", f"{about}: where its interval begins.", labels=labels)
    high = GaugeMetricFamily(f"{name}_high", f"{about}: where its interval ends.", labels=labels)
    for model, known in numbers.items():
        for kind, money in known.value.items():
            for family, amount in ((value, money.value), (low, money.low), (high, money.high)):
                if amount is not None:
                    family.add_metric([model, kind], amount)
    yield from (value, low, high)


def _waiting(numbers: dict[str, WatchNumbers]) -> Metric:
    family = GaugeMetricFamily(
        "mainstay_notices_waiting", "Messages that were not taken yet.", labels=("model", "to", "failed")
    )
    for model, known in numbers.items():
        for (target, failed), n in known.waiting.items():
            family.add_metric([model, target, str(failed).lower()], n)
    return family
