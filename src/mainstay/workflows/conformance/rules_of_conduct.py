"""Rules about conduct: how long a recipe takes, and what it does beside fitting and scoring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from mainstay.bundle.own_model import weight_parameter
from mainstay.workflows.conformance.seen import Seen, broken, kept, remarked
from mainstay.workflows.conformance.trial import Trial, ask, seconds
from mainstay.workflows.recipe_witness import witness

SLOW_ROW_MS = 250.0  # a single row that takes longer keeps its caller waiting
SLOW_FIT_S = 60.0  # of at most 500 rows; a training fits a dozen times, on all of them
N_TIMED = 7  # rows whose median counts
NAMED = 5  # of many


def in_time(trial: Trial) -> Seen:
    """Time single rows, and remember how long the fit took; a plan answers in far less."""
    trial.answers_to_all()
    if trial.fit_s > SLOW_FIT_S:
        return broken(f"fitting {trial.used.height} rows took {trial.fit_s:.0f} s", trial.fit_s, SLOW_FIT_S)
    model, rows = trial.fitted_model(), trial.used
    each = [seconds(partial(ask, model, rows[i % rows.height])) for i in range(N_TIMED)]
    row_ms = 1000 * float(np.median(each))
    if trial.plan is not None and trial.plan.compiled is not None:
        return kept(f"as a plan it answers at once; as fitted a row would take {row_ms:.1f} ms", row_ms)
    told = f"a single row takes {row_ms:.1f} ms, where a plan takes less than a tenth of one"
    return kept(told, row_ms, SLOW_ROW_MS) if row_ms <= SLOW_ROW_MS else broken(told, row_ms, SLOW_ROW_MS)


def leaves_state(trial: Trial) -> Seen:
    """Name what it changed of what all share."""
    trial.fitted_model()
    changed = sorted(witness().state)
    if changed:
        return broken(f"it changes {', '.join(changed)}, which it shares with everything else", len(changed), 0)
    if outside := witness().written.outside():
        return broken(f"it writes, moves or removes files: {_few(outside)}", len(outside), 0)
    if inside := witness().written.inside():
        told = f"it leaves files in the folder it runs in, which is removed with it: {_few(inside)}"
        return remarked(told, len(inside), 0, remedy="Keep what it learns in its own attributes.")
    return kept("random numbers, environment, folder, files, paths and signals are as they were")


def without_network(trial: Trial) -> Seen:
    """Name the connections it tried."""
    trial.fitted_model()
    tried = sorted(set(witness().network))
    return broken(f"it tried the network: {', '.join(tried)}", len(tried), 0) if tried else kept("it needs no network")


def alone(trial: Trial) -> Seen:
    """Name the processes it started."""
    trial.fitted_model()
    started = sorted(set(witness().processes))
    if started:
        return broken(f"it starts processes: {', '.join(started)}", len(started), 0)
    if threads := sorted(witness().threads):
        remedy = "Join every thread before fit and predict return."
        return replace(broken(f"it leaves threads running: {_few(threads)}", len(threads), 0), remedy=remedy)
    return kept("it starts no process, and leaves no thread running")


def silent(trial: Trial) -> Seen:
    """Count what it printed."""
    trial.fitted_model()
    n_bytes = witness().printed_bytes
    if n_bytes:
        return remarked(f"it printed {n_bytes:,} bytes, which nobody will see", n_bytes, 0)
    return kept("it prints nothing")


def takes_weights(trial: Trial) -> Seen:
    """Look whether it takes the weights that the brief names."""
    estimator = trial.fitted_model().estimator
    if trial.taught.weights is None:
        return kept("the brief names no weight")
    if weight_parameter(estimator) is not None:
        return kept("it takes sample_weight")
    return remarked("the brief names a weight, and its fit takes no sample_weight: weights do not count")


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
