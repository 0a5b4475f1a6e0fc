"""When nothing else helps: two lines for the person, and where it happened, in a private file, without any text."""

from __future__ import annotations

import traceback
from contextlib import suppress

from tui_lm import __version__, atomic_file, paths
from tui_lm.errors import TuiLmError


def write_report(error: BaseException) -> str:
    """Keep where `error` came from, and say so. Values and messages are left out: they may be text of a chat."""
    path = paths.data_dir() / "crash.txt"
    where = traceback.extract_tb(error.__traceback__)
    lines = [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in where]
    kept = ""
    with suppress(OSError, TuiLmError):
        report = "\n".join([f"tui-lm {__version__}", type(error).__name__, *lines, ""])
        paths.make_private(path.parent)
        atomic_file.write(path, report.encode("utf-8", "surrogatepass"))
        kept = f"; {path} says where it happened, and holds no text of yours"
    what = f"tui-lm met an error that it could not mend ({type(error).__name__})"
    return f"error: {what}\nhint: start it again, the draft is kept{kept}"
