"""Recipes as people write them, good and bad, and a bench to examine them on without a process of their own."""

from __future__ import annotations

import numpy as np
import polars as pl
from tests.training.made import prepared

from mainstay.domain.finding import Finding
from mainstay.domain.recipe import Found, Open, context_of
from mainstay.domain.recipe_columns import raw_columns
from mainstay.domain.recipe_rules import ALL
from mainstay.workflows.conformance.examine import examine
from mainstay.workflows.recipe_bench import Bench, Taught, open_recipe

LIGHTGBM = """
from lightgbm import LGBMClassifier

def recipe(context):
    kept = dict(random_state=context.seed, n_jobs=context.n_threads, verbose=-1)
    return LGBMClassifier(n_estimators=30, num_leaves=7, **kept)
"""

XGBOOST = """
from xgboost import XGBClassifier

def recipe(context):
    return XGBClassifier(n_estimators=30, max_depth=3, random_state=context.seed, n_jobs=1, enable_categorical=True)
"""

CATBOOST = """
from catboost import CatBoostClassifier
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

def recipe(context):
    levels = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = make_column_transformer((levels, list(context.categories)), ("passthrough", list(context.numbers)))
    model = CatBoostClassifier(iterations=30, depth=3, random_seed=context.seed, thread_count=1, verbose=0,
                               allow_writing_files=False)
    return make_pipeline(columns, model)
"""

SKRUB = """
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from skrub import TableVectorizer

def recipe(context):
    model = HistGradientBoostingClassifier(max_iter=20, random_state=context.seed)
    return make_pipeline(TableVectorizer(n_jobs=1), model)
"""

OWN_CLASS = """
import numpy as np
import polars as pl

FRAME = "polars"
TITLE = "share by number of late payments"

class ShareByLateness:
    def fit(self, frame, outcomes):
        late = frame["late"].fill_null(-1).to_numpy()
        self.overall_ = float(np.mean(outcomes))
        self.values_ = np.unique(late)
        self.shares_ = np.array([outcomes[late == value].mean() for value in self.values_])
        return self

    def predict_proba(self, frame):
        assert isinstance(frame, pl.DataFrame)
        late = frame["late"].fill_null(-1).to_numpy()
        known = dict(zip(self.values_.tolist(), self.shares_.tolist()))
        share = np.array([known.get(value, self.overall_) for value in late.tolist()])
        return np.column_stack([1 - share, share])

def recipe(context):
    return ShareByLateness()
"""

RULE = """
def recipe(context):
    return "late >= 5 and income > 2000"
"""

GOOD = {"lightgbm": LIGHTGBM, "xgboost": XGBOOST, "catboost": CATBOOST, "skrub": SKRUB, "own class": OWN_CLASS}


def own(body: str, *, fit: str = "pass", before: str = "") -> str:
    """A recipe of a class of one's own whose `predict_proba` and `fit` do this."""
    return f"""
import os, random, socket, subprocess, threading, time
import numpy as np
{before}
class Mine:
    def fit(self, frame, outcomes):
        share = float(np.mean(outcomes))
        {fit}
        self.share_ = share
        return self

    def predict_proba(self, frame):
        share = np.full(len(frame), self.share_)
        {body}
        return np.column_stack([1 - share, share])

def recipe(context):
    return Mine()
"""


TRIES_THE_NETWORK = """
        try:
            socket.create_connection(("127.0.0.1", 9), 1)
        except OSError:
            pass"""

