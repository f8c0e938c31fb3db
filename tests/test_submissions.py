"""Whose a notebook is: by folders, names, platforms and zip files; and nobody is lost."""

import os
import subprocess
import tracemalloc
import warnings
from contextlib import nullcontext
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from submissions import put

from bookutils.checks.registry import all_exercises
from bookutils.classroom import archives, contents, submissions

PATHS = {  # a notebook's path -> its student
    "class/ada/01_the_chain_rule.ipynb": "ada",
    "class/ada/week 1/01_the_chain_rule.ipynb": "ada",
    "class/grace_01_the_chain_rule.ipynb": "grace",
    "class/grace_hopper-02-graphs.ipynb": "grace_hopper",
    "class/01_the_chain_rule.ipynb": "class",
    "class/emmy.ipynb": "emmy",
    "class/01_the_chain_rule/ada/01_the_chain_rule.ipynb": "ada",
    "class/01_the_chain_rule/ada/homework.ipynb": "ada",
    "class/01_the_chain_rule/grace_01_the_chain_rule.ipynb": "grace",
    "class/ada/01_the_chain_rule/01_the_chain_rule.ipynb": "ada",
    "class/01_ada/01_x.ipynb": "01_ada",
    # Moodle
    "class/Ada Lovelace_12345_assignsubmission_file/01_x.ipynb": "Ada Lovelace",
    "class/Ada Lovelace_12345_assignsubmission_file_01_x.ipynb": "Ada Lovelace",
    "class/01/Ada Lovelace_12345_assignsubmission_file_/sub/01_x.ipynb": "Ada Lovelace",
    # Canvas
    "class/lovelaceada_LATE_40123_567890_01_the_chain_rule-1.ipynb": "lovelaceada",
    "class/lovelaceada_40123_567890_homework.ipynb": "lovelaceada",
    # Blackboard
    "class/01 The chain rule_ada123_attempt_2026-11-29-10-22-33_01_x.ipynb": "ada123",
    # Brightspace
    "class/12345-67890 - Ada Lovelace - Nov 29, 2026 1022 AM/01_x.ipynb": "Ada Lovelace",
    "class/12345-67890 - Ada Lovelace - Nov 29, 2026 1022 AM - 01_x.ipynb": "Ada Lovelace",
    # Colab
    "class/Ada Lovelace - Copy of 01_x.ipynb": "Ada Lovelace",
    "class/Kopie von 01_x.ipynb": "class",
}


@pytest.mark.parametrize("path", PATHS)
def test_the_path_gives_the_student(tmp_path, path):
    put(tmp_path, str(Path(path).parent), "{}", Path(path).name)
    (found,) = submissions.submissions([tmp_path / "class"]).submissions
    assert found.student == PATHS[path]


def test_numbers_of_a_platform_are_none_of_a_chapter():
    known = all_exercises()
    for name in (
        "HW 12_ada_attempt_2026-11-29-10-22-33_01_x.ipynb",
        "lovelaceada_LATE_40112_567811_01_x-1.ipynb",
        "12312-67811 - Ada Lovelace - Nov 29, 2026 1022 AM - 01_x.ipynb",
        "Ada Lovelace_40112_assignsubmission_file_01_x.ipynb",
    ):
        assert {exercise.id[:2] for exercise in contents.asked([], name, known)} == {"01"}


def test_copies_are_nobodys_and_whoever_handed_in_something_has_an_entry(tmp_path):
    put(tmp_path, "class/ada/.ipynb_checkpoints", "{}", "01_the_chain_rule-checkpoint.ipynb")
    put(tmp_path, "class/ada", "{}", "01_x.ipynb")
    put(tmp_path, "class/ada", "{}", "notes.txt")
    put(tmp_path, "class/eve", "{}", "01_x.ipynb.txt")
    put(tmp_path, "class/tim", '\ufeff{\n "cells": []}', "01_x.json")
    (tmp_path / "class/nobody").mkdir()
    put(tmp_path, "class", "%PDF", "Bob_12345_assignsubmission_file_01_x.pdf")
    put(tmp_path, "class", "%PDF", "list of students.pdf")
    put(tmp_path, "class/Kim_7_assignsubmission_file", "{}", "01_x.ipynb")
    put(tmp_path, "class/Kim_7_assignsubmission_onlinetext", "<p>", "onlinetext.html")
    put(tmp_path, "class/Lea_8_assignsubmission_onlinetext", "<p>", "onlinetext.html")
    found = submissions.submissions([tmp_path / "class", tmp_path / "class/ada"])
    said = {s.student: s.said for s in found.submissions}
    assert len(found.submissions) == len(said) == 7 and not found.alike
    assert {name for name in said if not said[name]} == {"ada", "eve", "tim", "Kim"}
    assert said["Bob"] == ("There is no notebook, only Bob_12345_assignsubmission_file_01_x.pdf.")
    assert said["nobody"] == "There is no notebook in the folder."
    assert said["Lea"] == "There is no notebook, only onlinetext.html."
    left_out = ["list of students.pdf", "notes.txt", "onlinetext.html"]
    assert sorted(path.name for path in found.left_out) == left_out


