"""The form in which notebooks are committed: it depends on nothing but sources and outputs."""

import hashlib
from collections import Counter
from copy import deepcopy

import nbformat

# of a cell; everything else is a trace of some front end
KEPT_METADATA = ("tags", "jupyter", "nbgrader")
WIDGET = "application/vnd.jupyter.widget-view+json"
WIDGET_TEXT = "Interactive: run this cell to see it move."


def committed_data(data):
    """Return the part of an output's MIME bundle that is committed.

    A widget cannot live without its kernel, so its view goes. What it offers beside the view,
    a picture or HTML, stays with its own text; a bare widget leaves one sentence.
    """
    if WIDGET not in data:
        return data
    data = {mime: content for mime, content in data.items() if mime != WIDGET}
    return data if set(data) - {"text/plain"} else {"text/plain": WIDGET_TEXT}


def normalise(notebook):
    """Return a copy that depends on nothing but sources and outputs.

    A cell's id is the hash of its type and source, so it survives insertions elsewhere.
    """
    notebook = nbformat.from_dict(deepcopy(notebook))
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    seen, count = Counter(), 0
    for cell in notebook.cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        seen[digest] += 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
        cell.metadata = nbformat.from_dict(
            {key: cell.metadata[key] for key in KEPT_METADATA if cell.metadata.get(key)}
        )
        cell.pop("attachments", None)
        if "hide-input" in cell.metadata.get("tags", []):
            # folded in JupyterLab: a bet's answer, or code that only draws
            cell.metadata["jupyter"] = nbformat.from_dict({"source_hidden": True})
        if cell.cell_type != "code":
            continue
        if cell.execution_count is not None:
            count += 1
            cell.execution_count = count
        for output in cell.outputs:
            if "data" in output:
                output.data = nbformat.from_dict(committed_data(output.data))
            if output.output_type == "execute_result":
                output.execution_count = cell.execution_count
        cell.outputs = _joined_streams(cell.outputs)
    return notebook


def _joined_streams(outputs):
    """Join neighbouring pieces of one stream: how a stream is cut depends on timing."""
    joined = []
    for output in outputs:
        last = joined[-1] if joined else None
        if (
            last is not None
            and output.output_type == last.output_type == "stream"
            and output.name == last.name
        ):
            last.text += output.text
        else:
            joined.append(output)
    return joined
