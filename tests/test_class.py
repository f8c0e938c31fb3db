"""A class as a learning platform hands it to its teacher: every name, every file, every table."""

import json
import unicodedata
from io import BytesIO
from zipfile import ZipFile

import pytest
from submissions import chapter_00, code, from_book, lines_of, notebook, put

from bookutils.classroom import grade

pytestmark = pytest.mark.slow

WRONG = "def bowl(w):\n    return (w + 3) ** 2"
COLAB = (
    "from google.colab import drive\ndrive.mount('/content/drive')\n!git clone https://example.org\n"
    "%cd /content/book\n!pip install -q -e .\nimport seaborn as sns, sys\nsys.path.append('..')\n"
    "three = 3"
)
OWN = "from my_helpers import square\ndef bowl(w):\n    return square(w - 3)"
WITH_C = (
    "import subprocess\nopen('a.c', 'w').write('int f() {return 3;}')\n"
    "subprocess.run(['cc', '-shared', '-o', 'a.so', 'a.c'], check=True)"
)
DEVICE = (
    "import random, torch\ndevice = torch.device('cuda' if torch.cuda.is_available() else 'cpu')\n"
    "random.seed(0)\nnp.random.seed(0)\ntorch.manual_seed(0)\ntorch.set_num_threads(4)\n"
    "torch.set_default_dtype(torch.float64)\ntorch.use_deterministic_algorithms(True)"
)
ALL, BUT_ONE, NOTHING = "right right right", "wrong right right", ""


