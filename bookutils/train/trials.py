"""Search for settings: points drawn at random or laid out as a grid, on one budget of trials."""

from collections.abc import Mapping
from inspect import signature
from math import isfinite, nan, prod
from numbers import Integral, Real

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    ParameterGrid,
    ParameterSampler,
    StratifiedKFold,
    check_cv,
    cross_val_score,
)

from bookutils.page.tables import text_table
from bookutils.phrasebook import close, each, translated
from bookutils.train.interruption import interruption
from bookutils.train.origin import Diverged
from bookutils.train.progress import progress_bar


@translated(
    **each("n_iter n_trials budget", "write trials=16"),
    **each("random_state seed", "write rng=numpy.random.default_rng(0)"),
    **each("param_grid param_distributions params", "the space is a dict, the second argument"),
    n_jobs="trials run one after the other",
    verbose="write progress=False",
)
def search(
    model,
    space,
    X=None,
    y=None,
    *,
    trials,
    rng,
    grid=False,
    cv=5,
    scoring=None,
    groups=None,
    refit=False,
    progress=True,
):
    """Try settings from a space, at most `trials` of them, and return what each scored.

        space = {"classifier__lr": scipy.stats.loguniform(1e-4, 1), "classifier__hidden": [8, 32]}
        found = search(model, space, X, y, trials=16, rng=rng, refit=True)
        found.best, found.model, found.rows

    `space` maps names to lists of values, or to distributions of scipy.stats. The points are drawn
    by `rng`; with grid=True, for lists alone, they are all combinations.
    `model` is an estimator, with X and y: its score is the mean over the folds of a
    cross-validation, the same for every trial, by `scoring`, a name or a scorer of scikit-learn;
    `cv` is a number of folds (shuffled; stratified for classes; by `groups` where they are given)
    or a splitter. Or `model` is a function of yours, f(rng, **settings), that returns a score.
    The largest score is the best: of a loss return -loss. A trial that diverges scores nan. Each
    trial gets a generator of its own, and estimators whose random_state is None a seed from it.
    Ctrl-C, or the notebook's stop button, ends the search and keeps the trials that are over.
    `refit` trains the best on all rows, as `model` of the result.
    Returns Trials. Raises ValueError and TypeError, before the first trial, for what does not fit;
    the error of a trial has the results before it as error.trials.
    Source: Bergstra & Bengio, Random search for hyper-parameter optimization, JMLR 13, 2012.
    """
    if not isinstance(trials, Integral) or isinstance(trials, bool) or trials < 1:
        raise ValueError(f"trials is a whole number, at least 1, not {trials!r:.60}")
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng must be a generator: numpy.random.default_rng(0), not {rng!r:.60}")
    points = chosen(space, trials, grid, rng)
    if hasattr(model, "get_params") and not isinstance(model, type):
        known(model, space)
        score = cross_validated(model, X, y, cv, scoring, groups, rng)
    else:
        score = own(model, points[0], X, refit)
    seeds = rng.integers(2**63, size=len(points))
    found = Trials(len(points))
    with (
        interruption() as interrupted,
        progress_bar(progress, 0, len(points), 1, "trial") as bar,
    ):
        for number, (point, seed) in enumerate(zip(points, seeds, strict=True), 1):
            row = {"trial": number, **point}
            try:
                row |= score(point, np.random.default_rng(seed))
            except Diverged as error:
                row |= {"score": nan, "error": str(error)}
            except KeyboardInterrupt:
                interrupted.set()
            except Exception as error:
                error.trials = found
                settings = ", ".join(f"{k}={v!r}" for k, v in point.items())
                error.add_note(
                    f"in trial {number} of {len(points)}, {settings}; the trials before it are in "
                    "error.trials"
                )
                raise
            if interrupted.is_set():  # in the middle of it: its score may be of half a training
                found.stopped = f"interrupted in trial {number} of {len(points)}"
                break
            found.rows.append(row)
            bar.update()
            bar.show({"score": row["score"], "best": found.largest()})
        bar.end(found.stopped, complete=not found.stopped)
    if refit and not found.stopped:
        found.model = clone(model).set_params(**found.best_params).fit(X, y)
    return found


class Trials:
    """What a search has found.

    `rows`: a dict for each trial: "trial", counted from 1, the settings, "score", and for an
    estimator "std", that of the score over the folds; "error" for one that diverged. `best` is the
    row of the largest score, `best_params` its settings, `model` the best trained on all rows, or
    None. `stopped` says why it ended before its last trial, "" if it did not.
    """

    def __init__(self, asked):
        self.asked, self.rows, self.model, self.stopped = asked, [], None, ""

    @property
    def best(self):
        scored = [row for row in self.rows if isfinite(row["score"])]
        if not scored:
            raise ValueError(f"of {len(self.rows)} trials none has a finite score: {self.reason()}")
        return max(scored, key=lambda row: row["score"])

    @property
    def best_params(self):
        return {k: v for k, v in self.best.items() if k not in ("trial", "score", "std", "error")}

    def largest(self):
        """The largest score so far, nan where there is none."""
        return max((x["score"] for x in self.rows if isfinite(x["score"])), default=nan)

    def reason(self):
        errors = [row["error"] for row in self.rows if "error" in row]
        return errors[0] if errors else self.stopped or "nan is what they returned"

    def __len__(self):
        return len(self.rows)

    def __repr__(self):
        lines = [f"Trials: {len(self.rows)} of {self.asked}"]
        if isfinite(self.largest()):
            lines[0] += f", best {self.largest():.4g} in trial {self.best['trial']}"
        lines[0] += f"; {self.stopped}" * bool(self.stopped)
        if self.rows:
            last = {"score": 0, "std": 0}
            names = [k for k in self.rows[0] if k not in last and k != "error"]
            names += [k for k in last if any(k in row for row in self.rows)]
            ordered = sorted(self.rows, key=lambda row: (not isfinite(row["score"]), -row["score"]))
            cells = ([shown(row.get(k, "")) for k in names] for row in ordered[:10])
            lines.append(text_table(names, cells, left=0))
            lines += [f"… and {len(ordered) - 10} below them"] * (len(ordered) > 10)
        return "\n".join(lines)


