"""Arrays in .npz files that are replaced as a whole or not at all."""

import os
import zipfile
from contextlib import suppress

import numpy as np


def write_arrays(path, arrays):
    """Write {name: array} to the .npz file `path`: first to a file beside it, then renamed."""
    path = os.path.realpath(path)  # through a symbolic link, not over it
    new = f"{path}.{os.getpid()}.new"
    try:
        with open(new, "wb") as file:
            with zipfile.ZipFile(file, "w") as archive:  # np.savez reserves some names
                for name, array in arrays.items():
                    with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                        np.lib.format.write_array(entry, np.asarray(array), allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(new)


def read_arrays(path):
    """Read a file that `write_arrays` wrote; ValueError for one that is damaged or another kind."""
    with open(path, "rb") as file:
        try:
            with np.load(file, allow_pickle=False) as arrays:
                return dict(arrays)
        except Exception as error:  # as many kinds as there are ways to damage a file
            raise ValueError(f"{path} is no .npz file of arrays, or is damaged") from error
