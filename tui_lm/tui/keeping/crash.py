"""The report of a crash: two lines for the user, and the call stack, without any values, in a private file."""

from __future__ import annotations

import traceback
from contextlib import suppress

from tui_lm import __version__, atomic_file, paths
from tui_lm.errors import TuiLmError


def write_report(error: BaseException) -> str:
    """Save the call stack of `error` and return the two lines. No values: they may quote a chat."""
    path = paths.data_dir() / "crash.txt"
    where = traceback.extract_tb(error.__traceback__)
    lines = [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in where]
    kept = ""
    with suppress(OSError, TuiLmError):
        report = "\n".join([f"tui-lm {__version__}", type(error).__name__, *lines, ""])
        paths.make_private(path.parent)
        atomic_file.write(path, report.encode("utf-8", "surrogatepass"))
        kept = f"; {path} says where it happened, without your text"
    what = f"tui-lm stopped at an unexpected error ({type(error).__name__})"
    return f"error: {what}\nhint: start it again; the draft is saved{kept}"