# ---- zip files


def zipped(**files):
    """The bytes of a zip file of these names and texts."""
    raw = BytesIO()
    with ZipFile(raw, "w", ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return raw.getvalue()


def read_all(*places):
    """{(student, name of the file): what is read, or why nothing is}."""
    read = {}
    for one in submissions.submissions(places).submissions:
        try:
            read[one.student, one.path.name] = submissions.read(one).decode()
        except submissions.Unreadable as error:
            read[one.student, one.path.name] = str(error)
    return read


def test_notebooks_in_zip_files_are_read_where_they_lie(tmp_path):
    inner = zipped(**{"01_x.ipynb": "one", "__MACOSX/._01_x.ipynb": "", "data/notes.txt": ""})
    put(tmp_path, "class/ada", inner, "homework.ZIP")
    put(tmp_path, "class", inner, "bob_01_x.zip")
    put(tmp_path, "class", inner, "Kim_7_assignsubmission_file_homework.zip")
    put(tmp_path, "class/eve", "two", "01_x.ipynb")
    put(tmp_path, "class/eve", zipped(**{"notes.txt": ""}), "notes.zip")
    put(tmp_path, "class/lea", zipped(**{"notes.txt": ""}), "notes.zip")
    put(tmp_path, "class/max", inner[:-30], "homework.zip")
    wanted = {
        ("ada", "01_x.ipynb"): "one",
        ("bob", "01_x.ipynb"): "one",
        ("Kim", "01_x.ipynb"): "one",
        ("eve", "01_x.ipynb"): "two",
        ("lea", "lea"): "There is no notebook, only notes.zip.",
        ("max", "homework.zip"): "The zip file is damaged.",
    }
    assert read_all(tmp_path / "class") == wanted
    before = sorted(tmp_path.rglob("*"))
    files = {
        str(path.relative_to(tmp_path)): path.read_bytes() for path in before if path.is_file()
    }
    whole = tmp_path / "class.zip"  # what a platform gives to a teacher, folder and all
    whole.write_bytes(zipped(**files))
    wanted["lea", "lea"] = "There is no notebook, only notes.txt."
    assert read_all(whole) == wanted
    assert sorted(tmp_path.rglob("*")) == sorted([*before, whole])


def test_a_students_own_modules_come_along(tmp_path):
    inner = zipped(**{"hw/01_x.ipynb": "one", "hw/mine.py": "x = 1", "other.py": "x = 2"})
    put(tmp_path, "class/ada", inner, "homework.zip")
    put(tmp_path, "class/bob", "two", "01_x.ipynb")
    put(tmp_path, "class/bob", "x = 'ü'", "mine.py")
    put(tmp_path, "class/bob", "x" * 2**19, "large.py")
    put(tmp_path, "class", "x = 3", "mine.py")  # beside nobody's notebook
    found = submissions.submissions([tmp_path / "class"])
    own = {one.student: submissions.modules(one) for one in found.submissions}
    assert own == {"ada": [("mine.py", "x = 1")], "bob": [("mine.py", "x = 'ü'")]}
    assert sorted(path.name for path in found.left_out) == ["mine.py", "other.py"]


def test_of_one_student_a_hundred_notebooks_are_read(tmp_path):
    for i in range(submissions.NOTEBOOKS + 2):
        put(tmp_path, "class/ada", str(i), f"{i:03}.ipynb")
    put(tmp_path, "class/bob", "right", "01_x.ipynb")
    read = read_all(tmp_path / "class")
    assert sum("one more" in text for text in read.values()) == 2
    assert read["bob", "01_x.ipynb"] == "right" and len(read) == submissions.NOTEBOOKS + 3


@pytest.mark.slow
def test_no_zip_file_leads_out_of_itself_or_is_read_without_end(tmp_path):
    (tmp_path / "secret.ipynb").write_text("secret")
    bomb = zipped(**{"01_x.ipynb": bytes(2**20 * 80), "../../secret.ipynb": "own"})
    place = put(tmp_path, "class/ada", bomb, "homework.zip").parent.parent
    put(tmp_path, "class/bob", zipped(**{f"{i}.ipynb": "" for i in range(10_001)}), "many.zip")
    locked = bytearray(zipped(**{"01_x.ipynb": "locked"}))
    for at, offset in ((locked.find(b"PK\1\2"), 8), (0, 6)):
        locked[at + offset] |= 1
    put(tmp_path, "class/eve", bytes(locked), "locked.zip")
    large = {f"{i}.ZIP": bytes(2**20 * 60) for i in range(5)}
    put(tmp_path, "class/lou", zipped(**large), "large.zip")
    nested = zipped(**{"01_x.ipynb": "deep"})
    for _ in range(4):
        nested = zipped(**{"in.zip": nested})
    put(tmp_path, "class/kim", nested, "in.zip")
    assert read_all(place) == {
        ("ada", "01_x.ipynb"): "The file has more than 64 MB, which are read.",
        ("ada", "secret.ipynb"): "own",
        ("bob", "many.zip"): "The zip file has 10,001 entries; 10,000 are read.",
        ("eve", "01_x.ipynb"): "The zip file is locked with a password.",
        ("lou", "large.zip"): "The notebooks in the zip file have 300 MB; 256 are read.",
        ("kim", "kim"): "There is no notebook, only in.zip.",
    }


def test_of_a_large_module_no_more_is_read_than_is_kept(tmp_path):
    large = {"hw/01_x.ipynb": "one"} | {f"hw/m{i}.py": bytes(2**25) for i in range(3)}
    put(tmp_path, "class/ada", zipped(**large), "homework.zip")
    (one,) = submissions.submissions([tmp_path / "class"]).submissions
    tracemalloc.start()
    try:
        assert len(one.beside) == 3 and submissions.modules(one) == []
        assert tracemalloc.get_traced_memory()[1] < 2**24
    finally:
        tracemalloc.stop()


def test_a_zip_file_in_a_zip_file_is_unpacked_once_for_all_that_is_in_it(tmp_path, monkeypatch):
    inner = zipped(**{f"{i:02}_x.ipynb": str(i) for i in range(40)})
    place = put(tmp_path, "class/ada", zipped(**{"in.zip": inner}), "homework.zip").parent.parent
    real, unpacked = archives._bytes, []

    def counted(archive, *options):
        unpacked.append(len(real(archive, *options)))
        return real(archive, *options)

    monkeypatch.setattr(archives, "_bytes", counted)
    assert len(read_all(place)) == 40 and unpacked.count(len(inner)) == 1


LONG = {  # names that no file system holds, each alone enough to raise or to take minutes
    "folder": "f" * 5000 + "/01_x.ipynb",
    "digits": "_" + "1" * 60_000 + "/02.ipynb",
    "depth": "d/" * 30_000 + "03_x.ipynb",
    "numbers": "01_" * 8000 + "\n" + ".ipynb" * 5000,
    "name": "n" * 60_000 + ".ipynb",
}


def test_no_name_in_a_zip_file_is_too_long(tmp_path):
    put(tmp_path, "class/ada", "right", "01_x.ipynb")
    put(
        tmp_path, "class/eve", zipped(**{name: kind for kind, name in LONG.items()}), "homework.zip"
    )
    found = submissions.submissions([tmp_path / "class"])
    assert {one.student for one in found.submissions} == {"ada", "eve"}
    assert sorted(read_all(tmp_path / "class").values()) == sorted([*LONG, "right"])
    hidden = {tmp_path / "class/ada/01_x.ipynb", tmp_path / "class/eve/homework.zip"}
    assert {submissions.on_disk(one) for one in found.submissions} == hidden


def test_entries_of_one_name_are_all_kept(tmp_path):
    raw = BytesIO()
    with ZipFile(raw, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for i in range(50):
            archive.writestr("01_x.ipynb", str(i))
    put(tmp_path, "class/ada", raw.getvalue(), "homework.zip")
    assert set(read_all(tmp_path / "class").values()) == set(map(str, range(50)))


def test_an_empty_folder_in_a_zip_file_is_a_student_as_on_a_disk(tmp_path):
    whole = tmp_path / "class.zip"
    whole.write_bytes(zipped(**{"class/ada/01_x.ipynb": "one", "class/bob/": ""}))
    nothing = "There is no notebook in the folder."
    assert read_all(whole) == {("ada", "01_x.ipynb"): "one", ("bob", "bob"): nothing}


@pytest.mark.skipif(os.name != "posix", reason="folders deeper than a path may be long")
@pytest.mark.parametrize("depth", [60, 1500, 3000])
def test_folders_in_folders_end_somewhere(tmp_path, depth):
    put(tmp_path, "class/ada", "right", "01_x.ipynb")
    here = os.open(tmp_path / "class", os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("eve", dir_fd=here)
        inner = os.open("eve", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    try:
        assert read_all(tmp_path / "class") == {
            ("ada", "01_x.ipynb"): "right",
            ("eve", "eve"): "The folder lies in 50 others, and is not looked into.",
        }
    finally:
        subprocess.run(["rm", "-rf", tmp_path / "class"], check=True)  # pytest's own way raises


# ---- names


def students(tmp_path, *paths):
    """The students of notebooks with these paths, and the names that several had."""
    for path in paths:
        put(tmp_path / "class", str(Path(path).parent), "{}", Path(path).name)
    found = submissions.submissions([tmp_path / "class"])
    return [s.student for s in found.submissions], [name for name, _ in found.alike]


NAMES = {  # what was handed in -> students, one a file; names that several have
    ("ada_01_x.ipynb", "ada_02_y.ipynb"): (["ada", "ada"], []),
    ("01_x_ada.ipynb", "01_x_anna.ipynb", "02_y_ada.ipynb"): (["ada", "ada", "anna"], []),
    ("01_x.ipynb", "02_y.ipynb"): (["class", "class"], []),
    ("01_x.ipynb", "01_x (1).ipynb"): (["class (01_x (1))", "class (01_x)"], ["class"]),
    ("ada_01_x.ipynb", "ada-01-x.ipynb"): (["ada (ada-01-x)", "ada (ada_01_x)"], ["ada"]),
    ("emmy.ipynb", "emmy 2.ipynb"): (["emmy", "emmy 2"], []),
    (".eve/01_x.ipynb", "bob/01_x.IPYNB"): ([".eve", "bob"], []),
    ("J_1_assignsubmission_file/01_x.ipynb", "J_2_assignsubmission_file_/01_x.ipynb"): (
        ["J (1)", "J (2)"],
        ["J"],
    ),
    ("J_1_assignsubmission_file_01_x.ipynb", "J_2_assignsubmission_file_01_x.ipynb"): (
        ["J (1)", "J (2)"],
        ["J"],
    ),
    ("Jose\u0301/01_x.ipynb", "Jos\u00e9/01_x.ipynb"): (
        ["Jos\u00e9 (Jos\u00e9)", "Jos\u00e9 (Jos\u00e9) 2"],
        ["Jos\u00e9"],
    ),
    ("a\x1b[31m/01_x.ipynb", "a\u202e[31m/01_x.ipynb"): (
        ["a [31m (a [31m)", "a [31m (a [31m) 2"],
        ["a [31m"],
    ),
}


@pytest.mark.parametrize("paths", NAMES, ids=[f"layout {i}" for i in range(len(NAMES))])
def test_two_students_of_one_name_are_told_apart(tmp_path, paths):
    assert students(tmp_path, *paths) == NAMES[paths]


def test_one_student_in_two_places_has_one_name(tmp_path):
    for place, who in (
        ("1", "Ada_4_assignsubmission_file_"),
        ("2", "Ada_9_assignsubmission_file_"),
    ):
        put(tmp_path / place, who, "{}", f"0{place}_x.ipynb")
    found = submissions.submissions([tmp_path / "1", tmp_path / "2"])
    assert [s.student for s in found.submissions] == ["Ada", "Ada"] and not found.alike


def test_what_cannot_be_read_has_its_entry_and_its_reason(tmp_path):
    place = tmp_path / "class"
    path = put(place, "ada", "{}", "01_x.ipynb")
    put(place, "zip", "PK", "homework.zip")
    put(place, "mac", "{}", "._01_x.ipynb")
    put(place, "ada", "[ZoneTransfer]", "01_x.ipynb:Zone.Identifier")  # Windows, in WSL
    (place / "bob").mkdir()
    os.symlink(path, place / "bob" / "01_x.ipynb")
    os.symlink(place / "ada", place / "carl")
    (place / "dave").mkdir()
    os.mkfifo(place / "dave" / "01_x.ipynb")
    said = {}
    for submission in submissions.submissions([place]).submissions:
        with (
            pytest.raises(submissions.Unreadable) if submission.student != "ada" else nullcontext()
        ):
            try:
                submissions.read(submission)
            except submissions.Unreadable as error:
                said[submission.student] = str(error)
                raise
    assert "link" in said["bob"] and "link" in said["carl"] and "no file" in said["dave"]
    assert said["zip"] == "The zip file is damaged."
    assert "no notebook" in said["mac"] and len(said) == 5
