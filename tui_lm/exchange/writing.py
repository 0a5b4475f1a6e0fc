"""What every export has in common: what may leave, and that it arrives whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tui_lm.architecture import Architecture, Llama
from tui_lm.errors import TuiLmError


def require_llama(architecture: Architecture) -> Llama:
    if isinstance(architecture, Llama):
        return architecture
    raise TuiLmError(
        f"only a mini-LLaMA can be exported, and this model is a {architecture.label}",
        "no other program runs our other networks; train one with --arch llama",
    )


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A private folder that becomes `folder` when the block ends well."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise TuiLmError("the export was not written: something is there already", "choose a new or empty folder")
    with _temporary(folder) as new:
        new.mkdir(mode=0o700)
        yield new
        if folder.exists():
            folder.rmdir()
        new.rename(folder)


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A file that becomes `path`, which may not be there yet, when the block ends well."""
    if path.exists():
        raise TuiLmError("the export was not written: a file of this name is there already", "choose another name")
    with _temporary(path) as new:
        yield new
        new.chmod(0o600)
        new.rename(path)


@contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield new
    except OSError as error:
        reason = error.strerror or "the disk may be full"
        raise TuiLmError(f"the export was not written: {reason}", "free some space, or choose another place") from error
    finally:
        if new.is_dir():
            shutil.rmtree(new, ignore_errors=True)
        else:
            new.unlink(missing_ok=True)
