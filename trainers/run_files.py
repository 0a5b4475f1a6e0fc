"""What an unfinished run keeps beside its tensors, as far as it is read without torch."""

from __future__ import annotations

import json
from pathlib import Path

from tui_lm import checkpoint
from tui_lm.errors import DAMAGE

NUMBERS = "state.json"  # in the folder of the snapshot: plain JSON values


def source_files(model_folder: Path) -> dict[str, tuple[Path, ...]]:
    """The files that an unfinished run was started with, by use: "sources", "valid", "test".

    "base" is the folder of the model that it began from. Empty if unknown.
    """
    try:
        numbers = json.loads((model_folder / checkpoint.RESUME / NUMBERS).read_text("utf-8"))
        return {str(use): tuple(map(Path, paths)) for use, paths in numbers["files"].items()}
    except (OSError, *DAMAGE):
        return {}  # a run of 0.1.0, or a damaged one, which is an error when it is resumed
