"""Settings searched for: points, scores, the budget, interruption, the best refitted."""

import re
import signal
import warnings

import numpy as np
import pytest
from scipy.stats import loguniform, uniform
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bookutils import nn
from bookutils.data import diabetes, iris
from bookutils.losses import mse_loss
from bookutils.optim import SGD
from bookutils.train import Classifier, Diverged, Trials, fit, search

SPACE = {"lr": loguniform(1e-3, 1e1), "decay": uniform(0, 1)}


def generator(seed=0):
    return np.random.default_rng(seed)


def bowl(rng, lr, decay):
    return -((np.log10(lr)) ** 2) - decay


def run(model=bowl, space=SPACE, *data, trials=16, seed=0, **options):
    return search(
        model, space, *data, trials=trials, rng=generator(seed), progress=False, **options
    )


def test_random_points_and_the_best_of_them():
    found = run()
    assert len(found) == 16 and [row["trial"] for row in found.rows] == list(range(1, 17))
    for row in found.rows:
        assert list(row) == ["trial", "decay", "lr", "score"] or set(row) == {
            "trial", "lr", "decay", "score",
        }  # fmt: skip
        assert row["score"] == bowl(None, row["lr"], row["decay"])
        assert type(row["lr"]) is float and 1e-3 <= row["lr"] <= 10
    assert found.best["score"] == max(row["score"] for row in found.rows)
    assert found.best_params == {k: found.best[k] for k in ("lr", "decay")}
    assert len({row["lr"] for row in found.rows}) == 16  # sixteen rates, where a grid has four
    assert found.model is None and found.stopped == ""


def test_the_rng_alone_decides():
    def noisy(rng, lr):
        return rng.normal() + lr

    space = {"lr": loguniform(1e-3, 1)}
    first, again, other = (run(noisy, space, seed=seed).rows for seed in (0, 0, 1))
    assert first == again and first != other
    assert len({row["score"] - row["lr"] for row in first}) == 16  # each trial has its own rng
    longer = run(lambda rng, lr: rng.normal(size=99)[0] + lr, space).rows
    assert longer == first  # what a trial draws moves no other


def test_a_grid_is_all_combinations():
    space = {"lr": [0.1, 1.0, 10.0], "decay": np.array([0.0, 0.5])}
    found = run(space=space, grid=True, trials=6)
    points = {(row["lr"], row["decay"]) for row in found.rows}
    assert points == {(a, b) for a in (0.1, 1.0, 10.0) for b in (0.0, 0.5)}
    assert found.best_params == {"lr": 1.0, "decay": 0.0}
    assert len(run(space=space, grid=True, trials=20)) == 6  # at most the budget
    drawn = run(space=space, trials=4)
    assert len({(row["lr"], row["decay"]) for row in drawn.rows}) == 4  # without repeats
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(run(space=space, trials=100)) == 6


def test_values_that_are_no_numbers():
    found = run(
        lambda rng, hidden, act: len(hidden), {"hidden": [(8,), (8, 8)], "act": ["relu", None]}
    )
    assert found.best_params["hidden"] == (8, 8) and "(8, 8)" in repr(found)


# ------------------------------------------------------------------------------------- estimators


def test_an_estimator_is_cross_validated_on_the_same_folds():
    X, y = iris()
    model = make_pipeline(StandardScaler(), LogisticRegression())
    space = {"logisticregression__C": [0.01, 1.0, 100.0]}
    folds = list(StratifiedKFold(3, shuffle=True, random_state=1).split(X, y))
    found = run(model, space, X, y, trials=3, grid=True, cv=folds, refit=True)
    for row in found.rows:
        candidate = clone(model).set_params(logisticregression__C=row["logisticregression__C"])
        scores = cross_val_score(candidate, X, y, cv=folds)
        assert (row["score"], row["std"]) == (scores.mean(), scores.std())
    assert (
        found.model.get_params()["logisticregression__C"]
        == found.best_params["logisticregression__C"]
    )
    assert found.model.score(X, y) > 0.9
    assert model.get_params()["logisticregression__C"] == 1.0 and not hasattr(model[1], "coef_")


