"""docs/errata.md explains every code under which the book charges an article, and no other."""

import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "errata.md").read_text(encoding="utf-8")
NOTEBOOKS = {
    f"{path.parent.name}/{path.name}": nbformat.read(path, as_version=4)
    for folder in ("chapters", "exercises", "solutions")
    for path in sorted((ROOT / folder).glob("*.ipynb"))
}
MODULES = sorted((ROOT / "bookutils").rglob("*.py"))

CODE = re.compile(r"\bE-\d{3}-\d{2,}\b")
LINK = re.compile(r"\[(E-\d{3}-\d{2,})\]\(\.\./docs/errata\.md#(e-\d{3}-\d{2,})\)")
SECTION = re.compile(
    r'^<a id="([^"]*)"></a>\n\n### ([^\n]*)\n(.*?)(?=^<a id|^#{1,3} |\Z)', re.MULTILINE | re.DOTALL
)
PLACE = re.compile(r"\[(?:chapter \d\d,|exercise|solution) ([\d.]+)\]\(\.\./(\w+/\w+\.ipynb)\)")
SPOKEN = re.compile(r"\bpublished\b|\bFAQ\b|\b(?:an|one|the|two|several) articles?\b", re.I)
NUMBER = re.compile(r"^##+ (\d+\.\d+) ", re.MULTILINE)  # of a section or of an exercise


def sections(page):
    return {code: text for _, code, text in SECTION.findall(page)}


def texts(notebook):
    """(number of the section or exercise, text, tags) of every stretch of a notebook."""
    number = None
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            before, *rest = NUMBER.split(cell.source)
            yield number, before, ""
            for number, text in zip(rest[::2], rest[1::2], strict=True):
                yield number, text, ""
        else:
            yield number, cell.source, " ".join(cell.metadata.get("tags", []))


def charged(notebook):
    """{code: numbers of the sections or exercises that charge it, in words or in a tag}."""
    found = {}
    for number, *both in texts(notebook):
        for code in CODE.findall(" ".join(both)):
            found.setdefault(code, set()).add(number)
    return found


def of_headings(page):
    """An anchor of the same name before every heading, and every code once."""
    found = SECTION.findall(page)
    if [code for _, code, _ in found] != re.findall(r"^### (.*)", page, re.MULTILINE):
        yield "a heading has no anchor before it"
    for anchor, code, _ in found:
        if not CODE.fullmatch(code) or anchor != code.lower():
            yield f"anchor {anchor} and heading {code} differ"
    if len(sections(page)) < len(found):
        yield "a code has two sections"


def of_places(page, notebooks):
    """Where a section says that the book treats a code, the book does."""
    for code, text in sections(page).items():
        places = PLACE.findall(text)
        if not places or len(places) < text.count(".ipynb"):
            yield f"{code}: no place in the book, or one that cannot be read"
        for number, name in places:
            if number not in charged(notebooks.get(name, new_notebook())).get(code, ()):
                yield f"{code}: nothing of it in {name}, {number}"


