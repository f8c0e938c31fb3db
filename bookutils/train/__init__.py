"""Training: a loop that measures, stops, saves and resumes; and what is done with a trained net.

    import numpy
    from sklearn.metrics import accuracy_score

    from bookutils import nn
    from bookutils.data import Scale, split, wine
    from bookutils.losses import cross_entropy
    from bookutils.optim import SGD
    from bookutils.train import EarlyStopping, evaluate, fit

    rng = numpy.random.default_rng(0)
    X, y, X_test, y_test = split(*wine(), test=0.25, rng=rng)
    X, y, X_val, y_val = split(X, y, test=0.25, rng=rng)     # rows to choose by
    scale = Scale(X)                                         # of the training rows alone
    net = nn.MLP((13, 32, 3), "relu", rng)
    history = fit(
        net, scale(X), y, cross_entropy, SGD(net.parameters(), lr=0.1), epochs=100, rng=rng,
        validation=(scale(X_val), y_val), metrics={"accuracy": accuracy_score},
        stopping=EarlyStopping(patience=10),
    )
    history.draw()                                           # learning curves
    evaluate(net, scale(X_test), y_test, cross_entropy, {"accuracy": accuracy_score})

For two labels with a single output take nn.MLP((13, 32, 1), …), bce_with_logits, and the labels as
a column of floats, y[:, None].astype(float); for regression mse_loss, and targets as such a column,
scaled like X. A run that is to survive the machine gets file="run.npz", and later resume=True.

What happens inside the net, layer by layer, is measured in a block:

    from bookutils.train import inside

    with inside(net) as look:
        cross_entropy(net(scale(X)), y).backward()
    print(look)                                              # and look.draw()

For scikit-learn's pipelines, folds, searches and metrics a net is an estimator; its settings are
found by trials:

    from scipy.stats import loguniform
    from sklearn.metrics import classification_report
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from bookutils.train import Classifier, search

    model = make_pipeline(StandardScaler(), Classifier((32,), epochs=20))
    space = {"classifier__lr": loguniform(1e-4, 1), "classifier__weight_decay": [0.0, 0.01, 0.1]}
    found = search(model, space, X, y, trials=4, rng=rng, refit=True)
    print(found)
    print(classification_report(y_test, found.model.predict(X_test)))

scikit-learn's ConfusionMatrixDisplay and RocCurveDisplay draw onto an ax of `page.figure()`.

The loop is that of chapter 05, in bookutils/train/loop.py; each thing around it is a module beside.
"""

from bookutils.door import door
from bookutils.phrasebook import lookup
from bookutils.train.evaluation import ensemble, evaluate, predict
from bookutils.train.history import History
from bookutils.train.look import Look, inside
from bookutils.train.loop import fit
from bookutils.train.origin import Diverged
from bookutils.train.stopping import EarlyStopping

__all__ = [
    "fit",
    "History",
    "EarlyStopping",
    "Diverged",
    "evaluate",
    "predict",
    "ensemble",
    "inside",
    "Look",
    "Classifier",
    "Regressor",
    "search",
    "Trials",
]
# scikit-learn is loaded by those who ask for one of these
_offered, _, _ = door(__name__, {"estimators": "Classifier Regressor", "trials": "search Trials"})
__getattr__ = lookup("train", _offered)


def __dir__():
    return __all__
