"""Private files without a name for data larger than memory. No crash leaves one behind.

They may hold somebody's chat. On POSIX a file is removed from its folder before anything is written to it; on Windows
the system deletes it when its last handle is closed. Either way it disappears with the process, even a killed one.
"""

from __future__ import annotations

import tempfile
from contextlib import suppress
from typing import IO

from tui_lm import paths
from tui_lm.errors import TuiLmError


class ScratchFile:
    """`file` is open for reading and writing as long as the ScratchFile is referenced.

    Raises TuiLmError if the file cannot be created.
    """

    file: IO[bytes]

    def __init__(self) -> None:
        folder = paths.make_private(paths.scratch_dir())
        for left in folder.iterdir():  # after a power failure; files that are open on Windows stay
            with suppress(OSError):
                left.unlink()
        try:
            self.file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        except OSError as error:
            raise TuiLmError(
                f"a temporary file could not be created: {error.strerror}",
                "change the folder's permissions, or choose another folder with TUI_LM_HOME=DIR",
            ) from error

    def __del__(self) -> None:
        if hasattr(self, "file"):
            self.file.close()

    def write(self, data: bytes) -> None:
        """Append `data`. Raises TuiLmError if the disk is full."""
        try:
            self.file.write(data)
        except OSError as error:
            raise TuiLmError(
                f"the text does not fit on the disk: {error.strerror}",
                "free some space, or choose another folder with TUI_LM_HOME=DIR",
            ) from error
