"""The folders where data is stored. Importing this module creates none; new folders are private (mode 0700)."""

from __future__ import annotations

import os
from pathlib import Path

from tui_lm.errors import TuiLmError

APP = "tui-lm"


def data_dir() -> Path:
    """`$TUI_LM_HOME`, or the platform's folder for user data."""
    if home := os.environ.get("TUI_LM_HOME"):
        return Path(home).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir(APP, appauthor=False))


def config_dir() -> Path:
    """`$TUI_LM_HOME`, or the platform's folder for user configuration."""
    if home := os.environ.get("TUI_LM_HOME"):
        return Path(home).expanduser()
    import platformdirs

    return Path(platformdirs.user_config_dir(APP, appauthor=False))


def models_dir() -> Path:
    """One folder per model, in the data folder."""
    return data_dir() / "models"


def scratch_dir() -> Path:
    """For unnamed temporary files larger than memory. The system's temporary folder may itself be in memory."""
    return data_dir() / "scratch"


def lesson_file(name: str) -> Path:
    """What a teacher taught the model called `name`, text included, as long as its run is unfinished."""
    return data_dir() / "lessons" / f"{name}.npz"


def settings_file() -> Path:
    return config_dir() / "settings.toml"


def make_private(folder: Path) -> Path:
    """Create `folder` and its missing parents with mode 0700. Raises TuiLmError if that fails."""
    missing = []
    path = folder
    while not path.exists():
        missing.append(path)
        path = path.parent
    try:
        for path in reversed(missing):
            path.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise TuiLmError(
            f"cannot create {folder}: {error.strerror}",
            "choose another folder with TUI_LM_HOME=DIR, or change the permissions",
        ) from error
    return folder


def lessons() -> Path:
    """The folder of the lessons, which is inside the installed package, or `docs/learn` of a checkout."""
    package = Path(__file__).parent
    for folder in (package / "bundled" / "learn", package.parent / "docs" / "learn"):
        if folder.is_dir():
            return folder
    raise TuiLmError("the lessons are missing", "reinstall tui-lm")


def bundled(name: str) -> Path:
    """A file of `corpora/`, which is inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    for folder in (package / "bundled", package.parent / "corpora"):
        if (folder / name).is_file():
            return folder / name
    raise TuiLmError(f"the bundled file {name} is missing", "reinstall tui-lm")