class Recorded(BaseEstimator):
    """Keeps which rows it was trained on, and with which seed."""

    seen = []

    def __init__(self, a=0, random_state=None):
        self.a, self.random_state = a, random_state

    def fit(self, X, y):
        type(self).seen.append((tuple(X[:, 0]), self.random_state))
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.zeros(len(X), int)

    def score(self, X, y):
        return float(self.a)


class RecordedClassifier(ClassifierMixin, Recorded):
    seen = []
    score = Recorded.score


class RecordedRegressor(RegressorMixin, Recorded):
    seen = []
    score = Recorded.score


def test_folds_are_shuffled_stratified_for_classes_and_whole_for_groups():
    X, y = np.arange(60.0)[:, None], np.repeat([0, 1, 2], 20)  # sorted, as wine and iris are

    def trained_on(kind, labels, **options):
        kind.seen.clear()
        run(kind(), {"a": [1, 2]}, X, labels, trials=2, **options)
        rows = [np.array(rows, int) for rows, _ in kind.seen]
        half = len(rows) // 2
        assert all(map(np.array_equal, rows[:half], rows[half:]))  # the same for both trials
        return rows[:half]

    for rows in trained_on(RecordedClassifier, y):
        assert len(rows) == 48 and np.bincount(y[rows]).tolist() == [16, 16, 16]
    folds = trained_on(RecordedRegressor, y.astype(float), cv=4)
    assert [len(rows) for rows in folds] == [45] * 4
    left_out = [set(range(60)) - set(rows) for rows in folds]
    assert all(max(out) - min(out) > 20 for out in left_out)  # not one block
    groups = np.arange(60) % 7
    for rows in trained_on(RecordedClassifier, y, cv=3, groups=groups):
        assert not {*groups[rows]} & {*np.delete(groups, rows)}
    given = trained_on(RecordedClassifier, y, cv=KFold(2))
    assert given[0].tolist() == list(range(30, 60))
    assert len(trained_on(RecordedClassifier, y, cv=GroupKFold(7), groups=groups)) == 7


def test_seeds_are_drawn_where_none_is_given():
    X, y = np.arange(20.0)[:, None], np.arange(20) % 2
    seeds = []
    for state in (None, 5):
        for seed in (0, 0, 1):
            RecordedClassifier.seen.clear()
            run(
                RecordedClassifier(random_state=state),
                {"a": [1, 2]},
                X,
                y,
                trials=2,
                cv=2,
                seed=seed,
            )
            seeds.append([s for _, s in RecordedClassifier.seen])
    first, again, other, *given = seeds
    assert first == again != other and len(set(first)) == 2 and first[0] == first[1]
    assert given == [[5] * 4] * 3


def test_scoring_is_that_of_scikit_learn():
    X, y = diabetes()
    found = run(make_pipeline(StandardScaler(), Ridge()), {"ridge__alpha": loguniform(1e-2, 1e4)},
                X, y, trials=5, scoring="neg_mean_absolute_error", cv=3)  # fmt: skip
    assert -80 < found.best["score"] < -30 and found.best["std"] > 0


def test_a_net():
    X, y = iris()
    model = make_pipeline(StandardScaler(), Classifier((8,), epochs=20, random_state=0))
    found = run(model, {"classifier__lr": [1e-6, 0.03]}, X, y, trials=2, cv=3, refit=True)
    assert found.best_params == {"classifier__lr": 0.03} and found.best["score"] > 0.85
    assert found.model[-1].lr == 0.03 and found.model.score(X, y) > 0.9


# -------------------------------------------------------------------- what goes wrong on the way


