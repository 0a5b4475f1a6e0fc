"""What all exports share: only a LLaMA or a decoder like it is exported, and it is written completely or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tui_lm import atomic_file, atomic_folder, locks
from tui_lm.architecture import Architecture, Llama
from tui_lm.errors import TuiLmError


def require_llama(architecture: Architecture) -> Llama:
    if isinstance(architecture, Llama):
        return architecture
    raise TuiLmError(
        f"only a mini-LLaMA can be exported, and this model is a {architecture.label}",
        "other programs cannot run the other architectures; train a model with the architecture llama",
    )


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A private temporary folder, which is renamed to `folder` if the block ends without an error."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise TuiLmError("the export was not written: the folder is not empty", "choose a new or empty folder")
    with _failing(), atomic_folder.replacing(folder) as new:
        yield new


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A private temporary file, which is renamed to `path` if the block ends without an error.

    Raises TuiLmError if `path` exists.
    """
    if path.exists():
        raise TuiLmError("the export was not written: a file of this name exists", "choose another name")
    new = path.with_name(f".{path.name}.new")  # one left by a killed process is overwritten
    with _failing(), locks.held(path, "write"):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            new.touch(mode=0o600)
            yield new
            atomic_file.sync(new)
            new.rename(path)
        finally:
            new.unlink(missing_ok=True)


@contextmanager
def _failing() -> Iterator[None]:
    try:
        yield
    except locks.LockHeldError as error:
        raise TuiLmError("the export was not written: another process writes there", "choose another name") from error
    except Exception as error:
        if not isinstance(error, OSError) and type(error).__name__ != "SafetensorError":  # not an OSError
            raise
        reason = getattr(error, "strerror", None) or "the disk may be full"
        raise TuiLmError(f"the export was not written: {reason}", "free some space or choose another folder") from error