def shown(x):
    return f"{x:.4g}" if isinstance(x, Real) and not isinstance(x, bool) else str(x)


# --- the points -----------------------------------------------------------------------------------


def chosen(space, trials, grid, rng):
    """The points to try, as dicts of plain numbers where they are numbers."""
    if not isinstance(space, Mapping) or not space:
        raise TypeError(
            'space is a dict of lists and distributions, such as {"lr": '
            f"scipy.stats.loguniform(1e-4, 1)}}, not {space!r:.60}"
        )
    for name, values in space.items():
        if name in ("trial", "score", "std", "error", "rng"):
            raise ValueError(f"a setting cannot be named {name}: the rows have a column of it")
        if hasattr(values, "rvs"):
            if grid:
                raise TypeError(f"a grid has lists of values, and {name} is a distribution")
        elif isinstance(values, str) or not hasattr(values, "__len__") or not len(values):
            raise TypeError(
                f"{name} is a list of values, or a distribution such as "
                f"scipy.stats.loguniform(1e-4, 1), not {values!r:.60}"
            )
    space = {name: v if hasattr(v, "rvs") else list(v) for name, v in space.items()}
    size = prod(np.inf if hasattr(v, "rvs") else len(v) for v in space.values())
    if grid:
        if size > trials:
            raise ValueError(
                f"the grid has {size} points, and the budget of trials is {trials}: give fewer "
                "values, or more trials"
            )
        points = ParameterGrid(space)
    else:
        seed = int(rng.integers(2**32))
        points = ParameterSampler(space, min(trials, size), random_state=seed)
    return [{k: v.item() if isinstance(v, np.generic) else v for k, v in x.items()} for x in points]


# --- what scores them -----------------------------------------------------------------------------


def own(function, point, X, refit):
    """A function of the caller as one of a point and a generator."""
    if not callable(function) or isinstance(function, type):
        raise TypeError(
            f"model is an estimator, or a function f(rng, **settings), not {function!r:.60}"
        )
    if X is not None or refit:
        raise TypeError(
            "X, y and refit are for estimators: a function has its own data, and is called again "
            "with found.best_params"
        )
    call = ", ".join(f"{name}=…" for name in ["rng", *point])
    try:
        signature(function).bind(rng=None, **point)
    except TypeError as error:
        raise TypeError(f"the function is called as f({call}), and this fails: {error}") from None

    def score(point, rng):
        result = function(rng=rng, **point)
        if not isinstance(result, Real) or isinstance(result, bool):
            raise TypeError(f"a score is a number, larger for better, not {result!r:.60}")
        return {"score": float(result)}

    return score


def known(model, space):
    """Raise unless an estimator has settings of these names."""
    names = list(model.get_params())
    for name in space:
        if name not in names:
            within = [other for other in names if other.endswith(f"__{name}")]
            cure = f"is {within[0]} meant?" if within else close(name, names)
            cure = cure or f"it has {', '.join(names)}"
            raise ValueError(f"{type(model).__name__} has no setting {name}: {cure}")


def cross_validated(model, X, y, cv, scoring, groups, rng):
    """An estimator as a function of a point and a generator."""
    if X is None or y is None:
        raise TypeError("an estimator is cross-validated on rows: search(model, space, X, y, …)")
    folds = split_into(cv, X, y, groups, is_classifier(model), int(rng.integers(2**32)))

    def score(point, rng):
        trial = clone(model).set_params(**point)
        seeds = {
            name: int(rng.integers(2**31))
            for name, value in sorted(trial.get_params().items())
            if name.rpartition("__")[2] == "random_state" and value is None
        }
        trial.set_params(**seeds)
        scores = cross_val_score(trial, X, y, cv=folds, scoring=scoring, error_score="raise")
        return {"score": float(scores.mean()), "std": float(scores.std())}

    return score


def split_into(cv, X, y, groups, classes, seed):
    """The folds as pairs of row numbers, the same for every trial."""
    if isinstance(cv, Integral) and groups is not None:
        cv = GroupKFold(cv)
    elif isinstance(cv, Integral):
        cv = check_cv(cv, y, classifier=classes)  # stratified or not
        kind = StratifiedKFold if isinstance(cv, StratifiedKFold) else KFold
        cv = kind(cv.n_splits, shuffle=True, random_state=seed)
    else:
        cv = check_cv(cv, y, classifier=classes)
    return list(cv.split(X, y, groups))
