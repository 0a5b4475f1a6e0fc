"""Which model a command means: the one named, or the one used last for the purpose."""

from __future__ import annotations

from pathlib import Path

from tui_lm.errors import TuiLmError
from tui_lm.safe_text import visible_line

OPTION = "-m", "--model"
HELP = "A model's name or folder; without it the one used last."
NONE_YET = {
    "language": ("there is no model yet", "train one with `tui-lm train chat.txt`, or try `tui-lm demo`"),
    "translation": ("there is no translator yet", "train one on sentence pairs with `tui-lm train pairs.tsv`"),
}


def resolve_model(name: str | None, purpose: str = "language") -> Path:
    """The folder of the model `name`, or of the one used last for `purpose` ("language" or "translation")."""
    from tui_lm import checkpoint
    from tui_lm.settings import load_settings

    if name is None:
        last = load_settings()[0].last_models.get(purpose)
        fitting = {known: None for known in checkpoint.names() if _purpose(known) == purpose}
        if last is None or (last not in fitting and not Path(last).is_dir()):
            last = next(iter(fitting), None)
        if last is None:
            raise TuiLmError(*NONE_YET[purpose])
        name = last
    folder = checkpoint.find(name)
    if checkpoint.describe(folder).purpose != purpose:
        fitting_names = [known for known in checkpoint.names() if _purpose(known) == purpose]
        raise TuiLmError(
            f"{visible_line(folder.name)} is not a {purpose} model",
            f"models that fit: {', '.join(fitting_names)}" if fitting_names else "none of the models fits",
        )
    return folder


def remember_model(folder: Path, purpose: str = "language") -> None:
    """Make this model the one used last. What cannot be written is not missed."""
    from contextlib import suppress
    from dataclasses import replace

    from tui_lm import paths
    from tui_lm.settings import load_settings, save_settings

    name = folder.name if folder.parent == paths.models_dir() else str(folder.resolve())
    settings, _ = load_settings()
    if settings.last_models.get(purpose) != name:
        with suppress(OSError, TuiLmError):
            save_settings(replace(settings, last_models={**settings.last_models, purpose: name}))


def _purpose(name: str) -> str | None:
    from tui_lm import checkpoint

    try:
        return checkpoint.describe(checkpoint.find(name)).purpose
    except TuiLmError:  # a damaged model fits nothing
        return None