def test_a_trial_that_diverges_scores_nan_and_the_search_goes_on():
    def train(rng, lr):
        net = nn.MLP((2, 4, 1), "relu", rng)
        X = rng.normal(size=(8, 2))
        history = fit(net, X, X[:, :1], mse_loss, SGD(net.parameters(), lr=lr), epochs=30, rng=rng,
                      progress=False)  # fmt: skip
        return -history["loss"][-1]

    found = run(train, {"lr": [0.01, 1e150, 0.1]}, trials=3, grid=True)
    assert np.isnan(found.rows[1]["score"]) and "not finite" in found.rows[1]["error"]
    assert "error" not in found.rows[0] and found.best["trial"] in (1, 3)
    assert repr(found).splitlines()[-1].split() == ["2", "1e+150", "nan"]
    X, y = iris()
    everywhere = run(Classifier(optimizer=SGD, epochs=3), {"lr": [1e200]}, X, y, trials=1)
    sentence = "of 1 trials none has a finite score: epoch 1, step"
    with pytest.raises(ValueError, match=sentence):
        everywhere.best  # noqa: B018
    assert repr(everywhere).splitlines()[0] == "Trials: 1 of 1"


def test_another_error_leaves_what_was_there():
    def failing(rng, lr):
        if lr == 3:
            raise ZeroDivisionError("of mine")
        return lr

    with pytest.raises(ZeroDivisionError, match="of mine") as raised:
        run(failing, {"lr": [1, 2, 3, 4]}, trials=4, grid=True)
    assert [row["score"] for row in raised.value.trials.rows] == [1, 2]
    assert raised.value.__notes__ == [
        "in trial 3 of 4, lr=3; the trials before it are in error.trials"
    ]


@pytest.fixture
def own_handler():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)


def test_interrupted_it_keeps_the_trials_that_are_over(own_handler):
    calls = []

    def slow(rng, lr):
        calls.append(lr)
        if len(calls) == 3:
            signal.raise_signal(signal.SIGINT)
        return lr

    found = run(slow, {"lr": loguniform(0.1, 1)})
    assert len(found) == 2 and len(calls) == 3
    assert found.stopped == "interrupted in trial 3 of 16"
    assert found.best["score"] == max(calls[:2])
    assert "; interrupted in trial 3 of 16" in repr(found)


@pytest.mark.parametrize("often", [1, 2])
def test_interrupted_in_a_fit_inside(own_handler, often):
    """The fit ends after its step, or at once; the search after that trial, and is not torn."""
    steps = []

    def train(rng, lr):
        net = nn.MLP((2, 4, 1), "relu", rng)
        X = rng.normal(size=(8, 2))

        def loss(y, t):
            steps.append(lr)
            if len(steps) == 8:
                for _ in range(often):
                    signal.raise_signal(signal.SIGINT)
            return mse_loss(y, t)

        fit(net, X, X[:, :1], loss, SGD(net.parameters(), lr=lr), epochs=4, rng=rng,
            progress=False)  # fmt: skip
        return -1.0

    found = run(train, {"lr": [0.1, 0.2, 0.3]}, trials=3, grid=True)
    assert len(steps) == 8 and found.stopped == "interrupted in trial 2 of 3" and len(found) == 1


def test_interrupted_in_an_estimator_it_does_not_refit(own_handler):
    class Interrupting(DummyClassifier):
        def fit(self, X, y):
            signal.raise_signal(signal.SIGINT)
            return super().fit(X, y)

    X, y = iris()
    found = run(Interrupting(), {"strategy": ["prior"]}, X, y, trials=1, refit=True)
    assert (
        found.model is None and len(found) == 0 and found.stopped == "interrupted in trial 1 of 1"
    )
    with pytest.raises(ValueError, match="of 0 trials none has a finite score: interrupted"):
        found.best  # noqa: B018


# ---------------------------------------------------------------------------------- refused, shown

X, y = np.arange(20.0)[:, None], np.arange(20) % 2