# By the rule that each breaks, what it says of it, and its text.
BAD = {
    "throws": ("R02-fits", "recipe.py:8: ZeroDivisionError: division by zero, when it is fitted", own("", fit="1 / 0")),
    "exits": ("R02-fits", "asks Python to exit", own("", fit="raise SystemExit(3)")),
    "one column": ("R03-shape", "have the shape (200, 1); wanted (200, 2)", own("return share[:, None]")),
    "text": ("R03-shape", "could not convert", own("return np.array([['a', 'b']] * len(frame))")),
    "nan": ("R04-finite", "200 scores are NaN", own("share[::2] = np.nan")),
    "beyond": ("R05-shares", "200 of 200 rows have no shares", own("share = share + 2")),
    "chance": (
        "R06-repeats",
        "two fits give scores that differ",
        own("", fit="share *= np.random.default_rng().random()"),
    ),
    "lambda": ("R08-packs", "not on the fixed list: recipe.<lambda>", own("", fit="self.f = lambda x: x")),
    "forgets": ("R09-unpacks", "no attribute 'share_'", own("", fit="Mine.__getstate__ = lambda self: {'known': 1}")),
    "strange type": (
        "R08-packs",
        "types that are not on the fixed list: decimal.Decimal",
        own("", fit="self.d = __import__('decimal').Decimal(1)"),
    ),
    "gaps": ("R10-missing", "'late' is missing", own("assert frame['late'].notna().any()")),
    "levels": (
        "R11-unseen",
        "'region' has a level that it was not fitted on",
        own("assert set(frame['region'].dropna()) <= self.known_", fit="self.known_ = set(frame['region'].dropna())"),
    ),
    "order": ("R12-order", "another order", own("share = share * np.linspace(0, 1, len(frame))")),
    "batch": (
        "R13-alone",
        "rows alone",
        own("share = share * (1 - (frame['late'] > frame['late'].mean()).to_numpy() * .5)"),
    ),
    "places": (
        "R14-columns",
        "by their places",
        own("share = share * (.5 if str(frame.columns[0]) == 'late' else 1.)"),
    ),
    "slow": ("R15-time", "a single row takes", own("time.sleep(.3 * (len(frame) == 1))")),
    "random": ("R16-state", "numpy.random", own("", fit="np.random.seed(1)")),
    "environment": ("R16-state", "os.environ", own("", fit="os.environ['MINE'] = os.environ.get('MINE', '') + 'x'")),
    "moves": ("R16-state", "the current folder", own("", fit="os.chdir(os.path.dirname(os.getcwd()))")),
    "moves at once": ("R16-state", "the current folder", own("", before="os.chdir(os.path.dirname(os.getcwd()))")),
    "writes": ("R16-state", "writes, moves or removes files: ", own("", fit="open(LITTER, 'w').close()")),
    "removes": (
        "R16-state",
        "writes, moves or removes files: ",
        own("", fit="os.path.exists(LITTER) and os.remove(LITTER)"),
    ),
    "thread": (
        "R18-processes",
        "leaves threads running: counts for long",
        own("", fit="threading.Thread(target=time.sleep, args=(5,), name='counts for long', daemon=True).start()"),
    ),
    "starts at once": ("R18-processes", "subprocess.Popen", own("", before="subprocess.run(['true'])")),
    "network": ("R17-network", "socket.", own("", fit=TRIES_THE_NETWORK)),
    "starts": ("R18-processes", "subprocess.Popen", own("", fit="subprocess.run(['true'])")),
    "forks": (
        "R18-processes",
        "os.fork",
        own("", fit="pid = os.fork()\n        if pid == 0:\n            os._exit(0)\n        os.waitpid(pid, 0)"),
    ),
}


def bench_of(text: str, *, n_rows: int = 200) -> tuple[Bench, Taught]:
    """A bench with the recipe opened, and rows with gaps to examine it on; raises `RecipeError`."""
    made = prepared(n_rows, curved=False)
    columns = raw_columns(made.schema.fields)
    context = context_of(columns, task="binary", classes=(), n_rows=n_rows, seed=1)
    bench = Bench()
    open_recipe(bench, Open(text, "recipe.py", context, columns))
    used = made.used.with_columns(pl.when(pl.int_range(n_rows) % 13 > 0).then("region"))
    return bench, Taught(used, np.asarray(made.outcomes))


def examined(text: str, codes: tuple[str, ...] = ALL) -> dict[str, Finding]:
    """What the rules find, by their codes."""
    bench, taught = bench_of(text)
    return {reply.finding.code: reply.finding for reply in examine(bench, taught, codes) if isinstance(reply, Found)}
