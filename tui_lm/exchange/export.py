"""Export a model's folder for other programs, with the licence and the notice of the base that it came from."""

from __future__ import annotations

import shutil
from pathlib import Path

from tui_lm import checkpoint


def export(folder: Path, destination: Path, to: str, numbers: str = "f32") -> None:
    """Write the model in `folder` to `destination`: `to` "hf" a Hugging Face folder, "gguf" a file of type `numbers`.

    The base's licence and notice are written into the folder, or beside the file under its name.
    """
    model = checkpoint.load(folder)
    if to == "hf":
        from tui_lm.exchange.huggingface import export_folder

        export_folder(model, destination)
    else:
        from tui_lm.exchange.gguf_file import export_gguf

        export_gguf(model, destination, numbers)
    for name in checkpoint.LEGAL:
        if (folder / name).is_file():
            copy = destination / name if to == "hf" else destination.with_suffix(f".{name}")
            shutil.copyfile(folder / name, copy)
