"""A lot of learners' answers, and two functions that learners write into most of them."""

from collections import defaultdict

import numpy as np


def sig(z):
    return 1 / (1 + np.exp(-z))


def relu(z):
    return np.maximum(z, 0)


class Lot(defaultdict):
    """id -> {fault: answer}."""

    def __init__(self):
        super().__init__(dict)

    def put(self, id, name):
        """A decorator that enters a function as the answer with this fault."""

        def enter(answer):
            self[id][name] = answer
            return answer

        return enter
