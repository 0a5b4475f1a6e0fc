"""A loaded model: an engine with a completer, or a translator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tui_lm.completion import Completer
    from tui_lm.engine import Engine
    from tui_lm.inspection.recording import Recorder

Purpose = Literal["language", "translation"]


@dataclass
class Backend:
    """A language model: both parts work on the same network."""

    engine: Engine
    completer: Completer

    @cached_property
    def recorder(self) -> Recorder:
        """Records activations for the inspector. Made when the inspector is first opened."""
        from tui_lm.inspection.recording import Recorder

        return Recorder(self.engine)


Open = Callable[[Purpose, Path], object]
"""Loads the model of a folder: a `Backend` or a translator. Called in the inference thread."""


def open_model(purpose: Purpose, folder: Path) -> object:
    """Imports numpy, so it is never called before the first frame."""
    if purpose == "translation":
        from tui_lm.translation import Translator

        return Translator.open(folder)
    from tui_lm.completion import Completer
    from tui_lm.engine import Engine

    engine = Engine.open(folder)
    return Backend(engine, Completer.open(folder, engine))
