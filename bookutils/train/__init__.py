"""Around training: early stopping, evaluation, ensembles."""

from bookutils.phrasebook import lookup
from bookutils.train.evaluation import ensemble, evaluate, predict
from bookutils.train.stopping import EarlyStopping

__all__ = ["EarlyStopping", "evaluate", "predict", "ensemble"]
__getattr__ = lookup("train")


def __dir__():
    return __all__
