"""What a net says about rows that it does not learn from, alone and with others."""

import re
from functools import partial

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, r2_score, roc_auc_score

from bookutils import losses, nn
from bookutils.losses import bce_loss, bce_with_logits, cross_entropy, mse_loss
from bookutils.train import ensemble, evaluate, predict
from bookutils.train.evaluation import CHUNK


def generator(seed=0):
    return np.random.default_rng(seed)


def dropped(widths=(3, 8, 4), seed=0):
    """A net that answers differently in training."""
    rng = generator(seed)
    return nn.Sequential(
        nn.Linear(widths[0], widths[1], "tanh", rng),
        nn.Dropout(0.5, rng),
        nn.Linear(widths[1], widths[2], rng=rng),
    )


@pytest.mark.parametrize("n", [1, CHUNK, 2 * CHUNK + 1])
def test_predictions_are_those_of_evaluation_mode_in_portions(n):
    net, X = dropped(), generator(1).normal(size=(n, 3))
    out = predict(net, X)
    by_hand = np.tanh(X @ net[0].W.data) @ net[2].W.data
    np.testing.assert_allclose(out, by_hand, rtol=1e-12, atol=1e-14)
    assert np.array_equal(predict(net, X.tolist()), out)
    assert type(out) is np.ndarray and net.training and net[1].training


def test_every_module_gets_its_own_mode_back_even_after_an_error():
    net = dropped()
    net[1].training = False  # frozen by hand
    predict(net, np.ones((2, 3)))
    with pytest.raises(ValueError, match="the last axis must be 3"):
        predict(net, np.ones((2, 5)))
    assert [m.training for _, m in net.named_modules()] == [True, True, False, True]


def test_a_loss_weighs_rows_and_not_portions():
    net, rng = dropped(), generator(2)
    X, y = rng.normal(size=(CHUNK + 10, 3)), rng.integers(4, size=CHUNK + 10)
    X[CHUNK:] *= 30  # the short portion costs much more
    found = evaluate(net, X, y, cross_entropy, {"accuracy": accuracy_score})
    z = torch.tensor(predict(net, X))
    assert found["loss"] == pytest.approx(
        torch.nn.functional.cross_entropy(z, torch.tensor(y)).item(), rel=1e-12
    )
    assert found["accuracy"] == (z.numpy().argmax(axis=1) == y).mean()


@pytest.mark.parametrize("columns", [(), (1,)])
def test_one_output_has_a_border(columns):
    """0 for logits, a half for probabilities: also through settings and objects."""

    class Line(nn.Module):
        def forward(self, x):
            return nn.Tanh()(x[:, 0]).reshape(-1, *columns) * 0.4 + 0.5

    net, X = Line(), np.array([[-9.0], [-1.0], [0.5], [9.0]])  # outputs 0.1, 0.2, 0.68, 0.9
    y = np.array([0.0, 0.0, 1.0, 1.0]).reshape(-1, *columns)
    share = {"right": accuracy_score}
    assert evaluate(net, X, y, bce_loss, share)["right"] == 1
    assert evaluate(net, X, y, nn.BCELoss(), share)["right"] == 1
    for loss in (
        bce_with_logits,
        partial(bce_with_logits, reduction="mean"),
        nn.BCEWithLogitsLoss(),
    ):
        assert evaluate(net, X, y, loss, share)["right"] == 0.5  # all are above 0
    ranks = {"auc": roc_auc_score}
    decided = evaluate(net, X, y, bce_with_logits, ranks)["auc"]
    assert decided == 0.5  # of classes alone
    assert evaluate(net, X, y, bce_with_logits, ranks, decide=lambda z: z)["auc"] == 1.0


def test_regression_measures_the_outputs():
    net, X = nn.Linear(2, 1, rng=generator()), generator(1).normal(size=(9, 2))
    t = generator(2).normal(size=(9, 1))
    found = evaluate(net, X, t, mse_loss, {"R²": r2_score})
    assert found["R²"] == r2_score(t, net(X).data)
    assert found["loss"] == pytest.approx(((net(X).data - t) ** 2).mean(), rel=1e-14)


def test_a_metric_that_cannot_read_the_predictions_says_so():
    net, X = nn.Linear(2, 1, rng=generator()), generator(1).normal(size=(4, 2))
    y = np.array([[0.0], [1.0], [1.0], [0.0]])
    sentence = (
        "the metric 'right' failed on labels float64 (4,) and predictions float64 (4,): Class"
    )
    with pytest.raises(ValueError, match=re.escape(sentence)) as error:
        evaluate(net, X, y, lambda z, t: bce_with_logits(z, t), {"right": accuracy_score})
    assert "decide=function of the outputs" in str(error.value)


def test_a_loss_that_is_no_mean():
    net, X = nn.Linear(2, 3, rng=generator()), np.ones((4, 2))
    with pytest.raises(ValueError, match=re.escape("the loss gives shape (4,): a Tensor of one")):
        evaluate(net, X, np.zeros(4, int), partial(losses.cross_entropy, reduction="none"))
    with pytest.raises(ValueError, match="the loss gives 0.5: a Tensor of one number"):
        evaluate(net, X, np.zeros(4, int), lambda z, t: 0.5)


def test_an_ensemble_means_probabilities_and_not_logits():
    nets, X = [dropped(seed=seed) for seed in range(3)], generator(5).normal(size=(6, 3))
    p = ensemble(nets, X)
    logits = torch.tensor(np.stack([predict(net, X) for net in nets]))
    np.testing.assert_allclose(p, logits.softmax(dim=2).mean(dim=0).numpy(), rtol=1e-13)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-13)
    assert abs(p - logits.mean(dim=0).softmax(dim=1).numpy()).max() > 1e-3
    np.testing.assert_array_equal(ensemble(nets[:1], X), ensemble([nets[0]] * 2, X))


def test_an_ensemble_of_one_output_means_sigmoids():
    nets = [nn.Linear(3, 1, rng=generator(seed)) for seed in range(2)]
    X = generator(5).normal(size=(6, 3))
    expected = np.mean([1 / (1 + np.exp(-predict(net, X))) for net in nets], axis=0)
    np.testing.assert_allclose(ensemble(nets, X), expected, rtol=1e-13)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: ensemble([], np.ones((2, 3))), "an ensemble is a list of nets, at least one"),
        (lambda: ensemble(dropped(), np.ones((2, 3))), "at least one: [net, …]"),
        (
            lambda: ensemble([dropped(), dropped((3, 8, 2))], np.ones((2, 3))),
            "outputs of one shape, not [(2, 2), (2, 4)]",
        ),
        (
            lambda: evaluate(dropped(), np.ones((0, 3)), [], cross_entropy),
            "X (0, 3) and y (0,): there are no rows",
        ),
        (
            lambda: evaluate(dropped(), np.ones((4, 3)), [1, 2], cross_entropy),
            "X (4, 3) and y (2,): a row of each is an example",
        ),
        (lambda: predict(dropped(), np.ones((0, 3))), "at least one, not (0, 3)"),
        (lambda: predict(dropped(), 3.0), "predict takes rows (n, …), at least one, not ()"),
    ],
)
def test_what_is_refused(call, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        call()
