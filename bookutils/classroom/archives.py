"""Notebooks in zip files: read where they lie, and never unpacked to the disk."""

import lzma
import os
import struct
import zlib
from functools import lru_cache
from io import BytesIO
from zipfile import BadZipFile, ZipFile

LARGEST = 64 * 2**20  # bytes of a notebook, and of a zip file in another
ENTRIES, NOTEBOOKS = 10_000, 100  # of one zip file; of a zip file in another
DEEP, LONG = 50, 255  # folders round a file that are told of; letters of one name
WHOLE, OWN = 2**31, 2**28  # bytes of all that is read of a class's zip file, and of a student's
COPIES = ("__MACOSX", ".ipynb_checkpoints", ".git")  # what systems and editors put beside the work
DAMAGES = (
    BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, ValueError, lzma.LZMAError,
    struct.error, zlib.error,
)  # fmt: skip


class Unreadable(Exception):
    """A file that is no notebook, with the reason in a sentence."""


def is_zip(name):
    return str(name).casefold().endswith(".zip")


def is_trace(name):
    """Whether macOS or Windows keeps such a file beside one that was downloaded."""
    return name.startswith("._") or name.endswith(":Zone.Identifier")


def files(path, inside=(), most=OWN):
    """(parts of its name, where it stands) of each file in a zip file, and in one in it.

    A folder's last part is empty. `inside` are the numbers of the entries that lead there, `most`
    the bytes of all notebooks and zip files in it. Raises: Unreadable.
    """
    found = []
    with _opened(path, inside) as archive:
        try:
            entries = archive.infolist()
        except DAMAGES:
            raise Unreadable("The zip file is damaged.") from None
        if len(entries) > ENTRIES:
            raise Unreadable(f"The zip file has {len(entries):,} entries; {ENTRIES:,} are read.")
        names = [entry.filename.casefold() for entry in entries]
        held = [".ipynb" in name or is_zip(name) for name in names]
        size = sum(entry.file_size for entry, is_read in zip(entries, held, strict=True) if is_read)
        if size > most:
            said = f"The notebooks in the zip file have {size >> 20:,} MB; {most >> 20:,} are read."
            raise Unreadable(said)
        if inside and sum(held) > NOTEBOOKS:
            raise Unreadable(f"The zip file has {sum(held):,} notebooks; {NOTEBOOKS} are read.")
        for number, entry in enumerate(entries):
            parts = _parts(entry)
            if not parts or set(parts) & {*COPIES} or is_trace(parts[-1]):
                continue
            if entry.is_dir():
                found += [((*parts, ""), (number,))] if not inside else []
                continue
            found.append((parts, (*inside, number)))
            if is_zip(parts[-1]) and not inside:
                try:
                    inner = files(path, (number,))
                except Unreadable:
                    continue  # it keeps its own entry
                found[-1:] = [((*parts, *names), place) for names, place in inner] or found[-1:]
    return found


def read(path, inside, most=LARGEST):
    """The bytes of one entry. Raises: Unreadable."""
    with _opened(path, inside[:-1]) as archive:
        return _bytes(archive, inside[-1], most)


def _opened(path, inside):
    try:
        return ZipFile(BytesIO(_packed(path, inside, os.stat(path).st_mtime)) if inside else path)
    except DAMAGES:
        raise Unreadable("The zip file is damaged.") from None


@lru_cache(maxsize=1)  # of which the notebooks are read one after the other
def _packed(path, inside, changed):
    """The bytes of a zip file in a zip file. Raises: Unreadable."""
    return read(path, inside)


def _bytes(archive, number, most):
    try:
        entry = archive.infolist()[number]
        if entry.flag_bits & 1:
            raise Unreadable("The zip file is locked with a password.")
        with archive.open(entry) as file:
            raw = file.read(most + 1)  # whatever size it says it has
    except (*DAMAGES, IndexError):
        raise Unreadable("The zip file is damaged.") from None
    if len(raw) > most:
        raise Unreadable(f"The file has more than {most >> 20} MB, which are read.")
    return raw


def _parts(entry):
    """The folders and the name of an entry, which may not lead out of the zip file.

    Of what no file system could hold as much is kept as can be shown.
    """
    name = entry.filename
    if not entry.flag_bits & 0x800:  # macOS writes UTF-8 and does not say so
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    parts = parts if len(parts) <= DEEP else [*parts[: DEEP - 1], parts[-1]]
    return tuple(part if len(part) <= LONG else part[: LONG - 50] + part[-50:] for part in parts)
