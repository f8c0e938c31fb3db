"""What a terminal's encoding has no letter for is spelt with those that every terminal has."""

import codecs
import os
import sys
import unicodedata

SPELT = {
    "○": "o", "◐": "~", "✓": "+", "✗": "x", "⚠": "!",  # faces of a verdict
    "…": "...", "“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-",
    "−": "-", "×": "x", "·": "*", "→": "->", "←": "<-", "↦": "|->", "≤": "<=", "≥": ">=",
    "≠": "!=", "≈": "~", "∞": "inf", "∂": "d",
}  # fmt: skip


def _spelt(letter):
    if letter in SPELT:
        return SPELT[letter]
    plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode("ascii")
    if plain:  # é without its accent, ² without its height
        return plain
    word = unicodedata.name(letter, "").partition("GREEK SMALL LETTER ")[2]
    return word.lower() or letter.encode("ascii", "backslashreplace").decode("ascii")


def spelling(error):
    """An error handler of `codecs`: letters that cannot be encoded, in ASCII."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_spelt, error.object[error.start : error.end])), error.end


codecs.register_error("bookutils.spelling", spelling)


def spell():
    """From now on whatever this process prints can be printed, in every encoding."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started this process
            setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w"))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a notebook's streams take every letter as they are
            stream.reconfigure(errors="bookutils.spelling")
