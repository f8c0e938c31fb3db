"""The page of results and its drawings: made of the records, with what is missing and outdated."""

import io
from dataclasses import replace

import pytest
from PIL import Image
from test_bench_record import RECORD, RUN, STEP

from bookutils.bench import draw_costs, draw_ratios, results
from bookutils.bench.record import COMMANDS, Record, Row, recorded
from bookutils.bench.writing import amount, table, written
from bookutils.page.plotting import figure

NONE = {name: Record(name, {}) for name in COMMANDS}
PINNED = {"torch": "2.13.0", "numpy": "2.4.6"}


def drawn(record, key, **settings):
    fig, ax = figure()
    draw_ratios(ax, record, key, **settings)
    fig.canvas.draw()
    words = [*ax.texts, *filter(None, (fig._supxlabel, fig._suptitle))]
    return ax, " ".join(text.get_text() for text in words).replace("\n", " ")


def test_a_bar_is_a_median_with_its_quartiles_number_and_note():
    ax, words = drawn(RECORD, "step", names=["book", "torch"], installed=PINNED)
    assert [bar.get_width() for bar in ax.patches] == [2.0, 1.0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["book", "torch"]
    segments = [tuple(s[:, 0]) for c in ax.collections for s in c.get_segments()]
    assert (1.5, 2.5) in segments
    assert "2.00×  same bits" in words and "1.00×" in words
    assert "2026-03-04" in words and "Some Processor" in words and "Outdated" not in words
    assert ax.get_xlabel() == "times as fast as torch, logarithmic"


def test_a_drawing_of_an_old_record_says_so():
    _, words = drawn(RECORD, "step", installed={"torch": "3.0"})
    assert "Outdated: torch was 2.13.0" in words


def test_what_is_said_of_two_panels_of_a_record_is_said_once():
    fig, axes = figure(2, (9.0, 3.0))
    for ax in axes:
        draw_ratios(ax, RECORD, "step", installed={"torch": "3.0"})
    assert fig._supxlabel.get_text().count("2026-03-04") == 1
    assert fig._suptitle.get_text().count("Outdated") == 1


@pytest.mark.parametrize("record", [NONE["cuda"], Record("cuda", {"other": STEP})])
def test_a_panel_without_a_record_is_empty_and_shows_the_command(record):
    ax, words = drawn(record, "step")
    assert not ax.patches and not ax.lines
    assert "Not measured yet" in words and "python -m bookutils bench --device cuda" in words


def test_a_program_that_is_not_in_the_row_is_an_error():
    with pytest.raises(KeyError):
        drawn(RECORD, "step", names=["JAX"])


def costs(record, *programs):
    fig, ax = figure()
    draw_costs(ax, record, programs, installed=PINNED)
    fig.canvas.draw()
    return ax


def test_costs_are_drawn_against_flops_from_the_smallest_on():
    large = replace(STEP, key="large", flops={"torch": 2000, "book": 2000})
    large = replace(large, samples={"torch": [3e-4], "book": [1e-4]})
    small = {"samples": {"torch": [1e-5], "JAX": [2e-5]}, "flops": {"torch": 10, "JAX": 10}}
    small = replace(STEP, key="small", **small)
    record = Record("cpu", {row.key: row for row in (large, small, STEP)})
    ax = costs(record, "torch", "book")
    drawn = {line.get_label(): line for line in ax.get_legend_handles_labels()[0]}
    points = [container.lines[0].get_xydata().tolist() for container in drawn.values()]
    assert points == [[[10.0, 1e-5], [2000.0, 3e-4]], [[2000.0, 1e-4]]]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    with pytest.raises(KeyError, match="no row of the record cpu has 'numpy'"):
        costs(record, "numpy")
    for nothing in (NONE["cuda"], RECORD):  # no record, and no row of it that was counted
        ax = costs(nothing, "torch")
        assert not ax.lines and "Not measured yet" in ax.texts[0].get_text()
        assert nothing.command in ax.texts[0].get_text()


@pytest.mark.parametrize(
    ("x", "text"),
    [(0.04821, "0.0482"), (0.5, "0.500"), (5.0, "5.00"), (12.34, "12.3"), (99.96, "100")],
)
def test_ratios_have_three_digits(x, text):
    assert written(x) == text
    assert written(14_234.0) == "14,200"


@pytest.mark.parametrize(
    ("x", "unit", "text"),
    [
        (3.2e-8, "s", "32 ns"),
        (1.234e-5, "s", "12.3 µs"),
        (0.25, "s", "250 ms"),
        (2.5, "s", "2.5 s"),
        (1026.0, "s", "1,026 s"),
        (436.2, "bytes", "436 B"),
        (3.1e8, "bytes", "310.0 MB"),
    ],
)
def test_amounts_have_the_unit_that_fits(x, unit, text):
    assert amount(x, unit) == text


def test_the_table_of_a_row_tells_what_is_left_out():
    text = table(STEP)
    assert "2.00 (1.50 to 2.50)" in text and "300 µs" in text
    assert "tinygrad" in text and "left out: RuntimeError: no clang" in text


def test_the_page_tells_source_missing_and_failed():
    text = results.page({**NONE, "peers": RECORD}, PINNED)
    assert RECORD.source() in text and "\ntinygrad is not installed.\n" in text
    assert "| book | 100 µs | 100 µs to 250 µs | 2.00 (1.50 to 2.50) | same bits |" in text
    assert "tinygrad is left out, RuntimeError: no clang" in text
    assert "Outdated" not in text
    assert "training step: book 2.00." in text  # in words for who cannot see it


def test_the_page_says_that_a_record_is_older_than_the_book():
    text = results.page({**NONE, "peers": RECORD}, {**PINNED, "torch": "2.20.0"})
    assert "**Outdated:** torch was 2.13.0" in text and "here it is 2.20.0" in text


def test_the_page_without_records_has_the_commands_and_no_number():
    text = results.page(NONE, PINNED)
    assert text.count("Not measured yet") == 3 and "Measured on" not in text
    for command in COMMANDS.values():
        assert f"```\n{command}\n```" in text


def test_rows_alike_become_one_table_and_an_interrupted_run_says_so():
    short = {**RUN, "finished": False}
    other = replace(STEP, key="step 2", title="64-64-32-10, batch 32", run=short)
    text = results.page({**NONE, "peers": RECORD.with_row(other)}, PINNED)
    assert (
        "| times as fast as torch | torch, median | book |\n| --- | --- | --- |\n"
        "| 2-16-16-1, batch 100 | 300 µs | 2.00" in text
    )
    assert "| distance from float64 | book |\n| --- | --- |\n" in text
    assert "| 2-16-16-1, batch 100 | 1.0e-07 |" in text and "| 500 ms |" in text
    assert "`step 2`: Measured on" in text and "It was interrupted before its last row." in text


def test_the_drawing_has_a_panel_for_each_group_and_a_dot_for_each_program():
    demo = Row("demo", "scalar engine", "demo", "s", "a", {"a": [2.0], "b": [1.0]}, RUN)
    sliders = Row("sliders", "sliders", "moves", "s", None, {"01": [0.1, 0.2]}, RUN)
    fig = results.drawing(RECORD.with_row(demo).with_row(sliders))
    assert [ax.get_title(loc="left") for ax in fig.axes] == ["scalar engine", "training step"]
    legends = [[t.get_text() for t in ax.get_legend().get_texts()] for ax in fig.axes]
    assert legends == [["b"], ["book"]]


def test_the_digest_is_another_where_a_number_is():
    assert results.digest(RECORD) == results.digest(Record("peers", {"step": replace(STEP)}))
    samples = {**STEP.samples, "book": [1e-4, 4e-4, 1.001e-4]}
    changed = Record("peers", {"step": replace(STEP, samples=samples)})
    assert results.digest(changed) != results.digest(RECORD)


def test_page_and_drawing_are_written_together(tmp_path):
    from bookutils.bench.record import write

    (tmp_path / "docs").mkdir()
    constraints = tmp_path / "constraints.txt"
    constraints.write_text("# pinned\ntorch==2.13.0\nnumpy==2.4.6  # and why\n")
    assert results.pinned(constraints) == PINNED
    write(RECORD, tmp_path / "peers.json")
    path = results.write_page(tmp_path, tmp_path / "docs", constraints)
    assert path.read_text() == results.page({**NONE, "peers": RECORD}, PINNED)
    files = {file: name for name, (file, _, _) in results.DRAWINGS.items()}
    assert [*(tmp_path / "docs").glob("*.png")] == [tmp_path / "docs" / "benchmarks.png"]
    assert files["benchmarks.png"] == "peers"
    picture = Image.open(io.BytesIO((tmp_path / "docs" / "benchmarks.png").read_bytes()))
    assert picture.text["Record"] == results.digest(RECORD)


def test_the_page_of_the_book_is_what_its_records_give():
    """`python -m bookutils bench --page` writes it."""
    records = {name: recorded(name) for name in COMMANDS}
    pinned = results.pinned(results.FOLDER.parent / "constraints.txt")
    text = (results.DOCS / results.PAGE).read_text(encoding="utf-8")
    assert text == results.page(records, pinned)
    for name, (file, _, _) in results.DRAWINGS.items():
        if results.drawn(records[name]):
            picture = Image.open(results.DOCS / file)
            assert picture.text["Record"] == results.digest(records[name]), name
