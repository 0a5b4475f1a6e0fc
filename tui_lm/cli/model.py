"""The model that a command works on: the one named, or the last one used for the same purpose."""

from __future__ import annotations

from pathlib import Path

from tui_lm.errors import TuiLmError
from tui_lm.safe_text import visible_line

OPTION = "-m", "--model"
HELP = "Name or folder of the model. Default: the last one used."
NONE_YET = {
    "language": ("there is no model yet", "train one with `tui-lm train chat.txt`, or try `tui-lm demo`"),
    "classification": (
        "there is no classifier yet",
        "train one with `tui-lm train labelled.tsv` or `tui-lm train chat.txt --task author`",
    ),
    "tagging": ("there is no tagger yet", "train one on tagged sentences with `tui-lm train sentences.conll`"),
    "translation": ("there is no translator yet", "train one on sentence pairs with `tui-lm train pairs.tsv`"),
    "vectors": ("there are no word vectors yet", "learn them with `tui-lm train chat.txt --arch word2vec`"),
}
TITLES = {
    "language": "language model",
    "translation": "translation model",
    "classification": "classifier",
    "tagging": "tagger",
    "vectors": "table of word vectors",
}


def resolve_model(name: str | None, purpose: str = "language") -> Path:
    """The folder of the model `name`, or of the last model used for `purpose`, as `Card.purpose` names it.

    Raises TuiLmError if there is no such model, or if it has another purpose.
    """
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
            f"{visible_line(folder.name)} is not a {TITLES[purpose]}",
            f"choose one of: {', '.join(fitting_names)}" if fitting_names else NONE_YET[purpose][1],
        )
    return folder


def remember_model(folder: Path, purpose: str = "language") -> None:
    """Note this model as the last one used. Settings that cannot be written are left as they are, without an error."""
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
    except TuiLmError:  # a damaged model has no purpose
        return None
