"""A text file as it is opened and saved: UTF-8, its line ends kept, nothing lost that cannot be shown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tui_lm import atomic_file
from tui_lm.errors import TuiLmError
from tui_lm.safe_text import visible

LARGEST = 8 << 20  # bytes
ENCODING = "write a file as UTF-8 with another program first"


@dataclass(frozen=True)
class TextFile:
    """`changed_at` is when the file was written, to notice that another program has written it since.

    `faithful` is False where the text holds control characters: they are shown as pictures, so that saving it under
    its own name would change it.
    """

    path: Path
    text: str
    newline: str = "\n"
    changed_at: float = 0.0
    faithful: bool = True


def open_text(path: Path) -> TextFile:
    """Raises TuiLmError where there is no such text, or none that can be shown."""
    try:
        if path.stat().st_size > LARGEST:
            raise TuiLmError(f"{visible(path.name)} is too large to write in", f"the limit is {LARGEST >> 20} MB")
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TuiLmError(f"{visible(path.name)} is no UTF-8 text", ENCODING) from error
    except OSError as error:
        raise TuiLmError(f"{visible(path.name)} cannot be opened: {error.strerror}", "check the path") from error
    newline = "\r\n" if "\r\n" in text else "\n"
    shown = visible(text)
    return TextFile(path, shown, newline, path.stat().st_mtime, faithful=shown == text.replace("\r\n", "\n"))


def save_text(path: Path, text: str, newline: str = "\n") -> TextFile:
    """Write the file whole or not at all. Raises TuiLmError where that fails."""
    try:
        data = text.replace("\n", newline).encode("utf-8", "surrogatepass")
        atomic_file.write(path, data, mode=atomic_file.public_mode(path))
        return TextFile(path, text, newline, path.stat().st_mtime)
    except OSError as error:
        raise TuiLmError(
            f"{visible(path.name)} was not saved: {error.strerror}", "the text is still here; choose another place"
        ) from error


def was_changed(document: TextFile) -> bool:
    """Whether another program has written the file since."""
    try:
        return document.path.stat().st_mtime != document.changed_at
    except OSError:
        return False
