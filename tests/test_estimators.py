"""Nets as estimators: scikit-learn's own checks, and what its tools do with them."""

import signal
from functools import partial

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.metrics import confusion_matrix, precision_recall_curve, roc_auc_score
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    RandomizedSearchCV,
    StratifiedKFold,
    cross_validate,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from bookutils import nn
from bookutils.data import breast_cancer, diabetes, wine
from bookutils.losses import bce_with_logits, cross_entropy, huber_loss, mse_loss
from bookutils.optim import SGD, Adam, AdamW
from bookutils.regularization import decay_groups
from bookutils.train import Classifier, Diverged, Regressor, estimators, fit, predict


def generator(seed=0):
    return np.random.default_rng(seed)


# None of scikit-learn's checks is excepted; those for pandas skip where it is not installed.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:X has a column of size:UserWarning")
@pytest.mark.filterwarnings("ignore:y has targets of size:UserWarning")
@parametrize_with_checks(
    [Classifier((16,), epochs=30, lr=0.03, random_state=0), Regressor(epochs=30, random_state=0)]
)
def test_checks_of_scikit_learn(estimator, check):
    check(estimator)


def scaled(load=wine):
    X, y = load()
    return (X - X.mean(axis=0)) / X.std(axis=0), y


def test_it_is_the_loop_of_fit_from_the_same_seed():
    X, y = scaled()
    model = Classifier((8,), "tanh", optimizer=SGD, lr=0.1, weight_decay=0.02, epochs=3,
                       batch_size=16, random_state=5).fit(X, y)  # fmt: skip
    rng = generator(5)
    net = nn.MLP((13, 8, 3), "tanh", rng)
    history = fit(net, X, y, cross_entropy, SGD(decay_groups(net, 0.02), lr=0.1), epochs=3,
                  batch_size=16, rng=rng, progress=False)  # fmt: skip
    assert dict(model.history_) == dict(history) and model.n_iter_ == 3
    assert np.array_equal(predict(net, X), predict(model.net_, X))
    assert np.array_equal(model.predict(X), predict(net, X).argmax(axis=1))
    X, y = scaled(diabetes)
    model = Regressor(4, lr=0.1, epochs=2, random_state=5).fit(X, y / 100)
    rng = generator(5)
    net = nn.MLP((10, 4, 1), "relu", rng)
    optimizer = AdamW(decay_groups(net, 0.0), lr=0.1)
    fit(net, X, y[:, None] / 100, mse_loss, optimizer, epochs=2, rng=rng, progress=False)
    assert np.array_equal(model.predict(X), predict(net, X)[:, 0])


def test_labels_of_any_kind():
    X, y = scaled()
    names = np.array(["Barolo", "Grignolino", "Barbera"])[y]
    model = Classifier(epochs=8, random_state=0).fit(X, names)
    assert model.classes_.tolist() == ["Barbera", "Barolo", "Grignolino"]
    P = model.predict_proba(X)
    np.testing.assert_allclose(P.sum(axis=1), 1, rtol=1e-14)
    assert np.array_equal(model.classes_[P.argmax(axis=1)], model.predict(X))
    assert model.score(X, names) > 0.95
    two = Classifier(epochs=3, random_state=0).fit(X, y == 1)
    assert two.predict_proba(X).shape == (len(X), 2) and two.predict(X).dtype == bool


def test_the_tools_of_scikit_learn_take_it():
    X, y = breast_cancer()
    model = make_pipeline(StandardScaler(), Classifier((8,), epochs=4, random_state=0))
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    scores = cross_validate(model, X, y, cv=folds, scoring=["accuracy", "recall", "roc_auc"])
    assert scores["test_accuracy"].min() > 0.9 and scores["test_roc_auc"].min() > 0.97
    X, X_test, y, y_test = train_test_split(X, y, stratify=y, random_state=0)
    model.fit(X, y)
    counts = confusion_matrix(y_test, model.predict(X_test))
    assert counts.sum() == len(y_test) and np.trace(counts) > 0.9 * len(y_test)
    p = model.predict_proba(X_test)[:, 1]
    precision, recall, _ = precision_recall_curve(y_test, p)
    assert roc_auc_score(y_test, p) > 0.97 and precision[0] < precision[-1] and recall[0] == 1
    groups = np.arange(len(y)) % 9
    by_group = cross_validate(model, X, y, groups=groups, cv=GroupKFold(3))
    assert by_group["test_score"].min() > 0.9


@pytest.mark.parametrize("kind", [GridSearchCV, partial(RandomizedSearchCV, n_iter=2)])
def test_searches_of_scikit_learn_take_it(kind):
    X, y = wine()
    model = make_pipeline(StandardScaler(), Classifier(epochs=5, random_state=0))
    space = {"classifier__lr": [1e-5, 0.03], "classifier__hidden": [(8,)]}
    found = kind(model, space, cv=3).fit(X, y)
    assert found.best_params_["classifier__lr"] == 0.03 and found.best_score_ > 0.9
    assert found.predict(X[:2]).shape == (2,)


def test_targets_in_their_own_units():
    X, y = diabetes()
    model = make_pipeline(StandardScaler(), Regressor(epochs=20, random_state=0))
    model = TransformedTargetRegressor(model, transformer=StandardScaler())
    assert model.fit(X, y).score(X, y) > 0.5 and 25 < model.predict(X).mean() < 346
    both = Regressor(epochs=2, random_state=0).fit(X / X.std(axis=0), np.stack([y, -y], 1) / 100)
    assert both.predict(X / X.std(axis=0)).shape == (442, 2)