def of_links(notebook):
    """Every code in words is a link to its own anchor."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for code, anchor in LINK.findall(cell.source):
                if anchor != code.lower():
                    yield f"{code} leads to {anchor}"
            for code in CODE.findall(LINK.sub("", cell.source)):
                yield f"{code} is no link: [{code}](../docs/errata.md#{code.lower()})"


def of_tags(notebook):
    """A reader sees no tags: where a cell carries a code, the section names it in words."""
    named = {(number, code) for number, text, _ in texts(notebook) for code in CODE.findall(text)}
    tagged = {(number, code) for number, _, tags in texts(notebook) for code in CODE.findall(tags)}
    for number, code in sorted(tagged - named):
        yield f"{code} is a tag in {number}, and no link in its text"


def of_sources(notebook):
    """Nothing is charged to "a published program": the section names what it speaks of."""
    spoken, named = set(), set()
    for number, text, _ in texts(notebook):
        if re.search(r"docs/errata\.md|github\.com", text):
            named.add(number)
        for sentence in re.split(r"(?<=[.:?!)])\s", text):
            if SPOKEN.search(sentence) and "ection" not in sentence:  # 1.9, say, where it is named
                spoken.add(number)
    for number in spoken - named:
        yield f"{number} speaks of a publication that it does not name"


def test_every_anchor_is_a_heading():
    assert list(of_headings(PAGE)) == []


def test_every_code_is_explained_and_every_explanation_is_used():
    used = {code for notebook in NOTEBOOKS.values() for code in charged(notebook)}
    used |= {code for path in MODULES for code in CODE.findall(path.read_text(encoding="utf-8"))}
    assert sorted(used) == sorted(sections(PAGE))


def test_the_page_leads_to_where_the_book_charges():
    assert list(of_places(PAGE, NOTEBOOKS)) == []


def test_the_page_refers_to_its_own_anchors():
    assert {code.lower() for code in sections(PAGE)} >= set(re.findall(r"\(#(.*?)\)", PAGE))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_code_in_words_is_a_link(name):
    assert list(of_links(NOTEBOOKS[name])) == []


def test_titles_are_those_of_the_page():
    articles = set(re.findall("《.*?》", PAGE))
    cited = {
        title
        for notebook in NOTEBOOKS.values()
        for cell in notebook.cells
        for title in re.findall("《.*?》", cell.source)
    }
    assert len(articles) == 5
    assert cited == articles


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_publication_is_named(name):
    assert list(of_sources(NOTEBOOKS[name])) == []


@pytest.mark.parametrize("name", [name for name in NOTEBOOKS if name.startswith("chapters")])
def test_every_tag_is_named_in_its_section(name):
    assert list(of_tags(NOTEBOOKS[name])) == []


# Each rule against a page or a notebook that breaks it

BOOK = new_notebook(
    cells=[
        new_markdown_cell("# A title"),
        new_markdown_cell("## 1.1 One\n\nwords\n\n## 1.2 Two\n\n**E-000-10**"),
        new_code_cell("1", metadata={"tags": ["erratum:E-000-11"]}),
        new_markdown_cell("## 1.3 Three"),
    ]
)
SOUND = '<a id="e-000-10"></a>\n\n### E-000-10\n\n[chapter 01, 1.2](../chapters/01.ipynb)\n'


def test_a_charge_is_found_in_its_section():
    assert charged(BOOK) == {"E-000-10": {"1.2"}, "E-000-11": {"1.2"}}


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("A published program", 1),
        ("One article prints", 1),
        ("One article ([E-000-10](../docs/errata.md#e-000-10)) prints", 0),
        ("[one article](../docs/errata.md) prints", 0),
        ("One published library, github.com/a/b, prints", 0),
        ("(In section 1.9 an article has it.)", 0),
        ("Such nets are found in articles and books.", 0),
    ],
)
def test_faults_of_sources(text, faults):
    notebook = new_notebook(cells=[new_markdown_cell(f"## 1.1 One\n\n{text}")])
    assert len(list(of_sources(notebook))) == faults


def test_faults_of_tags():
    assert len(list(of_tags(BOOK))) == 1
    named = new_notebook(cells=[*BOOK.cells[:3], new_markdown_cell("E-000-11"), *BOOK.cells[3:]])
    assert list(of_tags(named)) == []


@pytest.mark.parametrize(
    ("page", "faults"),
    [
        (SOUND, 0),
        (SOUND.replace("e-000-10", "e-000-11"), 1),
        (SOUND.replace("E-000-10", "On signs"), 1),
        (SOUND + "\n### E-000-12\n", 1),
        (SOUND + SOUND, 1),
    ],
)
def test_faults_of_headings(page, faults):
    assert len(list(of_headings(page))) == faults


@pytest.mark.parametrize(
    ("page", "faults"),
    [
        (SOUND, 0),
        (SOUND.replace(", 1.2", ", 1.1"), 1),
        (SOUND.replace(", 1.2", ", 1.7"), 1),
        (SOUND.replace("01.ipynb", "02.ipynb"), 1),
        (SOUND.replace("-10", "-12"), 1),
        (SOUND.replace("[chapter", "[the chapter"), 1),
        (SOUND.replace("[chapter", "chapter"), 1),
    ],
)
def test_faults_of_places(page, faults):
    assert len(list(of_places(page, {"chapters/01.ipynb": BOOK}))) == faults


@pytest.mark.parametrize(
    ("words", "faults"),
    [
        ("[E-000-10](../docs/errata.md#e-000-10) and [E-000-11](../docs/errata.md#e-000-11)", 0),
        ("E-000-10", 1),
        ("[E-000-10](../docs/errata.md#e-000-11)", 1),
        ("[E-000-10](docs/errata.md#e-000-10)", 1),
        ("[E-000-10](../docs/errata.md)", 1),
        ("[E-000-10](../docs/errata.md#e-000-10) to E-000-12", 1),
    ],
)
def test_faults_of_links(words, faults):
    assert len(list(of_links(new_notebook(cells=[new_markdown_cell(words)])))) == faults
