"""Copying in macOS Terminal, which does not support OSC 52. Other terminals do, also over ssh."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress

_PATIENCE = 2.0  # seconds


def copy_natively(text: str, environment: Mapping[str, str] = os.environ) -> None:
    """Copy `text` with pbcopy if the terminal is macOS Terminal."""
    command = shutil.which("pbcopy") if environment.get("TERM_PROGRAM") == "Apple_Terminal" else None
    if command is not None:
        with suppress(OSError, subprocess.SubprocessError):
            subprocess.run([command], input=text.encode(), timeout=_PATIENCE, check=False)