def zipped(files):
    raw = BytesIO()
    with ZipFile(raw, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return raw.getvalue()


def locked(files):
    """A zip file that says it is locked with a password."""
    raw = bytearray(zipped(files))
    for start, flags in ((raw.find(b"PK\1\2"), 8), (0, 6)):
        raw[start + flags] |= 1
    return bytes(raw)


def in_lines(text, **metadata):
    """As VS Code and Colab write a notebook: lines in lists, metadata of their own, no ids."""
    book = json.loads(text) | {"metadata": {"colab": {"provenance": []}, "orig_nbformat": 4}}
    for cell in book["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)
        cell["metadata"] = metadata
    return "\ufeff" + json.dumps(book, indent=1).replace("\n", "\r\n")


def text_of(path):
    return path.read_text(encoding="utf-8")


def first_sheet():
    """{folder's name before the number: ({file: text}, verdicts of 00.0, 00.1 and 00.2)}"""
    name, heavy = "00_start_here.ipynb", [{"output_type": "stream", "text": "x" * 2_000_000}]
    return [
        ("Ada Lovelace", {name: chapter_00(), "notes.pdf": "%PDF"}, ALL),
        ("Anna Müller", {name: chapter_00("first = 1")}, ALL),
        ("Anna Müller", {name: chapter_00(bowl=WRONG)}, BUT_ONE),
        ("Ana Núñez", {name: chapter_00(bowl=WRONG), "00_x (1).ipynb": chapter_00()}, ALL),
        (
            unicodedata.normalize("NFD", "Jürgen Groß"),
            {
                "Abgabe.zip": zipped(
                    {
                        "Größe/00_x.ipynb": chapter_00(),
                        "__MACOSX/Größe/._00_x.ipynb": "",
                        "Größe/.ipynb_checkpoints/00_x-checkpoint.ipynb": "{}",
                    }
                )
            },
            ALL,
        ),
        ("Rita O'Brien", {"homework final v2.ipynb": chapter_00()}, ALL),
        ("李 明", {"00_x.json": '{"cells":' + chapter_00().split(":", 1)[1]}, ALL),
        ("Vera Code", {name: in_lines(chapter_00(), vscode={"languageId": "python"})}, ALL),
        ("Carl Colab", {f"Copy of {name}": chapter_00(COLAB)}, ALL),
        ("Hugo Own", {name: chapter_00(bowl=OWN), "my_helpers.py": "square = lambda x: x**2"}, ALL),
        ("Heidi Heavy", {name: notebook(code("x", heavy), *cells_of(chapter_00()))}, ALL),
        ("Leo Empty", {name: b""}, NOTHING),
        ("Pia Pdf", {"homework.pdf": "%PDF"}, NOTHING),
        ("Cay Copy", {f".ipynb_checkpoints/{name}": chapter_00()}, NOTHING),
        ("Lars Locked", {"Abgabe.zip": locked({name: chapter_00()})}, NOTHING),
        ("Wim Wrong", {"01.ipynb": text_of(from_book("chapters", "01"))}, NOTHING),
        ("Nora None", {}, NOTHING),
    ]


def cells_of(text):
    return json.loads(text)["cells"]


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """(lines of the CSV, lines of points, the page, what was said, verdicts that must come)"""
    folder, wanted = tmp_path_factory.mktemp("class"), {}
    for number, (name, files, faces) in enumerate(first_sheet(), 40_010):
        owner = f"{name}_{number}_assignsubmission_file"
        (folder / "week 1" / owner).mkdir(parents=True)
        for file, raw in files.items():
            path = folder / "week 1" / owner / file
            put(path.parent, "", raw, path.name)
        shown = unicodedata.normalize("NFC", name)
        shown = f"{shown} ({number})" if name == "Anna Müller" else shown
        wanted |= {(shown, f"00.{i}"): face for i, face in enumerate(faces.split())}
    put(
        folder / "week 1", "Otto Online_40099_assignsubmission_onlinetext", "<p>", "onlinetext.html"
    )
    put(
        folder / "week 1",
        "Ada Lovelace_40010_assignsubmission_onlinetext",
        "<p>",
        "onlinetext.html",
    )
    torch, compiled = (text_of(from_book("solutions", chapter)) for chapter in ("11", "12"))
    compiled = json.loads(compiled)
    compiled["cells"].insert(2, code(WITH_C))
    merged = json.loads(torch)
    merged["cells"].insert(2, code(DEVICE))
    merged["cells"] += compiled["cells"]
    (folder / "week 2.zip").write_bytes(
        zipped(
            {
                "Ada Lovelace_41_assignsubmission_file/12.ipynb": json.dumps(compiled),
                "Rita O'Brien_42_assignsubmission_file/11 and 12.ipynb": json.dumps(merged),
            }
        )
    )
    wanted |= {("Ada Lovelace", f"12.{i}"): "right" for i in range(1, 11)}
    wanted |= {("Rita O'Brien", f"{c}.{i}"): "right" for c in (11, 12) for i in range(1, 11)}
    out, said = folder / "out.csv", (folder / "said.txt").open("w+", encoding="utf-8")
    places = folder / "week 1", folder / "week 2.zip"
    assert grade.grade(places, out, out.with_suffix(".html"), out=said) == 0
    said.seek(0)
    points = lines_of(out.with_name("out.points.csv"))
    return lines_of(out), points, text_of(out.with_suffix(".html")), said.read(), wanted


def test_every_answer_has_the_verdict_that_it_should(tables):
    lines, _, _, _, wanted = tables
    found = {(line["student"], line["exercise"]): line["verdict"] for line in lines}
    assert {place: face for place, face in found.items() if place[1]} == wanted
    assert [line["exercise"] for line in lines if line["student"] == "Rita O'Brien"][-2:] == [
        "12.9",
        "12.10",
    ]


def test_who_handed_in_nothing_to_grade_has_a_row_that_says_why(tables):
    lines, points, page, said, _ = tables
    why = {line["student"]: line["says"] for line in lines if not line["exercise"]}
    assert why == {
        "Leo Empty": "The file is empty.",
        "Pia Pdf": "There is no notebook, only homework.pdf.",
        "Cay Copy": "There is no notebook, only .ipynb_checkpoints/00_start_here.ipynb.",
        "Lars Locked": "The zip file is locked with a password.",
        "Wim Wrong": "This is the chapter 01 · The chain rule, and not its exercises.",
        "Nora None": "There is no notebook in the folder.",
        "Otto Online": "There is no notebook, only onlinetext.html.",
    }
    assert "7 of these hold nothing to grade" in said
    assert all(name in said and name in page for name in why)
    assert {line["student"]: line["points"] for line in points}["Leo Empty"] == "0"


def test_the_teacher_is_told_of_names_and_of_what_came_twice(tables):
    _, points, _, said, _ = tables
    assert "2 of one name, Anna Müller, are told apart: Anna Müller (40011)" in said
    assert "the best verdict counts: Ana Núñez (2 of 00)." in said
    assert "No notebooks, and left out: notes.pdf, onlinetext.html." in said
    ada = next(line for line in points if line["student"] == "Ada Lovelace")
    assert (ada["chapter 00"], ada["chapter 11"], ada["chapter 12"]) == ("3", "", "10")
    assert (ada["points"], ada["possible"]) == ("13", "23")
    assert len(points) == len(first_sheet()) + 1
