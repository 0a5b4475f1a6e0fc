"""The bearer token that programs must send, kept in a file that only its owner can read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from tui_lm import atomic_file, paths
from tui_lm.errors import TuiLmError

SHORTEST = 32  # characters
OTHERS = 0o077  # permissions of anybody but the owner


def token_file() -> Path:
    return paths.config_dir() / "serve-token"


def load_token(*, renew: bool = False) -> tuple[str, bool]:
    """The token, and whether it is new. A token that others could have read is replaced, as with `renew`.

    Raises TuiLmError if a new token cannot be stored.
    """
    path = token_file()
    try:
        private = os.name == "nt" or not path.stat().st_mode & OTHERS  # Windows has no such permissions
        token = path.read_text("ascii").strip() if private and not renew else ""
    except (OSError, ValueError):
        token = ""
    if len(token) >= SHORTEST:
        return token, False
    token = secrets.token_urlsafe(SHORTEST)
    paths.make_private(path.parent)
    try:
        atomic_file.write(path, f"{token}\n".encode())
    except OSError as error:
        raise TuiLmError(
            f"cannot write {path}: {error.strerror}", "choose another folder with TUI_LM_HOME=DIR"
        ) from error
    return token, True
