"""The model folder: its config.json (card), saving and loading (folder), and its name (library)."""

from tui_lm.checkpoint.card import CONFIG, FORMAT_VERSION, Card, describe
from tui_lm.checkpoint.folder import (
    EVENTS,
    LEGAL,
    QUANTIZED,
    RESUME,
    WEIGHTS,
    SavedModel,
    is_unfinished,
    load,
    require_intact,
    require_room,
    save,
    training,
)
from tui_lm.checkpoint.library import find, free_name, is_name, names, remove, rename, require_name

__all__ = [
    "CONFIG",
    "EVENTS",
    "FORMAT_VERSION",
    "LEGAL",
    "QUANTIZED",
    "RESUME",
    "WEIGHTS",
    "Card",
    "SavedModel",
    "describe",
    "find",
    "free_name",
    "is_name",
    "is_unfinished",
    "load",
    "names",
    "remove",
    "rename",
    "require_intact",
    "require_name",
    "require_room",
    "save",
    "training",
]
