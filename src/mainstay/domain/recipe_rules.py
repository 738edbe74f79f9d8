"""The rules that a recipe of one's own keeps to live here: `docs/recipes.md` lists them word for word."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecipeRule:
    """A rule: its stable code, what it asks, and what to do where it is broken.

    `first` marks the rules that a training looks at before it begins; the others take longer or only cost.
    """

    code: str
    asks: str
    remedy: str
    first: bool = True


READ = "R01-read"
WAITS = "it waits for a rule that is broken"  # why a rule was not looked at

RULES = (
    RecipeRule(
        READ,
        "Is it one file with a function recipe(context) that returns an estimator or a rule?",
        "Begin with an example of docs/recipes.md.",
    ),
    RecipeRule(
        "R02-fits",
        "Does it fit the rows?",
        "Mend the line that throws. Encode categories (texts) and fill gaps (NaN in numbers) before the model.",
    ),
    RecipeRule(
        "R03-shape",
        "Do its scores have the right shape?",
        "predict_proba gives a column per class, predict one number per row.",
    ),
    RecipeRule(
        "R04-finite",
        "Is every score a number?",
        "Fill what is missing before it is divided by, or taken the logarithm of.",
    ),
    RecipeRule(
        "R05-shares", "Are scores of classes shares, from 0 to 1, that add up to 1?", "Calibrate, or divide by the sum."
    ),
    RecipeRule(
        "R06-repeats",
        "Does fitting twice give the same scores, to the bit?",
        "Pass context.seed to everything that draws.",
    ),
    RecipeRule(
        "R07-cores",
        "Are the scores the same on one core as on several?",
        "Pass context.n_threads to everything that takes a number of threads.",
        first=False,
    ),
    RecipeRule(
        "R08-packs",
        "Does it become a plan, or pack without pickle?",
        "Keep arrays, numbers and texts as state: no lambdas, no types of other libraries.",
    ),
    RecipeRule(
        "R09-unpacks",
        "Does what was packed and opened again say the same?",
        "Keep nothing that counts outside of the object's own attributes.",
    ),
    RecipeRule(
        "R10-missing",
        "May every value be missing?",
        "Fill gaps before the model: make_pipeline(SimpleImputer(), model).",
    ),
    RecipeRule(
        "R11-unseen",
        "May a category have a level that no fitted row had?",
        "Give the encoder a place for it: OneHotEncoder(handle_unknown='ignore').",
    ),
    RecipeRule(
        "R12-order",
        "Are the scores the same whatever order the rows come in?",
        "Let a row's score depend on that row alone.",
    ),
    RecipeRule(
        "R13-alone",
        "Is a row scored alone as it is in a batch?",
        "Learn what a batch has in common (means, ranks) when fitting.",
    ),
    RecipeRule("R14-columns", "Does it tell columns by their names?", "Choose columns by name.", first=False),
    RecipeRule("R15-time", "Does it fit and score in time?", "Fit fewer or smaller models.", first=False),
    RecipeRule(
        "R16-state",
        "Does it leave alone what it shares with everything else?",
        "Draw from numpy.random.default_rng(context.seed); set no environment, stay in the folder, write no files.",
    ),
    RecipeRule("R17-network", "Does it do without a network?", "Bring what it needs as columns, or as a package."),
    RecipeRule(
        "R18-processes",
        "Does it do without other processes, and without threads that stay?",
        "Set n_jobs to context.n_threads, which is 1.",
    ),
    RecipeRule("R19-prints", "Is it silent?", "Turn the library's messages off: verbose=-1, verbose=0.", first=False),
    RecipeRule(
        "R20-weights",
        "Does it take the weights that the brief names?",
        "Use an estimator whose fit takes sample_weight.",
        first=False,
    ),
)
FIRST = tuple(rule.code for rule in RULES if rule.first)
ALL = tuple(rule.code for rule in RULES)