def test_a_net_of_ones_own():
    X, y = scaled()

    def net(d_in, d_out, rng, width=8):
        return nn.Sequential(
            nn.Linear(d_in, width, rng=rng),
            nn.BatchNorm1d(width),
            nn.ReLU(),
            nn.Dropout(0.2, rng),
            nn.Linear(width, d_out, rng=rng),
        )

    model = Classifier(net=partial(net, width=16), epochs=10, random_state=0)
    first, again = (clone(model).fit(X, y) for _ in range(2))
    assert np.array_equal(first.predict_proba(X), again.predict_proba(X))
    assert first.net_[0].W.shape == (13, 16) and first.score(X, y) > 0.95


def test_early_stopping_on_rows_put_aside():
    X, y = scaled()
    model = Classifier(epochs=200, patience=3, validation=0.25, random_state=0).fit(X, y)
    assert "val_loss" in model.history_ and model.n_iter_ < 200
    assert model.history_.best_epoch == 1 + int(np.argmin(model.history_["val_loss"]))
    again = clone(model).fit(X, y)
    assert np.array_equal(model.predict_proba(X), again.predict_proba(X))
    rare = np.where(np.arange(len(y)) == 3, 9, y)  # one row of its class: not to be stratified
    assert Classifier(epochs=1, patience=3, random_state=0).fit(X, rare).classes_.tolist()[-1] == 9
    Regressor(epochs=1, patience=3, random_state=0).fit(X, y.astype(float))


def test_rows_put_aside_have_the_classes_of_the_rest(monkeypatch):
    kept = []

    def recorded(net, X, y, *others, validation, **options):
        kept.append((y, validation[1]))
        return fit(net, X, y, *others, validation=validation, **options)

    monkeypatch.setattr(estimators, "fit", recorded)
    X, y = scaled()
    for seed in range(3):
        Classifier(epochs=1, patience=3, validation=0.25, random_state=seed).fit(X, y)
        learned, aside = map(np.bincount, kept[-1])
        assert abs(aside - 0.25 * (learned + aside)).max() <= 1


def test_other_losses_and_optimizers():
    X, y = scaled(breast_cancer)
    plain = Classifier(epochs=3, optimizer=Adam, random_state=0).fit(X, y)
    dear = clone(plain).set_params(loss=partial(cross_entropy, weight=[50.0, 1.0])).fit(X, y)
    # a miss of class 0 costs fifty times as much, so more is taken for it
    assert (dear.predict(X) == 0).sum() > (plain.predict(X) == 0).sum()
    X, y = scaled(diabetes)
    Regressor(epochs=1, loss=huber_loss, random_state=0).fit(X, y / 100)


@pytest.mark.parametrize("state", [None, np.random.RandomState(3), generator(3)])
def test_random_states(state):
    X, y = scaled()
    first = Classifier(epochs=1, random_state=state).fit(X, y)
    other = Classifier(epochs=1, random_state=state).fit(X, y)
    assert not np.array_equal(first.predict_proba(X), other.predict_proba(X))  # it goes on


def test_numbers_that_are_not_scaled_are_warned_of():
    with pytest.warns(UserWarning, match="X has a column of size"):
        Classifier(epochs=1, random_state=0).fit(*wine())


def test_interrupted_it_keeps_what_was_learned():
    X, y = scaled()
    calls, before = [], signal.signal(signal.SIGINT, signal.default_int_handler)

    def loss(outputs, labels):
        calls.append(1)
        if len(calls) == 20:
            signal.raise_signal(signal.SIGINT)
        return cross_entropy(outputs, labels)

    model = Classifier(epochs=9, loss=loss, random_state=0)
    try:
        with pytest.raises(KeyboardInterrupt, match="interrupted in epoch .*; what was learned is"):
            model.fit(X, y)
    finally:
        signal.signal(signal.SIGINT, before)
    assert model.n_iter_ >= 2 and model.predict(X).shape == y.shape


@pytest.mark.parametrize(
    ("model", "error", "sentence"),
    [
        (
            Classifier(net=nn.MLP((13, 3), rng=generator())),
            TypeError,
            "makes a new Module for every",
        ),
        (Classifier(net="mlp"), TypeError, "makes a new Module for every fit, not mlp"),
        (
            Classifier(optimizer="adam"),
            TypeError,
            "optimizer is a class of bookutils.optim such as",
        ),
        (
            Classifier(optimizer=SGD([nn.Linear(2, 2, rng=generator()).W], lr=1)),
            TypeError,
            "it is made here, with lr and weight_decay, for the parameters of each new net",
        ),
        (Classifier(loss=bce_with_logits), ValueError, "an output for every class, for two"),
        (Classifier(net=lambda d_in, d_out, rng: 3), TypeError, "makes a Module of bookutils.nn"),
        (Classifier(hidden=(0,)), ValueError, "a width is a number of neurons"),
        (Classifier(epochs=0), ValueError, "epochs is a whole number"),
        (Classifier(optimizer=SGD, lr=1e200, random_state=0), Diverged, "is not finite"),
    ],
)
def test_what_is_refused(model, error, sentence):
    with pytest.raises(error, match=sentence):
        model.fit(*scaled())


def test_one_class_is_none():
    with pytest.raises(ValueError, match="y holds one class, .*7.*, and two are needed at least"):
        Classifier().fit(np.ones((4, 2)), [7, 7, 7, 7])


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("rng", "Classifier takes no rng: write random_state=0, as scikit-learn has it"),
        ("learning_rate", "Classifier takes no learning_rate: write lr=0.01"),
        ("class_weight", r"write loss=functools.partial\(cross_entropy, weight="),
        ("epoch", r"is epochs meant\?"),
    ],
)
def test_names_of_other_libraries_are_answered(name, sentence):
    with pytest.raises(TypeError, match=sentence):
        Classifier(**{name: 1})
