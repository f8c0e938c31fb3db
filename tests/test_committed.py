"""The committed form of a notebook depends on its sources and outputs alone."""

from nbformat.v4 import new_code_cell
from small_notebooks import notebook, tagged

from bookutils.classroom import committed


def test_ids_survive_an_insertion_and_are_unique():
    before = committed.normalise(notebook("a = 1", "a", "a"))
    after = committed.normalise(notebook("a = 1", "b = 2", "a", "a"))
    ids = [cell.id for cell in after.cells]
    assert len(set(ids)) == 4
    assert [cell.id for cell in before.cells] == [ids[0], ids[2], ids[3]]


def test_traces_of_a_front_end_go_and_tags_stay():
    source = notebook(tagged(new_code_cell("1"), "build"))
    source.cells[0].metadata["execution"] = {"iopub.status.busy": "2024-01-01"}
    source.cells[0].metadata["collapsed"] = True
    source.metadata = {"kernelspec": {"name": "my-env"}, "widgets": {"state": {}}, "author": "me"}
    result = committed.normalise(source)
    assert result.cells[0].metadata == {"tags": ["build"]}
    assert result.metadata.kernelspec.name == "python3"
    assert set(result.metadata) == {"kernelspec", "language_info"}
    assert committed.normalise(result) == result


def test_a_widget_leaves_its_picture_and_its_words():
    view = {"version_major": 2, "version_minor": 0, "model_id": "f00"}
    assert committed.committed_data(
        {"text/plain": "IntSlider(value=0)", committed.WIDGET: view}
    ) == {"text/plain": committed.WIDGET_TEXT}
    piece = {"text/plain": "step", "image/png": "iVBOR"}
    assert committed.committed_data(piece | {committed.WIDGET: view}) == piece
    assert committed.committed_data(piece) == piece
