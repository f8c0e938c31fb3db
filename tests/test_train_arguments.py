"""What `fit` refuses before anything is learned, each with a sentence that says what to do."""

import warnings

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from bookutils import nn
from bookutils.data import Scale, breast_cancer, diabetes, digits, wine
from bookutils.losses import bce_with_logits, cross_entropy, mse_loss
from bookutils.optim import SGD, Adam, ReduceLROnPlateau, StepLR
from bookutils.train import EarlyStopping, fit
from bookutils.train.arguments import TRIED

X = np.random.default_rng(0).normal(size=(12, 4))
y = np.arange(12) % 3


def net_of(d_out=3, d_in=4):
    return nn.MLP((d_in, 5, d_out), "tanh", np.random.default_rng(0))


NET = net_of()


def call(net=NET, X=X, y=y, loss=cross_entropy, optimizer=None, **options):
    optimizer = optimizer or SGD(net.parameters(), lr=0.1)
    options = {"epochs": 2, "rng": np.random.default_rng(0), "progress": False, **options}
    return fit(net, X, y, loss, optimizer, **options)


class Table:
    """What pandas has: to_numpy, and no indexing by rows."""

    def __init__(self, array):
        self.array = array

    def to_numpy(self):
        return self.array


def text():
    rows = X.astype(object)
    rows[0, 0] = "red"
    return rows


hole = X.copy()
hole[3, 2] = np.nan
sgd = SGD(NET.parameters(), lr=0.1)

REFUSED = [
    # the data
    ({"y": y[:5]}, ValueError, "X (12, 4) and y (5,): a row of each is an example, so both have"),
    ({"X": X[:0], "y": y[:0]}, ValueError, "X (0, 4) and y (0,): there are no rows"),
    ({"X": 3.0}, ValueError, "X () and y (12,): a row of each is an example"),
    ({"X": hole}, ValueError, "X holds nan at [3, 2], and 1 of its 48 numbers are missing"),
    ({"X": text()}, TypeError, "X is object, and numbers are needed: make a word"),
    ({"y": y.astype(str)}, TypeError, "y is <U"),
    ({"y": y.astype(str)}, TypeError, "numpy.unique(y, return_inverse=True)"),
    ({"validation": X}, TypeError, "validation is a pair (X, y) of rows held out, not array("),
    ({"validation": (X, y[:3])}, ValueError, "validation: X (12, 4) and y (3,): a row of each"),
    (
        {"validation": (X[:, :2], y)},
        ValueError,
        "a row of X has shape (4,), and one of the validation rows (2,): both go into the same net",
    ),
    # net, loss and data do not fit
    ({"net": net_of(3, 7)}, ValueError, "Linear(7 -> 5, tanh) got (12, 4): the last axis must"),
    ({"y": y + 1}, ValueError, "cross_entropy: labels are 0 … 2 for 3 classes; here is 3 at [2]"),
    ({"y": y[:, None]}, ValueError, "write labels.reshape(12)"),
    ({"loss": mse_loss}, TypeError, "mse_loss: targets are int64, not floats"),
    (
        {"loss": bce_with_logits, "net": net_of(1), "y": (y > 0).astype(float)},
        ValueError,
        "outputs (12, 1) and targets (12,): reshape one, say targets.reshape(12, 1)",
    ),
    (
        {"validation": (X, y.astype(float))},
        TypeError,
        "validation: cross_entropy: float64 of shape (12,) arrived: labels are integers",
    ),
    # the parts
    ({"net": lambda x: x, "optimizer": sgd}, TypeError, "net is a Module of bookutils.nn, such as"),
    ({"loss": "mse"}, TypeError, "loss is a function such as losses.cross_entropy, not 'mse'"),
    ({"loss": nn.MSELoss}, TypeError, "loss is a function, not <class 'bookutils.nn.losses"),
    ({"loss": nn.MSELoss}, TypeError, ": MSELoss() makes one"),
    ({"optimizer": "adam"}, TypeError, "optimizer is one of bookutils.optim, such as SGD(net"),
    ({"optimizer": Adam}, TypeError, "optimizer is one of bookutils.optim"),
    ({"optimizer": SGD(net_of().parameters(), 0.1)}, ValueError, "holds no parameter of this net"),
    ({"rng": 0}, TypeError, "rng must be a generator: numpy.random.default_rng(0), not 0"),
    ({"metrics": [accuracy_score]}, TypeError, "metrics is a dict of functions of labels and pred"),
    ({"metrics": {"a": "accuracy"}}, TypeError, 'such as {"accuracy": sklearn.metrics.accuracy_sc'),
    ({"metrics": {"loss": accuracy_score}}, ValueError, "a metric cannot be named loss"),
    ({"metrics": {"r": lambda t, p: [1, 2]}}, TypeError, "the metric 'r' failed on labels int"),
    # the numbers
    ({"epochs": 0}, ValueError, "epochs is a whole number, at least 1, not 0"),
    ({"epochs": 2.0}, ValueError, "epochs is a whole number, at least 1, not 2.0"),
    ({"batch_size": True}, ValueError, "batch_size is a whole number, at least 1, not True"),
    ({"accumulate": 0}, ValueError, "accumulate is a whole number, at least 1, not 0"),
    ({"clip_norm": -1}, ValueError, "clip_norm is a number above 0, or None, not -1"),
    ({"clip_value": np.nan}, ValueError, "clip_value is a number above 0, or None, not nan"),
    ({"l1": -0.1}, ValueError, "l1 is a finite number, 0 or more, not -0.1"),
    ({"augment": 0.1}, TypeError, "augment is a function, not 0.1"),
    ({"penalty": 0.1}, TypeError, "penalty is a function, not 0.1"),
    # endings
    ({"stopping": 5}, TypeError, "stopping is an EarlyStopping(patience=10), not 5"),
    (
        {"stopping": EarlyStopping(2)},
        ValueError,
        "stopping watches val_loss, and there is only loss: give validation=(X_val, y_val)",
    ),
    ({"stopping": EarlyStopping(2, watch="auc")}, ValueError, "auc, and there is only loss"),
    ({"schedule": 0.9}, TypeError, "schedule is one of bookutils.optim, not 0.9"),
    ({"schedule": StepLR(sgd, 2), "schedule_every": "batch"}, ValueError, "is 'epoch' or 'step'"),
    ({"schedule": StepLR(sgd, 2)}, ValueError, "the schedule sets the rates of another optimizer"),
    (
        {"optimizer": sgd, "schedule": ReduceLROnPlateau(sgd), "schedule_every": "step"},
        ValueError,
        "ReduceLROnPlateau looks at the loss of an epoch: schedule_every='epoch'",
    ),
    ({"resume": True}, ValueError, "resume=True goes on from a file: give file='run.npz'"),
    # names
    ({"validation_data": (X, y)}, TypeError, "fit takes no validation_data: write validation=(X_v"),
    ({"verbose": 0}, TypeError, "fit takes no verbose: write progress=False"),
    ({"epoch": 3}, TypeError, "fit takes no epoch: is epochs meant?"),
    ({"batchsize": 3}, TypeError, "fit takes no batchsize: is batch_size meant?"),
    ({"nix": 3}, TypeError, "fit takes no nix"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "error", "sentence"), REFUSED, ids=[sentence[:40] for *_, sentence in REFUSED]
)
def test_what_is_refused_and_changes_nothing(options, error, sentence):
    net = options.get("net", NET)
    state = net.state_dict() if isinstance(net, nn.Module) else {}
    with pytest.raises(error) as raised:
        call(**options)
    assert sentence in str(raised.value) and "\n" not in str(raised.value)
    for name, array in state.items():
        assert np.array_equal(array, net.state_dict()[name])


