"""Open and save a text file: UTF-8, line ends kept, control characters shown and never lost silently."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tui_lm import atomic_file
from tui_lm.errors import TuiLmError
from tui_lm.safe_text import visible

LARGEST = 8 << 20  # bytes
ENCODING = "convert it to UTF-8 first, for example with `iconv`"


@dataclass(frozen=True)
class TextFile:
    """`changed_at` is the file's modification time, by which a change by another program is noticed.

    `faithful` is False if the text holds control characters. They are shown as pictures, so saving it under its own
    name would change it.
    """

    path: Path
    text: str
    newline: str = "\n"
    changed_at: float = 0.0
    faithful: bool = True


def open_text(path: Path) -> TextFile:
    """Raises TuiLmError if the file cannot be opened, is too large, or is not UTF-8."""
    try:
        if path.stat().st_size > LARGEST:
            raise TuiLmError(f"{visible(path.name)} is too large to write in", f"the limit is {LARGEST >> 20} MB")
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TuiLmError(f"{visible(path.name)} is not UTF-8 text", ENCODING) from error
    except OSError as error:
        raise TuiLmError(f"{visible(path.name)} cannot be opened: {error.strerror}", "check the path") from error
    newline = "\r\n" if "\r\n" in text else "\n"
    shown = visible(text)
    return TextFile(path, shown, newline, path.stat().st_mtime, faithful=shown == text.replace("\r\n", "\n"))


def save_text(path: Path, text: str, newline: str = "\n") -> TextFile:
    """Write the file completely or not at all. Raises TuiLmError if that fails."""
    try:
        data = text.replace("\n", newline).encode("utf-8", "surrogatepass")
        atomic_file.write(path, data, mode=atomic_file.public_mode(path))
        return TextFile(path, text, newline, path.stat().st_mtime)
    except OSError as error:
        raise TuiLmError(
            f"{visible(path.name)} was not saved: {error.strerror}", "the text is still here; choose another folder"
        ) from error


def was_changed(document: TextFile) -> bool:
    """Whether another program has changed the file since it was opened or saved."""
    try:
        return document.path.stat().st_mtime != document.changed_at
    except OSError:
        return False
