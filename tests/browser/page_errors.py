"""Whose error it is that nothing on a page has caught: the book's, or JupyterLab's alone."""

import re

FRAME = re.compile(r"^ +at (?:async )?(.*)$", re.MULTILINE)
# Of the language itself: `Array.forEach (<anonymous>)`, `Promise.all (index 0)`
BUILT_IN = re.compile(r"(?:new )?[\w.]+ \((?:<anonymous>|index \d+)\)")


def of_jupyterlab(stack, url):
    """Whether no script but the files of JupyterLab at this address is on the stack of an error.

    Scripts of the book stand in outputs and have the address of the page, or none; those of
    widgets have theirs under lab/extensions/. An error without a stack may be anybody's.
    """
    file = rf"{re.escape(url)}/static/lab/[^/\s]+\.js(?:\?\w+=\w+)?(?::\d+)+"
    own = re.compile(rf"{file}|.* \({file}\)")
    frames = [frame for frame in FRAME.findall(stack or "") if not BUILT_IN.fullmatch(frame)]
    return bool(frames) and all(own.fullmatch(frame) for frame in frames)