@pytest.mark.parametrize(
    ("arguments", "options", "error", "sentence"),
    [
        ((bowl, {}), {}, TypeError, "space is a dict of lists and distributions"),
        ((bowl, [1, 2]), {}, TypeError, "space is a dict of lists and distributions"),
        ((bowl, {"lr": 0.1}), {}, TypeError, "lr is a list of values, or a distribution such as"),
        ((bowl, {"lr": []}), {}, TypeError, "lr is a list of values, or a distribution such as"),
        ((bowl, {"lr": "adam"}), {}, TypeError, "scipy.stats.loguniform(1e-4, 1), not 'adam'"),
        ((bowl, {"score": [1]}), {}, ValueError, "a setting cannot be named score"),
        ((bowl, SPACE), {"grid": True}, TypeError, "a grid has lists of values, and lr is a dist"),
        ((bowl, {"lr": [1, 2, 3], "decay": [1, 2]}), {"grid": True, "trials": 5}, ValueError,
         "the grid has 6 points, and the budget of trials is 5"),
        ((bowl, {"lr": [1]}), {}, TypeError, "the function is called as f(rng=…, lr=…), and this "
         "fails: missing a required argument: 'decay'"),
        ((lambda lr: 1, {"lr": [1]}), {}, TypeError, "unexpected keyword argument 'rng'"),
        ((lambda rng, lr: None, {"lr": [1]}), {}, TypeError, "a score is a number, larger for"),
        ((lambda rng, lr: True, {"lr": [1]}), {}, TypeError, "a score is a number, larger for"),
        ((3, {"lr": [1]}), {}, TypeError, "model is an estimator, or a function"),
        ((Classifier, {"lr": [1]}), {}, TypeError, "model is an estimator, or a function"),
        ((bowl, SPACE, X, y), {}, TypeError, "X, y and refit are for estimators"),
        ((bowl, SPACE), {"refit": True}, TypeError, "with found.best_params"),
        ((Classifier(), {"lr": [1]}), {}, TypeError, "an estimator is cross-validated on rows"),
        ((Classifier(), {"epoch": [1]}, X, y), {}, ValueError,
         "Classifier has no setting epoch: is epochs meant?"),
        ((Classifier(), {"xyz": [1]}, X, y), {}, ValueError, "no setting xyz: it has activation"),
        ((make_pipeline(StandardScaler(), Classifier()), {"lr": [1]}, X, y), {}, ValueError,
         "Pipeline has no setting lr: is classifier__lr meant?"),
        ((bowl, SPACE), {"trials": 0}, ValueError, "trials is a whole number, at least 1, not 0"),
        ((bowl, SPACE), {"trials": 2.5}, ValueError, "trials is a whole number"),
        ((bowl, SPACE), {"rng": 0}, TypeError, "rng must be a generator"),
        ((bowl, SPACE), {"n_iter": 3}, TypeError, "search takes no n_iter: write trials=16"),
        ((bowl, SPACE), {"random_state": 3}, TypeError, "write rng=numpy.random.default_rng(0)"),
        ((bowl,), {"param_grid": 3}, TypeError, "the space is a dict, the second argument"),
    ],
)  # fmt: skip
def test_what_is_refused(arguments, options, error, sentence):
    options = {"trials": 4, "rng": generator(), "progress": False, **options}
    with pytest.raises(error, match=re.escape(sentence)):
        search(*arguments, **options)


def test_how_it_looks():
    found = run(space={"lr": loguniform(1e-3, 10), "decay": [0.0, 0.25]}, trials=14)
    lines = repr(found).splitlines()
    assert re.fullmatch(r"Trials: 14 of 14, best -\d\.\d+ in trial \d+", lines[0])
    assert lines[1].split() == [
        "trial",
        *[k for k in found.rows[0] if k in ("lr", "decay")],
        "score",
    ]
    scores = [float(line.split()[-1]) for line in lines[2:12]]
    assert scores == sorted(scores, reverse=True)
    assert lines[-1] == "… and 4 below them" and len(lines) == 13
    assert repr(Trials(5)) == "Trials: 0 of 5"


def test_the_bar_counts_trials(capsys):
    search(bowl, SPACE, trials=3, rng=generator())
    assert "trial 3/3: 100%" in capsys.readouterr().err


def test_diverged_is_what_fit_raises():
    assert issubclass(Diverged, ArithmeticError)
