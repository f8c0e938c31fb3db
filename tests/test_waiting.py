"""A progress bar counts and leaves only its label."""

from bookutils.classroom.committed import committed_data
from bookutils.page import waiting


def test_a_progress_bar_counts_and_leaves_only_its_label(monkeypatch):
    shown, bars = [], []
    monkeypatch.setattr(waiting, "display", lambda data, raw: shown.append(data))
    make = waiting.ipywidgets.IntProgress
    monkeypatch.setattr(
        waiting.ipywidgets, "IntProgress", lambda **k: bars.append(make(**k)) or bars[-1]
    )
    seen = [(k, bars[0].value) for k in waiting.progress_bar(3, "training")]
    assert seen == [(0, 0), (1, 1), (2, 2)]
    assert bars[0].value == bars[0].max == 3
    committed = committed_data(shown[0])
    assert committed == {"text/plain": "training: 3 steps", "text/html": "training: 3 steps"}