def test_labels_far_down_are_looked_at_too():
    n = TRIED + 50
    many, labels = np.zeros((n, 4)), np.zeros(n, int)
    labels[-1] = 3
    net = net_of()
    before = net.state_dict()
    with pytest.raises(ValueError, match="labels are 0 … 2 for 3 classes; here is 3"):
        call(net, many, labels, batch_size=500)
    assert all(np.array_equal(a, before[name]) for name, a in net.state_dict().items())


def test_tables_and_columns_are_taken():
    assert call(net=net_of(), X=Table(X), y=Table(y)) == call(net=net_of())


@pytest.mark.parametrize(
    ("load", "loss", "d_out", "sentences"),
    [
        (
            wine,
            cross_entropy,
            3,
            ["X has a column of size 747: nets learn best from numbers near 1"],
        ),
        (breast_cancer, cross_entropy, 2, ["X has a column of size 881: nets learn"]),
        (
            diabetes,
            mse_loss,
            1,
            ["X has a column of size 189", "y has targets of size 152: nets learn best from numb"],
        ),
    ],
)
def test_numbers_that_are_not_scaled_are_warned_of(load, loss, d_out, sentences):
    X, y = load()
    y = y[:, None] if d_out == 1 else y
    with pytest.warns(UserWarning) as warned:
        call(net_of(d_out, X.shape[1]), X, y, loss, epochs=1, clip_norm=1e-3)
    texts = [str(w.message) for w in warned]
    assert len(texts) == len(sentences)
    for text, sentence in zip(texts, sentences, strict=True):
        assert text.startswith(sentence)
    assert all(w.filename == __file__ for w in warned)  # it points at the line that calls fit
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y = Scale(y)(y) if d_out == 1 else y
        call(net_of(d_out, X.shape[1]), Scale(X)(X), y, loss, epochs=1)


def test_images_need_no_scaling():
    X, y, _, _ = digits()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        call(net_of(10, 64), X, y, epochs=1)


def test_whole_numbers_are_looked_at_in_x_alone():
    X, y, _, _ = digits()
    with pytest.warns(UserWarning, match="^X has a column of size 12.1: nets"):
        call(net_of(10, 64), (X * 16).astype(int), y * 1, epochs=1)
    rare = np.where(y[:, None] == 3, 500.0, 0.0)
    with pytest.warns(UserWarning, match="^y has targets of size 5"):
        call(net_of(1, 64), X, rare, mse_loss, epochs=1, clip_norm=1e-3)


def test_a_last_batch_of_one_row_is_refused_where_batches_are_normalised():
    def normed():
        rng = np.random.default_rng(0)
        return nn.Sequential(nn.Linear(4, 5, rng=rng), nn.BatchNorm1d(5), nn.Linear(5, 3, rng=rng))

    sentence = "12 rows in batches of 11 leave one row for the last batch of an epoch, and Batch"
    net = normed()
    with pytest.raises(ValueError, match=sentence):
        call(net, batch_size=11)
    assert net[1].num_batches_tracked.item() == 0
    assert call(net, batch_size=10).epochs == 2 and net[1].num_batches_tracked.item() == 4
    with pytest.raises(ValueError, match="12 rows in batches of 1 leave one row"):
        call(normed(), batch_size=1)
    call(net_of(), batch_size=11)  # no layer minds
