"""The user's models by name: find, list, rename and remove them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tui_lm import atomic_folder, locks, paths
from tui_lm.checkpoint.card import CONFIG, LONGEST_SHOWN
from tui_lm.checkpoint.folder import busy, training
from tui_lm.errors import TuiLmError
from tui_lm.safe_text import visible_line

LONGEST_NAME = 100  # bytes
RESERVED = frozenset('/\\:*?"<>|')  # on some system


def find(model: str) -> Path:
    """The folder of a model, given its name or its folder. Raises TuiLmError if there is none."""
    folder = Path(model).expanduser()
    if (folder / CONFIG).is_file():
        return folder
    if is_name(model):
        folder = paths.models_dir() / model
        atomic_folder.mend(folder)
        if folder.is_dir():
            return folder
    known = names()
    raise TuiLmError(
        f"there is no model called {visible_line(model[:LONGEST_SHOWN])}",
        f"models: {', '.join(known)}" if known else "train one with `tui-lm train chat.txt`, or try `tui-lm demo`",
    )


def names() -> list[str]:
    """The names of the models in the user's folder, sorted; numbers in them by their value."""
    folder = paths.models_dir()
    if not folder.is_dir():
        return []
    atomic_folder.mend_all(folder)
    found = (path.name for path in folder.iterdir() if is_name(path.name) and (path / CONFIG).is_file())
    return sorted(found, key=lambda name: ([_value(part) for part in re.split("([0-9]+)", name)], name))


def _value(part: str) -> tuple[int, str]:
    """Orders "chat-9" before "chat-10": text and numbers take turns in a split name."""
    return (int(part), "") if part.isascii() and part.isdecimal() else (0, part)


def is_name(text: str) -> bool:
    """Whether a model may be called `text`: a plain folder name, not hidden, that leads nowhere else."""
    return (
        0 < len(text.encode("utf-8", "replace")) <= LONGEST_NAME
        and not text.startswith((".", "-"))
        and text.isprintable()
        and not RESERVED & set(text)
        and text == text.strip()
    )


def require_name(text: str) -> None:
    """Raises TuiLmError if no model may be called `text`."""
    if not is_name(text):
        raise TuiLmError(
            f"a model cannot be called {visible_line(text[:LONGEST_SHOWN])}",
            "use letters, digits, spaces, dots, - and _, and begin with a letter or digit",
            exit_code=2,
        )


def free_name(wish: str) -> str:
    """`wish`, or `wish-2`, `wish-3` and so on if a model or a training run has that name."""
    taken = set(names())
    name, number = wish, 2
    while name in taken or locks.is_held(paths.models_dir() / name, "train"):
        name, number = f"{wish}-{number}", number + 1
    return name


def rename(name: str, new: str) -> None:
    """Give a model another name. Raises TuiLmError if the name is taken or another process uses either."""
    require_name(new)
    folder, target = find(name), paths.models_dir() / new
    with _changing(folder, "renamed"), training(target):
        if target.exists():
            raise TuiLmError(f"there is already a model called {visible_line(new)}", "choose another name")
        lesson = paths.lesson_file(folder.name)
        if lesson.is_file():
            lesson.replace(paths.lesson_file(new))
        atomic_folder.rename(folder, target)


def remove(name: str) -> None:
    """Delete a model. Its name is free at once, so a crash leaves nothing half deleted under it."""
    folder = find(name)
    with _changing(folder, "removed"):
        paths.lesson_file(folder.name).unlink(missing_ok=True)
        atomic_folder.remove(folder)


@contextmanager
def _changing(folder: Path, done: str) -> Iterator[None]:
    """Keep other processes out of `folder`, and turn failures into messages."""
    with training(folder):
        try:
            yield
        except locks.LockHeldError as error:
            raise busy(folder) from error
        except OSError as error:
            raise TuiLmError(
                f"the model {visible_line(folder.name)} could not be {done}: {error.strerror}",
                "change the permissions of the folder that holds it",
            ) from error
