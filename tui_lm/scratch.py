"""Files for what does not fit into memory: private, and without a name, so that no crash leaves them behind.

What is written there may be somebody's chat. On POSIX a file is taken out of its folder before anything is written to
it; on Windows the system deletes it with its last handle. Either way it is gone with the process, however that ends.
"""

from __future__ import annotations

import tempfile
from contextlib import suppress
from typing import IO

from tui_lm import paths
from tui_lm.errors import TuiLmError


class ScratchFile:
    """`file` is open for reading and writing until nobody has the ScratchFile any more.

    Raises TuiLmError where there is no place for it.
    """

    file: IO[bytes]

    def __init__(self) -> None:
        folder = paths.make_private(paths.scratch_dir())
        for left in folder.iterdir():  # by a machine that lost its power; what is open elsewhere stays
            with suppress(OSError):
                left.unlink()
        try:
            self.file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        except OSError as error:
            raise TuiLmError(
                f"there is no place for a temporary file: {error.strerror}",
                "mend the folder's permissions, or choose another place with TUI_LM_HOME=DIR",
            ) from error

    def __del__(self) -> None:
        if hasattr(self, "file"):
            self.file.close()

    def write(self, data: bytes) -> None:
        """Raises TuiLmError on a full disk."""
        try:
            self.file.write(data)
        except OSError as error:
            raise TuiLmError(
                f"the text does not fit on the disk: {error.strerror}",
                "free some space, or choose another place with TUI_LM_HOME=DIR",
            ) from error
