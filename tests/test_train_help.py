"""The program that help(bookutils.train) shows runs as it stands."""

import re

from bookutils import train


def test_the_example_runs(capsys):
    text = train.__doc__
    program = re.sub(
        r"^ {4}", "", text[text.index("    import numpy") : text.index("\nFor two")], flags=re.M
    )
    names = {}
    exec(program, names)
    for start, end in (
        ("    from bookutils.train import inside", "\nFor scikit"),
        ("    from scipy.stats", "\nscikit-learn's"),
    ):
        part = text[text.index(start) : text.index(end)]
        exec(re.sub(r"^ {4}", "", part, flags=re.M), names)
    assert names["found"].model.score(names["X_test"], names["y_test"]) > 0.9
    assert len(names["look"].layers) == 2
    history = names["history"]
    assert history["val_accuracy"][history.best_epoch - 1] > 0.9
    assert "[Figure: Learning curves over" in capsys.readouterr().out
    assert set(train.__all__) == set(dir(train)) and all(
        getattr(train, x).__doc__ for x in dir(train)
    )
